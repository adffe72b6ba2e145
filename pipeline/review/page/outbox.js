// Verdicts on their way to the disk, in order, and the way back (undo). What the server has not confirmed is kept over a reload.
import { post } from "./api.js";
import { $, plural, trouble } from "./dom.js";
import * as items from "./store.js";

const RETRY = 1500, LONGEST_UNDO = 1000;
const key = (what) => `review ${what} ${items.store.name}`;
const remembered = (what) => { try { return JSON.parse(sessionStorage.getItem(key(what))) || []; } catch { return []; } };
let waiting = [], done = [], busy = false, refused = "";

export function restore(changed) {
  const known = (one) => items.store.place.has(one.id) && (one.other === undefined || items.store.place.has(one.other));
  waiting = remembered("waiting").filter(known);
  done = remembered("undo").filter(known);
  for (const one of waiting) suppose(one);
  if (waiting.length) flush(changed);
  show();
}

const other = (one) => (one.other === undefined ? undefined : items.store.place.get(one.other));
const suppose = (one) => items.assume(items.store.place.get(one.id), one.aspect, one.word, other(one));

// Say `word` (or clear) of an item; `beside` is the second item of `same`. False if that is what holds already.
export function say(index, aspect, word, beside, changed) {
  const before = items.verdict(index, aspect, beside);
  if (before === (word === "clear" ? "" : word)) return false;
  const one = { id: items.id(index), aspect, word, other: beside === undefined ? undefined : items.id(beside) };
  done.push({ ...one, before });
  if (done.length > LONGEST_UNDO) done.shift();
  send(one, changed);
  return true;
}

// Take the last verdict of this tab back: what held before holds again. Returns the item's number, or a text saying why not.
export function undo(changed) {
  const last = done.pop();
  if (!last) return "nothing to undo";
  const index = items.store.place.get(last.id), now = items.verdict(index, last.aspect, other(last));
  if (now !== (last.word === "clear" ? "" : last.word)) { show(); return `${items.title(index)} was changed elsewhere since; not undone`; }
  send({ id: last.id, aspect: last.aspect, word: last.before || "clear", other: last.other, alone: true }, changed);
  return index;
}

function send(one, changed) {
  waiting.push(one);
  suppose(one);
  changed();
  show();
  flush(changed);
}

async function flush(changed) {
  if (busy || !waiting.length) return;
  busy = true;
  const batch = waiting.slice(0, 50);
  try {
    await post("/api/verdicts", { verdicts: batch.map(({ id, aspect, word, other, alone }) => ({ id, aspect, value: other ? `${word} ${other}` : word, alone: Boolean(alone) })) });
    waiting.splice(0, batch.length);
    refused = "";
    trouble("");
  } catch (error) {
    refused = error.message;
    trouble(`${plural(waiting.length, "verdict is", "verdicts are")} not saved: ${error.message}`);
    setTimeout(() => flush(changed), RETRY);
  }
  busy = false;
  show();
  if (!refused) { flush(changed); }
}

export const idle = () => !waiting.length;

function show() {
  try {
    sessionStorage.setItem(key("waiting"), JSON.stringify(waiting));
    sessionStorage.setItem(key("undo"), JSON.stringify(done));
  } catch { /* no room: undo ends with this page then */ }
  $("saved").textContent = waiting.length ? `saving ${waiting.length}…` : "all on disk";
}

addEventListener("beforeunload", (event) => { if (waiting.length) event.preventDefault(); });
