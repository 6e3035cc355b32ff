// The gate explorer: sliders for the four pre-activations of one LSTM cell, and buttons for time.
// Used by anywidget in a live kernel and by host.js on the page.

const STYLE = `
.gate-explorer { font-size: 0.95rem; line-height: 1.4; color: inherit; max-width: 44rem; }
.gate-explorer .sliders { display: grid; grid-template-columns: max-content minmax(7rem, 1fr) max-content;
  gap: .3rem .75rem; align-items: center; }
.gate-explorer .sliders label { display: contents; }
.gate-explorer output { font-variant-numeric: tabular-nums; white-space: nowrap; min-width: 5.5em; }
.gate-explorer input[type=range] { width: 100%; accent-color: #2f7ed8; }
.gate-explorer .actions { display: flex; flex-wrap: wrap; gap: .4rem; align-items: center; margin: .6rem 0 0; }
.gate-explorer button { color: inherit; background: transparent; font: inherit; padding: .25rem .7rem;
  border: 2px solid #767c85; border-radius: .5rem; cursor: pointer; min-height: 2.2rem; }
.gate-explorer button.time { border-color: #2f7ed8; }
.gate-explorer :is(input, button):focus-visible { outline: 3px solid #d9701a; outline-offset: 2px; }
.gate-explorer svg { width: 100%; height: auto; margin: .6rem 0 .2rem; }
.gate-explorer text { fill: currentColor; font-size: 12px; font-family: inherit; }
.gate-explorer .grid { stroke: #767c85; stroke-opacity: .35; }
.gate-explorer .zero { stroke: #767c85; stroke-width: 1.5; }
.gate-explorer .cell { fill: none; stroke: #af4ea1; stroke-width: 2.5; }
.gate-explorer .hidden { fill: none; stroke: #d9701a; stroke-width: 2.5; stroke-dasharray: 6 4; }
.gate-explorer circle.cell { fill: none; stroke-dasharray: none; }
.gate-explorer circle.hidden { fill: none; stroke-dasharray: none; }
.gate-explorer .said { margin: .25rem 0; min-height: 4.2em; font-variant-numeric: tabular-nums; }
`;

const WIDTH = 620, HEIGHT = 230, LEFT = 40, RIGHT = 50, TOP = 10, BOTTOM = 34, SPAN = 40;
const PARTS = [
  ["i", "input gate"],
  ["f", "forget gate"],
  ["g", "candidate"],
  ["o", "output gate"],
];

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function draw(tag, attributes, text = "") {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
}

const number = (value, digits = 2) => {
  const rounded = value.toFixed(digits);
  return (Number(rounded) === 0 ? rounded.replace("-", "") : rounded).replace("-", "−");
};
const sigmoid = (a) => 1 / (1 + Math.exp(-a));

// The cell's equations, one unit: f keeps, i writes, o shows.
function after(a, c) {
  const [i, f, o] = [a[0], a[1], a[3]].map(sigmoid);
  const g = Math.tanh(a[2]);
  const next = f * c + i * g;
  return { i, f, g, o, c: next, h: o * Math.tanh(next) };
}

