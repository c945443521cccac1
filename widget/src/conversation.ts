// A reader's questions and their answers, and how an answer gets here whole over any network.

import { type Client, Connection, type Link } from "./connection.ts";
import { type Limits, limitsOf } from "./limits.ts";
import {
  type Ending,
  endingOf,
  type Failure,
  isAnswer,
  isOf,
  type Note,
  type NoteState,
} from "./note.ts";
import { Notes, type NotesListener } from "./notes.ts";
import {
  type ErrorData,
  LIMITS,
  type ResponseStartData,
  type ResumedData,
  type SelectionData,
  type ServerMessage,
  type WelcomeData,
} from "./protocol.ts";
import { type Session, Store } from "./store.ts";
import { SAID } from "./words/client.ts";
import { browser, type World } from "./world.ts";

export interface Listener extends NotesListener {
  linked(link: Link): void;
  welcomed(): void; // the limits are those of the server now
}

export interface Options {
  server: URL;
  prompt?: string | undefined;
  listener: Listener;
  storage: Storage | null;
  world?: World;
}

const STOPPED_AFTER = 3000; // ms that the ending of a cancelled answer may take
/** Closes for something that the client did, and would do again. */
const FAULTS = new Set([1002, 1003, 1007, 1008, 1009, 1010, 4000]);

export class Conversation {
  readonly #options: Options;
  readonly #world: World;
  readonly #listener: Listener;
  readonly #notes: Notes;
  readonly #connection: Connection;
  #model = "";
  #limits: Limits = LIMITS;
  #pausing: unknown; // until a question that was refused for a moment is sent again
  #stopping: unknown; // until a cancelled answer ends without its ending

  constructor(options: Options) {
    const { server, listener, storage, world = browser } = options;
    this.#options = options;
    this.#world = world;
    this.#listener = listener;
    const store = new Store(storage, `scholiast:${server.href}`);
    this.#notes = new Notes(store, listener, world);
    this.#connection = new Connection(server, world, this.#client());
  }

  get notes(): readonly Note[] {
    return this.#notes.all;
  }

  /** What the server takes; until it has said so, what the protocol names. */
  get limits(): Limits {
    return this.#limits;
  }

  get link(): Link {
    return this.#connection.link;
  }

  ask(question: string, selections: readonly SelectionData[], page: string): Note {
    const note = this.#notes.add(question, selections, page);
    this.#go();
    this.wake();
    return note;
  }

  /** What was written stays; what was not sent yet goes. */
  stop(note: Note): void {
    if (note.state === "waiting") this.#notes.remove(note);
    else if (note === this.#notes.running) {
      if (this.link.state !== "open") this.#cancelled(note);
      else if (this.#stopping === undefined) {
        this.#cancel(note);
        this.#stopping = this.#world.later(STOPPED_AFTER, () => this.#cancelled(note));
      }
    }
    if (!this.#notes.awaits && this.link.state !== "open") this.#connection.close();
  }

  retry(note: Note): void {
    if (note.state !== "failed") return;
    this.#notes.renew(note);
    this.#go();
    this.wake();
  }

  /** Begins a new conversation: nothing is left of this one. */
  clear(): void {
    const running = this.#notes.running;
    if (running && this.link.state === "open") this.#cancel(running);
    this.#stopTimers();
    this.#connection.close();
    this.#notes.clear();
  }

  /** Takes up what was under way when the page was left. */
  resume(): void {
    this.#go();
  }

  suspend(): void {
    const running = this.#notes.running;
    if (running && this.#stopping !== undefined) this.#cancelled(running);
    this.#stopTimers();
    this.#notes.save();
    this.#connection.close();
  }

  wake(): void {
    this.#connection.wake();
  }

  destroy(): void {
    this.suspend();
  }

  // What is to be done

  #go(): void {
    const { awaits, running, waiting } = this.#notes;
    if (!awaits) return;
    if (this.link.state !== "open") this.#connection.open();
    else if (!running) this.#send(waiting as Note);
  }

  /** Asks from the beginning; with an id that ran already, the server tells that run. */
  #send(note: Note): void {
    this.#notes.empty(note, "asked"); // saved before it is sent: no run may be forgotten
    const data = {
      question: note.question,
      context_chunks: note.selections,
      page: note.page || undefined,
      client_query_id: note.id,
      prompt: this.#options.prompt,
      ...this.#notes.session,
    };
    this.#connection.send({ type: "question", data });
  }

