// What the person who runs the server finds in the console when it takes no socket.

import type { Book, Refusal } from "./refusal.ts";

let last = "";

/** Writes to the console what can be mended, unless that is what stands there last. */
export function warn(refusal: Refusal, book: Book, server: URL, page: string): void {
  const warning = warningOf(refusal, book, server, page);
  if (warning && warning !== last) console.warn(warning);
  last = warning || last;
}

/** Empty if there is nothing to mend. */
function warningOf(refusal: Refusal, { request }: Book, server: URL, page: string): string {
  if (!request || refusal === "busy") return "";
  const { scheme, host } = request;
  const isForwarded = `${scheme}:` === server.protocol;
  const hints = [
    `Scholiast: ${server.host} answers, but takes no websocket of this page.`,
    `It saw ${scheme}://${host} and the page ${page}.`,
    isForwarded ? "" : "It does not trust X-Forwarded-Proto: see SCHOLIAST_TRUSTED_PROXIES.",
    host === server.host ? "" : "The proxy must pass on Host.",
    refusal === "proxy"
      ? "The proxy must pass on Upgrade and Connection."
      : "The page is not in SCHOLIAST_ALLOWED_ORIGINS.",
    'See "Behind a proxy" in docs/operating.md.',
  ];
  return hints.filter(Boolean).join(" ");
}
