// A question and its answer, as far as it came.

import type {
  Grounding,
  Pong,
  ResponseEndData,
  SelectionData,
  ServerMessage,
  Source,
  Welcome,
} from "./protocol.ts";

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

export interface Note {
  readonly key: string; // for the life of the note
  id: string; // client_query_id of the present run
  readonly question: string;
  readonly selections: readonly SelectionData[];
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

/** Whether the server has the question, and its answer is not at its end. */
export const isRunning = ({ state }: Note): boolean => state === "asked" || state === "answering";

/** Whether nothing more comes, unless the reader asks again. */
export const isOver = ({ state }: Note): boolean => state === "ended" || state === "failed";

/** A message that is about an answer. */
export type AnswerMessage = Exclude<ServerMessage, Welcome | Pong>;

export const isAnswer = (message: ServerMessage): message is AnswerMessage =>
  message.type !== "welcome" && message.type !== "pong";

/** Whether a message is about this note's answer. An error that names no answer is about the one
 * that is running, since there is one at a time. */
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
