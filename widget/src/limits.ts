// How long a question may be, and how many selections of which length go with it.

import { LIMITS, type Limit } from "./protocol.ts";

export type Limits = Readonly<typeof LIMITS>;

/** The limits that a server names, and those of the protocol for what it does not name. */
export function limitsOf(named: readonly Limit[]): Limits {
  return { ...LIMITS, ...Object.fromEntries(named.map(({ name, limit }) => [name, limit])) };
}

/** In code points, as the protocol counts. */
export const lengthOf = (text: string): number => [...text].length;
