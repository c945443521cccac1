"""What came of a question: what the search found, what the gate decided, what was answered."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from time import perf_counter
from typing import Any, cast

from langchain_core.documents import Document
from msgspec import Struct
from typing_extensions import override

from chains.errors import ContentNotFound, ScholiastError
from chains.events import Delta, Event, Finish, FinishedSentence, Sources
from chains.index.passages import Passage
from chains.tutor import TutorChain
from quart_app.evaluation.rows import Group, Row
from quart_app.trace.run import RunRecorder


class Place(Struct, frozen=True, array_like=True):
    """Where a chunk stands: its file, and its heading path joined by `` > ``."""

    file: str
    section: str


class Evidence(Struct, frozen=True, array_like=True):
    """A source that the model was given, by the number that it is cited by.

    `content` is the chunk as it was written, `sentences` are its sentences as a reader sees them.
    """

    index: int
    place: Place
    content: str
    sentences: tuple[str, ...] = ()


class Outcome(Struct, frozen=True):
    """What came of one row of a set.

    `found` are the candidates of the search, best first. `text`, `sources` and the times of the
    answer are there only for a question that the gate let in and that was to be answered. `error`
    says why there is no answer beside the gate. Times are milliseconds since the question.
    """

    id: str
    group: Group
    query: str
    found: tuple[Place, ...] = ()
    relevance: float | None = None
    passed: bool = False
    sources: tuple[Evidence, ...] = ()
    text: str = ""
    sentences: tuple[FinishedSentence, ...] = ()
    status: str = ""
    searched_ms: float | None = None
    first_ms: float | None = None
    ended_ms: float | None = None
    error: str | None = None


async def observe(tutor: TutorChain, row: Row) -> Outcome:
    """Ask the tutor the question of the row.

    A question to be refused is only searched for and judged: its answer would be worth nothing.
    """
    begun = perf_counter()

    def elapsed() -> float:
        return round((perf_counter() - begun) * 1000, 1)

    recorder = _Recorder(elapsed)
    answer = _Answer(elapsed, recorder)
    events = cast("AsyncGenerator[Event]", tutor.astream(row.question, {"callbacks": [recorder]}))
    error = None
    try:
        async with aclosing(events):
            async for event in events:
                answer.take(event)
                if row.group != "own":
                    break
    except ScholiastError as failed:
        error = None if isinstance(failed, ContentNotFound) else str(failed)
    search, gate = recorder.retrieval, recorder.gate
    return Outcome(
        id=row.id,
        group=row.group,
        query=row.query,
        found=() if search is None else tuple(Place(c.file, c.section) for c in search.candidates),
        relevance=None if gate is None else gate.relevance,
        passed=gate is not None and gate.passed,
        sources=answer.sources,
        text=answer.text,
        sentences=tuple(answer.sentences),
        status=answer.status,
        searched_ms=None if search is None else search.ended_ms,
        first_ms=answer.first_ms,
        ended_ms=answer.ended_ms,
        error=error,
    )


class _Recorder(RunRecorder):
    """Keeps the passages, too, which a trace has no room for."""

    passages: Sequence[Passage] = ()

    @override
    async def on_retriever_end(self, documents: Sequence[Document], **kwargs: Any) -> None:
        await super().on_retriever_end(documents, **kwargs)
        self.passages = [document for document in documents if isinstance(document, Passage)]


class _Answer:
    """An answer as it comes; `elapsed` gives milliseconds since the question."""

    def __init__(self, elapsed: Callable[[], float], recorder: _Recorder) -> None:
        self.sources: tuple[Evidence, ...] = ()
        self.text = ""
        self.sentences: list[FinishedSentence] = []
        self.status = ""
        self.first_ms: float | None = None
        self.ended_ms: float | None = None
        self._elapsed = elapsed
        self._recorder = recorder

    def take(self, event: Event) -> None:
        """The next event of the chain."""
        match event:
            case Sources(sources):
                passages = self._recorder.passages[: len(sources)]
                self.sources = tuple(
                    Evidence(
                        source.index,
                        Place(source.file, source.section),
                        passage.page_content,
                        tuple(sentence.text for sentence in passage.chunk.sentences),
                    )
                    for source, passage in zip(sources, passages, strict=True)
                )
            case Delta(content, sentences=sentences):
                self.sentences += sentences
                self.first_ms = self._elapsed() if self.first_ms is None else self.first_ms
                self.text += content
            case Finish():
                self.status, self.ended_ms = event.status, self._elapsed()
