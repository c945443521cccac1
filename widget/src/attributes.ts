// The attributes of the element. Where one is missing, `data-*` of the script tag counts.

export const NAMES = [
  "server",
  "book",
  "theme",
  "lang",
  "position",
  "open-selector",
  "starters",
  "disclaimer",
  "prompt",
  "shortcut",
  "title",
  "greeting",
  "logo",
  "placeholder",
  "z-index",
  "offset",
  "words",
  "code",
] as const;

type Name = (typeof NAMES)[number];

/** Values for missing attributes, from the script tag; widget.ts sets them. */
export const defaults: Partial<Record<Name, string>> = {};

export class Attributes {
  readonly #host: Element;

  constructor(host: Element) {
    this.#host = host;
  }

  get(name: Name): string | undefined {
    return this.#host.getAttribute(name) ?? defaults[name];
  }

  /** The address that the server has for the book, with a slash at its end; null if it is not
   * http(s). */
  get server(): URL | null {
    const server = this.#address("server", this.get("server") ?? "/");
    if (server && !server.pathname.endsWith("/")) server.pathname += "/";
    const book = this.get("book");
    if (server && book) server.pathname += `books/${book}/`;
    return server;
  }

  /** The address of an image; "" if it is missing or not http(s). */
  get logo(): string {
    return this.#address("logo", this.get("logo"))?.href ?? "";
  }

  get position(): string {
    const position = this.get("position") ?? "";
    return /^(left|inline)$/.test(position) ? position : "";
  }

  /** The language of the words: that of the page, if none is set. */
  get lang(): string {
    return this.get("lang") || document.documentElement.lang;
  }

  /** The keys that open the tutor and lead back; "" if an access key of the page is the same. */
  get shortcut(): string {
    const shortcut = this.get("shortcut") ?? "Alt+A";
    const key = /^Alt\+(\w)$/i.exec(shortcut)?.[1];
    return key && document.querySelector(`[accesskey="${key}" i]`) ? "" : shortcut;
  }

  get starters(): string[] {
    return (this.get("starters") ?? "").split("|").filter((text) => text.trim());
  }

  /** The selector of elements of the page; "" if it is missing or invalid. */
  selector(name: "open-selector" | "code"): string {
    const selector = this.get(name) ?? "";
    try {
      if (selector) document.querySelector(selector);
      return selector;
    } catch {
      console.error(`scholiast: ${name}="${selector}" is no selector.`);
      return "";
    }
  }

  /** With an error in the console if it is given and not http(s). */
  #address(name: Name, given: string | undefined): URL | null {
    if (given === undefined) return null;
    const address = URL.canParse(given, document.baseURI) && new URL(given, document.baseURI);
    if (address && /^https?:$/.test(address.protocol)) return address;
    console.error(`scholiast: ${name}="${given}" must be http(s).`);
    return null;
  }
}
