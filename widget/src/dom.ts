// Helpers that make elements.

export const CROSS = "M6 6l12 12M18 6L6 18"; // the path of an icon
const EDGE = 8; // px between such an element and the edge of the window
const SVG = "http://www.w3.org/2000/svg";

export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

export function button(className: string, label: string, onclick: () => void): HTMLButtonElement {
  return element("button", { type: "button", className, onclick }, label);
}

/** Moves a fixed element to a place in the window, as far as it fits in. */
export function moveTo({ style, offsetWidth, offsetHeight }: HTMLElement, x: number, y: number) {
  const fit = (at: number, room: number) => `${Math.max(EDGE, Math.min(at, room - EDGE))}px`;
  style.left = fit(x, document.documentElement.clientWidth - offsetWidth);
  style.top = fit(y, innerHeight - offsetHeight);
}

/** A button with an icon. Its label is its title, and is read by screen readers. */
export function iconButton(
  className: string,
  path: string,
  label: string,
  onclick: () => void,
): HTMLButtonElement {
  const made = button(className, "", onclick);
  made.title = label;
  made.ariaLabel = label;
  made.append(icon(path));
  return made;
}

/** A line drawing in a square of 24 by 24 units. */
export function icon(path: string): SVGSVGElement {
  const drawing = document.createElementNS(SVG, "svg");
  const line = document.createElementNS(SVG, "path");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("aria-hidden", "true");
  line.setAttribute("d", path);
  drawing.append(line);
  return drawing;
}
