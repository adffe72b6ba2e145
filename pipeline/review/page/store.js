// What the page knows: the items as columns, and the verdicts in force.
import { get } from "./api.js";

export const store = { name: "", generation: "", columns: null, words: null, queues: null, sliders: [], conflict: new Set(), place: new Map(), preview: null, facing: new Map(), queue: "" };
const said = { tag: "", keep: new Map(), facing: new Map(), same: new Map(), own: new Set() };

export async function load() {
  const page = await get("/api/items");
  Object.assign(store, page, { preview: null, facing: new Map() });
  store.conflict = new Set(page.conflict);
  store.place = new Map(page.columns.id.map((id, index) => [id, index]));
  take(page.verdicts);
}

// The suggested sides, the most doubtful first; false where the dataset has changed since the page was loaded.
export async function suggestions() {
  const found = await get("/api/facing");
  if (found.generation !== store.generation) return false;
  store.queues.facing = found.order;
  store.facing = new Map(found.order.map((index, at) => [index, { side: found.side[at], confidence: found.confidence[at] }]).filter(([, one]) => one.side));
  return found;
}

export function take(verdicts) {
  said.tag = verdicts.tag;
  said.keep = new Map(Object.entries(verdicts.keep));
  said.facing = new Map(Object.entries(verdicts.facing));
  said.same = new Map(verdicts.same.map(([one, two, word]) => [pair(one, two), word]));
  said.own = new Set(verdicts.own);
}

export const tag = () => said.tag;
export const size = () => store.columns.id.length;
export const id = (index) => store.columns.id[index];
export const title = (index) => store.columns.title[index] || store.columns.id[index];
export const keeper = (index) => store.columns.keeper[index];
export const kind = (index) => store.words.kinds[store.columns.kind[index]];
const pair = (one, two) => (one < two ? `${one} ${two}` : `${two} ${one}`);

// A verdict's present value: "" if nothing was said. `other` is the second item of `same`.
export function verdict(index, aspect, other) {
  if (aspect === "same") return said.same.get(pair(id(index), id(other))) || "";
  return said[aspect].get(id(index)) || "";
}

// The same at once, before the server has it on disk.
export function assume(index, aspect, word, other) {
  const table = said[aspect], key = aspect === "same" ? pair(id(index), id(other)) : id(index);
  if (word === "" || word === "clear") table.delete(key);
  else table.set(key, word);
}

// Whether the item is dropped, and by what, a person's word first.
export function fate(index) {
  const word = verdict(index, "keep"), c = store.columns, stage = store.words.stages[c.drop[index]];
  if (word) return { drop: word === "drop", by: "you" };
  const rule = store.words.rules[c.rule[index]];
  return { drop: stage !== "", by: stage && (rule && rule !== stage ? `${stage}: ${rule}` : stage) };
}

const short = (value) => (Number.isInteger(value) ? value : Number(value.toPrecision(4)));

// One line about an item, for the card and for screen readers: what holds, what a person said, then the numbers.
export function words(index) {
  const { drop, by } = fate(index), c = store.columns, rule = store.words.rules[c.rule[index]], alone = keeper(index) === index, parts = [];
  const held = c.score[index] !== null && c.threshold[index] !== null ? ` ${short(c.score[index])}, threshold ${short(c.threshold[index])}` : "";
  const suggested = store.queue === "facing" ? store.facing.get(index) : undefined;
  const change = store.preview?.get(index), same = alone ? "" : verdict(index, "same", keeper(index)), facing = verdict(index, "facing");
  if (change !== undefined) parts.push(change ? `would be dropped, ${change}` : "would be kept");
  if (suggested && !facing) parts.push(`suggested ${suggested.side}, ${Math.round(100 * suggested.confidence)}% sure`);
  if (facing && store.queue === "facing") parts.push(`faces ${facing}, you`);
  if (same) parts.push(same === "yes" ? "you: same" : "you: not the same");
  if (by === "you") parts.push(`${drop ? "drop" : "keep"}, you`);
  else parts.push(drop ? `drop, ${by}${c.reason[index] ? `: ${c.reason[index]}` : ""}` : "keep");
  if (facing && store.queue !== "facing") parts.push(`faces ${facing}`);
  if (!alone && kind(index)) parts.push(kind(index));
  if (store.conflict.has(index)) parts.push("its pages disagree");
  if (by !== "you" && held && store.queue !== "facing" && !(drop && c.reason[index])) parts.push(drop ? held.trim() : `nearest: ${rule}${held}`);
  return parts.join("; ");
}
