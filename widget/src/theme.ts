// Dark or light: as the page looks now, or else as the system is set.

const DARK = matchMedia("(prefers-color-scheme: dark)");
const SETTLED = 400; // ms that a page may take to fade into another theme

/** Calls back at once and at each change, until the signal aborts. */
export function watchTheme(onChange: (isDark: boolean) => void, signal: AbortSignal): void {
  let timer = 0;
  const report = () => onChange(isPageDark());
  const later = () => {
    requestAnimationFrame(report);
    clearTimeout(timer);
    timer = window.setTimeout(report, SETTLED);
  };
  const observer = new MutationObserver(later);
  for (const root of [document.documentElement, document.body])
    observer.observe(root, { attributes: true });
  DARK.addEventListener("change", later, { signal });
  addEventListener("load", later, { signal }); // the styles of the page have come
  signal.addEventListener("abort", () => {
    observer.disconnect();
    clearTimeout(timer);
  });
  report();
}

function isPageDark(): boolean {
  for (const root of [document.body, document.documentElement]) {
    const [red, green, blue, alpha = 1] = numbers(getComputedStyle(root).backgroundColor);
    if (red === undefined || green === undefined || blue === undefined || alpha < 0.5) continue;
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 110;
  }
  // The page sets no background. Then the browser's own shows, which follows color-scheme.
  const scheme = getComputedStyle(document.documentElement).colorScheme;
  return scheme.includes("dark") && (DARK.matches || !scheme.includes("light"));
}

/** The numbers in `rgb(…)` or `rgba(…)`. Other notations are painted on a canvas and read there. */
function numbers(colour: string): number[] {
  if (colour.startsWith("rgb")) return (colour.match(/[\d.]+/g) ?? []).map(Number);
  const canvas = new OffscreenCanvas(1, 1).getContext("2d");
  if (!canvas) return [];
  canvas.fillStyle = colour;
  canvas.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0, alpha = 0] = canvas.getImageData(0, 0, 1, 1).data;
  return [red, green, blue, alpha / 255];
}
