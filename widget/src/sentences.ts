// The sentences of an answer: what proves them, and which of them are underlined.

import type { FinishedSentence, Proof } from "./protocol.ts";

/** A sentence by the places of its first character and of what comes behind it. */
export interface Sentence {
  readonly start: number;
  readonly end: number;
  readonly proofs: readonly Proof[];
}

export class Sentences {
  /** Those that the book does not support. */
  readonly unfound: Sentence[] = [];
  readonly #all: Sentence[] = [];
  #text = "";

  /** More of the answer was read. */
  read(piece: string): void {
    this.#text += piece;
  }

  /** Takes all of them so far; returns where the first one begins that is unfound and new, or
   * infinity. */
  set(all: readonly FinishedSentence[]): number {
    const known = this.unfound.length;
    for (const { start, end, proofs } of all.slice(this.#all.length)) {
      const sentence = { start: this.#place(start), end: this.#place(end), proofs };
      this.#all.push(sentence);
      if (!proofs.length) this.unfound.push(sentence);
    }
    return this.unfound[known]?.start ?? Number.POSITIVE_INFINITY;
  }

  /** What a source has to support the sentence before this place. It is looked for when it is asked
   * for: sentences may arrive later than their citations. */
  proofAt(at: number, source: number): string | undefined {
    const sentence = this.#all.findLast(({ start }) => start < at);
    return sentence?.proofs.find((proof) => proof.source === source)?.sentence;
  }

  /** The parts of a text at this place, each with the unfound sentence that it belongs to. */
  cut(text: string, at: number): [string, Sentence | undefined][] {
    const parts: [string, Sentence | undefined][] = [];
    const end = at + text.length;
    let from = at;
    const add = (to: number, sentence?: Sentence) => {
      if (to > from) parts.push([text.slice(from - at, to - at), sentence]);
      from = Math.max(from, to);
    };
    for (const sentence of this.unfound) {
      if (sentence.end <= from || sentence.start >= end) continue;
      add(sentence.start);
      add(Math.min(end, sentence.end), sentence);
    }
    add(end);
    return parts;
  }

  /** A place in UTF-16 of one in characters, as the server counts. */
  #place(characters: number): number {
    let at = 0;
    for (let left = characters; left > 0; left--)
      at += (this.#text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
    return at;
  }
}
