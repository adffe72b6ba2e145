// Queues, keys and what they do.
import { get } from "./api.js";
import * as detail from "./detail.js";
import { $, node, plural, status, trouble } from "./dom.js";
import { Grid, SIZES } from "./grid.js";
import * as outbox from "./outbox.js";
import * as sliders from "./sliders.js";
import * as items from "./store.js";

const { store } = items;
const QUEUES = { unsure: "Unsure first", dropped: "Dropped, closest first", kept: "Kept, closest first", clusters: "Copies side by side", facing: "Facing", said: "Verdicts", changes: "Would change", all: "All" };
const KEYS = [
  ["k", "keep"], ["d", "drop"], ["c", "clear the verdict on keeping"], ["s", "the same picture as its keeper"], ["x", "not the same"],
  ["l", "faces left"], ["r", "faces right"], ["a", "as suggested, in the queue of facing"], ["f", "clear the facing"], ["u", "undo the last verdict (also Ctrl+Z)"], ["n", "next"], ["p", "previous"],
  ["← → ↑ ↓", "move"], ["PageUp PageDown Home End", "move far; with Ctrl to either end"], ["Enter", "open, with the original picture"], ["Esc", "close"],
  ["1 – 8", "choose a queue"], ["+ -", "larger and smaller pictures"], ["/", "search (Esc goes back)"], ["t", "thresholds"], ["?", "this list"],
];
const EMPTY = { unsure: "Every picture has a verdict.", dropped: "Nothing is dropped but by verdict.", kept: "Nothing is kept but by verdict.", clusters: "No copies were found; dedup finds them.",
  facing: "Every kept picture has its side.", said: "No verdicts yet: k keeps and d drops the picture that has the focus.", changes: "These thresholds would change nothing; t opens them.", all: "No pictures." };
const POLL = 2000;
let queue = "unsure", grid, size = "small";

function lists() {
  const every = Array.from({ length: items.size() }, (_, index) => index);
  return { ...store.queues, all: every, said: every.filter((index) => ["keep", "facing"].some((aspect) => items.verdict(index, aspect))), changes: store.preview ? [...store.preview.keys()].sort((a, b) => a - b) : [] };
}

function buttons() {
  const found = lists();
  $("queues").replaceChildren(...Object.entries(QUEUES).map(([name, label], at) => {
    const button = node("button", { type: "button", textContent: `${label} ${found[name].length.toLocaleString("en")}`, title: `key ${at + 1}`, "aria-keyshortcuts": String(at + 1), onclick: () => choose(name) });
    button.dataset.queue = name;
    button.setAttribute("aria-pressed", String(name === queue));
    return button;
  }));
}

function choose(name, focus = true, quiet = false) {
  if (name === "facing" && !quiet) learn();
  queue = store.queue = name;
  const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = (index) => words.every((word) => `${store.columns.title[index]} ${items.id(index)}`.toLowerCase().includes(word));
  const found = lists()[name], filtered = !words.length ? found : found.filter((one) => [one].flat().some(matches));
  if (name === "clusters") grid.set([], filtered);
  else grid.set(filtered);
  $("empty").textContent = filtered.length ? "" : words.length && found.length ? `Nothing in this queue has “${$("search").value}” in its title or id.` : EMPTY[name];
  buttons();
  progress();
  status(`${QUEUES[name]}: ${plural(filtered.length, name === "clusters" ? "group" : "picture")}`);
  if (focus && grid.order.length) grid.focus(0);
}

// The sides that the verdicts at this moment suggest. The queue is put in their order unless somebody is at work in it.
async function learn() {
  try {
    const found = await items.suggestions();
    if (!found || queue !== "facing") return;
    if (grid.current === 0 && !detail.open()) choose("facing", $("grid").contains(document.activeElement), true);
    else grid.redraw();
    const first = found.missing ? `${plural(found.missing, "more verdict")} needed (l, r) before sides are suggested; choose this queue again then.` : `Most doubtful first; of your verdicts the others foretell ${Math.round(100 * found.foretold)}%.`;
    status(`${first} ${plural(found.order.length, "picture")}.`);
  } catch (error) { status(`No suggestions: ${error.message}`); }
}

// How much of the queue at hand a person has spoken about.
function progress() {
  const aspect = queue === "facing" ? "facing" : "keep";
  const said = (index) => Boolean(items.verdict(index, aspect)) || (queue === "clusters" && items.keeper(index) !== index && Boolean(items.verdict(index, "same", items.keeper(index))));
  let count = 0;
  for (const index of grid.order) if (said(index)) count++;
  $("progress").textContent = grid.order.length ? `${count.toLocaleString("en")} of ${grid.order.length.toLocaleString("en")} said` : "";
}

