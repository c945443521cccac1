"""One answer while it is watched: what its chain reports, the frames that were sent, its ending."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version

from langchain_core.callbacks import BaseCallbackHandler
from msgspec.structs import replace

from chains.errors import ScholiastError
from chains.question import Question, Selection, Turn
from quart_app.answers.answer_log import AnswerLog, Ended, Failed
from quart_app.protocol.server_messages import (
    Error,
    ResponseChunk,
    ResponseEnd,
    ResponseStart,
    Resumed,
    ServerMessage,
    Status,
    encode,
)
from quart_app.trace.record import (
    Asked,
    AskedSelection,
    Fault,
    Frame,
    Listed,
    Message,
    Outcome,
    Trace,
)
from quart_app.trace.run import RunRecorder

RELEASE = version("scholiast")
MOST_FRAMES = 4000
"""Of one answer; one that is read again and again has more."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What is known of an answer when its question is accepted; `session` is a hash."""

    query_id: str
    client_query_id: str | None
    session: str
    accepted: str
    prompt: str
    version: str | None


class Recorder:
    """Watches one answer. `callbacks` are for the config of its chain.

    After `end`, and after each frame that is sent later, it calls `write_later` with itself and
    with whether a reader has the ending already: then nothing more is to be waited for.
    """

    def __init__(
        self,
        origin: Origin,
        question: Question,
        write_later: Callable[[Recorder, bool], None],
        clock: Callable[[], float],
    ) -> None:
        self.origin = origin
        self.is_over = False
        self.is_taken = False
        self._write_later = write_later
        self._question = question
        self._clock = clock
        self._accepted = clock()
        self._run = RunRecorder(self._elapsed)
        self._frames: list[Frame] = []
        self._count = 0
        self._sources: tuple[Listed, ...] = ()
        self._has_ending = False
        self.callbacks: list[BaseCallbackHandler] = [self._run]

    def frame(self, message: ServerMessage) -> None:
        """A frame was sent for this answer."""
        self._count += 1
        if self._count <= MOST_FRAMES:
            self._frames.append(_frame(message, self._elapsed()))
        self._has_ending |= isinstance(message, (ResponseEnd, Error))
        if self.is_over:
            self._write_later(self, self._has_ending)

    def end(self, log: AnswerLog) -> None:
        """The answer has ended, and this is what was written of it."""
        if self.is_over or log.ending is None:
            return
        self.is_over = True
        self._outcome = _outcome(log.ending, self._elapsed())
        self._text = log.text
        self._cited = tuple(source.index for delta in log.deltas for source in delta.sources)
        if log.sources is not None:
            self._sources = tuple(
                Listed(s.index, s.chunk_id, s.section, s.url) for s in log.sources.sources
            )
        self._write_later(self, self._has_ending)

    def take(self) -> Trace:
        """All that was seen until the ending; from here on only frames are kept."""
        trace = Trace(
            query_id=self.origin.query_id,
            client_query_id=self.origin.client_query_id,
            session=self.origin.session,
            accepted=self.origin.accepted,
            server_version=RELEASE,
            asked=_asked(self._question),
            prompt=self.origin.prompt,
            version=self.origin.version,
            condensed=self._run.condensed,
            retrieval=self._run.retrieval,
            gate=self._run.gate,
            calls=tuple(self._run.calls.values()),
            sources=self._sources,
            cited=self._cited,
            text=self._text,
            outcome=self._outcome,
            frames=self.take_frames(),
            left_out=(f"frames: those after {MOST_FRAMES}",) if self._count > MOST_FRAMES else (),
        )
        self.is_taken = True
        self.callbacks.clear()  # what a prompt and its candidates take in memory
        self._run = RunRecorder(self._elapsed)
        return trace

    def take_frames(self) -> tuple[Frame, ...]:
        """The frames that were sent since they were last taken."""
        frames, self._frames = tuple(self._frames), []
        return frames

    def _elapsed(self) -> float:
        return round((self._clock() - self._accepted) * 1000, 1)


def _asked(question: Question) -> Asked:
    return Asked(
        question=question.text,
        selections=tuple(map(_selection, question.selections)),
        page=question.page,
        prompt=question.prompt,
        history=tuple(_messages(question.history)),
    )


def _messages(history: Sequence[Turn]) -> Iterator[Message]:
    """The turns by the roles of a prompt's messages."""
    for turn in history:
        yield Message("human", turn.asked)
        yield Message("ai", turn.answer)


def _selection(given: Selection) -> AskedSelection:
    chunk_id = None if given.chunk_id is None else f"chunk_{given.chunk_id.replace('-', '')}"
    return AskedSelection(given.text, chunk_id, given.page, given.anchor)


def _frame(sent: ServerMessage, at_ms: float) -> Frame:
    """Never the session's token, which opens it."""
    seen = Frame(at_ms, _type_of(sent), len(encode(sent).encode()))
    match sent:
        case Status(data):
            ahead = "" if data.ahead is None else f", {data.ahead} ahead"
            return replace(seen, note=data.status + ahead)
        case ResponseStart(data):
            return replace(seen, seq=data.seq, note=f"{len(data.sources)} sources")
        case ResponseChunk(data):
            cites = tuple(source.index for source in data.sources)
            return replace(seen, seq=data.seq, content=data.content, cites=cites)
        case ResponseEnd(data):
            return replace(seen, seq=data.seq, note=data.status)
        case Resumed(data):
            return replace(seen, note=f"after {data.last_seq}")
        case Error(data):
            return replace(seen, code=data.code, note=data.message)
        case _:
            return seen


def _type_of(sent: ServerMessage) -> str:
    return str(sent.__struct_config__.tag)


def _outcome(ending: Ended | Failed, ended_ms: float) -> Outcome:
    match ending:
        case Ended(finish=finish):
            return Outcome(
                status=finish.status,
                ended_ms=ended_ms,
                first_chunk_ms=ending.first_chunk_ms,
                total_tokens=finish.total_tokens,
                tokens_estimated=finish.tokens_estimated,
                sources_used=finish.sources_used,
                grounding=finish.grounding,
                model=finish.model,
                index_version=finish.index_version,
                content_sha256=ending.content_sha256,
            )
        case Failed(error, error_id):
            kind = type(error).__name__
            if isinstance(error, ScholiastError):
                return Outcome("failed", ended_ms, Fault(kind, str(error)))
            # What a bug says may hold anything; by its id it is found in the server's log.
            reason = f"a bug; its trace is in the server's log, id {error_id}"
            return Outcome("failed", ended_ms, Fault(kind, reason))
