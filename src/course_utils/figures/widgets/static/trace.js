// Gates and states over a text: a slider for the character, radio buttons for the unit.
// Used by anywidget in a live kernel and by host.js on the page.

const STYLE = `
.gate-trace { font-size: 0.95rem; line-height: 1.4; color: inherit; max-width: 44rem; }
.gate-trace fieldset { display: flex; flex-wrap: wrap; gap: .25rem 1rem; border: 0; margin: 0; padding: 0; }
.gate-trace legend { float: left; width: auto; margin: 0; padding: 0 .75rem 0 0; font-size: inherit; line-height: inherit; }
.gate-trace label { display: flex; gap: .5rem; align-items: center; }
.gate-trace label.place { margin: .5rem 0; }
.gate-trace input { accent-color: #2f7ed8; }
.gate-trace input[type=range] { flex: 1; min-width: 8rem; }
.gate-trace input:focus-visible { outline: 3px solid #d9701a; outline-offset: 2px; }
.gate-trace .text { font-family: monospace; margin: .3rem 0; overflow-wrap: anywhere; white-space: pre-wrap; }
.gate-trace .text b { outline: 2px solid #d9701a; border-radius: 2px; }
.gate-trace svg { width: 100%; height: auto; margin: .3rem 0; }
.gate-trace text { fill: currentColor; font-size: 12px; font-family: inherit; }
.gate-trace .grid { stroke: #767c85; stroke-opacity: .35; }
.gate-trace .here { stroke: #767c85; stroke-width: 1.5; }
.gate-trace polyline { fill: none; stroke-width: 2.2; }
.gate-trace .f { stroke: #2f7ed8; }
.gate-trace .i { stroke: #23745b; stroke-dasharray: 6 3; }
.gate-trace .o { stroke: #bb361a; stroke-dasharray: 2 3; }
.gate-trace .c { stroke: #af4ea1; }
.gate-trace .h { stroke: #d9701a; stroke-dasharray: 6 4; }
.gate-trace .said { margin: .25rem 0; min-height: 2.8em; font-variant-numeric: tabular-nums; }
`;

const WIDTH = 620, HEIGHT = 270, LEFT = 36, RIGHT = 84, MIDDLE = 118, TOP = 10, BOTTOM = 24;
const NAMES = { i: "input gate", f: "forget gate", o: "output gate", c: "cell c", h: "shown h" };

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

const number = (value) => {
  const rounded = value.toFixed(2);
  return (Number(rounded) === 0 ? rounded.replace("-", "") : rounded).replace("-", "−");
};
const shown = (character) => ({ " ": "␣", "\n": "↵", "\t": "⇥" })[character] ?? character;
let groups = 0;

function render({ model, el }) {
  const { text, units } = model.get("data");
  const letters = Array.from(text);
  const names = Object.keys(units);
  let name = names[0];
  let place = 0;

  const x = (t) => LEFT + ((WIDTH - LEFT - RIGHT) * t) / Math.max(1, letters.length - 1);
  const plot = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" });
  const slider = make("input", { type: "range", min: 0, max: letters.length - 1, step: 1, value: 0 });
  const count = make("output");
  const line = make("p", { className: "text" });
  line.setAttribute("aria-hidden", "true");
  const said = make("p", { className: "said" });
  said.setAttribute("aria-live", "polite");
  const group = `gate-trace-${(groups += 1)}`;
  const choices = names.map((option) => {
    const button = make("input", { type: "radio", name: group, value: option, checked: option === name });
    button.addEventListener("change", () => { name = option; paint(); update(); });
    return make("label", {}, button, option);
  });
  const here = draw("line", { class: "here", y1: TOP, y2: HEIGHT - BOTTOM });

  // One panel: curves of `keys` between the values low and high, drawn from `top` to `bottom`.
  function panel(keys, low, high, top, bottom) {
    const y = (value) => top + ((bottom - top) * (high - value)) / (high - low);
    const marks = low < 0 ? [low, 0, high] : [low, high];
    const grid = marks.flatMap((value) => [
      draw("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y(value), y2: y(value) }),
      draw("text", { x: LEFT - 5, y: y(value) + 4, "text-anchor": "end" }, String(value).replace("-", "−"))]);
    const curves = keys.flatMap((key, k) => {
      const at = top + 14 + 22 * k;
      return [
        draw("polyline", { class: key, points: units[name][key].map((value, t) => `${x(t).toFixed(1)},${y(value).toFixed(1)}`).join(" ") }),
        draw("polyline", { class: key, points: `${WIDTH - RIGHT + 8},${at - 4} ${WIDTH - RIGHT + 28},${at - 4}` }),
        draw("text", { x: WIDTH - RIGHT + 34, y: at }, key)];
    });
    return [...grid, ...curves];
  }

  function paint() {
    const { c } = units[name];
    const reach = Math.max(1, Math.ceil(Math.max(...c.map(Math.abs))));
    const ends = letters.map((letter, t) => draw("text", { x: x(t), y: HEIGHT - 6, "text-anchor": "middle" }, shown(letter)));
    plot.replaceChildren(...panel(["f", "i", "o"], 0, 1, TOP, MIDDLE - 8),
      ...panel(["c", "h"], -reach, reach, MIDDLE + 8, HEIGHT - BOTTOM), ...ends, here);
  }

  function update() {
    const traces = units[name];
    for (const end of ["x1", "x2"]) here.setAttribute(end, x(place));
    count.textContent = `${place + 1} of ${letters.length}`;
    slider.setAttribute("aria-valuetext", `character ${place + 1} of ${letters.length}, “${shown(letters[place])}”`);
    line.replaceChildren(letters.slice(0, place).join(""), make("b", { textContent: shown(letters[place]) }),
      letters.slice(place + 1).join(""));
    const told = Object.entries(NAMES).map(([key, called]) => `${called} ${number(traces[key][place])}`);
    said.textContent = `At “${shown(letters[place])}”: ${told.join(", ")}.`;
  }

  slider.addEventListener("input", () => { place = Number(slider.value); update(); });
  const box = make("div", { className: "gate-trace" }, make("style", { textContent: STYLE }),
    make("fieldset", {}, make("legend", { textContent: "Unit" }), ...choices),
    make("label", { className: "place" }, "Character", slider, count), line, plot, said);
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", "Gates and states of one unit over a text");
  box.dataset.lmSuppressShortcuts = "true"; // JupyterLab: the keys belong to the figure
  box.addEventListener("keydown", (event) => event.stopPropagation());
  el.append(box);
  paint();
  update();
}

export default { render };
