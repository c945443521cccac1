// Draws formulas as MathML. Neither a model's TeX nor the library's output is trusted: only the
// elements, attributes and styles on the lists below get into the page.

import temml from "temml";

/** A part of the library's output: an element, a text, or a group of children. */
interface Part {
  type?: string;
  text?: string;
  children?: Part[];
  attributes?: Record<string, unknown>;
  classes?: string[];
  style?: Record<string, string>;
}

const MATHML = "http://www.w3.org/1998/Math/MathML";
const LENGTH_LIMIT = 4000; // of the TeX
const PARTS = 5000;
const DEEPEST = 40;
const ELEMENTS = new Set(
  `math mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace msqrt
  mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none`.split(/\s+/),
);
const ATTRIBUTES = new Set(
  `accent accentunder columnalign depth display displaystyle fence form height largeop linethickness
  lspace mathbackground mathcolor mathvariant maxsize minsize movablelimits rowspacing rspace
  scriptlevel separator stretchy symmetric voffset width`.split(/\s+/),
);
const STYLES = /^(color|mathDepth|padding|border)(Top|Right|Bottom|Left)?$/;
/** A word, a colour, or a small size. */
const VALUE = /^([a-z]+|#[\da-f]{3,8}|(\+?\d{0,3}|-\d?)(\.\d+)?(em|ex|pt|px|%)?)$/i;
/** Commands that define macros. A macro can grow without end, even if their number is limited. */
const DEFINITION =
  /\\([egx]?def|let|futurelet|global|long|(re)?newcommand|providecommand)(?![a-z])/i;
const REWRITTEN: [RegExp, string][] = [
  [/\\(begin|end)\{align(at)?\*?\}/g, "\\$1{align$2ed}"],
  [/\\(begin|end)\{(gather|equation)\*?\}/g, "\\$1{gathered}"],
  [/\\tag\*?\{([^{}]*)\}/g, "\\qquad\\text{($1)}"], // the number of an equation, as text
  [/\\(label\{[^{}]*\}|(nonumber|notag)(?![a-z]))/gi, ""],
];
const FONTS =
  '"Cambria Math", "STIX Two Math", "Latin Modern Math", "Noto Sans Math", "DejaVu Math TeX Gyre", math';
const line = (angle: string) =>
  `linear-gradient(${angle}, #0000 calc(50% - .04em), currentColor 0 calc(50% + .04em), #0000 0)`;
const LOOKS: Record<string, Partial<CSSStyleDeclaration>> = {
  left: { textAlign: "left" },
  right: { textAlign: "right" },
  vec: { transform: "scale(.75)" },
  overline: { borderTop: ".065em solid", paddingTop: ".1em" },
  underline: { borderBottom: ".065em solid", paddingBottom: ".1em" },
  fbox: { border: "1px solid", padding: "3pt" },
  updiagonalstrike: { background: line("to bottom right") },
  downdiagonalstrike: { background: line("to bottom left") },
  "updiagonalstrike downdiagonalstrike": {
    background: `${line("to bottom right")}, ${line("to bottom left")}`,
  },
  horizontalstrike: { background: line("to bottom") },
  circle: { border: ".067em solid", borderRadius: "50%", padding: ".267em" },
};

/** The formula as `<math>`, with its TeX in `alttext`. Throws if it cannot be drawn. */
export function formula(tex: string, display: boolean): Node {
  const source = tex.trim();
  if (source.length > LENGTH_LIMIT || DEFINITION.test(source)) throw new Error("not to be drawn");
  let rewritten = source;
  for (const [pattern, text] of REWRITTEN) rewritten = rewritten.replace(pattern, text);
  const made = temml.__renderToMathMLTree(rewritten, {
    displayMode: display,
    throwOnError: true,
    trust: false,
    maxExpand: 500,
    maxSize: [10, 120],
  });
  const root = copy(made, 0, { left: PARTS });
  if (!(root instanceof MathMLElement)) throw new Error("no formula");
  root.setAttribute("alttext", source);
  root.style.fontFamily = FONTS;
  return root;
}

function copy(part: Part, depth: number, room: { left: number }): Node {
  room.left -= 1;
  if (room.left < 0 || depth > DEEPEST) throw new Error("too large");
  const { type = "", text, children = [], attributes = {}, classes = [], style = {} } = part;
  if (text !== undefined) return document.createTextNode(text);
  const name = type === "menclose" ? "mrow" : type; // browsers no longer draw menclose
  const node = ELEMENTS.has(name)
    ? (document.createElementNS(MATHML, name) as MathMLElement)
    : document.createDocumentFragment();
  if (node instanceof MathMLElement) {
    for (const [key, value] of Object.entries(attributes))
      if (ATTRIBUTES.has(key) && VALUE.test(`${value}`)) node.setAttribute(key, `${value}`);
    const looks = [`${attributes.notation}`, ...classes.map((one) => one.replace("tml-", ""))];
    Object.assign(node.style, ...looks.map((look) => LOOKS[look]));
    for (const [key, value] of Object.entries(style))
      if (STYLES.test(key) && value.split(" ").every((word) => VALUE.test(word)))
        Object.assign(node.style, { [key]: value });
    if (node.style.textAlign) node.style.textAlign = `-webkit-${node.style.textAlign}`; // Chromium
  }
  for (const child of children) node.append(copy(child, depth + 1, room));
  return node;
}
