"""Signs of life: what shows that a model is at work while it writes no text.

They are deltas of thought, and comments of the stream, by which servers and gateways keep a
connection open. LangChain drops what it does not know of a delta, and the SDK drops comments. Here
each becomes a chunk without text that says so among its `additional_kwargs`.
"""

from __future__ import annotations

from typing import Any

from langchain_core.messages import AIMessageChunk

THOUGHT, COMMENT = "thought", "comment"
"""Whether a chunk is one, among its `additional_kwargs`; of a thought, its words are not kept."""

_FIELDS = ("reasoning_content", "reasoning", "reasoning_details", "thinking")
"""Of a delta. The first is that of DeepSeek, llama.cpp and vLLM, the second that of Ollama, newer
versions of vLLM and OpenRouter, which has the third for thoughts that are encrypted."""
THINKING_PARTS = ("thinking", "reasoning", "redacted_thinking")
"""Types of parts, where `content` is a list."""


def signs_of(event: dict[str, Any]) -> dict[str, bool]:
    """What the `additional_kwargs` of the chunk are to say of an event of the stream.

    >>> signs_of({"choices": [{"delta": {"reasoning": "Let me see."}}]})
    {'thought': True}
    >>> signs_of({"choices": [{"delta": {"content": "A gait"}}]})
    {}
    """
    choices = event.get("choices")
    if not choices:
        return {COMMENT: True} if event.get(COMMENT) is True else {}
    delta = choices[0]["delta"]
    content = delta.get("content")
    parts = content if isinstance(content, list) else []
    is_thought = any(delta.get(field) for field in _FIELDS) or any(
        isinstance(part, dict) and part.get("type") in THINKING_PARTS for part in parts
    )
    return {THOUGHT: True} if is_thought else {}


def is_thought(chunk: AIMessageChunk) -> bool:
    """Whether the model thinks; text may come in the same chunk."""
    return THOUGHT in chunk.additional_kwargs


def is_sign(chunk: AIMessageChunk) -> bool:
    """Whether the chunk is a thought or a comment."""
    return is_thought(chunk) or COMMENT in chunk.additional_kwargs
