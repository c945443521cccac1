// The mark that shows a quote on the page.

const NAME = "scholiast-quote"; // among the highlights of the page

let shown: Range | null = null; // where the browser has no highlights
let sheet: CSSStyleSheet | undefined;

/** Shows a range, until the next one or null. */
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

/** Whether a selection is not the reader's, but what `mark` shows. */
export const isShown = (range: Range): boolean => isSame(range, shown);

export function isSame(one: Range, other: Range | null | undefined): boolean {
  return (
    one.startContainer === other?.startContainer &&
    one.startOffset === other.startOffset &&
    `${one}` === `${other}`
  );
}
