// Thresholds: what others would change, at once, and the manifest on request.
import { post } from "./api.js";
import { $, node, plural, status } from "./dom.js";
import { store } from "./store.js";

const QUICK = 60, EXACT = 500;
let values = {}, timer = 0, hooks = {}, fields = [];

// `hooks.changed()` redraws, `hooks.open()` shows the items that would change, `hooks.outdated()` loads the page's data again.
export function build(given) {
  hooks = given;
  values = Object.fromEntries(store.sliders.map((slider) => [slider.key, slider.value]));
  fields = [];
  const groups = new Map();
  for (const slider of store.sliders) groups.set(slider.group, [...(groups.get(slider.group) || []), slider]);
  $("sliders").replaceChildren(
    node("div", { className: "effect" },
      node("h2", { textContent: "Thresholds" }),
      node("p", { id: "effect", role: "status", textContent: "Move a threshold to see what it would change." }),
      node("div", { className: "buttons" },
        node("button", { id: "show-changes", type: "button", textContent: "Show them", disabled: true, onclick: () => hooks.open() }),
        node("button", { id: "reset", type: "button", textContent: "Reset", onclick: reset }),
        node("button", { id: "write", type: "button", className: "primary", textContent: "Write to manifest", disabled: true, onclick: write })),
      node("table", { id: "rules", hidden: true })),
    ...[...groups].map(([group, sliders]) => node("fieldset", {}, node("legend", { textContent: group }), ...sliders.map(field))));
}

function field(slider) {
  const name = `slider-${slider.key}`, bounds = { min: slider.low, max: slider.high, step: slider.step };
  const range = node("input", { type: "range", id: name, ...bounds });
  const exact = node("input", { type: "number", step: slider.whole ? 1 : "any", min: slider.low, "aria-label": `${slider.group} ${slider.name}, exactly` });
  const set = (value) => { range.value = value; exact.value = value; };
  set(slider.value);
  fields.push({ slider, set });
  const moved = (source, target) => () => {
    if (source.value === "" || !Number.isFinite(Number(source.value))) return;
    target.value = source.value;
    values[slider.key] = Number(source.value);
    ask();
  };
  range.addEventListener("input", moved(range, exact));
  exact.addEventListener("input", moved(exact, range));
  return node("div", { className: "slider" }, node("label", { htmlFor: name, textContent: slider.name }), exact, range, node("span"), node("span", { className: "about", textContent: slider.about }));
}

const touched = () => store.sliders.some((slider) => values[slider.key] !== slider.value);

// A quick answer while the hand moves; once it rests, the exact one, with the clusters made anew.
export function ask() {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    await preview(false);
    timer = setTimeout(() => preview(true), EXACT);
  }, QUICK);
}

async function preview(exact) {
  const asked = JSON.stringify(values);
  try {
    const found = await post("/api/preview", { generation: store.generation, values, exact });
    if (found && asked === JSON.stringify(values)) show(found, exact);
  } catch (error) {
    if (error.outdated) return hooks.outdated();
    $("effect").textContent = error.message;
    $("write").disabled = true;
  }
}

function show(found, exact) {
  store.preview = new Map([...found.kept.map((index) => [index, ""]), ...found.dropped.map((index, at) => [index, found.rules[at]])]);
  const [before, after] = found.total;
  const same = !found.kept.length && !found.dropped.length;
  $("effect").textContent = same ? `Nothing would change: ${after.toLocaleString("en")} kept.${exact ? "" : " Copies: counting anew…"}` : `${plural(found.kept.length, "picture")} would be kept, ${found.dropped.length.toLocaleString("en")} dropped; ${after.toLocaleString("en")} kept in all, ${before.toLocaleString("en")} now.${exact ? "" : " Copies: counting anew…"}`;
  const moved = Object.entries(found.counts).filter(([, [was, is]]) => was !== is);
  $("rules").hidden = !moved.length;
  const cells = (tag, words) => words.map((word, at) => node(at ? tag : "th", { textContent: word, scope: at ? null : "row" }));
  $("rules").replaceChildren(node("tr", {}, ...["dropped by", "now", "then"].map((word) => node("th", { textContent: word, scope: "col" }))),
    ...moved.map(([rule, [was, is]]) => node("tr", {}, ...cells("td", [rule, was, is]))));
  $("show-changes").disabled = !store.preview.size;
  $("write").disabled = !touched();
  document.documentElement.dataset.preview = exact ? "exact" : "quick";
  hooks.changed();
}

function reset() {
  for (const { slider, set } of fields) { values[slider.key] = slider.value; set(slider.value); }
  ask();
}

async function write() {
  $("write").disabled = true;
  try {
    const { set } = await post("/api/manifest", { values });
    const text = set.length ? `Written to manifest.toml: ${set.join(", ")}. \`pipeline run\` applies it.` : "The manifest has these values already.";
    $("effect").textContent = text;
    status(text);
    await hooks.outdated();
    $("effect").textContent = text;
    $("reset").focus(); // the button that had the focus was made anew
  } catch (error) {
    $("effect").textContent = `Not written: ${error.message}`;
    $("write").disabled = false;
  }
}
