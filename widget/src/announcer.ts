// Reads an answer to a screen reader, one complete sentence at a time.

import { element } from "./dom.ts";

const KEPT = 15_000; // ms; then a line is removed, so that nobody comes across it a second time

export class Announcer {
  readonly root = element("div", { className: "unseen", role: "log", ariaLive: "polite" });
  #pending = "";
  readonly #sentences: Intl.Segmenter;

  constructor(lang: string) {
    this.#sentences = new Intl.Segmenter(lang, { granularity: "sentence" });
  }

  say(text: string): void {
    const line = element("p", {}, text);
    this.root.append(line);
    setTimeout(() => line.remove(), KEPT);
  }

  /** Takes the next piece of an answer. */
  add(piece: string): void {
    this.#pending += piece;
    if (!/[.!?。！？\n]/.test(this.#pending)) return; // no sentence has ended
    const whole = [...this.#sentences.segment(this.#pending)].slice(0, -1);
    const spoken = whole.map(({ segment }) => segment).join("");
    this.#pending = this.#pending.slice(spoken.length);
    this.#speak(spoken);
  }

  /** The answer was removed, or starts again. */
  drop(): void {
    this.#pending = "";
  }

  /** The answer has ended: says the rest of it. */
  end(): void {
    this.#speak(this.#pending);
    this.#pending = "";
  }

  #speak(markdown: string): void {
    const text = markdown
      .replace(/\[\d+\]/g, "")
      .replace(/[*_`#>|]+/g, " ")
      .trim();
    if (text) this.say(text);
  }
}
