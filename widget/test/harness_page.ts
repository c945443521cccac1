// Puts the functions that read a page and lead to quotes into `window.reading`, for browser tests.

import { isHere } from "../src/addresses.ts";
import { arrive, handOver, useGuide } from "../src/arrival.ts";
import { arriveAt, leadTo, type Place } from "../src/guide.ts";
import { mark } from "../src/mark.ts";
import { LIMITS } from "../src/protocol.ts";
import { findQuote } from "../src/quote_place.ts";
import {
  type PageSelection,
  readSelection,
  selectionOf,
  watchSelection,
} from "../src/selection.ts";

const host = document.createElement("reader-host");
host
  .attachShadow({ mode: "open" })
  .append(document.createElement("textarea"), document.createTextNode("An answer."));
document.body.append(host);

const guest = { giveWay: () => false, mark };
useGuide(async () => ({ arriveAt, leadTo }), guest);
const limit = LIMITS.selection_length;
const reports: unknown[] = [];
let undo: () => void;

function rangeOf(from: string, to: string): Range {
  const range = document.createRange();
  const [first, start] = spot(from, false);
  const [last, end] = spot(to, true);
  range.setStart(first, start);
  range.setEnd(last, end);
  return range;
}

// The n-th text node of the page's text that holds some words: "words" or "words@n".
function spot(words: string, isEnd: boolean): [Text, number] {
  const [text = "", number = "0"] = words.split("@");
  const walker = document.createTreeWalker(
    document.querySelector("main") ?? document.body,
    NodeFilter.SHOW_TEXT,
  );
  let left = Number(number);
  for (let node = walker.nextNode() as Text | null; node; node = walker.nextNode() as Text | null) {
    const at = node.data.indexOf(text);
    if (at >= 0 && left-- === 0) return [node, at + (isEnd ? text.length : 0)];
  }
  throw new Error(`No text has "${words}".`);
}

function select(from: string, to: string): PageSelection | null {
  const selection = document.getSelection();
  selection?.removeAllRanges();
  selection?.addRange(rangeOf(from, to));
  return readSelection(host, limit);
}

Object.assign(window, {
  reading: {
    host,
    reports,
    arrive,
    findQuote,
    handOver,
    isHere,
    leadTo: (place: Place) => leadTo(place, guest),
    mark,
    selectionOf: (range: Range) => selectionOf(range, limit),
    rangeOf,
    select,
    read: () => readSelection(host, limit),
    found: (quote: string, anchor?: string) => {
      const range = findQuote(quote, anchor);
      return range && selectionOf(range, limit).text;
    },
    watch: () => {
      const report = (text: string | null, by: string) => reports.push({ text, by });
      undo = watchSelection(
        host,
        () => limit,
        (found, by) => report(found?.selection.text ?? null, by),
      );
    },
    unwatch: () => undo(),
  },
});
