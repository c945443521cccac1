"""What the calls of a model cost, in tokens; who counts them is no matter here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from langchain_core.messages import BaseMessage
from langchain_core.messages.ai import UsageMetadata

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


def is_count(usage: UsageMetadata) -> bool:
    """Whether an endpoint's count of tokens can be one; a wrong one might give tokens back.

    >>> is_count(UsageMetadata(input_tokens=9, output_tokens=-9, total_tokens=0))
    False
    """
    counts = (usage["input_tokens"], usage["output_tokens"], usage["total_tokens"])
    return all(isinstance(count, int) and 0 <= count <= MOST_TOKENS for count in counts)
