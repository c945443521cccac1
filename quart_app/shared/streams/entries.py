"""What stands in the stream of an answer: pieces of its log, as MessagePack.

The first entry of a stream is its opening (see `quart_app.shared.shared_sessions`): the server
that writes the answer, and the client's own id of its question. Then come Entries. They tell where
in the log they belong, so that one which came twice does no harm.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from chains.errors import ContentNotFound, ContextNotFound, ServiceUnavailable, StoreError
from chains.events import Basis, Delta, FinishedSentence, PromptVersion, Source, Sources, Thinking
from quart_app.answers.answer_log import AnswerLog, Ended, Failed

DATA, SERVER, CLIENT = b"d", b"server", b"client"
"""Fields: of an entry, and of the opening."""
MOST_DELTAS = 500
"""Of an entry; what waits beyond goes into the next one."""
_ELSEWHERE = Basis(PromptVersion("", ""), "", "")
"""What an answer is made of is known where it is written."""


class Failure(msgspec.Struct, frozen=True, array_like=True):
    """How an answer failed; `words` are a chunk id, a service, or what the reader is sent."""

    kind: Literal["context", "content", "service", "index", "bug"]
    error_id: str
    words: str = ""
    suggestions: tuple[Source, ...] = ()
    retry_after: int | None = None


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """Deltas from number `seq` on, and what else there is; `cited` and `finished` have the sources
    and sentences of some of them, by their place in `contents`."""

    seq: int
    contents: tuple[str, ...] = ()
    cited: dict[int, tuple[Source, ...]] = {}
    finished: dict[int, tuple[FinishedSentence, ...]] = {}
    sources: tuple[Source, ...] | None = None
    is_thinking: bool = False
    ended: Ended | None = None
    failed: Failure | None = None
    book: str = ""


class Gap(Exception):
    """What stands in a stream does not go on with what was read before."""


encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(Entry).decode
"""Raises msgspec.MsgspecError where another version wrote it."""


def entry_of(
    log: AnswerLog,
    sent: int,
    *,
    with_sources: bool,
    with_thinking: bool,
    with_ending: bool,
    book: str = "",
) -> Entry:
    """The next of a log of which `sent` deltas are written, at most MOST_DELTAS of them; the
    ending comes with the last."""
    deltas = log.deltas[sent : sent + MOST_DELTAS]
    is_last = sent + len(deltas) == len(log.deltas)
    ending = log.ending if with_ending and is_last else None
    return Entry(
        sent,
        tuple([delta.content for delta in deltas]),
        {place: delta.sources for place, delta in enumerate(deltas) if delta.sources},
        {place: delta.sentences for place, delta in enumerate(deltas) if delta.sentences},
        log.sources.sources if with_sources and log.sources is not None else None,
        with_thinking and log.thinking is not None,
        ending if isinstance(ending, Ended) else None,
        _failure_of(ending) if isinstance(ending, Failed) else None,
        book if with_sources else "",
    )


def copy_entry(entry: Entry, log: AnswerLog) -> None:
    """Write an entry into the copy of its log. Raises Gap."""
    if entry.sources is not None and log.sources is None:
        log.add(Sources(entry.sources, _ELSEWHERE))
    if entry.is_thinking and log.thinking is None:
        log.add(Thinking())
    if entry.seq > len(log.deltas):
        raise Gap
    for place in range(len(log.deltas) - entry.seq, len(entry.contents)):
        sources, sentences = entry.cited.get(place, ()), entry.finished.get(place, ())
        log.add(Delta(entry.contents[place], sources, sentences))
    if log.ending is not None:
        return
    if entry.ended is not None:
        if entry.ended.content_sha256 != log.content_sha256:
            raise Gap
        log.end(entry.ended)
    elif entry.failed is not None:
        log.end(Failed(_error_of(entry.failed), entry.failed.error_id))


def _failure_of(failed: Failed) -> Failure:
    """Reasons stay at the server that wrote the answer, in its log."""
    match failed.error:
        case ContextNotFound(chunk_id=chunk_id):
            return Failure("context", failed.error_id, chunk_id)
        case ContentNotFound() as error:
            return Failure("content", failed.error_id, str(error), error.suggestions)
        case ServiceUnavailable() as error:
            wait = error.retry_after
            return Failure("service", failed.error_id, error.service, retry_after=wait)
        case StoreError():
            return Failure("index", failed.error_id)
        case _:
            return Failure("bug", failed.error_id)


def _error_of(failure: Failure) -> Exception:
    match failure.kind:
        case "context":
            return ContextNotFound(failure.words)
        case "content":
            error = ContentNotFound(failure.suggestions)
            error.args = (failure.words,)
            return error
        case "service":
            return ServiceUnavailable(
                failure.words, "see the log of another server", retry_after=failure.retry_after
            )
        case "index":
            return StoreError("see the log of another server")
        case "bug":
            return RuntimeError("see the log of another server")
