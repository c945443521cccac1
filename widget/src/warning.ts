// Why the server takes no socket: for the reader, and in the console for who runs the server.

import type { Refusal } from "./refusal.ts";

const PATIENCE = 5000; // ms

/** What /api/book says. A proxy may answer something else in its place. */
interface Book {
  readonly request?: {
    readonly scheme: string;
    readonly host: string;
    readonly origin_allowed: boolean;
  };
  readonly retry_after?: number; // s; there is no place for another socket now
}

type Get = (url: string, options: RequestInit) => Promise<Pick<Response, "status" | "json">>;

let last = "";

/** Asks the server, and writes to the console what can be mended. `wasWelcome`: sockets pass, so no
 * proxy can be the reason. `page`: the origin of the page. */
export async function explain(
  server: URL,
  wasWelcome: boolean,
  page: string,
  get: Get = (url, options) => fetch(url, options),
): Promise<Refusal> {
  const answer = await get(new URL("api/book", server).href, {
    cache: "no-store",
    credentials: "omit",
    referrerPolicy: "same-origin", // names the page, also to its own server
    signal: AbortSignal.timeout(PATIENCE),
  });
  const book = await answer.json();
  const refusal = refusalOf(answer.status, book);
  if (refusal === "proxy" && wasWelcome) return "busy";
  if (book.request && refusal !== "busy") warn(refusal, book, server, page);
  return refusal;
}

function refusalOf(status: number, { request, retry_after }: Book): Refusal {
  if (request?.origin_allowed === false) return "origin";
  if (status === 429 || status === 503 || retry_after) return "busy";
  return request ? "proxy" : "unreachable";
}

/** Writes to the console what can be mended, unless that is what stands there last. */
function warn(refusal: Refusal, book: Book, server: URL, page: string): void {
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
