// The socket: opened when something waits, opened again when it is lost, and never trusted to be
// there only because nothing says otherwise.

import type { ClientMessage, ServerMessage } from "./protocol.ts";
import type { World } from "./world.ts";

/** How the connection is. */
export type Link =
  | { state: "idle" } // closed, and nothing waits
  | { state: "connecting" }
  | { state: "open" } // the server's welcome came
  | { state: "offline" } // something waits for a network
  | { state: "lost"; retryAt: number } // ms, epoch
  | { state: "refused"; reason: "origin" | "busy" | "unreachable"; retryAt?: number };

/** Whom it serves. */
export interface Client {
  awaits(): boolean; // whether there is anything to wait for
  take(message: ServerMessage): void;
  lost(code: number): void; // with the code of the close, 1006 where there was none
  linked(link: Link): void;
}

const WELCOME = 10_000; // ms from opening a socket until its welcome
const SILENCE = 15_000; // ms until a ping asks whether it is there
const PONG = 10_000; // ms from that ping until it counts as lost
const QUICK_PONG = 5_000; // the same, where the reader or the browser woke it
const PROBE = 5_000; // ms for finding out why the server takes no sockets
const FIRST_RETRY = 500; // ms at most; doubled each time
const LAST_RETRY = 30_000;
const LOST = 1006; // the browser's code for a close without one
const IDLE: Link = { state: "idle" };

export class Connection {
  readonly #server: URL;
  readonly #world: World;
  readonly #client: Client;
  #link: Link = IDLE;
  #reported = JSON.stringify(IDLE);
  #socket: WebSocket | null = null;
  #timer: unknown; // what it waits for now: there is one thing at a time
  #isPinged = false;
  #wasWelcome = false; // so that its origin is no reason for a refusal
  #failures = 0; // since something of an answer came
  #probes = 0;

  constructor(server: URL, world: World, client: Client) {
    this.#server = server;
    this.#world = world;
    this.#client = client;
  }

  get link(): Link {
    return this.#link;
  }

  /** Opens it unless that is under way, or tried again in a while. */
  open(): void {
    if (this.#link.state === "idle") this.#connect();
  }

  send(message: ClientMessage): void {
    this.#socket?.send(JSON.stringify(message));
    if (this.#timer === undefined) this.#listen();
  }

  /** Tries at once what would be tried later, and makes sure of a socket that seems open. */
  wake(): void {
    const { state } = this.#link;
    if (state === "open") {
      if (!this.#isPinged) this.#ping(QUICK_PONG);
    } else if (state !== "connecting" && this.#client.awaits()) {
      this.#failures = 0;
      this.#connect();
    }
  }

  /** Something of an answer came: the next loss is a new one. */
  prosper(): void {
    this.#failures = 0;
  }

  /** Gives the socket up and takes another one, as after a loss. */
  renew(): void {
    this.#lose(LOST, true);
  }

  /** Closes it quietly. */
  close(): void {
    this.#drop();
    this.#become(IDLE);
  }

  #connect(): void {
    this.#drop();
    // Who is offline is told so until that has changed, not again at each attempt.
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
      this.#lose(LOST, false); // a page of https may open no ws:
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
    this.#link = IDLE; // where the client opens it anew, at once
    this.#client.lost(code);
    if (this.#link !== IDLE) return;
    if (!this.#client.awaits()) this.#become(IDLE);
    else if (wasOpen || !this.#world.isOnline()) this.#retry({ state: "lost" });
    else void this.#explain();
  }

  /** Of a handshake that fails, a browser says nothing: whether the server is there tells more. */
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
