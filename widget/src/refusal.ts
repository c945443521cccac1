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
