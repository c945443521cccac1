// Answers as Markdown with their sources: to copy one, and to keep a conversation as a file.

import type { Guide } from "./link.ts";
import type { Note } from "./note.ts";
import type { Source } from "./protocol.ts";
import type { Words } from "./words/en.ts";

const COPIED = 2000; // ms that "Copied" is shown
const SPECIAL = /[\\`*_[\]<>#|~$]/g; // what Markdown would read as more than text

interface Around extends Guide {
  readonly words: Words;
}

/** The answer with the sources that it cites, in its own order of numbers. */
export function answerOf({ text, cited, sources }: Note, around: Around): string {
  const used = sources.filter(({ index }) => cited.includes(index));
  const lines = used.map((source) => `[${source.index}] ${reference(source, around)}`);
  return [text.trim(), ...(lines.length ? [lines.join("  \n")] : [])].join("\n\n");
}

/** A conversation under the title of its book. */
export function conversationOf(notes: readonly Note[], title: string, around: Around): string {
  const parts = notes.flatMap((note) => {
    const selected = note.selections.map(({ text }) => quoted(text));
    const asked = `## ${plain(note.question.replace(/\s+/g, " "))}`;
    const said = note.failure ? [plain(note.failure.message)] : [];
    return [asked, ...selected, answerOf(note, around), ...said].filter(Boolean);
  });
  return `${[`# ${plain(title)}`, ...parts].join("\n\n")}\n`;
}

/** Puts an answer with its sources on the clipboard; the button says so. */
export async function copyAnswer(note: Note, pressed: HTMLElement, around: Around): Promise<void> {
  const label = pressed.textContent;
  try {
    await navigator.clipboard.writeText(answerOf(note, around));
    pressed.textContent = around.words.copied;
    setTimeout(() => {
      pressed.textContent = label;
    }, COPIED);
  } catch {
    save(answerOf(note, around)); // a browser or a page that gives no clipboard
  }
}

/** Gives a reader a file of Markdown. */
export function save(text: string, name = "answer"): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/markdown" }));
  link.download = `${name.replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 60)}.md`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), COPIED);
}

function reference(source: Source, { address }: Around): string {
  const place = plain(source.section.replaceAll(" > ", " › "));
  const href = address(source)?.replace(/[()<>\s]/g, encodeURIComponent);
  return href ? `[${place}](${href})` : place;
}

const plain = (text: string) => text.replace(SPECIAL, "\\$&");

const quoted = (text: string) => text.replace(/^/gm, "> ");
