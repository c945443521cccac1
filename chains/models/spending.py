"""What the calls of a model cost, in tokens; who counts them is no matter here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from langchain_core.messages import BaseMessage

CHARACTERS_PER_TOKEN = 4
"""For a model that reports no usage: the usual rule of thumb for English."""

MOST_TOKENS = 10_000_000
"""Of a request; an endpoint that counts more has counted wrong."""

Spend = Callable[[int], None]
"""Called once for each call of a model, with its tokens of prompt and answer."""


def spend_freely(_tokens: int) -> None:
    """A Spend that counts nothing."""


def estimated_tokens(messages: Sequence[BaseMessage]) -> int:
    """The tokens of these messages, where the model did not report them.

    >>> from langchain_core.messages import HumanMessage
    >>> estimated_tokens([HumanMessage("Four characters each.")])
    5
    """
    return sum(len(message.text) for message in messages) // CHARACTERS_PER_TOKEN
