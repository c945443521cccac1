// Written by protocol.mjs from docs/asyncapi.json: change that and run `make asyncapi`.
// docs/protocol.md explains the fields.

export type ClientMessage = QuestionMessage | Cancel | Resume | GetStarters | Ping;

export type ServerMessage =
  | Welcome
  | Status
  | ResponseStart
  | ResponseChunk
  | ResponseEnd
  | Error
  | Resumed
  | Starters
  | Pong;

/** The limits of the protocol, by the names that they have in a `welcome`. */
export const LIMITS = {
  question_length: 1000,
  selections: 5,
  selection_length: 2000,
};

export interface QuestionMessage {
  readonly type: "question";
  readonly data: QuestionData;
  readonly timestamp?: string | undefined;
}

export interface QuestionData {
  readonly question: string;
  readonly context_chunks?: readonly (string | SelectionData)[] | undefined;
  readonly session_id?: string | undefined;
  readonly session_token?: string | undefined;
  readonly client_query_id?: string | undefined;
  readonly page?: string | undefined;
  readonly prompt?: string | undefined;
  readonly book?: string | undefined;
}

export interface SelectionData {
  readonly text: string;
  readonly page?: string | undefined;
  readonly anchor?: string | undefined;
}

export interface Cancel {
  readonly type: "cancel";
  readonly data: CancelData;
  readonly timestamp?: string | undefined;
}

export interface CancelData {
  readonly query_id?: string | undefined;
  readonly client_query_id?: string | undefined;
}

export interface Resume {
  readonly type: "resume";
  readonly data: ResumeData;
  readonly timestamp?: string | undefined;
}

export interface ResumeData {
  readonly session_id: string;
  readonly session_token: string;
  readonly last_seq: number;
  readonly query_id?: string | undefined;
  readonly client_query_id?: string | undefined;
}

export interface GetStarters {
  readonly type: "get_starters";
  readonly data?: GetStartersData | undefined;
  readonly timestamp?: string | undefined;
}

export interface GetStartersData {
  readonly page?: string | undefined;
  readonly book?: string | undefined;
}

export interface Ping {
  readonly type: "ping";
  readonly data?: PingData | undefined;
  readonly timestamp?: string | undefined;
}

export interface PingData {
  readonly nonce?: string | undefined;
}

export interface Welcome {
  readonly type: "welcome";
  readonly data: WelcomeData;
  readonly timestamp: string;
}

export interface WelcomeData {
  readonly session_id: string;
  readonly session_token: string;
  readonly server_version: string;
  readonly features: readonly string[];
  readonly protocol: "chat-v1";
  readonly resume_window_s: number;
  readonly session_lifetime_s: number;
  readonly limits: readonly Limit[];
  readonly model: string;
  readonly book: BookInfo;
}

export interface Limit {
  readonly name:
    | "all_day"
    | "all_hour"
    | "all_minute"
    | "concurrent"
    | "connections"
    | "day"
    | "frame_bytes"
    | "hour"
    | "idle_s"
    | "messages"
    | "minute"
    | "question_length"
    | "selection_length"
    | "selections"
    | "sessions"
    | "tokens";
  readonly limit: number;
  readonly remaining?: number | undefined;
}

export interface BookInfo {
  readonly title: string;
  readonly index_version: string;
  readonly name?: string | undefined;
}

export interface Status {
  readonly type: "status";
  readonly data: StatusData;
  readonly timestamp: string;
}

export interface StatusData {
  readonly query_id: string;
  readonly status: string;
  readonly client_query_id?: string | undefined;
  readonly ahead?: number | undefined;
}

export interface ResponseStart {
  readonly type: "response_start";
  readonly data: ResponseStartData;
  readonly timestamp: string;
}

export interface ResponseStartData {
  readonly query_id: string;
  readonly session_id: string;
  readonly session_token: string;
  readonly seq: -1;
  readonly estimated_duration: number;
  readonly sources: readonly Source[];
  readonly client_query_id?: string | undefined;
}

export interface Source {
  readonly index: number;
  readonly chunk_id: string;
  readonly file: string;
  readonly chapter: string;
  readonly section: string;
  readonly title: string;
  readonly url: string;
  readonly quote: string;
}

export interface ResponseChunk {
  readonly type: "response_chunk";
  readonly data: ResponseChunkData;
  readonly timestamp: string;
}

export interface ResponseChunkData {
  readonly query_id: string;
  readonly seq: number;
  readonly content: string;
  readonly is_complete: boolean;
  readonly sources: readonly Source[];
  readonly sentences?: readonly FinishedSentence[] | undefined;
}

export interface FinishedSentence {
  readonly start: number;
  readonly end: number;
  readonly support: number;
  readonly proofs: readonly Proof[];
}

export interface Proof {
  readonly source: number;
  readonly sentence: string;
}

export interface ResponseEnd {
  readonly type: "response_end";
  readonly data: ResponseEndData;
  readonly timestamp: string;
}

export interface ResponseEndData {
  readonly query_id: string;
  readonly seq: number;
  readonly status: "cancelled" | "completed" | "empty" | "filtered" | "truncated";
  readonly response_time_ms: number;
  readonly first_chunk_ms: number;
  readonly total_tokens: number;
  readonly tokens_estimated: boolean;
  readonly sources_used: number;
  readonly grounding: Grounding;
  readonly prompt: PromptVersion;
  readonly model: string;
  readonly index_version: string;
  readonly content_sha256: string;
}

export interface Grounding {
  readonly sentences: number;
  readonly supported: number;
}

export interface PromptVersion {
  readonly name: string;
  readonly version: string;
}

export interface Resumed {
  readonly type: "resumed";
  readonly data: ResumedData;
  readonly timestamp: string;
}

export interface ResumedData {
  readonly recovered: boolean;
  readonly last_seq: number;
  readonly query_id?: string | undefined;
  readonly client_query_id?: string | undefined;
  readonly reason?: "expired" | "unknown" | undefined;
}

export interface Starters {
  readonly type: "starters";
  readonly data: StartersData;
  readonly timestamp: string;
}

export interface StartersData {
  readonly questions: readonly string[];
}

export interface Error {
  readonly type: "error";
  readonly data: ErrorData;
  readonly timestamp: string;
}

export interface ErrorData {
  readonly code:
    | "CONTENT_NOT_FOUND"
    | "CONTEXT_NOT_FOUND"
    | "INTERNAL_ERROR"
    | "INVALID_MESSAGE"
    | "INVALID_SESSION"
    | "QUESTION_TOO_LONG"
    | "RATE_LIMIT_EXCEEDED"
    | "SERVICE_UNAVAILABLE";
  readonly message: string;
  readonly retryable: boolean;
  readonly retry_after?: number | undefined;
  readonly query_id?: string | undefined;
  readonly client_query_id?: string | undefined;
  readonly param?: string | undefined;
  readonly reason?:
    | "all_day"
    | "all_hour"
    | "all_minute"
    | "concurrent"
    | "day"
    | "hour"
    | "messages"
    | "minute"
    | "tokens"
    | undefined;
  readonly suggestions?: readonly Source[] | undefined;
}

export interface Pong {
  readonly type: "pong";
  readonly data: PongData;
  readonly timestamp: string;
}

export interface PongData {
  readonly server_time: string;
  readonly nonce?: string | undefined;
}
