// What the client needs from the browser: sockets, time, random numbers, the state of the network.

import { loadMore } from "./later.ts";
import type { Book, Refusal } from "./refusal.ts";

/** Tests use another one. */
export interface World {
  readonly WebSocket: new (url: string, protocol: string) => WebSocket;
  now(): number; // ms, epoch
  random(): number;
  later(ms: number, run: () => void): unknown;
  cancel(timer: unknown): void;
  isOnline(): boolean;
  fetch(url: string, options: RequestInit): Promise<Pick<Response, "status" | "json">>;
  /** Writes to the console what the person who runs the server can mend. */
  warn(refusal: Refusal, book: Book, server: URL): void;
}

export const browser: World = {
  get WebSocket() {
    return WebSocket;
  },
  now: Date.now,
  random: Math.random,
  later: (ms, run) => setTimeout(run, ms),
  cancel: (timer) => clearTimeout(timer as number),
  isOnline: () => navigator.onLine !== false,
  fetch: (url, options) => fetch(url, options),
  warn: (refusal, book, server) =>
    loadMore(server).then(
      ({ warn }) => warn(refusal, book, server, location.origin),
      () => {}, // then the server cannot be reached
    ),
};
