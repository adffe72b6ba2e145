// One picture, moved along directions. Only one is asked for at a time; while it is drawn the newest wish waits.
const $ = (id) => document.getElementById(id);
const GONE = "the server does not answer; start the command again and open the address that it prints";
let state = null, strengths = {}, sliders = [], truncation = 1, drawing = "", original = false;

function node(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function trouble(text) {
  $("trouble").textContent = text;
  $("trouble").hidden = !text;
}

async function ask(path, options) {
  let response;
  try { response = await fetch(path, { cache: "no-store", ...options }); } catch { throw new Error(GONE); }
  const value = await response.json().catch(() => ({ error: `the server answered ${response.status}` }));
  if (!response.ok) throw new Error(value.error);
  return value;
}

const whole = (id) => Math.max(0, Math.floor(Number($(id).value) || 0));
const moves = () => (original ? [] : Object.entries(strengths).filter(([, strength]) => strength));

function address() {
  const query = new URLSearchParams({ seed: whole("seed"), number: whole("number"), truncation });
  for (const [name, strength] of moves()) query.set(name, strength);
  return `/picture?${query}`;
}

function show() {
  const wanted = address();
  const moved = moves().map(([name, strength]) => ` --move ${name}=${strength}`).join("");
  $("command").textContent = `pipeline generate ${state.run} --numbers ${whole("seed")}:${whole("number")}${truncation === 1 ? "" : ` --truncation ${truncation}`}${moved}`;
  $("about").textContent = `Picture ${whole("seed")}:${whole("number")}${moves().map(([name, strength]) => `, ${name} ${strength > 0 ? "+" : "−"}${Math.abs(strength)}`).join("")}`;
  $("picture").alt = $("about").textContent;
  $("save").href = `${wanted}&save`;
  if (!drawing) draw(wanted);
}

function draw(wanted) {
  drawing = wanted;
  $("picture").src = wanted;
}

function drawn(failed) {
  const done = drawing;
  drawing = "";
  document.documentElement.dataset.shown = failed ? "" : done;
  trouble(failed ? "That picture was not drawn: the server is gone, or a number is out of reach." : "");
  if (address() !== done) draw(address());
}

function slider({ name, kind, changes }) {
  const bounds = { min: -state.reach, max: state.reach, step: 0.1, value: 0 };
  const range = node("input", { type: "range", id: `slider-${name}`, ...bounds });
  const exact = node("input", { type: "number", ...bounds });
  exact.setAttribute("aria-label", `${name}, exactly`);
  const set = (value, source) => {
    const bounded = Math.max(-state.reach, Math.min(state.reach, Number(value) || 0));
    strengths[name] = bounded;
    range.value = bounded;
    if (source !== exact) exact.value = bounded;
    if (original) toggle();
    show();
  };
  range.addEventListener("input", () => set(range.value, range));
  exact.addEventListener("input", () => set(exact.value, exact));
  range.addEventListener("keydown", (event) => { if (event.key === "0") { set(0); event.preventDefault(); } });
  sliders.push(() => { strengths[name] = 0; range.value = 0; exact.value = 0; });
  return node("div", { className: "slider" }, node("label", { htmlFor: range.id, textContent: name }), exact, range, node("span", { textContent: `${kind}${changes ? `: to the right, ${changes}` : ""}` }));
}

function listFavourites(kept) {
  $("favourites").replaceChildren(node("option", { value: "", textContent: kept.length ? "choose" : "none yet" }),
    ...kept.map((one) => node("option", { value: JSON.stringify(one), textContent: `${one.seed}:${one.number}${one.truncation === 1 ? "" : ` at ${one.truncation}`}` })));
}

function toggle() {
  original = !original;
  $("original").setAttribute("aria-pressed", String(original));
  show();
}

function reset() {
  for (const back of sliders) back();
  if (original) toggle();
  show();
}

function step(by) {
  $("number").value = Math.max(0, whole("number") + by);
  truncation = 1;
  show();
}

async function keep() {
  const body = JSON.stringify({ seed: whole("seed"), number: whole("number"), truncation });
  try {
    const { favourites } = await ask("/api/favourites", { method: "POST", headers: { "content-type": "application/json" }, body });
    listFavourites(favourites);
    $("about").textContent = `Kept ${whole("seed")}:${whole("number")} (as it was drawn; moves are not kept with it).`;
  } catch (error) { trouble(error.message); }
}

$("picture").addEventListener("load", () => drawn(false));
$("picture").addEventListener("error", () => drawn(true));
$("sliders").addEventListener("submit", (event) => event.preventDefault());
for (const id of ["seed", "number"]) $(id).addEventListener("input", () => { truncation = 1; show(); });
$("favourites").addEventListener("change", (event) => {
  if (!event.target.value) return;
  const one = JSON.parse(event.target.value);
  $("seed").value = one.seed;
  $("number").value = one.number;
  truncation = one.truncation;
  show();
});
const actions = { n: () => step(1), p: () => step(-1), k: keep, r: reset, o: toggle, s: () => $("save").click() };
for (const [id, key] of [["after", "n"], ["before", "p"], ["keep", "k"], ["reset", "r"], ["original", "o"]]) $(id).addEventListener("click", actions[key]);
document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input[type=number], select");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !actions[event.key]) return;
  event.preventDefault();
  actions[event.key]();
});

try {
  state = await ask("/api/state");
  history.replaceState(null, "", "/"); // the token is not for the address bar
  document.title = `Explore ${state.run}`;
  $("name").textContent = state.run;
  $("sliders").replaceChildren(...state.directions.map(slider));
  listFavourites(state.favourites);
  if (state.passed_over.length) $("sliders").append(node("p", { textContent: `Learnt on another generator, so passed over: ${state.passed_over.join(", ")}.` }));
  show();
} catch (error) { trouble(error.message); }
