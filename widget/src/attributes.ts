// What the element's attributes say, and the script tag's `data-*` where they say nothing.

export const NAMES = [
  "server",
  "theme",
  "lang",
  "position",
  "open-selector",
  "starters",
  "disclaimer",
  "prompt",
] as const;

type Name = (typeof NAMES)[number];

/** What counts where an attribute is missing; widget.ts sets it. */
export const defaults: Partial<Record<Name, string>> = {};

export class Attributes {
  readonly #host: Element;

  constructor(host: Element) {
    this.#host = host;
  }

  get(name: Name): string | undefined {
    return this.#host.getAttribute(name) ?? defaults[name];
  }

  /** The server's address, with a slash at its end; null, and a word in the console, if it is none. */
  get server(): URL | null {
    const given = this.get("server") ?? "/";
    if (URL.canParse(given, document.baseURI)) {
      const server = new URL(given, document.baseURI);
      if (!server.pathname.endsWith("/")) server.pathname += "/";
      if (/^https?:$/.test(server.protocol)) return server;
    }
    console.error(
      `<scholiast-tutor>: server="${given}" is no http(s) address, such as https://tutor.example/.`,
    );
    return null;
  }

  get position(): string {
    const position = this.get("position") ?? "";
    return /^(left|inline)$/.test(position) ? position : "right";
  }

  get starters(): string[] {
    return (this.get("starters") ?? "").split("|").filter((text) => text.trim());
  }

  /** A selector of elements that open the panel; "" if there is none, or if it is no selector. */
  get openSelector(): string {
    const selector = this.get("open-selector") ?? "";
    try {
      if (selector) document.querySelector(selector);
      return selector;
    } catch {
      console.error(`<scholiast-tutor>: open-selector="${selector}" is no CSS selector.`);
      return "";
    }
  }
}
