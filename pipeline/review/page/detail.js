// One item, large, beside its keeper, with what every stage said.
import { get } from "./api.js";
import { $, link, node } from "./dom.js";
import * as items from "./store.js";

let shown = -1;

// The original; where the browser does not know its format (TIFF), the thumbnail.
const picture = (index, caption) => {
  const image = node("img", { src: `/image/${items.id(index)}`, alt: items.title(index) });
  image.addEventListener("error", () => { image.src = `/thumb/${items.id(index)}`; }, { once: true });
  return node("figure", {}, image, node("figcaption", { textContent: caption }));
};
const fact = (name, ...values) => [node("dt", { textContent: name }), node("dd", {}, ...values)];
const size = (index) => (items.store.columns.width[index] ? `${items.store.columns.width[index]} × ${items.store.columns.height[index]}` : "");

export const index = () => shown;
export const open = () => $("detail").open;

const hint = (place, pair) => node("p", { className: "hint" }, `${place}; `, ...[["k", "keep"], ["d", "drop"], ...(pair ? [["s", "same"], ["x", "not the same"]] : []), ["l", "left"], ["r", "right"], ["u", "undo"], ["←", ""], ["→", "move"]]
  .flatMap(([key, about]) => [node("kbd", { textContent: key }), ` ${about} `]));

// `place`: where it stands in its queue, in words.
export async function show(index, place) {
  shown = index;
  const beside = items.keeper(index), { drop, by } = items.fate(index);
  const list = node("dl", {},
    ...fact("decision", node("span", { className: drop ? "drop-word" : "keep-word", textContent: drop ? "drop" : "keep" }), by ? `, ${by}` : ""),
    ...fact("size", `${size(index)} pixels`), ...fact("id", items.id(index)));
  $("detail").replaceChildren(
    node("h2", { id: "detail-title", tabIndex: -1, textContent: items.title(index) }),
    hint(place, beside !== index),
    node("div", { className: beside === index ? "pair" : "pair two" }, picture(index, beside === index ? items.words(index) : `this one, ${size(index)}; ${items.words(index)}`),
      beside === index ? null : picture(beside, `its keeper, ${size(beside)}: ${items.title(beside)}`)),
    list, node("button", { type: "button", textContent: "Close (Esc)", onclick: close }));
  if (!open()) $("detail").showModal();
  $("detail-title").focus(); // what had the focus may just have gone; and the new title is read out
  try {
    const known = await get(`/api/items/${items.id(index)}`);
    if (shown !== index) return;
    for (const stage of known.stages) {
      const score = stage.score === null ? "" : ` (${stage.score}${stage.threshold === null ? "" : ` against ${stage.threshold}`})`;
      list.append(...fact(stage.stage, `${stage.decision}${stage.rule ? `, ${stage.rule}` : ""}${score}${stage.reason ? `: ${stage.reason}` : ""}`));
    }
    for (const seen of known.sightings.slice(0, 20)) list.append(...fact("seen on", link(seen.page_url), seen.title ? ` “${seen.title}”` : ""), ...fact("picture", link(seen.image_url)), ...(seen.license ? fact("licence", seen.license) : []));
    if (known.sightings.length > 20) list.append(...fact("", `and ${known.sightings.length - 20} more`));
    list.append(...fact("file", `${known.path}, ${known.bytes.toLocaleString("en")} bytes`));
  } catch (error) {
    list.append(...fact("details", error.message));
  }
}

export function close() {
  $("detail").close();
}
