// Brings the interactive figures of a static page to life: there is no kernel, so the model is
// the JSON that the notebook stored. Modules have the interface that anywidget expects.

const mounts = document.querySelectorAll("[data-course-widget]");

async function mount(place) {
  const module = await import(new URL(`${place.dataset.courseWidget}.js`, import.meta.url));
  const data = JSON.parse(place.querySelector('script[type="application/json"]').textContent);
  const model = { get: (name) => (name === "data" ? data : undefined), on() {}, off() {} };
  const el = document.createElement("div");
  el.className = "course-widget-live";
  module.default.render({ model, el });
  place.append(el);
  place.classList.add("is-live"); // the style sheet now keeps the still version for print
}

for (const place of mounts) mount(place);
