// Keeps a conversation over reloads and page changes, in sessionStorage.

import type { Note } from "./note.ts";

const NOTES_KEPT = 20;

/** sessionStorage, or null if the browser forbids it. */
export function openStorage(): Storage | null {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

export interface Session {
  readonly session_id: string;
  readonly session_token: string;
}

export interface Kept {
  readonly session: Session | null;
  readonly notes: Note[];
  readonly title: string; // of the book; "" before the server has named it
}

// An example of a value. A list has one of its items. What stands under `maybe` may be missing.
type Example = string | number | boolean | [Example] | { readonly [name: string]: Example };

const texts = (names: string) => Object.fromEntries(names.split(" ").map((name) => [name, ""]));
const SESSION: Example = texts("session_id session_token");
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
  readonly #key: string;

  constructor(storage: Storage | null, key: string) {
    this.#storage = storage;
    this.#key = key;
  }

  read(): Kept {
    try {
      const { session, notes, title } = JSON.parse(this.#storage?.getItem(this.#key) ?? "{}");
      return {
        session: fits(session, SESSION) ? session : null,
        notes: Array.isArray(notes) ? notes.filter(isNote) : [],
        title: typeof title === "string" ? title : "",
      };
    } catch {
      return { session: null, notes: [], title: "" };
    }
  }

  /** Keeps the last notes, as many as there is room for. */
  write({ notes, ...others }: Kept): void {
    for (let most = NOTES_KEPT; most > 0; most >>= 1) {
      try {
        this.#storage?.setItem(this.#key, JSON.stringify({ ...others, notes: notes.slice(-most) }));
        return;
      } catch {
        // There is no room for so many, or storage is forbidden.
      }
    }
  }
}

// biome-ignore lint/suspicious/noExplicitAny: nothing is known of it yet
const isNote = (value: any): value is Note =>
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
