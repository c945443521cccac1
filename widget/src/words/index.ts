// The words of each language: English is here, others are loaded when a page needs them. A new
// language is a file beside en.ts, and its name in LANGUAGES.

import { load } from "../later.ts";
import { en, type Words } from "./en.ts";

export type { Words };

declare const WORDS_HASH: string; // a part of the names of the other languages' bundles; the build sets it

const LANGUAGES = /^(ar|de|es|fr|hi|ja|pt|zh)$/;
const RIGHT_TO_LEFT = /^(ar|ckb|dv|fa|he|ks|ps|sd|ug|ur|yi)$/;
/** By language, or by the address of the page's own; undefined if they could not be loaded. */
const known: Record<string, Words | undefined> = {};

const languageOf = (lang: string) => lang.toLowerCase().split("-")[0] ?? "";

/** Loads the words for a language: the page's own, from the address of a module that exports
 * `words`, or else ours. Nothing if no words have to be loaded. */
export function loadWords(lang: string, own: string | undefined, server: URL) {
  const language = languageOf(lang);
  const key = own || language;
  if (key in known || !(own || LANGUAGES.test(language))) return;
  const loading = own
    ? import(new URL(own, document.baseURI).href)
    : load(`words-${language}-${WORDS_HASH}.js`, server);
  return loading
    .catch(() => console.error(`scholiast: words="${own}" cannot be loaded.`))
    .then((loaded) => {
      known[key] = loaded && { ...en, ...loaded.words };
    });
}

/** The words for a language, or the English ones, with their language and direction. */
export function wordsOf(lang: string, own?: string) {
  const language = languageOf(lang);
  const words = known[own || language];
  return {
    words: words ?? en,
    lang: words ? lang : "en",
    dir: words && RIGHT_TO_LEFT.test(language) ? "rtl" : "ltr",
  };
}
