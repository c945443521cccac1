// Sends a reader's questions, and receives complete answers over a network that may fail.

import { type Client, Connection, type Link } from "./connection.ts";
import { type Limits, limitsOf } from "./limits.ts";
import {
  type Ending,
  endingOf,
  type Failure,
  isAnswer,
  isOf,
  isRetryable,
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
  type StatusData,
  type WelcomeData,
} from "./protocol.ts";
import { type Session, Store } from "./store.ts";
import { SAID } from "./words/client.ts";
import { browser, type World } from "./world.ts";

export interface Listener extends NotesListener {
  linked(link: Link): void;
  welcomed(): void; // `limits` and `title` are the server's own from now on
  suggested(questions: readonly string[]): void; // that the page answers well
}

export interface Options {
  server: URL;
  prompt?: string | undefined;
  listener: Listener;
  storage: Storage | null;
  world?: World;
}

const STOPPED_AFTER = 3000; // ms; then a cancelled answer counts as ended
/** Codes for mistakes of the client. Another attempt would end the same way. */
const FAULTS = /^(100[23789]|1010|4000)$/;

export class Conversation {
  readonly #options: Options;
  readonly #world: World;
  readonly #listener: Listener;
  readonly #notes: Notes;
  readonly #connection: Connection;
  #model = "";
  #limits: Limits = LIMITS;
  #greeted = ""; // the page that questions were asked for
  #following = ""; // the id of the question whose answer comes over this socket
  #pausing: unknown; // runs until a question that was refused for now is sent again
  #stopping: unknown; // runs while the ending of a cancelled answer is awaited

  constructor(options: Options) {
    const { server, listener, storage, world = browser } = options;
    this.#options = options;
    this.#world = world;
    this.#listener = listener;
    const store = new Store(storage, `scholiast:${server.href}`, () => world.now());
    this.#notes = new Notes(store, listener, world);
    this.#connection = new Connection(server, world, this.#client());
  }

  get notes(): readonly Note[] {
    return this.#notes.all;
  }

  /** The limits of the server; before its first welcome, those of the protocol. */
  get limits(): Limits {
    return this.#limits;
  }

