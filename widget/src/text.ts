// The text of a page as its reader sees it. Formulas count as their TeX, images as their alt text.

/** Not part of the text: controls, line numbers, link signs beside headings. */
export const SKIPPED =
  "script,style,noscript,input,textarea,select,button,[aria-hidden=true],[data-scholiast-ignore]," +
  "[contenteditable]:not([contenteditable=false]),.hash-link,.headerlink,.header-anchor," +
  ".footnote-ref,[data-footnote-ref],td.gutter,.linenos,.lineno";

/** KaTeX; MathJax 4, 3 and 2, in all its output formats; MathML. */
export const FORMULA = ".katex-display,.katex,mjx-container,[class^=MathJax],.mjx-chtml,math";
const DISPLAY = ".katex-display,[class$=_Display],.MJXc-display,[display=true],[display=block]";
const INLINE = /^(inline|contents|ruby)/;

export interface Place {
  readonly node: Text | Element;
  readonly at: number; // in a text node
}

/** Receives text and its node: a text node, or an element that counts as a whole, or null for the
 * space between cells or blocks. Returns true to end the walk. */
export type Take = (text: string, node: Text | Element | null, isCode: boolean) => boolean;

/** Whether an element is part of a line, by its `display`. */
export const isInline = ({ display }: CSSStyleDeclaration): boolean => INLINE.test(display);

/** Walks through the text inside `root`. `sees` decides for each node whether its text counts. */
export function walk(
  root: Element,
  sees: (node: Node, style: CSSStyleDeclaration | null, isCode: boolean) => boolean,
  take: Take,
): void {
  const visit = (node: Node, isCode: boolean, isCell: boolean): boolean => {
    if (node instanceof Text) return sees(node, null, isCode) && take(node.data, node, isCode);
    if (!(node instanceof Element)) return false;
    const style = getComputedStyle(node);
    if (!sees(node, style, isCode)) return false;
    const gap = isCell && !isCode ? " " : "\n";
    const around = (isApart: boolean, inner: () => boolean) =>
      isApart ? take(gap, null, false) || inner() || take(gap, null, false) : inner();
    if (node.matches(FORMULA)) {
      const isDisplay = node.matches(DISPLAY);
      return around(isDisplay, () => take(texOf(node, isDisplay ? "$$" : "$"), node, true));
    }
    if (node.matches(SKIPPED)) return false;
    if (node instanceof HTMLImageElement) return take(node.alt, node, false);
    if (node instanceof HTMLBRElement) return take(gap, null, isCode);
    if (node instanceof HTMLTableCellElement)
      return take(isFirst(node) ? "\n" : " | ", null, false) || inside(node, isCode, true);
    return around(!isInline(style), () => inside(node, isCode || node.matches("pre,code"), isCell));
  };
  const inside = (node: Element, isCode: boolean, isCell: boolean): boolean => {
    for (const child of node.childNodes) if (visit(child, isCode, isCell)) return true;
    return false;
  };
  inside(root, !!root.closest("pre,code"), !!root.closest("td,th"));
}

/** The range between two places, each in a text node or around an element. */
export function rangeOf(first: Place, last: Place): Range {
  const range = document.createRange();
  if (first.node instanceof Text) range.setStart(first.node, first.at);
  else range.setStartBefore(first.node);
  if (last.node instanceof Text) range.setEnd(last.node, last.at);
  else range.setEndAfter(last.node);
  return range;
}

function isFirst(cell: Element): boolean {
  for (let before = cell.previousElementSibling; before; before = before.previousElementSibling)
    if (!before.matches(SKIPPED)) return false;
  return true;
}

// The TeX of a formula. Empty if the page does not have it: the drawn characters would mislead.
function texOf(formula: Element, marks: string): string {
  const within = (selector: string) =>
    formula.matches(selector) ? formula : formula.querySelector(selector);
  const script = document.getElementById(within("[id$='-Frame']")?.id.slice(0, -6) ?? "");
  const tex =
    (script?.matches("[type^='math/tex']") && script.textContent) ||
    within("annotation[encoding='application/x-tex']")?.textContent ||
    within("[data-latex]")?.getAttribute("data-latex") ||
    within("[alttext]")?.getAttribute("alttext") ||
    typeset(formula);
  if (tex) return marks + tex.trim() + marks;
  return formula.localName === "math" ? formula.textContent.replace(/\s+/g, "") : "";
}

// MathJax 3 leaves no TeX in the page, but keeps a list of its formulas.
const known = new WeakMap<Element, string>();

function typeset(formula: Element): string | undefined {
  if (formula.localName === "mjx-container" && !known.has(formula)) {
    // biome-ignore lint/suspicious/noExplicitAny: whatever a page calls MathJax
    for (const { typesetRoot, math } of (window as any).MathJax?.startup?.document?.math ?? [])
      if (typesetRoot) known.set(typesetRoot, math);
  }
  return known.get(formula);
}
