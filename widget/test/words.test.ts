// Each language has every word.

import assert from "node:assert/strict";
import { test } from "node:test";
import { words as ar } from "../src/words/ar.ts";
import { words as de } from "../src/words/de.ts";
import { en } from "../src/words/en.ts";
import { words as es } from "../src/words/es.ts";
import { words as fr } from "../src/words/fr.ts";
import { words as hi } from "../src/words/hi.ts";
import { words as ja } from "../src/words/ja.ts";
import { words as pt } from "../src/words/pt.ts";
import { words as zh } from "../src/words/zh.ts";

/** What a reader gets to see, by its key; of a function, for each of these numbers. */
function shown(words: object, path = ""): [string, string][] {
  return Object.entries(words).flatMap(([key, word]): [string, string][] => {
    const at = `${path}${key}`;
    if (typeof word === "string") return [[at, word]];
    if (typeof word === "object") return shown(word, `${at}.`);
    return [0, 1, 2, 3, 7, 11, 100, 90_000].map((count) => [
      `${at} ${count}`,
      word(count, "Title"),
    ]);
  });
}

const EMPTY = ["link.idle", "link.open"];
const english = shown(en).map(([key]) => key);

for (const [language, words] of Object.entries({ ar, de, en, es, fr, hi, ja, pt, zh })) {
  test(`no word of ${language} is missing or empty`, () => {
    const all = shown(words);
    assert.deepEqual(all.map(([key]) => key).sort(), [...english].sort());
    for (const [key, word] of all) {
      assert.equal(!word.trim(), EMPTY.includes(key), key);
      assert.doesNotMatch(word, /undefined|NaN|\[object/, key);
    }
  });
}
