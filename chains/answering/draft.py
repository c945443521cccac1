"""An answer while it is being written: what the model sent, and what of it may go out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from langchain_core.messages import AIMessageChunk

from chains.answering.citations import Citations
from chains.answering.grounding import ground
from chains.errors import ServiceUnavailable
from chains.events import Basis, Delta, Finish, Source, Status, Thinking
from chains.models.finish_reasons import REFUSAL, Ending, ending_of, graver
from chains.models.signs_of_life import is_thought
from chains.models.spending import CHARACTERS_PER_TOKEN, Spend

LONGEST_ANSWER = 100_000
"""Characters; what a model writes beyond them is dropped, also of one delta."""


class Draft:
    """Takes a model's chunks and gives the deltas of the answer, each citation checked.

    `text` is what went out so far. Once the answer `is_full`, nothing more goes in.
    """

    def __init__(self, sources: Sequence[Source], prompt_characters: int) -> None:
        self.text = ""
        self.is_full = False
        self._has_thought = False
        self._room = LONGEST_ANSWER
        self._ending: Ending = "completed"
        self._citations = Citations(sources)
        self._prompt_characters = prompt_characters
        self._tokens = 0

    def write(self, chunk: AIMessageChunk) -> Iterator[Delta | Thinking]:
        """The delta that `chunk` brings, if any, or that the model thinks before its first."""
        if chunk.usage_metadata:
            self._tokens += chunk.usage_metadata["total_tokens"]
        if REFUSAL in chunk.additional_kwargs:
            self._end_as("filtered")
        self._end_as(ending_of(chunk.response_metadata.get("finish_reason")))
        text = chunk.text[: self._room]
        if len(text) < len(chunk.text):
            self.is_full = True
            self._end_as("truncated")
        self._room -= len(text)
        if text:
            yield from self._deltas(*self._citations.feed(text))
        elif is_thought(chunk) and not (self._has_thought or self.text):
            self._has_thought = True
            yield Thinking()

    def end(self) -> Iterator[Delta]:
        """What was still waiting, when the model has nothing more to say."""
        yield from self._deltas(*self._citations.flush())

    @property
    def status(self) -> Status:
        """How the answer ends, if it ends now."""
        return "empty" if self._ending != "filtered" and is_blank(self.text) else self._ending

    @property
    def cited(self) -> Sequence[Source]:
        """The sources cited so far."""
        return self._citations.cited

    @property
    def tokens(self) -> tuple[int, bool]:
        """Tokens of prompt and answer, and whether that is an estimate."""
        characters = self._prompt_characters + len(self.text)
        return self._tokens or characters // CHARACTERS_PER_TOKEN, not self._tokens

    @contextmanager
    def counted(self, spend: Spend) -> Iterator[None]:
        """Spend the tokens of the answer at the end of the block, however that comes.

        A model that failed before its first word is taken to have cost nothing.
        """
        is_free = False
        try:
            yield
        except ServiceUnavailable:
            is_free = not (self.text or self._tokens)
            raise
        finally:
            if not is_free:
                spend(self.tokens[0])

    def _end_as(self, ending: Ending | None) -> None:
        self._ending = graver(self._ending, ending or self._ending)

    def _deltas(self, text: str, sources: tuple[Source, ...]) -> Iterator[Delta]:
        self.text += text
        if text:
            yield Delta(text, sources)


def is_blank(text: str) -> bool:
    """Whether a text shows nothing: it has only blanks, controls and characters without width.

    >>> is_blank(" \\n\\u200b"), is_blank(" [1]")
    (True, False)
    """
    return not any(character.isprintable() and not character.isspace() for character in text)


def finish(
    basis: Basis,
    status: Status,
    text: str,
    sources_used: int,
    tokens: tuple[int, bool] | None = None,
) -> Finish:
    """How an answer of this text ended. Without `tokens`, a count and whether it is an estimate,
    they are estimated."""
    characters = len(text) + sum(map(len, basis.contents))
    total_tokens, tokens_estimated = tokens or (characters // CHARACTERS_PER_TOKEN, True)
    return Finish(
        status=status,
        total_tokens=total_tokens,
        tokens_estimated=tokens_estimated,
        sources_used=sources_used,
        grounding=ground(text, basis.contents),
        prompt=basis.prompt,
        model=basis.model,
        index_version=basis.index_version,
    )