function render({ model, el }) {
  const { c: start, presets } = model.get("data");
  const first = Object.values(presets)[0];
  const a = [...first];
  let past = [{ c: start, h: null }];

  const values = PARTS.map(() => make("output"));
  const sliders = PARTS.map(([letter, name], k) => {
    const slider = make("input", { type: "range", min: -8, max: 8, step: 0.5, value: a[k] });
    slider.addEventListener("input", () => { a[k] = Number(slider.value); update(); });
    return make("label", {}, make("span", {}, `${name}, `, make("i", { textContent: "a" }),
      make("sub", { textContent: letter })), slider, values[k]);
  });

  function set(next) {
    for (const [k, value] of next.entries()) {
      a[k] = value;
      sliders[k].querySelector("input").value = value;
    }
    update();
  }

  function pass(steps) {
    for (let n = 0; n < steps; n += 1) {
      const { c, h } = after(a, past[past.length - 1].c);
      past.push({ c, h });
    }
    update();
  }

  const button = (text, action, className = "") => {
    const made = make("button", { type: "button", textContent: text, className });
    made.addEventListener("click", action);
    return made;
  };
  const settings = make("div", { className: "actions" }, make("span", { textContent: "Set the gates to" }),
    ...Object.entries(presets).map(([name, to]) => button(name, () => set(to))));
  const time = make("div", { className: "actions" }, make("span", { textContent: "Let time pass:" }),
    button("1 step", () => pass(1), "time"), button("10 steps", () => pass(10), "time"),
    button("start again", () => { past = [{ c: start, h: null }]; set(first); }));
  const plot = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" });
  const said = make("p", { className: "said" });
  said.setAttribute("aria-live", "polite");

  function paint(next) {
    const from = Math.max(0, past.length - SPAN);
    const shown = past.slice(from);
    const reach = Math.max(1, Math.ceil(Math.max(...[...shown, next].map(({ c }) => Math.abs(c)))));
    const x = (t) => LEFT + ((WIDTH - LEFT - RIGHT) * (t - from)) / SPAN;
    const y = (value) => TOP + ((HEIGHT - TOP - BOTTOM) * (reach - value)) / (2 * reach);
    const points = (key) => shown.map((state, k) => [state[key], from + k]).filter(([value]) => value !== null)
      .map(([value, t]) => `${x(t).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
    const lines = [-reach, 0, reach].flatMap((value) => [
      draw("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(value), y2: y(value), class: value === 0 ? "zero" : "grid" }),
      draw("text", { x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, number(value, 0))]);
    const ticks = Array.from({ length: SPAN / 10 + 1 }, (_, k) => Math.ceil(from / 10) * 10 + 10 * k)
      .filter((t) => t <= from + SPAN)
      .map((t) => draw("text", { x: x(t), y: HEIGHT - BOTTOM + 17, "text-anchor": "middle" }, String(t)));
    const t = past.length;
    plot.replaceChildren(...lines, ...ticks,
      draw("text", { x: (WIDTH - RIGHT + LEFT) / 2, y: HEIGHT - 3, "text-anchor": "middle" }, "step t"),
      draw("polyline", { class: "cell", points: points("c") }),
      draw("polyline", { class: "hidden", points: points("h") }),
      draw("circle", { class: "cell", r: 5, cx: x(t), cy: y(next.c) }),
      draw("circle", { class: "hidden", r: 5, cx: x(t), cy: y(next.h) }),
      draw("text", { x: x(t) + 9, y: y(next.c) - 2 }, "c"),
      draw("text", { x: x(t) + 9, y: y(next.h) + 12 }, "h"));
  }

  function update() {
    const now = past[past.length - 1].c;
    const next = after(a, now);
    for (const [k, [letter, name]] of PARTS.entries()) {
      const text = `${letter} = ${number(next[letter])}`;
      values[k].textContent = text;
      const slider = sliders[k].querySelector("input");
      slider.setAttribute("aria-valuetext", `pre-activation ${number(a[k], 1)}, ${name} ${text}`);
    }
    const old = now < 0 ? `(${number(now)})` : number(now);
    const candidate = next.g < 0 ? `(${number(next.g)})` : number(next.g);
    said.textContent = `After ${past.length - 1} steps the cell holds ${number(now)}. At the next step `
      + `c = f·c + i·g = ${number(next.f)}·${old} + ${number(next.i)}·${candidate} = ${number(next.c)}, `
      + `and h = o·tanh(c) = ${number(next.o)}·${number(Math.tanh(next.c))} = ${number(next.h)}.`;
    paint(next);
  }

  const box = make("div", { className: "gate-explorer" }, make("style", { textContent: STYLE }),
    make("div", { className: "sliders" }, ...sliders), settings, time, plot, said);
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", "One LSTM cell: its gates, its cell state and what it shows");
  box.dataset.lmSuppressShortcuts = "true"; // JupyterLab: the keys belong to the figure
  box.addEventListener("keydown", (event) => event.stopPropagation());
  el.append(box);
  update();
}

export default { render };
