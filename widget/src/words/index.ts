// The words of each language. A new language is a file beside en.ts and an entry here.

import { en, type Words } from "./en.ts";

export type { Words };

const LANGUAGES: Record<string, Words> = { en };
const RIGHT_TO_LEFT = new Set("ar arc ckb dv fa ha he khw ks ps sd ug ur yi".split(" "));

/** The words for a language, or the English ones; their language; and the direction of the language
 * that was asked for. */
export function wordsOf(lang: string): { words: Words; lang: string; dir: "ltr" | "rtl" } {
  const language = lang.toLowerCase().split("-")[0] ?? "";
  const has = language in LANGUAGES;
  return {
    words: LANGUAGES[language] ?? en,
    lang: has ? lang : "en",
    dir: RIGHT_TO_LEFT.has(language) ? "rtl" : "ltr",
  };
}