  #resume(note: Note): void {
    const data = {
      client_query_id: note.id,
      query_id: note.queryId,
      last_seq: note.lastSeq,
      ...(this.#notes.session as Session),
    };
    this.#connection.send({ type: "resume", data });
  }

  #cancel({ id }: Note): void {
    this.#connection.send({ type: "cancel", data: { client_query_id: id } });
  }

  // What comes

  #client(): Client {
    return {
      awaits: () => this.#notes.awaits,
      take: (message) => this.#take(message),
      linked: (link) => this.#listener.linked(link),
      lost: (code) => {
        const note = this.#notes.running;
        if (!note) return;
        if (this.#stopping !== undefined) this.#cancelled(note);
        else if (FAULTS.has(code)) this.#fail(note, "CONNECTION_CLOSED", SAID.closed);
      },
    };
  }

  #take(message: ServerMessage): void {
    if (message.type === "welcome") this.#welcome(message.data);
    const note = this.#notes.running;
    if (!note || !isAnswer(message) || !isOf(note, message)) return;
    switch (message.type) {
      case "response_start":
        this.#start(note, message.data);
        break;
      case "response_chunk":
        if (this.#notes.grow(note, message.data)) this.#connection.prosper();
        break;
      case "response_end":
        this.#end(note, endingOf(message.data));
        break;
      case "resumed":
        this.#resumed(note, message.data);
        break;
      case "error":
        this.#refused(note, message.data);
    }
  }

  #welcome(data: WelcomeData): void {
    this.#notes.session ??= sessionOf(data);
    this.#model = data.model;
    this.#limits = limitsOf(data.limits);
    this.#listener.welcomed();
    const running = this.#notes.running;
    if (running) this.#resume(running);
    else this.#go();
  }

  #resumed(note: Note, { recovered, reason }: ResumedData): void {
    if (recovered) return;
    if (reason === "expired") this.#fail(note, "EXPIRED", SAID.expired);
    else this.#send(note);
  }

  #start(note: Note, data: ResponseStartData): void {
    this.#connection.prosper();
    this.#notes.session = sessionOf(data);
    note.queryId = data.query_id;
    note.sources = data.sources;
    this.#notes.become(note, "answering");
  }

  #refused(note: Note, data: ErrorData): void {
    const { code, message, retryable, retry_after: after = 0, reason, param, suggestions } = data;
    if (reason === "messages") this.#connection.renew();
    else if (reason === "concurrent") {
      this.#notes.become(note, "waiting");
      this.#pausing ??= this.#world.later(after * 1000, () => {
        this.#pausing = undefined;
        this.#go();
      });
    } else if (code === "INVALID_MESSAGE" && param === "client_query_id")
      this.#fail(note, "EXPIRED", SAID.expired);
    else if (code === "INVALID_MESSAGE" && param === "last_seq") {
      this.#notes.empty(note, "asked"); // the server's run is another one
      this.#resume(note);
    } else {
      this.#connection.prosper();
      this.#fail(note, code, message, retryable, {
        ...(after && { retryAt: this.#world.now() + after * 1000 }),
        ...(suggestions && { suggestions }),
      });
    }
  }

  // What becomes of a note

  #end(note: Note, ending: Ending): void {
    note.ending = ending;
    this.#finish(note, "ended");
  }

  #cancelled(note: Note): void {
    this.#end(note, { status: "cancelled", model: this.#model, sha256: "" });
  }

  #fail(
    note: Note,
    code: string,
    message: string,
    retryable = true,
    more: Partial<Failure> = {},
  ): void {
    note.failure = { code, message, retryable, ...more };
    this.#finish(note, "failed");
  }

  #finish(note: Note, state: NoteState): void {
    this.#world.cancel(this.#stopping);
    this.#stopping = undefined;
    this.#notes.become(note, state);
    this.#go();
  }

  #stopTimers(): void {
    for (const timer of [this.#pausing, this.#stopping]) this.#world.cancel(timer);
    this.#pausing = this.#stopping = undefined;
  }
}

const sessionOf = ({ session_id, session_token }: Session): Session => ({
  session_id,
  session_token,
});
