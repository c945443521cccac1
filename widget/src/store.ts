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
}

// The type of a value, with "?" at its end if it may be missing; [shape] is a list of such values.
type Shape = string | [Shape] | { readonly [name: string]: Shape };

const SESSION: Shape = { session_id: "string", session_token: "string" };
const SOURCE: Shape = {
  index: "number",
  chunk_id: "string",
  file: "string",
  chapter: "string",
  section: "string",
  title: "string",
  url: "string",
  quote: "string",
};
const NOTE: Shape = {
  key: "string",
  id: "string",
  question: "string",
  selections: [{ text: "string", page: "string?", anchor: "string?" }],
  page: "string",
  state: "string",
  queryId: "string?",
  lastSeq: "number",
  text: "string",
  sources: [SOURCE],
  cited: ["number"],
};
/** What a note must have in addition, by its state. */
const BESIDES: Record<string, Shape> = {
  waiting: {},
  asked: {},
  answering: { queryId: "string" },
  ended: { ending: { status: "string", model: "string", sha256: "string" } },
  failed: { failure: { code: "string", message: "string", retryable: "boolean" } },
};
const GROUNDING: Shape = { sentences: "number", supported: "number" };

export class Store {
  readonly #storage: Storage | null;
  readonly #key: string;

  constructor(storage: Storage | null, key: string) {
    this.#storage = storage;
    this.#key = key;
  }

  read(): Kept {
    try {
      const { session, notes } = JSON.parse(this.#storage?.getItem(this.#key) ?? "{}");
      return {
        session: fits(session, SESSION) ? session : null,
        notes: Array.isArray(notes) ? notes.filter(isNote) : [],
      };
    } catch {
      return { session: null, notes: [] };
    }
  }

  /** Keeps the last notes, as many as there is room for. */
  write({ session, notes }: Kept): void {
    for (let most = NOTES_KEPT; most > 0; most >>= 1) {
      try {
        this.#storage?.setItem(this.#key, JSON.stringify({ session, notes: notes.slice(-most) }));
        return;
      } catch {
        // There is no room for so many, or storage is forbidden.
      }
    }
  }
}

// biome-ignore lint/suspicious/noExplicitAny: nothing is known of it yet
function isNote(value: any): value is Note {
  if (!fits(value, NOTE)) return false;
  const { state, ending, failure } = value;
  return (
    Object.hasOwn(BESIDES, state) &&
    fits(value, BESIDES[state] as Shape) &&
    (!ending?.grounding || fits(ending.grounding, GROUNDING)) &&
    fits(failure ?? {}, { retryAt: "number?" }) &&
    fits(failure?.suggestions ?? [], [SOURCE])
  );
}

// biome-ignore lint/suspicious/noExplicitAny: nothing is known of it yet
function fits(value: any, shape: Shape): boolean {
  if (typeof shape === "string")
    return value === undefined ? shape.endsWith("?") : shape.startsWith(typeof value);
  if (Array.isArray(shape))
    return Array.isArray(value) && value.every((item) => fits(item, shape[0]));
  return (
    typeof value === "object" &&
    value !== null &&
    Object.entries(shape).every(([name, inner]) => fits(value[name], inner))
  );
}
