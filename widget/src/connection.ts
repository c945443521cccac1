// The socket: opened when a question waits, and opened again when it is lost. A silent socket is
// checked with a ping, because a lost network closes nothing.

import type { ClientMessage, ServerMessage } from "./protocol.ts";
import type { World } from "./world.ts";

/** The state of the connection. */
export type Link =
  | { state: "idle" } // closed, and no question waits
  | { state: "connecting" }
  | { state: "open" } // the server has sent its welcome
  | { state: "offline" } // a question waits for the network
  | { state: "lost"; retryAt: number } // ms, epoch
  | { state: "refused"; reason: "origin" | "busy" | "unreachable"; retryAt?: number };

/** The user of the connection: a conversation. */
export interface Client {
  awaits(): boolean; // whether a question waits, or an answer is not complete
  take(message: ServerMessage): void;
  lost(code: number): void; // the code of the close; 1006 if the server sent none
  linked(link: Link): void;
}

const WELCOME = 10_000; // ms that a server may take to send its welcome
const SILENCE = 15_000; // ms without a message, after which a ping is sent
const PONG = 10_000; // ms without a reply to that ping, after which the socket is lost
const QUICK_PONG = 5_000; // the same, if the reader or the browser woke it
const PROBE = 5_000; // ms to find out why the server refuses sockets
const FIRST_RETRY = 500; // ms; the upper limit of the first pause, doubled each time
const LAST_RETRY = 30_000;
const LOST = 1006; // the browser's code for a close without a code
const IDLE: Link = { state: "idle" };

export class Connection {
  readonly #server: URL;
  readonly #world: World;
  readonly #client: Client;
  #link: Link = IDLE;
  #reported = JSON.stringify(IDLE);
  #socket: WebSocket | null = null;
  #timer: unknown; // only one timer runs at a time
  #isPinged = false;
  #wasWelcome = false; // the Origin is allowed, so it cannot be the reason of a refusal
  #failures = 0; // since the last piece of an answer
  #probes = 0;

  constructor(server: URL, world: World, client: Client) {
    this.#server = server;
    this.#world = world;
    this.#client = client;
  }

  get link(): Link {
    return this.#link;
  }

  /** Opens a socket, unless one is being opened or a retry is planned. */
  open(): void {
    if (this.#link.state === "idle") this.#connect();
  }

  send(message: ClientMessage): void {
    this.#socket?.send(JSON.stringify(message));
    if (this.#timer === undefined) this.#listen();
  }

  /** Retries at once instead of later, and checks a socket that seems open. */
  wake(): void {
    const { state } = this.#link;
    if (state === "open") {
      if (!this.#isPinged) this.#ping(QUICK_PONG);
    } else if (state !== "connecting" && this.#client.awaits()) {
      this.#failures = 0;
      this.#connect();
    }
  }

  /** A piece of an answer came: the pauses between retries start small again. */
  prosper(): void {
    this.#failures = 0;
  }

  /** Drops the socket and opens another one, as after a loss. */
  renew(): void {
    this.#lose(LOST, true);
  }

  /** Closes the socket without reporting a loss. */
  close(): void {
    this.#drop();
    this.#become(IDLE);
  }

  #connect(): void {
    this.#drop();
    // An offline reader sees "offline" until that changes, and not "connecting" at each attempt.
    if (this.#link.state !== "offline" || this.#world.isOnline())
      this.#become({ state: "connecting" });
    let isOpen = false;
    try {
      const address = new URL("ws/chat", this.#server).href.replace(/^http/, "ws");
      const socket = new this.#world.WebSocket(address, "chat-v1");
      this.#socket = socket;
      socket.onopen = () => {
        isOpen = true;
      };
      socket.onmessage = ({ data }) => {
        if (socket === this.#socket) this.#take(JSON.parse(data));
      };
      socket.onclose = ({ code }) => {
        if (socket === this.#socket) this.#lose(code, isOpen);
      };
      this.#wait(WELCOME, () => this.#lose(LOST, isOpen));
    } catch {
      this.#lose(LOST, false); // an https page may not open a ws: address
    }
  }

  #take(message: ServerMessage): void {
    this.#isPinged = false;
    if (message.type === "welcome") {
      this.#wasWelcome = true;
      this.#become({ state: "open" });
    }
    if (this.#link.state !== "open") return;
    this.#client.take(message);
    if (this.#link.state === "open") this.#listen();
  }

  #listen(): void {
    this.#wait(SILENCE, () => this.#client.awaits() && this.#ping(PONG));
  }

  #ping(patience: number): void {
    this.#isPinged = true;
    this.send({ type: "ping", data: {} });
    this.#wait(patience, () => this.#lose(LOST, true));
  }

  #lose(code: number, wasOpen: boolean): void {
    this.#drop();
    this.#link = IDLE; // so that the client may open it again at once
    this.#client.lost(code);
    if (this.#link !== IDLE) return;
    if (!this.#client.awaits()) this.#become(IDLE);
    else if (wasOpen || !this.#world.isOnline()) this.#retry({ state: "lost" });
    else void this.#explain();
  }

  /** A browser gives no reason for a failed handshake. A request to the server can show it. */
  async #explain(): Promise<void> {
    const probe = ++this.#probes;
    this.#become({ state: "connecting" });
    const reason = await Promise.race([
      this.#probe(),
      new Promise<"unreachable">((resolve) => this.#wait(PROBE, () => resolve("unreachable"))),
    ]);
    if (probe !== this.#probes) return;
    if (reason !== "origin") this.#retry({ state: "refused", reason });
    else {
      this.#drop();
      this.#become({ state: "refused", reason });
    }
  }

  async #probe(): Promise<"origin" | "busy" | "unreachable"> {
    const look = (mode: RequestMode) =>
      this.#world.fetch(new URL("api/book", this.#server).href, {
        mode,
        cache: "no-store",
        credentials: "omit",
      });
    try {
      const { status } = await look("cors");
      if (status === 403 && !this.#wasWelcome) return "origin";
      return [200, 429, 503].includes(status) ? "busy" : "unreachable";
    } catch {
      if (this.#wasWelcome) return "unreachable";
    }
    try {
      await look("no-cors");
      return "origin";
    } catch {
      return "unreachable";
    }
  }

  /** Exponential backoff with full jitter. */
  #retry(link: { state: "lost" } | { state: "refused"; reason: "busy" | "unreachable" }): void {
    const most = Math.min(LAST_RETRY, FIRST_RETRY * 2 ** this.#failures++);
    const delay = most * this.#world.random();
    this.#wait(delay, () => this.#connect());
    const retryAt = this.#world.now() + delay;
    this.#become(this.#world.isOnline() ? { ...link, retryAt } : { state: "offline" });
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#isPinged = false;
    this.#probes++;
    this.#stopWaiting();
    socket?.close();
  }

  #become(link: Link): void {
    this.#link = link;
    const now = JSON.stringify(link);
    if (now === this.#reported) return;
    this.#reported = now;
    this.#client.linked(link);
  }

  #wait(ms: number, then: () => void): void {
    this.#stopWaiting();
    this.#timer = this.#world.later(ms, () => {
      this.#timer = undefined;
      then();
    });
  }

  #stopWaiting(): void {
    if (this.#timer !== undefined) this.#world.cancel(this.#timer);
    this.#timer = undefined;
  }
}
