// A question that is not asked yet. It outlives a reload, in the tab's sessionStorage.

import type { SelectionData } from "./protocol.ts";

export interface Draft {
  readonly text: string;
  readonly selections: readonly SelectionData[];
}

interface Kept extends Draft {
  readonly isOpen: boolean; // the panel
}

export class DraftStore {
  readonly #storage: Storage | null;
  readonly #key: string;

  constructor(storage: Storage | null, server: URL) {
    this.#storage = storage;
    this.#key = `scholiast:form:${server.href}`;
  }

  read(): Kept {
    try {
      const { text, selections, isOpen } = JSON.parse(this.#storage?.getItem(this.#key) ?? "");
      if (typeof text === "string" && Array.isArray(selections))
        return { text, selections, isOpen };
    } catch {
      // Nothing there, or nothing of ours.
    }
    return { text: "", selections: [], isOpen: false };
  }

  write(kept: Kept): void {
    try {
      this.#storage?.setItem(this.#key, JSON.stringify(kept));
    } catch {
      // No room: then what is not asked yet stays with its page.
    }
  }

  remove(): void {
    this.#storage?.removeItem(this.#key);
  }
}
