"""Finish reasons: in which words endpoints say why an answer ended, and what they mean.

OpenAI's are ``stop``, ``length``, ``content_filter``, ``tool_calls`` and ``function_call``. The
others here are those of servers that are compatible but for this. A reason that is on no list is
taken for a failure: nobody knows whether the answer is whole.
"""

from __future__ import annotations

from typing import Literal

Ending = Literal["completed", "truncated", "filtered"]

REFUSAL = "refusal"
"""Where a chunk holds what the model says instead of an answer, among its `additional_kwargs`."""

FILTER_CODES = frozenset(
    {
        "content_filter",
        "content_policy_violation",
        "data_inspection_failed",
        "invalid_prompt",
        "moderation_blocked",
        "responsibleaipolicyviolation",
    }
)
"""Codes and types of errors, in small letters, by which a prompt or an answer is refused."""

_ENDINGS: dict[str, Ending] = {
    "stop": "completed",
    "eos": "completed",
    "eos_token": "completed",
    "stop_sequence": "completed",
    "end_turn": "completed",
    "complete": "completed",
    "completed": "completed",
    "done": "completed",
    "length": "truncated",
    "max_tokens": "truncated",
    "max_output_tokens": "truncated",
    "model_length": "truncated",
    "model_context_window_exceeded": "truncated",
    "content_filter": "filtered",
    "content_filtered": "filtered",
    "safety": "filtered",
    "refusal": "filtered",
    "sensitive": "filtered",
    "recitation": "filtered",
    "blocklist": "filtered",
    "prohibited_content": "filtered",
    "spii": "filtered",
    "image_safety": "filtered",
    "guardrail_intervened": "filtered",
    "moderation": "filtered",
}
_GRAVITY: tuple[Ending, ...] = ("completed", "truncated", "filtered")


def ending_of(reason: object) -> Ending | None:
    """What a finish reason means for the answer; None for one that is no end of an answer.

    Some endpoints write it in capitals, or put details behind a colon.

    >>> ending_of("STOP"), ending_of("content_filter: RECITATION"), ending_of("tool_calls")
    ('completed', 'filtered', None)
    """
    if not isinstance(reason, str):
        return None
    return _ENDINGS.get(reason.partition(":")[0].strip().casefold())


def graver(first: Ending, second: Ending) -> Ending:
    """Of two endings that an endpoint names for one answer, the one that promises less."""
    return max(first, second, key=_GRAVITY.index)
