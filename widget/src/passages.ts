// The passages of the book that a conversation has cited, and the conversation as a file.

import { button, element } from "./dom.ts";
import { conversationOf, save } from "./export.ts";
import { type Guide, linkTo } from "./link.ts";
import type { Note } from "./note.ts";
import type { Source } from "./protocol.ts";
import type { Words } from "./words/en.ts";

interface Around extends Guide {
  readonly words: Words;
}

interface Passage {
  readonly source: Source;
  readonly sentence: string | undefined; // that an answer was supported by; else its quote counts
}

/** A list of all passages, each once, that leads to them; with a button that saves everything. */
export function listOf(notes: readonly Note[], around: Around, title: string): HTMLElement {
  const { words } = around;
  const entries = passagesOf(notes).map(({ source, sentence }) =>
    element(
      "li",
      {},
      element("blockquote", { dir: "auto" }, sentence ?? source.quote),
      linkTo(source, around, sentence),
      element("span", { className: "place", dir: "auto" }, source.section),
    ),
  );
  return element(
    "section",
    { className: "passages", tabIndex: -1, ariaLabel: words.passages },
    element("h3", {}, words.passages),
    entries.length
      ? element("ul", { className: "sources" }, ...entries)
      : element("p", {}, words.noPassages),
    button("quiet", words.save, () => save(conversationOf(notes, title, around), title)),
  );
}

/** In the order in which they were cited; of a passage that several answers cite, the first. */
function passagesOf(notes: readonly Note[]): Passage[] {
  const found = new Map<string, Passage>();
  for (const { sources, cited, sentences = [] } of notes)
    for (const index of cited) {
      const source = sources.find((one) => one.index === index);
      const proofs = sentences.flatMap((one) =>
        one.proofs.filter((proof) => proof.source === index),
      );
      if (!source) continue;
      for (const { sentence } of proofs.length ? proofs : [{ sentence: undefined }]) {
        const key = `${source.url}\n${sentence ?? source.quote}`;
        if (!found.has(key)) found.set(key, { source, sentence });
      }
    }
  return [...found.values()];
}
