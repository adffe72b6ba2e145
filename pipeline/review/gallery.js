"use strict";
const { name, items } = JSON.parse(document.getElementById("data").textContent);
const byId = new Map(items.map((item) => [item.id, item]));
const grid = document.getElementById("grid"), detail = document.getElementById("detail");
const search = document.getElementById("search"), order = document.getElementById("order");
const CARD = { width: 180, height: 224, gap: 10 };
let queue = "all", shown = [], columns = 1;

document.title = `${name}: review`;
document.getElementById("name").textContent = name;

const node = (tag, properties, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};
// A link from the web is shown as one only if it cannot run script.
const link = (url) => /^(https?|file):/i.test(url || "") ? node("a", { href: url, textContent: url, rel: "noreferrer noopener" }) : String(url ?? "");
const label = (item) => item.decision === "keep" ? (item.stage === "verdict" ? "keep: verdict" : "keep") : `${item.stage}: ${item.rule || "drop"}`;

function queues() {
  const counts = new Map([["all", items.length], ["kept", 0], ["dropped", 0]]);
  for (const item of items) {
    const side = item.decision === "keep" ? "kept" : "dropped";
    counts.set(side, counts.get(side) + 1);
    if (side === "dropped") counts.set(label(item), (counts.get(label(item)) || 0) + 1);
  }
  const names = [...counts.keys()];
  const fixed = names.slice(0, 3), rest = names.slice(3).sort();
  document.getElementById("queues").replaceChildren(...[...fixed, ...rest].map((key) => {
    const button = node("button", { type: "button", textContent: `${key} ${counts.get(key)}`, onclick: () => { queue = key; choose(); } });
    button.dataset.queue = key;
    return button;
  }));
}

function inQueue(item) {
  if (queue === "all") return true;
  if (queue === "kept") return item.decision === "keep";
  if (queue === "dropped") return item.decision !== "keep";
  return item.decision !== "keep" && label(item) === queue;
}

// Scores have their own units, so closeness is relative to the threshold.
const closeness = (item) => item.score === null || item.threshold === null ? Infinity : Math.abs(item.score - item.threshold) / (Math.abs(item.threshold) || 1);
const ORDERS = {
  id: (a, b) => a.id < b.id ? -1 : 1,
  close: (a, b) => closeness(a) - closeness(b) || ORDERS.id(a, b),
  cluster: (a, b) => (a.cluster || a.id).localeCompare(b.cluster || b.id) || (a.decision === "keep" ? -1 : b.decision === "keep" ? 1 : 0) || ORDERS.id(a, b),
};

function choose() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const text = (item) => [item.id, item.title, item.reason, item.page_url, item.image_url].join(" ").toLowerCase();
  shown = items.filter((item) => inQueue(item) && (!words.length || words.every((word) => text(item).includes(word))));
  shown.sort(ORDERS[order.value]);
  for (const button of document.querySelectorAll("#queues button")) button.setAttribute("aria-pressed", String(button.dataset.queue === queue));
  document.getElementById("count").textContent = `${shown.length} of ${items.length}`;
  scrollTo(0, 0);
  draw(true);
}

// Only the cards in view exist, so five thousand pictures cost no more than fifty.
function draw(afresh = false) {
  columns = Math.max(1, Math.floor((grid.clientWidth + CARD.gap) / (CARD.width + CARD.gap)));
  const width = Math.floor((grid.clientWidth - CARD.gap * (columns - 1)) / columns);
  const rowHeight = CARD.height + CARD.gap;
  grid.style.height = `${Math.ceil(shown.length / columns) * rowHeight}px`;
  const top = scrollY - grid.offsetTop;
  const first = Math.max(0, Math.floor(top / rowHeight) - 2) * columns;
  const last = Math.min(shown.length, (Math.ceil((top + innerHeight) / rowHeight) + 2) * columns);
  const present = new Map(afresh ? [] : [...grid.children].map((card) => [Number(card.dataset.index), card]));
  const cards = [];
  for (let index = first; index < last; index++) {
    const card = present.get(index) || makeCard(index);
    card.style.cssText = `left:${(index % columns) * (width + CARD.gap)}px;top:${Math.floor(index / columns) * rowHeight}px;width:${width}px;height:${CARD.height}px`;
    cards.push(card);
  }
  if (afresh || cards.length !== grid.children.length || cards.some((card, i) => card !== grid.children[i])) {
    const focused = document.activeElement?.dataset?.index;
    grid.replaceChildren(...cards);
    if (focused !== undefined && !afresh) grid.querySelector(`[data-index="${focused}"]`)?.focus({ preventScroll: true });
  }
}

function makeCard(index) {
  const item = shown[index];
  const card = node("button", { type: "button", className: `card ${item.decision}`, onclick: () => show(index) },
    node("img", { src: item.image, alt: "", decoding: "async", loading: "lazy" }),
    node("div", { className: "words" }, node("b", { textContent: item.title || item.id }), node("span", { textContent: item.decision === "keep" ? label(item) : `${label(item)} — ${item.reason}` })));
  card.dataset.index = index;
  return card;
}

function show(index) {
  const item = shown[index], keeper = item.keeper && item.keeper !== item.id ? byId.get(item.keeper) : null;
  const figure = (one, words) => node("figure", {}, node("img", { src: one.image, alt: one.title || one.id }), node("figcaption", { textContent: words }));
  const facts = [
    ["decision", node("span", { className: `${item.decision}-word`, textContent: label(item) })], ["reason", item.reason],
    ["score, threshold", item.score === null ? "" : `${item.score} against ${item.threshold ?? "none"}`],
    ["size", item.width ? `${item.width} × ${item.height}` : ""], ["cluster", item.cluster && item.kind ? `${item.cluster} (${item.kind})` : ""],
    ["verdict", item.verdict], ["page", link(item.page_url)], ["picture", link(item.image_url)], ["id", item.id]];
  const list = node("dl", {});
  for (const [key, value] of facts) if (value) list.append(node("dt", { textContent: key }), node("dd", {}, value));
  detail.replaceChildren(node("h2", { textContent: item.title || item.id }),
    node("div", { className: "pair" }, figure(item, keeper ? "this one" : ""), ...(keeper ? [figure(keeper, `kept in its place: ${keeper.id}`)] : [])),
    list, node("form", { method: "dialog" }, node("button", { textContent: "Close", autofocus: true })));
  detail.dataset.index = index;
  if (!detail.open) detail.showModal();
}

detail.addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const next = Number(detail.dataset.index) + step;
  if (step && shown[next]) show(next);
});
search.addEventListener("input", choose);
order.addEventListener("change", choose);
addEventListener("scroll", () => draw(), { passive: true });
addEventListener("resize", () => draw());
queues();
choose();
