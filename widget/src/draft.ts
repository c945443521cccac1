// What the reader has typed but not sent. It is kept over a reload, in sessionStorage.

import type { SelectionData } from "./protocol.ts";

export interface Draft {
  readonly text: string;
  readonly selections: readonly SelectionData[];
}

interface Kept extends Draft {
  readonly isOpen: boolean; // whether the panel is
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
      // Nothing is stored, or something that this file did not write.
    }
    return { text: "", selections: [], isOpen: false };
  }

  write(kept: Kept): void {
    try {
      this.#storage?.setItem(this.#key, JSON.stringify(kept));
    } catch {
      // No room in the storage: then the draft is lost with the page.
    }
  }

  remove(): void {
    this.#storage?.removeItem(this.#key);
  }
}
