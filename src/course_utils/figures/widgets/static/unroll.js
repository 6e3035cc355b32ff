// Unroll slider over a word: pull it to copy the cell along time, choose a step to see its state.
// Used by anywidget in a live kernel and by host.js on the page.

const STYLE = `
.unroll { font-size: 0.95rem; line-height: 1.4; color: inherit; max-width: 44rem; }
.unroll label { display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: center; }
.unroll input[type=range] { flex: 1 1 10rem; min-width: 8rem; accent-color: #2f7ed8; }
.unroll ol { display: flex; list-style: none; margin: .75rem 0; padding: .25rem; overflow-x: auto; }
.unroll li { display: flex; align-items: center; margin: 0; }
.unroll li + li::before { content: "→"; padding: 0 .2rem; opacity: .75; }
.unroll button { display: flex; flex-direction: column; align-items: center; gap: .3rem;
  min-width: 2.75rem; padding: .4rem .3rem; color: inherit; background: transparent;
  font: inherit; border: 2px solid #767c85; border-radius: .5rem; cursor: pointer; }
.unroll button[aria-pressed=true] { border-color: #2f7ed8; background: rgb(47 126 216 / .12); }
.unroll button:focus-visible, .unroll input:focus-visible { outline: 3px solid #d9701a; outline-offset: 2px; }
.unroll .state { display: flex; flex-wrap: wrap; justify-content: center; gap: 2px; max-width: 2.4rem; }
.unroll .unit { width: .7rem; height: .7rem; border: 1px solid #767c85; border-radius: 2px; }
.unroll .input { font-family: monospace; font-weight: bold; min-height: 1.4em; white-space: pre; }
.unroll .said { margin: .5rem 0; }
.unroll dl { display: grid; grid-template-columns: max-content minmax(6rem, 1fr) max-content;
  gap: .2rem .75rem; align-items: center; margin: 0; }
.unroll dl > dt, .unroll dl > dd { float: none; width: auto; margin: 0; padding: 0; }
.unroll dt { font-weight: normal; white-space: nowrap; }
.unroll dd { font-variant-numeric: tabular-nums; text-align: right; }
.unroll .bar { position: relative; height: .9rem; border: 1px solid #767c85; border-radius: 2px; }
.unroll .bar::before { content: ""; position: absolute; left: 50%; inset-block: 0; border-left: 1px solid #767c85; }
.unroll .bar span { position: absolute; inset-block: 0; }
`;

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

const number = (value) => value.toFixed(2).replace("-", "−");
// As in the course's heat maps: purple is negative, orange is positive.
const sign = (value) => (value < 0 ? "128 98 190" : "217 112 26");
const shown = (character) => (character === " " ? "␣" : character);

function sub(letter, index) {
  return [make("i", { textContent: letter }), make("sub", { textContent: index })];
}

function units(state, largest) {
  const squares = state.map((value) => {
    const square = make("span", { className: "unit" });
    square.style.background = `rgb(${sign(value)} / ${Math.abs(value) / largest})`;
    return square;
  });
  const box = make("span", { className: "state" }, ...squares);
  box.setAttribute("aria-hidden", "true");
  return box;
}

function bar(value, largest) {
  const width = (50 * Math.abs(value)) / largest;
  const filled = make("span");
  filled.style.cssText = `left:${value < 0 ? 50 - width : 50}%;width:${width}%;background:rgb(${sign(value)})`;
  const box = make("dd", { className: "bar" }, filled);
  box.setAttribute("aria-hidden", "true");
  return box;
}

function render({ model, el }) {
  const { word, h, units: names } = model.get("data");
  const letters = Array.from(word);
  const largest = Math.max(1, ...h.flat().map(Math.abs));
  let unrolled = 1;
  let chosen = 1;

  const slider = make("input", { type: "range", min: 0, max: letters.length, step: 1, value: unrolled });
  const count = make("output");
  const steps = make("ol");
  const said = make("p", { className: "said" });
  said.setAttribute("aria-live", "polite");
  const values = make("dl");
  steps.setAttribute("aria-label", "Steps of the network; choose one to see its state");

  function sentence() {
    if (unrolled === 0) {
      return ["Folded: one cell whose state goes back into itself. Its state before the first input is ", ...sub("h", 0), "."];
    }
    if (chosen === 0) return [...sub("h", 0), " is the state before the first input."];
    const read = letters.slice(0, chosen).map(shown).join("");
    return [...sub("h", chosen), ` after reading “${read}”: from `, ...sub("x", chosen),
      ` = “${shown(letters[chosen - 1])}” and `, ...sub("h", chosen - 1), ", with the same weights as at every step."];
  }

  function step(t) {
    const input = make("span", { className: "input" });
    if (t > 0) input.textContent = shown(letters[t - 1]);
    const button = make("button", { type: "button" }, make("span", {}, ...sub("h", t)), units(h[t], largest), input);
    const label = t === 0 ? "h 0, before the first input" : `h ${t}, after “${letters[t - 1]}”`;
    button.setAttribute("aria-label", unrolled === 0 ? `${label}; the cell is folded` : label);
    button.setAttribute("aria-pressed", String(t === chosen));
    button.addEventListener("click", () => {
      chosen = t;
      for (const [i, other] of steps.querySelectorAll("button").entries()) {
        other.setAttribute("aria-pressed", String(i === chosen));
      }
      tell();
    });
    const item = make("li", {}, button);
    if (unrolled === 0) item.append(make("span", { textContent: " ↺", ariaHidden: "true" }));
    return item;
  }

  function tell() {
    said.replaceChildren(...sentence());
    values.replaceChildren(...names.flatMap((name, k) => [
      make("dt", { textContent: name }),
      bar(h[chosen][k], largest),
      make("dd", { textContent: number(h[chosen][k]) }),
    ]));
  }

  function draw() {
    count.textContent = `${unrolled} of ${letters.length}`;
    slider.setAttribute("aria-valuetext", unrolled === 0 ? "folded" : `${unrolled} steps`);
    steps.replaceChildren(...Array.from({ length: unrolled + 1 }, (_, t) => step(t)));
    steps.scrollLeft = steps.scrollWidth;
    tell();
  }

  slider.addEventListener("input", () => {
    unrolled = chosen = Number(slider.value);
    draw();
  });
  const box = make("div", { className: "unroll" },
    make("style", { textContent: STYLE }),
    make("label", {}, "Steps unrolled", slider, count), steps, said, values);
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", `The network unrolled over “${word}”`);
  box.dataset.lmSuppressShortcuts = "true"; // JupyterLab: the keys belong to the figure
  box.addEventListener("keydown", (event) => event.stopPropagation());
  el.append(box);
  draw();
}

export default { render };
