// Keeps what is typed in the tutor from the shortcuts of the page.

const TYPES = ["keydown", "keypress", "keyup"] as const;

const PRESSED = [
  "key",
  "code",
  "keyCode",
  "shiftKey",
  "ctrlKey",
  "altKey",
  "metaKey",
  "isComposing",
] as const;

/** Keys that are pressed inside the tutor go on there, as copies, and reach no listener of the page;
 * the browser still does with them what it does. */
export function keepKeys(host: HTMLElement, signal: AbortSignal): void {
  const keep = (event: KeyboardEvent) => {
    const path = event.composedPath();
    if (!path.includes(host)) return;
    event.stopImmediatePropagation();
    // No KeyboardEvent: in Firefox a made one leaves the shadow root, and would come here again.
    const copy = new Event(event.type, { bubbles: true, cancelable: true });
    for (const name of PRESSED) Object.assign(copy, { [name]: event[name] });
    if (!path[0]?.dispatchEvent(copy)) event.preventDefault();
  };
  for (const type of TYPES) addEventListener(type, keep, { capture: true, signal });
  // A page that has listened to the window before can only be asked to look: pages leave keys alone
  // that are typed into a field, and this element is what they see of ours.
  Object.defineProperties(host, {
    tagName: { value: "TEXTAREA", configurable: true },
    isContentEditable: { value: true, configurable: true },
  });
}

/** Whether a shortcut such as `Alt+A` was pressed. On a Mac, Alt+A is å. */
export function isPressed(event: KeyboardEvent, shortcut: string): boolean {
  const names = shortcut.toLowerCase().split("+");
  const key = names.pop() ?? "";
  const { altKey: alt, ctrlKey: ctrl, metaKey: meta, shiftKey: shift } = event;
  const isKey = event.key.toLowerCase() === key || event.code.toLowerCase() === `key${key}`;
  const held = Object.entries({ alt, ctrl, meta, shift });
  return !!key && isKey && held.every(([name, isHeld]) => isHeld === names.includes(name));
}
