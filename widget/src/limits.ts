// How long a question may be, and how many selections of what length it may have.

import { LIMITS, type Limit } from "./protocol.ts";

export type Limits = Readonly<typeof LIMITS>;

/** The limits of a server; where it names none, those of the protocol. */
export function limitsOf(named: readonly Limit[]): Limits {
  return { ...LIMITS, ...Object.fromEntries(named.map(({ name, limit }) => [name, limit])) };
}

/** The length of a text in code points, as the protocol counts. */
export const lengthOf = (text: string): number => [...text].length;
