"""What an answer's log and what went wrong look like on the wire."""

from __future__ import annotations

from dataclasses import replace

from chains.errors import (
    ContentNotFound,
    ContextNotFound,
    ServiceUnavailable,
    StoreError,
)
from chains.events import Source, Sources, Thinking
from quart_app.answers.answer_log import Ended, Entry, Failed, Piece
from quart_app.answers.kept_answer import KeptAnswer
from quart_app.chat.inbound import Refused
from quart_app.pages.links import PAGE_PREFIX
from quart_app.protocol.messages import ErrorCode
from quart_app.protocol.server_messages import (
    Error,
    ErrorData,
    ResponseChunk,
    ResponseChunkData,
    ResponseEnd,
    ResponseEndData,
    ResponseStart,
    ResponseStartData,
    Status,
    StatusData,
)

LATER = "The {service} cannot answer right now. Please ask again later."


def waiting(answer: KeptAnswer, ahead: int) -> Status:
    """The message for an answer whose turn comes after `ahead` others."""
    return _status(answer, "waiting", ahead)


def _status(answer: KeptAnswer, status: str, ahead: int | None = None) -> Status:
    return Status(StatusData(answer.query_id, status, answer.client_query_id, ahead))


def response(
    answer: KeptAnswer, entry: Entry, session_token: str, estimate_ms: int, root_path: str = ""
) -> ResponseStart | Status | ResponseChunk | ResponseEnd | Error:
    """The message for the next entry of an answer's log, to a client that reaches this server, and
    its pages, below `root_path`."""
    match entry:
        case Sources(sources):
            return ResponseStart(
                ResponseStartData(
                    query_id=answer.query_id,
                    session_id=answer.session_id,
                    session_token=session_token,
                    client_query_id=answer.client_query_id,
                    seq=-1,
                    estimated_duration=estimate_ms,
                    sources=_below(root_path, sources),
                )
            )
        case Thinking():
            return _status(answer, "thinking")
        case Piece(seq, content, sources, is_complete, sentences):
            cited = _below(root_path, sources)
            return ResponseChunk(
                ResponseChunkData(answer.query_id, seq, content, is_complete, cited, sentences)
            )
        case Ended():
            return _end(answer, entry)
        case Failed():
            return _failure(answer, entry, root_path)


def refusal(refused: Refused) -> Error:
    """The error for a message that was not accepted."""
    return Error(
        ErrorData(
            code=refused.code,
            message=refused.message,
            retryable=refused.retry_after is not None,
            retry_after=refused.retry_after,
            client_query_id=refused.client_query_id,
            param=refused.param,
            reason=refused.reason,
        )
    )


def _end(answer: KeptAnswer, ended: Ended) -> ResponseEnd:
    finish = ended.finish
    return ResponseEnd(
        ResponseEndData(
            query_id=answer.query_id,
            seq=answer.log.last_seq,
            status=finish.status,
            response_time_ms=ended.response_time_ms,
            first_chunk_ms=ended.first_chunk_ms,
            total_tokens=finish.total_tokens,
            tokens_estimated=finish.tokens_estimated,
            sources_used=finish.sources_used,
            grounding=finish.grounding,
            prompt=finish.prompt,
            model=finish.model,
            index_version=finish.index_version,
            content_sha256=ended.content_sha256,
        )
    )


def _below(root_path: str, sources: tuple[Source, ...]) -> tuple[Source, ...]:
    """Pages of another site stay where they are."""
    return tuple(
        replace(source, url=root_path + source.url)
        if source.url.startswith(PAGE_PREFIX)
        else source
        for source in sources
    )


def _failure(answer: KeptAnswer, failed: Failed, root_path: str) -> Error:
    code, message, retryable = _explain(failed)
    error = failed.error
    nearest = error.suggestions if isinstance(error, ContentNotFound) else ()
    return Error(
        ErrorData(
            code=code,
            message=message,
            retryable=retryable,
            retry_after=error.retry_after if isinstance(error, ServiceUnavailable) else None,
            query_id=answer.query_id,
            client_query_id=answer.client_query_id,
            suggestions=_below(root_path, nearest),
        )
    )


def _explain(failed: Failed) -> tuple[ErrorCode, str, bool]:
    """Code, message and whether asking again may help; reasons stay in the server's log."""
    match failed.error:
        case ContextNotFound():
            return "CONTEXT_NOT_FOUND", str(failed.error), False
        case ContentNotFound():
            return "CONTENT_NOT_FOUND", str(failed.error), False
        case ServiceUnavailable(service=service):
            return "SERVICE_UNAVAILABLE", LATER.format(service=service), True
        case StoreError():
            return "SERVICE_UNAVAILABLE", LATER.format(service="index"), True
        case _:
            return (
                "INTERNAL_ERROR",
                f"Something went wrong on the server (id {failed.error_id}).",
                True,
            )
