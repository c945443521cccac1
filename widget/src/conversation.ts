// A reader's questions and their answers, and how an answer gets here whole over any network.

import { type Client, Connection, type Link } from "./connection.ts";
import { type Limits, limitsOf } from "./limits.ts";
import {
  type ErrorData,
  type Grounding,
  LIMITS,
  type Pong,
  type ResponseChunkData,
  type ResponseEndData,
  type ResponseStartData,
  type ResumedData,
  type SelectionData,
  type ServerMessage,
  type Source,
  type Welcome,
  type WelcomeData,
} from "./protocol.ts";
import { type Session, Store } from "./store.ts";
import { SAID } from "./words/client.ts";
import { browser, type World } from "./world.ts";

export type { Link };

/** waiting: to be sent yet; asked: sent, nothing came; answering: its response_start came. */
export type NoteState = "waiting" | "asked" | "answering" | "ended" | "failed";

export interface Failure {
  code: string;
  message: string;
  retryable: boolean;
  retryAt?: number; // ms, epoch
  suggestions?: readonly Source[];
}

export interface Ending {
  status: ResponseEndData["status"];
  model: string;
  sha256: string;
  grounding?: Grounding;
}

/** A question and its answer, as far as it came. */
export interface Note {
  readonly key: string; // for the life of the note
  id: string; // client_query_id of the present run
  readonly question: string;
  readonly passages: readonly SelectionData[];
  readonly page: string;
  state: NoteState;
  queryId?: string;
  lastSeq: number; // -1 before the first delta
  text: string; // Markdown
  sources: readonly Source[];
  cited: number[]; // indexes of sources, in the order of their first citation
  ending?: Ending;
  failure?: Failure;
}

export interface Listener {
  added(note: Note): void; // behind all others
  grew(note: Note, piece: string): void; // piece stands at the end of note.text
  restarted(note: Note): void; // note.text is empty again
  changed(note: Note): void; // anything but text
  removed(note: Note): void;
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

const SAVED_EVERY = 1000; // ms, while text comes
const STOPPED_AFTER = 3000; // ms that the ending of a cancelled answer may take
/** Closes for something that the client did, and would do again. */
const FAULTS = new Set([1002, 1003, 1007, 1008, 1009, 1010, 4000]);
const PATIENT = new Set<NoteState>(["waiting", "asked", "answering"]);

export class Conversation {
  readonly #options: Options;
  readonly #world: World;
  readonly #listener: Listener;
  readonly #store: Store;
  readonly #connection: Connection;
  readonly #notes: Note[];
  #session: Session | null;
  #model = "";
  #limits: Limits = LIMITS;
  #saving: unknown;
  #pausing: unknown; // until a question that was refused for a moment is sent again
  #stopping: unknown; // until a cancelled answer ends without its ending

  constructor(options: Options) {
    const { server, listener, storage, world = browser } = options;
    this.#options = options;
    this.#world = world;
    this.#listener = listener;
    this.#store = new Store(storage, `scholiast:${server.href}`);
    const { session, notes } = this.#store.read();
    this.#session = session;
    this.#notes = notes;
    this.#connection = new Connection(server, world, this.#client());
  }

  get notes(): readonly Note[] {
    return this.#notes;
  }

  /** What the server takes; until it has said so, what the protocol names. */
  get limits(): Limits {
    return this.#limits;
  }

  get link(): Link {
    return this.#connection.link;
  }

  ask(question: string, passages: readonly SelectionData[], page: string): Note {
    const id = this.#newId();
    const note: Note = {
      key: id,
      id,
      question: question.trim(),
      passages,
      page,
      state: "waiting",
      lastSeq: -1,
      text: "",
      sources: [],
      cited: [],
    };
    this.#notes.push(note);
    this.#save();
    this.#listener.added(note);
    this.#go();
    this.wake();
    return note;
  }

  /** What was written stays; what was not sent yet goes. */
  stop(note: Note): void {
    if (note.state === "waiting") this.#remove(note);
    else if (note === this.#running) {
      if (this.link.state !== "open") this.#cancelled(note);
      else if (this.#stopping === undefined) {
        this.#cancel(note);
        this.#stopping = this.#world.later(STOPPED_AFTER, () => this.#cancelled(note));
      }
    }
    if (!this.#awaits && this.link.state !== "open") this.#connection.close();
  }

  retry(note: Note): void {
    if (note.state !== "failed") return;
    note.id = this.#newId();
    delete note.failure;
    this.#empty(note, "waiting");
    this.#go();
    this.wake();
  }

  /** Begins a new conversation: nothing is left of this one. */
  clear(): void {
    const running = this.#running;
    if (running && this.link.state === "open") this.#cancel(running);
    this.#stopTimers();
    const removed = this.#notes.splice(0);
    this.#session = null;
    this.#save();
    this.#connection.close();
    for (const note of removed) this.#listener.removed(note);
  }

  /** Takes up what was under way when the page was left. */
  resume(): void {
    this.#go();
  }

  suspend(): void {
    const running = this.#running;
    if (running && this.#stopping !== undefined) this.#cancelled(running);
    this.#stopTimers();
    this.#save();
    this.#connection.close();
  }

  wake(): void {
    this.#connection.wake();
  }

  destroy(): void {
    this.suspend();
  }

  // What is to be done

  get #running(): Note | undefined {
    return this.#notes.find(({ state }) => state === "asked" || state === "answering");
  }

  get #awaits(): boolean {
    return this.#notes.some(({ state }) => PATIENT.has(state));
  }

