"""A chat model with what callers must know of it: its name, its limits, how it fails."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from langchain_core.language_models import BaseChatModel

from chains.prompts.prompt import Prompt

CountTokens = Callable[[Sequence[str]], Awaitable[list[int]]]
"""The tokens of each text. Raises ServiceUnavailable."""
Kind = Literal["quotes", "small", "large"]
"""What a model can do: only quote its sources, or write, or write and reword a question too."""


@dataclass(frozen=True)
class Timeouts:
    """Seconds that a model may take: to accept a connection, for its first text from the moment
    it is asked, whatever is tried until then, between two pieces of text, and to think in all,
    while signs of life come (see `chains.models.patience`)."""

    connect: float = 5.0
    first: float = 30.0
    between: float = 20.0
    think: float = 300.0


@dataclass(frozen=True)
class Model:
    """A chat model and what a person should know of it.

    `notice` says what to expect of it or how to connect another one. One of the kind “quotes”
    finds the Evidence to quote from on the last message; a “small” one is not asked to reword a
    question. `errors` are what `chat` raises when its service fails (see `describe`). The model
    gets at most `sources` sources, where a number is given. Its answers have at most `max_tokens`
    tokens where the prompt sets no other limit, and never more than `most_tokens`. How long it may
    take is in `timeouts`, which hold for `chains.models.generation.generate`. `count_tokens` asks
    its own tokenizer, where there is one. One that `thinks_first` ends a thought that it does not
    begin.
    """

    chat: BaseChatModel
    name: str
    notice: str | None = None
    kind: Kind = "large"
    errors: tuple[type[Exception], ...] = ()
    sources: int | None = None
    max_tokens: int | None = None
    most_tokens: int | None = None
    timeouts: Timeouts = Timeouts()
    count_tokens: CountTokens | None = None
    thinks_first: bool = False

    @property
    def label(self) -> str:
        """How its answers are signed."""
        return f"{self.name}: {self.notice}" if self.notice else self.name

    def options(self, prompt: Prompt) -> dict[str, Any]:
        """What the front matter of a prompt asks of this model, as options of a call."""
        wishes: dict[str, Any]
        if self.kind == "quotes":
            wishes = {
                "lead_in": prompt.lead_in,
                "lead_in_unsure": prompt.lead_in_unsure,
                "max_words": prompt.max_words,
            }
        else:
            limits = (prompt.max_tokens or self.max_tokens, self.most_tokens)
            wishes = {
                "model": prompt.model,
                "temperature": prompt.temperature,
                "max_tokens": min((limit for limit in limits if limit), default=None),
            }
        return {name: wish for name, wish in wishes.items() if wish is not None}
