// Events of the page around the tutor.

/** Calls `open` when an element that matches the selector is clicked. */
export function onOpeners(selector: string, open: () => void, signal: AbortSignal): void {
  const onClick = (event: MouseEvent) => {
    if (!selector || !(event.target as Element).closest?.(selector)) return;
    event.preventDefault();
    open();
  };
  document.addEventListener("click", onClick, { signal });
}

/** Keeps the panel above the keyboard of a phone, which covers the bottom of the page. */
export function followKeyboard(tutor: HTMLElement, signal: AbortSignal): void {
  const view = visualViewport;
  if (!view) return;
  const move = () => {
    const room = view.scale === 1 ? view.height : innerHeight; // enlarged, all of it
    const covered = Math.max(0, innerHeight - room - view.offsetTop);
    tutor.style.setProperty("--keyboard", `${covered}px`);
    tutor.style.setProperty("--room", `${room}px`);
  };
  view.addEventListener("resize", move, { signal });
  view.addEventListener("scroll", move, { signal });
}
