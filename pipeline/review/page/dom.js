// Small helpers. Text goes in as text only: nothing here, or anywhere on the page, makes markup of a string.
export const $ = (id) => document.getElementById(id);

export function node(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null) continue;
    if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

// An address from the web is a link only if following it cannot run script.
export const link = (url) =>
  /^https?:\/\//i.test(url || "") ? node("a", { href: url, textContent: url, rel: "noreferrer noopener", target: "_blank" }) : String(url ?? "");

export const status = (text) => { $("status").textContent = text; };

export function trouble(text) {
  if ($("trouble").textContent !== text) $("trouble").textContent = text;
  $("trouble").hidden = !text;
}

export const plural = (count, one, many = one + "s") => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
