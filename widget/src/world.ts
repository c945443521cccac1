// What the client needs from the browser: sockets, time, random numbers, the state of the network.

import { loadMore } from "./later.ts";
import type { Refusal } from "./refusal.ts";

/** Tests use another one. */
export interface World {
  readonly WebSocket: new (url: string, protocol: string) => WebSocket;
  now(): number; // ms, epoch
  random(): number;
  later(ms: number, run: () => void): unknown;
  cancel(timer: unknown): void;
  isOnline(): boolean;
  /** Finds out why the server takes no socket. `wasWelcome`: it has taken one before. */
  explain(server: URL, wasWelcome: boolean): Promise<Refusal>;
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
  explain: async (server, wasWelcome) =>
    (await loadMore(server)).explain(server, wasWelcome, location.origin),
};
