"""An answer while it is being written: what the model sent, and what of it may go out."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from itertools import chain
from unicodedata import category

from langchain_core.messages import AIMessageChunk

from chains.answering.leaks import LeakFilter
from chains.answering.marking import Marking
from chains.answering.proof.judge import Reading
from chains.errors import ServiceUnavailable
from chains.events import (
    Basis,
    Delta,
    Finish,
    FinishedSentence,
    Grounding,
    Source,
    Status,
    Thinking,
)
from chains.models.finish_reasons import REFUSAL, Ending, ending_of, graver
from chains.models.signs_of_life import is_thought
from chains.models.spending import CHARACTERS_PER_TOKEN, Spend
from chains.models.turns import Turn

LONGEST_ANSWER = 100_000
"""Characters; what a model writes beyond them is dropped, also of one delta."""
MEANINGLESS = (
    "\u115f\u1160\u2800\u3164\uffa0" + "$+<=>^`|~" + "".join(map(chr, range(0x2500, 0x2600)))
)
"""Among letters and signs: the fillers of Hangul, a cell of Braille without dots, marks of
Markdown, and what lines, boxes and bullets are drawn with."""
LONGEST_PART = 100
"""Characters of a delta that are looked through at a time; a megabyte would hold the event loop."""


class Draft:
    """Takes a model's chunks and gives the deltas of the answer, each citation checked.

    `sentences` are those that are finished so far. Once the answer `is_full`, nothing more goes
    in.
    """

    def __init__(self, marking: Marking, prompt_characters: int) -> None:
        self.is_full = False
        self.sentences: list[FinishedSentence] = []
        self._has_thought = False
        self._room = LONGEST_ANSWER
        self._ending: Ending = "completed"
        self._marking = marking
        self._prompt_characters = prompt_characters
        self._tokens = 0
        self._came = 0
        """Characters of the model, also those that do not go out; for a thought those of a token,
        since its words are not kept."""

    async def written(
        self, chunks: AsyncGenerator[AIMessageChunk], leaks: LeakFilter, spend: Spend
    ) -> AsyncGenerator[Delta | Thinking]:
        """The answer as a model writes it, until that ends, leaks the prompt, or the draft is full.

        Closes the chunks, and spends what they cost.
        """
        turn = Turn()
        with self.counted(spend):
            async with aclosing(chunks), aclosing(_in_parts(chunks)) as parts:
                async for part in parts:
                    self._came += len(part.text) + CHARACTERS_PER_TOKEN * is_thought(part)
                    for event in self.write(leaks.pass_on(part)):
                        if isinstance(event, Reading):
                            await event.wait()
                        else:
                            yield event
                        await turn.pause()
                    if self.is_full or leaks.is_over:
                        break
            for event in chain(self.write(leaks.rest()), self.end()):
                if isinstance(event, Reading):
                    await event.wait()
                else:
                    yield event

    def write(self, chunk: AIMessageChunk) -> Iterator[Delta | Thinking | Reading]:
        """The deltas that `chunk` brings, if any, or that the model thinks before its first.

        A Reading is no event: it is to be awaited before the next is taken.
        """
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
            yield from self._kept(self._marking.feed(text))
        thinks = self._marking.is_thinking if text else is_thought(chunk)
        if thinks and not (self._has_thought or self.text):
            self._has_thought = True
            yield Thinking()

    def end(self) -> Iterator[Delta | Reading]:
        """What was still waiting, when the model has nothing more to say."""
        yield from self._kept(self._marking.feed("", is_last=True))

    @property
    def text(self) -> str:
        """What went out so far."""
        return self._marking.text

    @property
    def status(self) -> Status:
        """How the answer ends, if it ends now."""
        return "empty" if self._ending != "filtered" and is_blank(self.text) else self._ending

    @property
    def cited(self) -> Sequence[Source]:
        """The sources cited so far."""
        return self._marking.cited

    @property
    def tokens(self) -> tuple[int, bool]:
        """Tokens of prompt and answer, and whether that is an estimate."""
        characters = self._prompt_characters + max(self._came, len(self.text))
        return self._tokens or characters // CHARACTERS_PER_TOKEN, not self._tokens

    @contextmanager
    def counted(self, spend: Spend) -> Iterator[None]:
        """Spend the tokens of the answer at the end of the block, however that comes.

        A model that failed before its first word or thought is taken to have cost nothing.
        """
        is_free = False
        try:
            yield
        except ServiceUnavailable:
            is_free = not (self._came or self._tokens)
            raise
        finally:
            if not is_free:
                spend(self.tokens[0])

    def _end_as(self, ending: Ending | None) -> None:
        self._ending = graver(self._ending, ending or self._ending)

    def _kept(self, events: Iterable[Delta | Reading]) -> Iterator[Delta | Reading]:
        for event in events:
            if isinstance(event, Delta):
                self.sentences += event.sentences
            yield event


async def _in_parts(chunks: AsyncGenerator[AIMessageChunk]) -> AsyncGenerator[AIMessageChunk]:
    """The chunks, a long one as several, between which others have their turn."""
    turn = Turn()
    async for chunk in chunks:
        turn.begin()
        text = chunk.text
        last = (len(text) - 1) // LONGEST_PART * LONGEST_PART
        for start in range(0, last, LONGEST_PART):
            yield AIMessageChunk(content=text[start : start + LONGEST_PART])
            await turn.pause()
        yield chunk if last <= 0 else chunk.model_copy(update={"content": text[last:]})


def is_blank(text: str) -> bool:
    """Whether a text says nothing: it has only blanks, what is not seen, marks and punctuation.

    >>> is_blank(" \\n\\u200b"), is_blank("***\\n— ?"), is_blank(" [1]"), is_blank("∞")
    (True, True, False, False)
    """
    return not any(map(_says_something, text))


def _says_something(character: str) -> bool:
    if not character.isprintable() or character.isspace() or character in MEANINGLESS:
        return False
    # What stands upon another character, and punctuation.
    return category(character) not in ("Mn", "Me", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps")


def finish(
    basis: Basis,
    status: Status,
    text: str,
    sources_used: int,
    sentences: Sequence[FinishedSentence],
    tokens: tuple[int, bool] | None = None,
) -> Finish:
    """How an answer of this text and these sentences ended. Without `tokens`, a count and whether
    it is an estimate, they are estimated."""
    characters = len(text) + sum(map(len, basis.contents))
    total_tokens, tokens_estimated = tokens or (characters // CHARACTERS_PER_TOKEN, True)
    return Finish(
        status=status,
        total_tokens=total_tokens,
        tokens_estimated=tokens_estimated,
        sources_used=sources_used,
        grounding=Grounding(len(sentences), sum(bool(found.proofs) for found in sentences)),
        prompt=basis.prompt,
        model=basis.model,
        index_version=basis.index_version,
    )
