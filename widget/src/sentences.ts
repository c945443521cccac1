// The sentences of a shown answer: what proves them, and which of them are underlined.

import { Letters } from "./letters.ts";
import { underline } from "./prose_dom.ts";
import type { FinishedSentence } from "./protocol.ts";
import { PageText } from "./quote_place.ts";

const LONGEST = 20_000; // letters of an answer that is underlined; a longer one is no answer

export class Sentences {
  readonly letters = new Letters();
  readonly #root: HTMLElement;
  readonly #word: string;
  #all: readonly FinishedSentence[] = [];
  #done = 0; // of them: those that are underlined if need be

  /** `word` is said of sentences that the book does not support. */
  constructor(root: HTMLElement, word: string) {
    this.#root = root;
    this.#word = word;
  }

  /** All of them so far. */
  set(all: readonly FinishedSentence[]): void {
    this.#all = all;
  }

  /** What supports the sentence before a citation, whose `label` is the last text that was shown.
   * It is looked for when it is asked for: sentences may arrive later than their citations. */
  proofFor(label: string): () => string | undefined {
    const end = this.letters.count - label.length;
    return () =>
      this.#all
        .findLast(({ start }) => this.letters.before(start) < end)
        ?.proofs.find((proof) => proof.source === +label)?.sentence;
  }

  /** Underlines those that are shown and have no proof. */
  underline(): void {
    if (this.letters.count > LONGEST) return;
    const isShown = ({ end }: FinishedSentence) => this.letters.before(end) >= 0;
    const some = this.#all.slice(this.#done).filter(isShown);
    this.#done += some.length;
    const unfound = some.filter(({ proofs }) => !proofs.length);
    if (!unfound.length) return;
    const text = new PageText(this.#root);
    for (const { start, end } of unfound.reverse()) {
      const first = this.letters.before(start);
      underline(text.cut(first, this.letters.before(end) - first), this.#word);
    }
  }
}
