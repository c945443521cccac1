// The socket: opened when a question waits, and opened again when it is lost. A silent socket is
// checked with a ping, because a lost network closes nothing.

import type { ClientMessage, ServerMessage } from "./protocol.ts";
import { isRefusal, type Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

/** The state of the connection; in the last three it is opened again after a pause. */
export type Link =
  | "idle" // closed, and no question waits
  | "connecting"
  | "open" // the server has sent its welcome
  | "offline" // a question waits for the network
  | "lost"
  | Refusal;

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

export class Connection {
  readonly #server: URL;
  readonly #world: World;
  readonly #client: Client;
  #link: Link = "idle";
  #reported: Link = "idle";
  #socket: WebSocket | null = null;
  #timer: unknown; // only one timer runs at a time
  #isPinged = false;
  #wasWelcome = false; // sockets pass, so no proxy can be the reason of a refusal
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
    if (this.#link === "idle") this.#connect();
  }

  send(message: ClientMessage): void {
    this.#socket?.send(JSON.stringify(message));
    if (this.#timer === undefined) this.#listen();
  }

  /** Retries at once instead of later, and checks a socket that seems open. */
  wake(): void {
    if (this.#link === "open") {
      if (!this.#isPinged) this.#ping(QUICK_PONG);
    } else if (this.#link !== "connecting" && this.#client.awaits()) {
      this.#failures = 0;
      if (isRefusal(this.#link)) this.#link = "idle"; // so that the reader sees that it tries
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
    this.#become("idle");
  }

  #connect(): void {
    this.#drop();
    // A reader sees why there is no connection until that changes, not "connecting" at each attempt.
    const isOffline = this.#link === "offline" && !this.#world.isOnline();
    if (!isOffline && !isRefusal(this.#link)) this.#become("connecting");
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
      this.#become("open");
    }
    if (this.#link !== "open") return;
    this.#client.take(message);
    if (this.#link === "open") this.#listen();
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
    const before = this.#link;
    this.#drop();
    this.#link = "idle"; // so that the client may open it again at once
    this.#client.lost(code);
    if (this.#link !== "idle") return;
    if (!this.#client.awaits()) this.#become("idle");
    else if (wasOpen || !this.#world.isOnline()) this.#retry("lost");
    else if (this.#failures) void this.#explain(before);
    else this.#retry("connecting"); // one failure may be chance
  }

  /** A browser gives no reason for a failed handshake. The server does, if it can be reached. */
  async #explain(before: Link): Promise<void> {
    const probe = ++this.#probes;
    this.#become(before);
    const refusal = await Promise.race([
      this.#world.explain(this.#server, this.#wasWelcome).catch((): Refusal => "unreachable"),
      new Promise<Refusal>((resolve) => this.#wait(PROBE, () => resolve("unreachable"))),
    ]);
    if (probe === this.#probes) this.#retry(refusal);
  }

  /** Exponential backoff with full jitter. */
  #retry(link: Link): void {
    const most = Math.min(LAST_RETRY, FIRST_RETRY * 2 ** this.#failures++);
    this.#wait(most * this.#world.random(), () => this.#connect());
    this.#become(this.#world.isOnline() ? link : "offline");
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
    if (link === this.#reported) return;
    this.#reported = link;
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
