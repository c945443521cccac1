// Which letters of a shown answer stand for which characters of its Markdown.

import { squeeze } from "./quote_place.ts";

/** Counts letters and digits alone: marks of Markdown come and go while an answer arrives, and
 * letters do not. */
export class Letters {
  /** How many are shown. */
  count = 0;
  #read = 0;
  readonly #before = [0]; // of each character that was read, how many letters come before it

  add(text: string): void {
    this.count += squeeze(text).length;
  }

  /** They will come again, or show as something else. */
  remove(text: string): void {
    this.count -= squeeze(text).length;
  }

  /** One more character was read; of all that were, the last `held` are not shown yet. */
  read(held: number): void {
    const end = ++this.#read - held;
    for (let at = this.#before.length; at <= end; at++)
      this.#before[at] = Math.max(this.#before[at - 1] as number, this.count - (end - at));
    if (this.#before.length === end + 1) this.#before[end] = this.count;
  }

  /** How many letters come before a character of the Markdown; NaN while that is not known. */
  before(at: number): number {
    return this.#before[at] ?? Number.NaN;
  }
}
