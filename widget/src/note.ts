// A question, and its answer as far as it has arrived.

import type {
  FinishedSentence,
  Grounding,
  Pong,
  ResponseEndData,
  SelectionData,
  ServerMessage,
  Source,
  Starters,
  Welcome,
} from "./protocol.ts";

/** waiting: not sent yet; asked: sent, no reply yet; answering: its response_start has come. */
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

export interface Note {
  readonly key: string; // never changes
  id: string; // client_query_id of the current run
  readonly question: string;
  readonly selections: readonly SelectionData[];
  readonly page: string;
  state: NoteState;
  queryId?: string;
  lastSeq: number; // -1 before the first delta
  text: string; // Markdown
  sources: readonly Source[];
  cited: number[]; // `index` of each cited source, in the order of the first citations
  sentences?: FinishedSentence[]; // those that claim something; a note of an older version has none
  ahead?: number; // while it is asked: how many questions come before it
  thinks?: boolean; // until the first text: whether the model thinks
  ending?: Ending;
  failure?: Failure;
}

/** Whether the question was sent, and its answer has not ended. */
export const isRunning = ({ state }: Note): boolean => state === "asked" || state === "answering";

/** Whether the reader may ask again: the answer failed, or has no text. */
export const isRetryable = ({ state, ending, failure }: Note): boolean =>
  state === "failed" ? !!failure?.retryable : state === "ended" && ending?.status === "empty";

/** Whether the answer has ended, well or not. */
export const isOver = ({ state }: Note): boolean => state === "ended" || state === "failed";

/** How many sentences of the answer the book does not support. */
export const unfoundIn = ({ sentences = [] }: Note): number =>
  sentences.filter(({ proofs }) => !proofs.length).length;

/** A message that is about an answer. */
export type AnswerMessage = Exclude<ServerMessage, Welcome | Starters | Pong>;

/** False for those of later versions, too, whatever they hold. */
export const isAnswer = (message: ServerMessage): message is AnswerMessage =>
  /^(status|response_.*|resumed|error)$/.test(message.type);

/** Whether a message is about the answer of this note, which is running. An error without an id is
 * about it too, since only one answer runs at a time. */
export function isOf(note: Note, { data }: AnswerMessage): boolean {
  if ("client_query_id" in data) return data.client_query_id === note.id;
  return data.query_id === undefined || data.query_id === note.queryId;
}

export const endingOf = ({
  status,
  model,
  content_sha256,
  grounding,
}: ResponseEndData): Ending => ({
  status,
  model,
  sha256: content_sha256,
  grounding,
});
