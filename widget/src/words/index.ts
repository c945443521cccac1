// Words by language. Another language is another file beside en.ts, and an entry here.

import { en, type Words } from "./en.ts";

export type { Words };

const LANGUAGES: Record<string, Words> = { en };
const RIGHT_TO_LEFT = new Set("ar arc ckb dv fa ha he khw ks ps sd ug ur yi".split(" "));

/** The words of a language, which of them it is, and the direction of the language asked for. */
export function wordsOf(lang: string): { words: Words; lang: string; dir: "ltr" | "rtl" } {
  const language = lang.toLowerCase().split("-")[0] ?? "";
  const has = language in LANGUAGES;
  return {
    words: LANGUAGES[language] ?? en,
    lang: has ? lang : "en",
    dir: RIGHT_TO_LEFT.has(language) ? "rtl" : "ltr",
  };
}
