"""What a trace holds: all that was seen of one answer, as it stands in its file.

Times ending in ``_ms`` are milliseconds since the question was accepted.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from chains.events import Grounding, Status


class Part(Struct, frozen=True, omit_defaults=True):
    """A part of a trace; what is None or empty by default is left out of its file."""


class Message(Part, frozen=True):
    """A message of a prompt, or an earlier turn of the conversation."""

    role: str
    text: str


class AskedSelection(Part, frozen=True):
    """What the reader had selected: its text, or the id of a chunk."""

    text: str = ""
    chunk_id: str | None = None
    page: str | None = None
    anchor: str | None = None


class Asked(Part, frozen=True):
    """The question as it came, with the turns before it; `prompt` is the variant it names."""

    question: str
    selections: tuple[AskedSelection, ...] = ()
    page: str | None = None
    prompt: str | None = None
    history: tuple[Message, ...] = ()


class Condensed(Part, frozen=True):
    """The question as it was searched for, and who put it so."""

    question: str
    by: str
    at_ms: float


class Candidate(Part, frozen=True):
    """A chunk that the search found: its score by both searches, and its cosine to the question."""

    rank: int
    chunk_id: str
    file: str
    section: str
    score: float
    cosine: float
    selected: bool = False


class Retrieval(Part, frozen=True):
    """A search: what for, how long, and what it found, best first."""

    query: str
    started_ms: float
    ended_ms: float | None = None
    candidates: tuple[Candidate, ...] = ()
    error: str | None = None


class Gate(Part, frozen=True):
    """Whether the book was taken to cover the question."""

    relevance: float
    threshold: float
    passed: bool
    at_ms: float


class Call(Part, frozen=True):
    """One request to a model: an attempt at the answer, or at condensing the question.

    `pieces` counts those with text; `first_ms` and `last_ms` are when the first and the last of
    them came.
    """

    purpose: Literal["answer", "condense"]
    model: str
    messages: tuple[Message, ...]
    asked_ms: float
    first_ms: float | None = None
    last_ms: float | None = None
    ended_ms: float | None = None
    pieces: int = 0
    options: dict[str, str | int | float] = {}
    input_tokens: int | None = None
    output_tokens: int | None = None
    finish_reason: str | None = None
    error: str | None = None


class Listed(Part, frozen=True):
    """A source that the answer may cite, by its number."""

    index: int
    chunk_id: str
    section: str
    url: str


class Frame(Part, frozen=True):
    """A frame that was sent: how long it is in bytes, and what it says.

    `cites` are the numbers of the sources that it is first to cite; `note` is what other frames
    than chunks have to say, `code` that of an error.
    """

    at_ms: float
    type: str
    bytes: int
    seq: int | None = None
    content: str | None = None
    cites: tuple[int, ...] = ()
    code: str | None = None
    note: str | None = None


class Fault(Part, frozen=True):
    """Why there was no answer, or only a part of it."""

    kind: str
    reason: str


class Outcome(Part, frozen=True):
    """How the answer ended, and its figures where it came through."""

    status: Status | Literal["failed"]
    ended_ms: float
    fault: Fault | None = None
    first_chunk_ms: int | None = None
    total_tokens: int | None = None
    tokens_estimated: bool = False
    sources_used: int = 0
    grounding: Grounding | None = None
    model: str | None = None
    index_version: str | None = None
    content_sha256: str | None = None


class Trace(Part, frozen=True):
    """One answer, from its question to its last frame.

    `session` is a keyed hash, the same for the questions of one session and one run of the server.
    `accepted` is ISO 8601 in UTC. `version` is that of the prompt file. `left_out` says what did
    not fit. `cited` are the numbers of the sources that the answer cites, in its order.
    """

    query_id: str
    session: str
    accepted: str
    server_version: str
    asked: Asked
    prompt: str
    version: str | None
    outcome: Outcome
    text: str = ""
    client_query_id: str | None = None
    condensed: Condensed | None = None
    retrieval: Retrieval | None = None
    gate: Gate | None = None
    calls: tuple[Call, ...] = ()
    sources: tuple[Listed, ...] = ()
    cited: tuple[int, ...] = ()
    frames: tuple[Frame, ...] = ()
    left_out: tuple[str, ...] = ()
    form: Literal[1] = 1

    @property
    def messages(self) -> tuple[Message, ...]:
        """The rendered prompt; none where the model was not asked."""
        asked = [call.messages for call in self.calls if call.purpose == "answer"]
        return asked[-1] if asked else ()

    @property
    def first_ms(self) -> float | None:
        """When the first text was sent, or written where nobody read it."""
        sent = (frame.at_ms for frame in self.frames if frame.content)
        return next(sent, self.outcome.first_chunk_ms)
