// The text of answers as nodes of the page: the little Markdown that they use, and their links.
// Text becomes text nodes only; links come from the addresses of sources only.

const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|\[(\d+)\]/g; // code, strong, citation

export function prose(text, sources) {
  const nodes = [];
  for (const { kind, lines } of blocks(text)) {
    const joined = lines.join("\n");
    if (kind === "pre") nodes.push(element("pre", {}, element("code", {}, joined)));
    else if (kind === "p") nodes.push(element("p", {}, ...inline(joined, sources)));
    else {
      if (nodes.at(-1)?.localName !== kind) nodes.push(element(kind));
      nodes.at(-1).append(element("li", {}, ...inline(joined, sources)));
    }
  }
  return nodes;
}

function blocks(text) {
  const found = [];
  let block = null;
  const start = (kind, lines) => found.push((block = { kind, lines }));
  for (const line of text.split("\n")) {
    const item = /^\s*(?:[-*+]|(\d+[.)]))\s+(.*)/.exec(line);
    const isFence = /^\s*```/.test(line);
    if (block?.kind === "pre") isFence ? (block = null) : block.lines.push(line);
    else if (isFence) start("pre", []);
    else if (!line.trim()) block = null;
    else if (item) start(item[1] ? "ol" : "ul", [item[2]]);
    else if (block) block.lines.push(line);
    else start("p", [line.replace(/^#{1,6}\s+/, "")]);
  }
  return found;
}

function inline(text, sources) {
  const nodes = [];
  let end = 0;
  for (const { 0: whole, 1: code, 2: strong, 3: number, index } of text.matchAll(INLINE)) {
    const source = sources.find((one) => one.index === Number(number));
    const before = text.slice(end, index);
    nodes.push(source ? before.trimEnd() : before); // a citation stands close to its sentence
    end = index + whole.length;
    if (code) nodes.push(element("code", {}, code));
    else if (strong) nodes.push(element("strong", {}, ...inline(strong, sources)));
    else nodes.push(source ? element("sup", {}, link(source, whole)) : whole);
  }
  return [...nodes, text.slice(end)];
}

export function link(source, text) {
  const address = new URL(source.url, location.href);
  if (!/^https?:$/.test(address.protocol)) return element("span", {}, text);
  address.hash += passage(source.quote);
  return element("a", { href: address.href, title: source.section }, text);
}

function passage(quote) {
  // A text fragment: the browser marks the passage itself; where it finds none, the anchor holds.
  const words = quote.trim().split(/\s+/);
  const ends = words.length > 12 ? [words.slice(0, 5), words.slice(-5)] : [words];
  const encode = (some) => encodeURIComponent(some.join(" ")).replaceAll("-", "%2D");
  return quote ? `:~:text=${ends.map(encode).join(",")}` : "";
}

export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

export function renew(parent, nodes) {
  // Only what has changed is replaced, so that a link keeps its focus while the text grows.
  nodes.forEach((node, i) => {
    const old = parent.children[i];
    if (!old) parent.append(node);
    else if (!old.isEqualNode(node)) old.replaceWith(node);
  });
  while (parent.children.length > nodes.length) parent.lastElementChild.remove();
}
