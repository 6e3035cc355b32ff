// Gradient descent at a cliff: a slider for the clipping threshold, the path on a map of the loss.
// Used by anywidget in a live kernel and by host.js on the page.

const STYLE = `
.clip-cliff { font-size: 0.95rem; line-height: 1.4; color: inherit; max-width: 44rem; }
.clip-cliff label { display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: center; }
.clip-cliff input[type=range] { flex: 1 1 10rem; min-width: 8rem; accent-color: #2f7ed8; }
.clip-cliff input:focus-visible { outline: 3px solid #d9701a; outline-offset: 2px; }
.clip-cliff svg { width: 100%; height: auto; margin: .5rem 0; }
.clip-cliff text { fill: currentColor; font-size: 12px; font-family: inherit; }
.clip-cliff .edge { fill: none; stroke: #14181e; stroke-width: 4; stroke-linejoin: round; }
.clip-cliff .path { fill: none; stroke: #ffffff; stroke-width: 2; stroke-linejoin: round; }
.clip-cliff .start, .clip-cliff .end { fill: #ffffff; stroke: #14181e; stroke-width: 1.5; }
.clip-cliff .frame { fill: none; stroke: #767c85; }
.clip-cliff .said { margin: .25rem 0; min-height: 4.2em; }
`;

const WIDTH = 620, HEIGHT = 320, LEFT = 48, RIGHT = 10, TOP = 10, BOTTOM = 36;
// Dark blue is low, yellow is high, as in the course's other maps.
const COLOURS = [[0, 34, 78], [65, 77, 107], [124, 123, 120], [188, 175, 111], [254, 232, 56]];
let maps = 0;

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function draw(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const minus = (value) => String(value).replace("-", "−");

function colour(share) {
  const place = Math.min(share, 0.999) * (COLOURS.length - 1);
  const low = COLOURS[Math.floor(place)], high = COLOURS[Math.floor(place) + 1];
  return `rgb(${low.map((c, i) => Math.round(c + (place % 1) * (high[i] - c))).join(" ")})`;
}

function render({ model, el }) {
  const { w, b, loss, walks } = model.get("data");
  const x = (value) => LEFT + ((WIDTH - LEFT - RIGHT) * (value - w[0])) / (w[1] - w[0]);
  const y = (value) => TOP + ((HEIGHT - TOP - BOTTOM) * (b[1] - value)) / (b[1] - b[0]);
  const highest = Math.max(...loss.flat());
  const wide = (WIDTH - LEFT - RIGHT) / loss[0].length, tall = (HEIGHT - TOP - BOTTOM) / loss.length;
  const inside = `clip-cliff-${(maps += 1)}`;

  const plot = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" });
  const frame = { x: LEFT, y: TOP, width: WIDTH - LEFT - RIGHT, height: HEIGHT - TOP - BOTTOM };
  plot.append(draw("clipPath", { id: inside }, draw("rect", frame)));
  for (const [row, heights] of loss.entries()) {
    for (const [column, height] of heights.entries()) {
      plot.append(draw("rect", { x: LEFT + column * wide, y: HEIGHT - BOTTOM - (row + 1) * tall,
        width: wide + 0.5, height: tall + 0.5, fill: colour(height / highest) }));
    }
  }
  const edge = draw("polyline", { class: "edge" });
  const path = draw("polyline", { class: "path" });
  const start = draw("circle", { class: "start", r: 5 });
  const end = draw("rect", { class: "end", width: 9, height: 9 });
  plot.append(draw("g", { "clip-path": `url(#${inside})` }, edge, path, start, end), draw("rect", { class: "frame", ...frame }));
  for (const value of w) plot.append(draw("text", { x: x(value), y: HEIGHT - 20, "text-anchor": value === w[0] ? "start" : "end" }, minus(value)));
  for (const value of b) plot.append(draw("text", { x: LEFT - 5, y: y(value) + (value === b[1] ? 12 : 0), "text-anchor": "end" }, minus(value)));
  plot.append(draw("text", { x: WIDTH / 2, y: HEIGHT - 4, "text-anchor": "middle" }, "w"),
    draw("text", { x: 12, y: HEIGHT / 2 }, "b"));

  const slider = make("input", { type: "range", min: 0, max: walks.length - 1, step: 1, value: 0 });
  const shown = make("output");
  const said = make("p", { className: "said" });
  said.setAttribute("aria-live", "polite");

  function update() {
    const walk = walks[Number(slider.value)];
    const name = walk.clip === null ? "no clipping" : `threshold ${walk.clip}`;
    const points = walk.path.map(([at, height]) => `${x(at).toFixed(1)},${y(height).toFixed(1)}`).join(" ");
    for (const drawn of [edge, path]) drawn.setAttribute("points", points);
    const first = walk.path[0], last = walk.path[walk.path.length - 1];
    start.setAttribute("cx", x(first[0]));
    start.setAttribute("cy", y(first[1]));
    end.setAttribute("x", x(last[0]) - 4.5);
    end.setAttribute("y", y(last[1]) - 4.5);
    const there = last[0] >= w[0] && last[0] <= w[1] && last[1] >= b[0] && last[1] <= b[1];
    shown.textContent = name;
    slider.setAttribute("aria-valuetext", name);
    said.textContent = `With ${name} this walk ends at a loss of ${walk.loss}${there ? "" : ", outside the map"}. `
      + `Of ${walk.runs} walks from starts close together, ${walk.arrived} end in the valley; `
      + `the longest single step among them is ${walk.jump}.`;
  }

  slider.addEventListener("input", update);
  const box = make("div", { className: "clip-cliff" }, make("style", { textContent: STYLE }),
    make("label", {}, "Clip at", slider, shown), plot, said);
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", "Gradient descent at a cliff, by clipping threshold");
  box.dataset.lmSuppressShortcuts = "true"; // JupyterLab: the keys belong to the figure
  box.addEventListener("keydown", (event) => event.stopPropagation());
  el.append(box);
  update();
}

export default { render };
