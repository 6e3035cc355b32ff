// Gradient against lag: a slider for the spectral radius, radio buttons for the activation.
// Used by anywidget in a live kernel and by host.js on the page.

const STYLE = `
.reach { font-size: 0.95rem; line-height: 1.4; color: inherit; max-width: 44rem; }
.reach .controls { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; }
.reach label { display: flex; gap: .5rem; align-items: center; }
.reach label.radius { flex: 1 1 16rem; }
.reach fieldset { display: flex; flex-wrap: wrap; gap: .25rem 1rem; border: 0; margin: 0; padding: 0; }
.reach legend { float: left; padding: 0 .75rem 0 0; }
.reach input[type=range] { flex: 1; min-width: 8rem; }
.reach input { accent-color: #2f7ed8; }
.reach input:focus-visible { outline: 3px solid #d9701a; outline-offset: 2px; }
.reach svg { width: 100%; height: auto; margin: .5rem 0; }
.reach text { fill: currentColor; font-size: 12px; font-family: inherit; }
.reach .grid { stroke: #767c85; stroke-opacity: .35; }
.reach .one { stroke: #767c85; stroke-width: 1.5; }
.reach .curve { fill: none; stroke: #2f7ed8; stroke-width: 2.5; }
.reach .other { fill: none; stroke: #767c85; stroke-opacity: .5; stroke-width: 1; }
.reach .said { margin: .25rem 0; min-height: 2.8em; }
`;

const WIDTH = 620, HEIGHT = 280, LEFT = 52, RIGHT = 10, TOP = 10, BOTTOM = 36;
const LOWEST = -16, HIGHEST = 8;
let groups = 0;

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

const minus = (text) => text.replace("-", "−");
const superscript = (n) => minus(String(n)).replace(/[−\d]/g, (c) => (c === "−" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]));

// As GradientFlow.factor: a line through log norm against lag, the first tenth left out.
function factor(logs) {
  const start = Math.floor(logs.length / 10);
  const lags = logs.map((_, k) => k).slice(start);
  const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
  const x = mean(lags), y = mean(logs.slice(start));
  const above = lags.reduce((sum, k) => sum + (k - x) * (logs[k] - y), 0);
  return 10 ** (above / lags.reduce((sum, k) => sum + (k - x) ** 2, 0));
}

function render({ model, el }) {
  const { radii, log10 } = model.get("data");
  const names = Object.keys(log10);
  const last = log10[names[0]][0].length - 1;
  let name = names[0];
  let place = Math.max(0, radii.findIndex((radius) => radius >= 1));

  const x = (k) => LEFT + ((WIDTH - LEFT - RIGHT) * k) / last;
  const y = (log) => TOP + ((HEIGHT - TOP - BOTTOM) * (HIGHEST - log)) / (HIGHEST - LOWEST);
  const line = (logs) => logs.map((log, k) => [k, log])
    .filter(([, log]) => log >= LOWEST && log <= HIGHEST)
    .map(([k, log]) => `${x(k).toFixed(1)},${y(log).toFixed(1)}`).join(" ");

  const plot = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" });
  for (let log = LOWEST; log <= HIGHEST; log += 4) {
    plot.append(
      draw("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(log), y2: y(log), class: log === 0 ? "one" : "grid" }),
      draw("text", { x: LEFT - 6, y: y(log) + 4, "text-anchor": "end" }, log === 0 ? "1" : `10${superscript(log)}`));
  }
  for (let k = 0; k <= last; k += 10) {
    plot.append(draw("text", { x: x(k), y: HEIGHT - BOTTOM + 18, "text-anchor": "middle" }, String(k)));
  }
  plot.append(draw("text", { x: x(last / 2), y: HEIGHT - 3, "text-anchor": "middle" }, "lag k, steps back"));
  const others = draw("g", {});
  const curve = draw("polyline", { class: "curve" });
  plot.append(others, curve);

  const slider = make("input", { type: "range", min: 0, max: radii.length - 1, step: 1, value: place });
  const shown = make("output");
  const said = make("p", { className: "said" });
  said.setAttribute("aria-live", "polite");
  const group = `reach-${(groups += 1)}`;
  const choices = names.map((option) => {
    const button = make("input", { type: "radio", name: group, value: option, checked: option === name });
    button.addEventListener("change", () => { name = option; update(); });
    return make("label", {}, button, option);
  });

  function update() {
    const logs = log10[name][place];
    others.replaceChildren(...log10[name].map((other) => draw("polyline", { class: "other", points: line(other) })));
    curve.setAttribute("points", line(logs));
    shown.textContent = `ρ = ${radii[place]}`;
    slider.setAttribute("aria-valuetext", `ρ = ${radii[place]}`);
    const times = factor(logs);
    const verdict = times < 0.97 ? "it vanishes" : times > 1.03 ? "it explodes" : "it stays about as it is";
    said.textContent = `${name}, ρ = ${radii[place]}: the gradient is multiplied by about ${times.toFixed(2)} `
      + `a step, so ${verdict}. After ${last} steps its norm is 10${superscript(Math.round(logs[last]))} times what it was.`;
  }

  slider.addEventListener("input", () => { place = Number(slider.value); update(); });
  const box = make("div", { className: "reach" }, make("style", { textContent: STYLE }),
    make("div", { className: "controls" },
      make("label", { className: "radius" }, "Spectral radius", slider, shown),
      make("fieldset", {}, make("legend", { textContent: "Activation" }), ...choices)),
    plot, said);
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", "The gradient's size against the lag");
  box.dataset.lmSuppressShortcuts = "true"; // JupyterLab: the keys belong to the figure
  box.addEventListener("keydown", (event) => event.stopPropagation());
  el.append(box);
  update();
}

export default { render };
