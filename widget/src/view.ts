// Elements as values, and the page as they are: only what differs is changed.

/** An element: what the parent gets, and what gets the views. */
export interface Made {
  readonly outer: HTMLElement;
  readonly inner: HTMLElement;
}

export interface View {
  /** The name of the element; "" for text. */
  readonly name: string;
  text: string;
  readonly views: View[];
  readonly attributes: Readonly<Record<string, string>>;
  /** Two views of one name are one element only if their keys are equal, too. */
  readonly key: string;
  /** Makes an element that needs more than its name. */
  readonly make: (() => Made) | undefined;
  outer?: Node | undefined;
  inner?: HTMLElement | undefined;
}

export function viewOf(
  name: string,
  views: View[],
  attributes: Record<string, string> = {},
  make?: View["make"],
  key = Object.values(attributes).join(),
): View {
  return { name, text: "", views, attributes, key, make };
}

export function textView(text: string): View {
  return { ...viewOf("", []), text };
}

/** Changes the children of an element from one list of views to another. */
export function patch(parent: HTMLElement, before: readonly View[], now: readonly View[]): void {
  for (const [at, view] of now.entries()) {
    const old = before[at];
    if (!old) parent.append(made(view));
    else if (old === view) continue;
    else if (old.name !== view.name || old.key !== view.key)
      (old.outer as ChildNode).replaceWith(made(view));
    else change(old, view);
  }
  for (const { outer } of before.slice(now.length)) (outer as ChildNode).remove();
}

function change({ outer, inner, text, views }: View, view: View): void {
  Object.assign(view, { outer, inner });
  if (inner) patch(inner, views, view.views);
  else if (view.text.startsWith(text)) (outer as Text).appendData(view.text.slice(text.length));
  else (outer as Text).data = view.text;
}

function made(view: View): Node {
  const { name, make, text, attributes } = view;
  const { outer, inner } = name ? (make?.() ?? plain(name)) : { outer: new Text(text) };
  for (const [name, value] of Object.entries(attributes)) inner?.setAttribute(name, value);
  change({ ...view, outer, inner, views: [] }, view);
  return outer;
}

function plain(name: string): Made {
  const made = document.createElement(name);
  return { outer: made, inner: made };
}