  /** The title of the book; "" before the first welcome. */
  get title(): string {
    return this.#notes.about.title;
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

  /** Asks for questions that a page answers well, if the reader has asked none yet. */
  greet(page: string): void {
    if (this.notes.length || page === this.#greeted) return;
    this.#greeted = page;
    this.#connection.open();
  }

  /** Ends a running answer and keeps its text. Removes a question that was not sent yet. */
  stop(note: Note): void {
    if (note.state === "waiting") this.#notes.remove(note);
    else if (note === this.#notes.running) {
      if (this.link !== "open") this.#cancelled(note);
      else if (this.#stopping === undefined) {
        this.#cancel(note);
        this.#stopping = this.#world.later(STOPPED_AFTER, () => this.#cancelled(note));
      }
    }
    if (!this.#notes.awaits && this.link !== "open") this.#connection.close();
  }

  retry(note: Note): void {
    if (!isRetryable(note)) return;
    this.#notes.renew(note);
    this.#go();
    this.wake();
  }

  /** Starts a new conversation and forgets this one. */
  clear(): void {
    this.#leave(this.#notes.running);
    this.#notes.clear();
  }

  #leave(running?: Note): void {
    if (running && this.link === "open") this.#cancel(running);
    this.#stopTimers();
    this.#connection.close();
  }

  /** Continues what was running when the page was left. */
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
    this.#notes.sync();
    this.#connection.wake();
  }

  /** Another tab of the site has kept something, or removed it. `isSeen`: this one is in front, so
   * that it follows the answer, too. */
  hear(name: string, text: string | null, isSeen: boolean): void {
    const { running } = this.#notes;
    this.#notes.hear(name, text, this.link === "open" ? this.#following : "");
    if (running && !this.notes.includes(running)) this.#leave(running);
    if (isSeen && this.#notes.running) this.#go();
  }

  // Sending

  #go(): void {
    const { awaits, running, waiting } = this.#notes;
    if (!awaits) return;
    const next = running ?? (waiting as Note);
    if (this.link !== "open") this.#connection.open();
    else if (!this.#notes.about.session)
      this.#connection.renew(); // its session is that of another conversation
    else if (next.id === this.#following) return;
    else if (running) this.#resume(running);
    else this.#send(next);
  }

  /** Sends the question. If its id ran before, the server sends that answer again. */
  #send(note: Note): void {
    this.#following = note.id;
    this.#notes.empty(note, "asked"); // saved first, so that no sent question is forgotten
    const data = {
      question: note.question,
      context_chunks: note.selections,
      page: note.page || undefined,
      client_query_id: note.id,
      prompt: this.#options.prompt,
      ...this.#notes.about.session,
    };
    this.#connection.send({ type: "question", data });
  }

  #resume(note: Note): void {
    this.#following = note.id;
    const data = {
      client_query_id: note.id,
      query_id: note.queryId,
      last_seq: note.lastSeq,
      ...(this.#notes.about.session as Session),
    };
    this.#connection.send({ type: "resume", data });
  }

  #cancel({ id }: Note): void {
    this.#connection.send({ type: "cancel", data: { client_query_id: id } });
  }

  // Receiving

  #client(): Client {
    return {
      awaits: () => this.#notes.awaits,
      take: (message) => this.#take(message),
      linked: (link) => this.#listener.linked(this.#notes.awaits ? link : "idle"),
      lost: (code) => {
        const note = this.#notes.running;
        if (!note) return;
        if (this.#stopping !== undefined) this.#cancelled(note);
        else if (FAULTS.test(`${code}`)) this.#fail(note, "CONNECTION_CLOSED", SAID.closed);
      },
    };
  }

  #take(message: ServerMessage): void {
    if (message.type === "welcome") this.#welcome(message.data);
    if (message.type === "starters") {
      this.#listener.suggested(message.data.questions);
      if (!this.#notes.awaits) this.#connection.close(); // until there is a question
    }
    const note = this.#notes.running;
    if (!note || !isAnswer(message) || !isOf(note, message)) return;
    switch (message.type) {
      case "status":
        this.#heard(note, message.data);
        break;
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
    this.#notes.sync(); // so that two tabs do not begin two sessions
    const { about } = this.#notes;
    this.#notes.about = {
      ...about,
      session: about.session ?? sessionOf(data),
      title: data.book.title,
      lifetime: data.session_lifetime_s,
    };
    this.#model = data.model;
    this.#limits = limitsOf(data.limits);
    this.#listener.welcomed();
    this.#following = "";
    if (this.#notes.awaits) this.#go();
    else this.#connection.send({ type: "get_starters", data: { page: this.#greeted } });
  }

  #resumed(note: Note, { recovered, reason }: ResumedData): void {
    if (recovered) return;
    if (reason === "expired") this.#fail(note, "EXPIRED", SAID.expired);
    else this.#send(note);
  }

  /** A word that this client does not know says nothing. */
  #heard(note: Note, { query_id, status, ahead }: StatusData): void {
    note.queryId = query_id;
    delete note.ahead;
    if (status === "waiting" && ahead !== undefined) note.ahead = ahead;
    if (status === "thinking" && !note.text) note.thinks = true;
    this.#notes.become(note, note.state);
  }

  #start(note: Note, data: ResponseStartData): void {
    this.#connection.prosper();
    this.#notes.about = { ...this.#notes.about, session: sessionOf(data) };
    delete note.ahead;
    delete note.thinks;
    note.queryId = data.query_id;
    note.sources = data.sources;
    this.#notes.become(note, "answering");
  }

  #refused(note: Note, data: ErrorData): void {
    const { code, message, retryable, retry_after: after = 0, reason, param, suggestions } = data;
    if (reason === "messages") this.#connection.renew();
    else if (reason === "concurrent") {
      this.#following = "";
      this.#notes.become(note, "waiting");
      this.#pausing ??= this.#world.later(after * 1000, () => {
        this.#pausing = undefined;
        this.#go();
      });
    } else if (code === "INVALID_MESSAGE" && param === "client_query_id")
      this.#fail(note, "EXPIRED", SAID.expired);
    else if (code === "INVALID_MESSAGE" && param === "last_seq") {
      this.#notes.empty(note, "asked"); // the server has another run of this question
      this.#resume(note);
    } else {
      this.#connection.prosper();
      this.#fail(note, code, message, retryable, {
        ...(after && { retryAt: this.#world.now() + after * 1000 }),
        ...(suggestions && { suggestions }),
      });
    }
  }

  // Endings

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
