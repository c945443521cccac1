// Why there is no socket.

/** busy: no place now; origin: the page's address is not allowed; proxy: sockets do not get through
 * to the server, though it answers; unreachable: it does not answer. */
export type Refusal = "busy" | "origin" | "proxy" | "unreachable";

export const isRefusal = (link: string): boolean => /^(busy|origin|proxy|unreachable)$/.test(link);
