// Talking to the server. A refusal becomes an Error with what the server said; no answer an Error with `gone`.
async function ask(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { cache: "no-store", ...options });
  } catch {
    throw Object.assign(new Error("the server does not answer; start `pipeline review --serve` again and open the address it prints"), { gone: true });
  }
  if (response.status === 403 || response.status === 421)
    throw Object.assign(new Error("the server was started anew; open the address it printed"), { gone: true });
  const value = await response.json().catch(() => ({ error: `the server answered ${response.status}` }));
  if (!response.ok) throw Object.assign(new Error(value.error || `the server answered ${response.status}`), { outdated: Boolean(value.outdated), status: response.status });
  return value;
}

export const get = (path) => ask(path);
export const post = (path, value) => ask(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(value) });
