// The mark that shows a quote on the page.

const NAME = "scholiast-quote"; // in CSS.highlights, which the whole page shares

let shown: Range | null = null; // in browsers without CSS.highlights
let sheet: CSSStyleSheet | undefined;

/** Marks a range instead of the one before; null removes the mark. */
export function mark(range: Range | null): void {
  if (CSS.highlights) {
    if (!sheet) {
      sheet = new CSSStyleSheet();
      sheet.replaceSync(
        `::highlight(${NAME}){background:var(--scholiast-marker,#ffeea3);color:var(--scholiast-marker-ink,#1d2427)}`,
      );
      document.adoptedStyleSheets.push(sheet);
    }
    if (range) CSS.highlights.set(NAME, new Highlight(range));
    else CSS.highlights.delete(NAME);
    return;
  }
  const selection = document.getSelection();
  const isStill = selection?.rangeCount && isShown(selection.getRangeAt(0));
  if (range || isStill) selection?.removeAllRanges();
  if (range) selection?.addRange(range);
  shown = range?.cloneRange() ?? null;
}

/** Whether a selection was made by `mark`, and not by the reader. */
export const isShown = (range: Range): boolean => isSame(range, shown);

export function isSame(one: Range, other: Range | null | undefined): boolean {
  return (
    one.startContainer === other?.startContainer &&
    one.startOffset === other.startOffset &&
    `${one}` === `${other}`
  );
}
