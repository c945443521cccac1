// What the page for prompts asks of the server over HTTP, and the token that lets it in.

const KEY = "scholiast.author";
const bench = document.querySelector("#bench");

/** The path below which the server is reached. */
export const root = bench.dataset.root;

/** The author's token, kept in this tab alone; an empty text where nobody has signed in. */
export const token = {
  get: () => sessionStorage.getItem(KEY) ?? "",
  set: (value) => sessionStorage.setItem(KEY, value),
  forget: () => sessionStorage.removeItem(KEY),
};

/** What the server refused: its message, the HTTP status, and the whole body. */
export class Refused extends Error {
  constructor(status, body) {
    super(body.error ?? `The server answered with the status ${status}.`);
    this.status = status;
    this.body = body;
  }
}

/**
 * Calls /api/prompts and returns the body. Throws Refused; its status is 0 without an answer.
 * Where the token is not, or no longer, right, #bench gets the event “signed-out”, too.
 */
export const call = async (method, path = "", body = undefined) => {
  let response;
  try {
    response = await fetch(`${root}/api/prompts${path}`, {
      method,
      headers: { Authorization: `Bearer ${token.get()}`, "Content-Type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
  } catch {
    throw new Refused(0, { error: "The server did not answer. Your text is still here." });
  }
  const said = await response.json().catch(() => ({}));
  if (response.status === 401) bench.dispatchEvent(new Event("signed-out"));
  if (!response.ok) throw new Refused(response.status, said);
  return said;
};