function bigger(step) {
  size = SIZES[Math.max(0, Math.min(SIZES.length - 1, SIZES.indexOf(size) + step))];
  try { localStorage.setItem("review size", size); } catch { /* it is small again next time then */ }
  grid.scale(size);
  status(`${size} pictures`);
}

function fill(cell, index) {
  const { drop } = items.fate(index), title = items.title(index), words = items.words(index), alone = items.keeper(index) === index;
  const stands = alone && queue === "clusters";
  cell.className = ["cell", drop ? "drop" : "keep", ["keep", "facing"].some((aspect) => items.verdict(index, aspect)) ? "said" : "", stands ? "keeper" : ""].join(" ");
  cell.dataset.id = items.id(index);
  const fate = node("div", { className: "fate", "aria-hidden": "true", title: words }, ...marked(words));
  if (cell.firstChild) cell.replaceChildren(cell.firstChild, cell.children[1], fate);
  else {
    const image = node("img", { alt: "", decoding: "async" });
    image.dataset.src = `/thumb/${items.id(index)}${size === "small" ? "" : "?side=320"}`;
    image.onerror = () => { if (image.isConnected && image.hasAttribute("src")) image.replaceWith("no picture"); };
    cell.append(node("div", { className: "frame" }, image), node("div", { className: "title", "aria-hidden": "true", textContent: title }), fate);
  }
  cell.querySelector("img")?.setAttribute("alt", title);
  cell.setAttribute("aria-label", `${title}: ${stands ? "keeper; " : ""}${words}`);
}

// The first word, keep or drop, stands out.
const marked = (words) => { const [, first, rest] = words.match(/^(would be \w+|you: not the same|you: same|suggested \w+|faces \w+|\w+)(.*)$/s) || [, words, ""]; return [node("b", { textContent: first }), rest]; };

const current = () => grid.order[grid.current];
const changed = () => { grid.redraw(); progress(); };

function go(step) {
  if (grid.current + step < 0 || grid.current + step >= grid.order.length) return false;
  if (detail.open()) { grid.show(grid.current + step); look(current()); } else grid.focus(grid.current + step);
  return true;
}

const look = (index) => detail.show(index, `${(grid.order.indexOf(index) + 1).toLocaleString("en")} of ${grid.order.length.toLocaleString("en")}`);

function verdict(aspect, word, beside) {
  const index = current();
  if (index === undefined) return;
  const did = outbox.say(index, aspect, word, beside, changed);
  const said = `${items.title(index)}: ${aspect === "same" ? { yes: "the same", no: "not the same", clear: "cleared" }[word] : word === "clear" ? "cleared" : aspect === "facing" ? `faces ${word}` : word}`;
  const moved = go(1);
  status(`${did ? said : `${said} already`}${moved ? "" : "; end of the queue"}`);
  if (!moved && detail.open()) look(index);
}

// `same` is said of a member and its keeper; in a group of two also from the keeper's side.
function same(word) {
  const index = current(), beside = items.keeper(index);
  if (beside !== index) return verdict("same", word, beside);
  const members = store.queues.clusters.find((group) => group[0] === index) || [];
  if (members.length === 2) return verdict("same", word, members[1]);
  status(members.length ? "This one is the keeper of several: move to a member, and say it there." : "This picture has no copy to compare with.");
}

function agree() {
  const suggested = queue === "facing" ? store.facing.get(current()) : undefined;
  if (suggested) return verdict("facing", suggested.side);
  status("No side is suggested here.");
}

function undo() {
  const index = outbox.undo(changed);
  if (typeof index === "string") return status(index);
  const position = grid.order.indexOf(index);
  if (position >= 0 && !detail.open()) grid.focus(position);
  else if (position >= 0) { grid.show(position); look(index); }
  status(`undone: ${items.title(index)} is ${items.words(index)}`);
}

function help() {
  const list = node("dl", {});
  for (const [keys, about] of KEYS) list.append(node("dt", {}, ...keys.split(" ").map((one) => (one === "–" ? " – " : node("kbd", { textContent: one })))), node("dd", { textContent: about }));
  $("help").replaceChildren(node("h2", { id: "help-title", textContent: "Keys" }),
    node("p", { textContent: "They work while a picture has the focus, or its large view is open. Every verdict is on disk at once, in review.csv; the next command obeys it." }),
    list, node("button", { type: "button", textContent: "Close (Esc)", onclick: () => $("help").close() }));
  $("help").showModal();
}

