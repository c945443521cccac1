// What the client needs from the browser: sockets, time, random numbers, the state of the network.

/** Tests use another one. */
export interface World {
  readonly WebSocket: new (url: string, protocol: string) => WebSocket;
  now(): number; // ms, epoch
  random(): number;
  later(ms: number, run: () => void): unknown;
  cancel(timer: unknown): void;
  isOnline(): boolean;
  fetch(url: string, options: RequestInit): Promise<Pick<Response, "status" | "json">>;
  page(): string; // its origin
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
  page: () => location.origin,
};
