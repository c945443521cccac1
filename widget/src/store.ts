// Keeps a conversation in localStorage: for the next page, and for the other tabs of the site. Each
// note has a name of its own there, so that no tab writes over what another one has changed.

import type { Note } from "./note.ts";

const NOTES_KEPT = 20;

/** The storage of the tab or of the site, or null if the browser forbids it. */
export function openStorage(name: "sessionStorage" | "localStorage"): Storage | null {
  try {
    return window[name];
  } catch {
    return null;
  }
}

export interface Session {
  readonly session_id: string;
  readonly session_token: string;
}

export interface About {
  readonly id: string; // when the conversation began, before the keys of its notes; "": not yet
  readonly session: Session | null;
  readonly title: string; // of the book; "" before the server has named it
  readonly lifetime: number; // seconds that the server keeps a session after its last use
}

// An example of a value. A list has one of its items. What stands under `maybe` may be missing.
type Example = string | number | boolean | [Example] | { readonly [name: string]: Example };

const texts = (names: string) => Object.fromEntries(names.split(" ").map((name) => [name, ""]));
const SESSION: Example = texts("session_id session_token");
const ABOUT: Example = { ...texts("id title"), lifetime: 0, seen: 0 };
const SOURCE: Example = {
  index: 0,
  ...texts("chunk_id file chapter section title url quote"),
};
const NOTE: Example = {
  ...texts("key id question page state text"),
  selections: [{ text: "", maybe: texts("page anchor") }],
  lastSeq: 0,
  sources: [SOURCE],
  cited: [0],
  maybe: {
    queryId: "",
    ahead: 0,
    thinks: true,
    sentences: [{ start: 0, end: 0, support: 0, proofs: [{ source: 0, sentence: "" }] }],
    ending: { maybe: { grounding: { sentences: 0, supported: 0 } } },
    failure: { maybe: { retryAt: 0, suggestions: [SOURCE] } },
  },
};
/** What a note must have in addition, by its state. */
const BESIDES: Record<string, Example> = {
  waiting: {},
  asked: {},
  answering: { queryId: "" },
  ended: { ending: texts("status model sha256") },
  failed: { failure: { code: "", message: "", retryable: true } },
};

export class Store {
  readonly #storage: Storage | null;
  readonly key: string; // the name of what is known of the conversation
  readonly #now: () => number;

  constructor(storage: Storage | null, key: string, now: () => number) {
    this.#storage = storage;
    this.key = key;
    this.#now = now;
  }

  /** What is known of the conversation that is kept; null if there is none or its time is over. */
  get about(): About | null {
    const { seen, ...about } = this.#read(this.key) ?? {};
    if (!fits({ ...about, seen }, ABOUT) || this.#now() > seen + about.lifetime * 1000) return null;
    return fits(about.session, SESSION) ? about : { ...about, session: null };
  }

  /** The notes of a conversation. Those of earlier ones are forgotten, and all if there is none. */
  read(id: string): Note[] {
    const first = this.#nameOf(id || "~"); // which is greater than any time
    for (const name of this.#names()) if (name < first) this.#storage?.removeItem(name);
    if (!id) this.#storage?.removeItem(this.key);
    return this.#names()
      .map((name) => this.#read(name))
      .filter(isNote);
  }

  write(about: About): void {
    this.#set(this.key, { ...about, seen: this.#now() });
  }

  put(note: Note): void {
    this.#set(this.#nameOf(note.key), note);
  }

  remove(note: Note): void {
    this.#storage?.removeItem(this.#nameOf(note.key));
  }

  /** Whether this is the name of a note. */
  isNote(name: string): boolean {
    return name.startsWith(`${this.key}#`);
  }

  // biome-ignore lint/suspicious/noExplicitAny: nothing is known of it yet
  #read(name: string): any {
    try {
      return JSON.parse(this.#storage?.getItem(name) ?? "null");
    } catch {
      return null;
    }
  }

  /** Keeps a value. Notes go, oldest first, if there are too many or there is no room. */
  #set(name: string, value: unknown): void {
    const text = JSON.stringify(value);
    const others = this.#names().filter((other) => other !== name);
    const most = this.isNote(name) ? NOTES_KEPT - 1 : NOTES_KEPT;
    for (;;) {
      try {
        if (others.length <= most) return void this.#storage?.setItem(name, text);
      } catch {
        if (!others.length) return; // or storage is forbidden
      }
      this.#storage?.removeItem(others.shift() as string);
    }
  }

  #nameOf(key: string): string {
    return `${this.key}#${key}`;
  }

  /** The names of the notes, oldest first. */
  #names(): string[] {
    const storage = this.#storage;
    const names = Array.from({ length: storage?.length ?? 0 }, (_, at) => storage?.key(at) ?? "");
    return names.filter((name) => this.isNote(name)).sort();
  }
}

// biome-ignore lint/suspicious/noExplicitAny: nothing is known of it yet
export const isNote = (value: any): value is Note =>
  fits(value, NOTE) &&
  Object.hasOwn(BESIDES, value.state) &&
  fits(value, BESIDES[value.state] as Example);

// biome-ignore lint/suspicious/noExplicitAny: nothing is known of it yet
function fits(value: any, example: Example): boolean {
  if (typeof value !== typeof example || value === null) return false;
  if (typeof example !== "object") return true;
  if (Array.isArray(example))
    return Array.isArray(value) && value.every((item) => fits(item, example[0]));
  return Object.entries(example).every(([name, inner]) =>
    name === "maybe"
      ? Object.entries(inner).every(([it, one]) => value[it] === undefined || fits(value[it], one))
      : fits(value[name], inner),
  );
}