  #go(): void {
    if (!this.#awaits) return;
    if (this.link.state !== "open") this.#connection.open();
    else if (!this.#running)
      this.#send(this.#notes.find(({ state }) => state === "waiting") as Note);
  }

  /** Asks from the beginning; with an id that ran already, the server tells that run. */
  #send(note: Note): void {
    this.#empty(note, "asked"); // saved before it is sent: no run may be forgotten
    const data = {
      question: note.question,
      context_chunks: note.passages,
      page: note.page || undefined,
      client_query_id: note.id,
      prompt: this.#options.prompt,
      ...this.#session,
    };
    this.#connection.send({ type: "question", data });
  }

  #resume(note: Note): void {
    const data = {
      client_query_id: note.id,
      query_id: note.queryId,
      last_seq: note.lastSeq,
      ...(this.#session as Session),
    };
    this.#connection.send({ type: "resume", data });
  }

  #cancel({ id }: Note): void {
    this.#connection.send({ type: "cancel", data: { client_query_id: id } });
  }

  // What comes

  #client(): Client {
    return {
      awaits: () => this.#awaits,
      take: (message) => this.#take(message),
      linked: (link) => this.#listener.linked(link),
      lost: (code) => {
        const note = this.#running;
        if (!note) return;
        if (this.#stopping !== undefined) this.#cancelled(note);
        else if (FAULTS.has(code)) this.#fail(note, "CONNECTION_CLOSED", SAID.closed);
      },
    };
  }

  #take(message: ServerMessage): void {
    if (message.type === "welcome") this.#welcome(message.data);
    const note = this.#running;
    if (!note || !isAnswer(message) || !isOf(note, message)) return;
    switch (message.type) {
      case "response_start":
        this.#start(note, message.data);
        break;
      case "response_chunk":
        this.#grow(note, message.data);
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
    this.#session ??= sessionOf(data);
    this.#model = data.model;
    this.#limits = limitsOf(data.limits);
    this.#listener.welcomed();
    const running = this.#running;
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
    this.#session = sessionOf(data);
    note.queryId = data.query_id;
    note.sources = data.sources;
    this.#become(note, "answering");
  }

  #grow(note: Note, data: ResponseChunkData): void {
    const isNew = data.seq > note.lastSeq;
    const cited = data.sources.map(({ index }) => index).filter((n) => !note.cited.includes(n));
    if (isNew) {
      this.#connection.prosper();
      note.text += data.content;
      note.lastSeq = data.seq;
      this.#saving ??= this.#world.later(SAVED_EVERY, () => this.#save());
    }
    note.cited.push(...cited);
    if (isNew && data.content) this.#listener.grew(note, data.content);
    if (cited.length) this.#changed(note);
  }

  #refused(note: Note, data: ErrorData): void {
    const { code, message, retryable, retry_after: after = 0, reason, param, suggestions } = data;
    if (reason === "messages") this.#connection.renew();
    else if (reason === "concurrent") {
      this.#become(note, "waiting");
      this.#pausing ??= this.#world.later(after * 1000, () => {
        this.#pausing = undefined;
        this.#go();
      });
    } else if (code === "INVALID_MESSAGE" && param === "client_query_id")
      this.#fail(note, "EXPIRED", SAID.expired);
    else if (code === "INVALID_MESSAGE" && param === "last_seq") {
      this.#empty(note, "asked"); // the server's run is another one
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
    this.#become(note, state);
    this.#go();
  }

  #empty(note: Note, state: NoteState): void {
    const hadText = note.text !== "";
    delete note.queryId;
    Object.assign(note, { state, lastSeq: -1, text: "", sources: [], cited: [] });
    if (hadText) this.#listener.restarted(note);
    this.#changed(note);
  }

  #become(note: Note, state: NoteState): void {
    note.state = state;
    this.#changed(note);
  }

  #changed(note: Note): void {
    this.#save();
    this.#listener.changed(note);
  }

  #remove(note: Note): void {
    this.#notes.splice(this.#notes.indexOf(note), 1);
    this.#save();
    this.#listener.removed(note);
  }

  #save(): void {
    this.#world.cancel(this.#saving);
    this.#saving = undefined;
    this.#store.write({ session: this.#session, notes: this.#notes });
  }

  #stopTimers(): void {
    for (const timer of [this.#saving, this.#pausing, this.#stopping]) this.#world.cancel(timer);
    this.#saving = this.#pausing = this.#stopping = undefined;
  }

  #newId(): string {
    return `${this.#world.now().toString(36)}-${this.#world.random().toString(36).slice(2)}`;
  }
}

const sessionOf = ({ session_id, session_token }: Session): Session => ({
  session_id,
  session_token,
});

const endingOf = ({ status, model, content_sha256, grounding }: ResponseEndData): Ending => ({
  status,
  model,
  sha256: content_sha256,
  grounding,
});

type AnswerMessage = Exclude<ServerMessage, Welcome | Pong>;

const isAnswer = (message: ServerMessage): message is AnswerMessage =>
  message.type !== "welcome" && message.type !== "pong";

/** Whether a message is about the answer; what is refused unread names none, and there is one. */
function isOf(note: Note, { data }: AnswerMessage): boolean {
  if ("client_query_id" in data) return data.client_query_id === note.id;
  return data.query_id === undefined || data.query_id === note.queryId;
}
