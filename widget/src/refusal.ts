// Why the server takes no socket, though it answers other requests.

/** What /api/book says. A proxy may answer something else in its place. */
export interface Book {
  readonly request?: {
    readonly scheme: string;
    readonly host: string;
    readonly origin_allowed: boolean;
  };
  readonly retry_after?: number; // s; there is no place for another socket now
}

const REFUSALS = ["busy", "origin", "proxy", "unreachable"] as const;

/** busy: no place now; origin: the page's address is not allowed; proxy: sockets do not get through
 * to the server, though it answers; unreachable: it does not answer. */
export type Refusal = (typeof REFUSALS)[number];

export const isRefusal = (link: string): boolean => REFUSALS.includes(link as Refusal);

export function refusalOf(status: number, { request, retry_after }: Book): Refusal {
  if (request?.origin_allowed === false) return "origin";
  if (status === 429 || status === 503 || retry_after) return "busy";
  return request ? "proxy" : "unreachable";
}

/** What only the person who runs the server can use; empty if there is nothing to mend. */
export function warningOf(refusal: Refusal, { request }: Book, server: URL, page: string): string {
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