function thresholds() {
  const shown = $("sliders").hidden;
  $("sliders").hidden = !shown;
  $("show-sliders").setAttribute("aria-expanded", String(shown));
  if (shown) { sliders.ask(); $("sliders").querySelector("input")?.focus(); } else grid.focus(grid.current);
}

function key(event) {
  if ((event.ctrlKey || event.metaKey) && event.key === "z") { event.preventDefault(); return undo(); }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const digit = Number(event.key), names = [...document.querySelectorAll("#queues button")].map((button) => button.dataset.queue);
  if (digit >= 1 && digit <= names.length && !detail.open()) { event.preventDefault(); return choose(names[digit - 1]); }
  const actions = {
    k: () => verdict("keep", "keep"), d: () => verdict("keep", "drop"), c: () => verdict("keep", "clear"), s: () => same("yes"), x: () => same("no"),
    l: () => verdict("facing", "left"), r: () => verdict("facing", "right"), f: () => verdict("facing", "clear"), a: agree, "+": () => bigger(1), "=": () => bigger(1), "-": () => bigger(-1), u: undo,
    n: () => go(1) || status("end of the queue"), p: () => go(-1) || status("beginning of the queue"), "?": help, t: () => detail.open() || thresholds(),
    "/": () => detail.open() || $("search").focus(), Enter: () => detail.open() || (current() !== undefined && look(current())),
    ArrowRight: () => detail.open() && go(1), ArrowLeft: () => detail.open() && go(-1),
  };
  const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!action || event.defaultPrevented) return;
  if (event.key === "Enter" && event.target.tagName === "BUTTON") return;
  event.preventDefault();
  action();
}

async function load(focus) {
  const at = grid?.order.length ? items.id(current()) : null;
  await items.load();
  document.title = `${store.name}: review`;
  $("name").textContent = store.name;
  grid ??= new Grid($("grid"), fill, (position) => status(`${items.title(current())}: ${items.words(current())}. ${position + 1} of ${grid.order.length}`));
  try { size = SIZES.find((name) => name === localStorage.getItem("review size")) || size; } catch { /* as it is */ }
  grid.scale(size);
  outbox.restore(changed);
  sliders.build({ changed: () => { grid.redraw(); buttons(); }, open: () => choose("changes"), outdated: () => load(false) });
  choose(queue, focus);
  const position = at === null ? -1 : grid.order.findIndex((index) => items.id(index) === at);
  if (position >= 0) grid.show(position);
}

// Other tabs and commands write too.
async function poll() {
  try {
    if (outbox.idle() && !document.hidden) {
      const now = await get("/api/state");
      if (now.generation !== store.generation) { await load(false); status("The dataset has changed: read again."); }
      else if (now.verdicts !== items.tag() && outbox.idle()) { const said = await get("/api/verdicts"); if (outbox.idle()) { items.take(said); changed(); buttons(); } }
      trouble("");
    }
  } catch (error) { trouble(error.message); }
  setTimeout(poll, POLL);
}

history.replaceState(null, "", "/"); // the token is in a cookie now, and need not stand where others see it
$("grid").addEventListener("keydown", key);
$("grid").addEventListener("dblclick", () => current() !== undefined && look(current()));
$("detail").addEventListener("keydown", key);
// The browser gives the focus back to where it came from; it belongs to the picture that was looked at last.
$("detail").addEventListener("close", () => { const at = grid.order.indexOf(detail.index()); grid.focus(at < 0 ? grid.current : at); });
$("help").addEventListener("close", () => grid.focus(grid.current));
$("search").addEventListener("input", () => choose(queue, false));
$("search").addEventListener("keydown", (event) => { if (event.key === "Enter" && grid.order.length) grid.focus(0);
  if (event.key === "Escape") { event.preventDefault(); $("search").value = ""; choose(queue); } });
for (const [name, step] of [["smaller", -1], ["larger", 1]]) $(name).addEventListener("click", () => bigger(step));
$("show-sliders").addEventListener("click", thresholds);
$("show-help").addEventListener("click", help);
document.addEventListener("keydown", (event) => { if (event.key === "?" && !["INPUT"].includes(event.target.tagName) && !document.querySelector("dialog[open]") && !event.defaultPrevented) help(); });

try {
  await load(true);
  document.documentElement.dataset.ready = "yes";
  poll();
} catch (error) { trouble(error.message); }
