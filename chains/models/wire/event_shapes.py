"""The shapes in which endpoints send the same thing, as the one that is read here.

OpenAI's own shape is a `delta` with text as `content` in each event. Others send a delta that is
the text or calls it `text`, a whole message, parts of text without a type, a count of tokens that
is none, or a second choice that nobody asked for. No word of theirs is lost, and none comes twice.
"""

from __future__ import annotations

from typing import Any

from chains.models.signs_of_life import THINKING_PARTS
from chains.models.spending import MOST_TOKENS

_COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens")
_NO_REASONS = ("", "null", "none")
"""In small letters; where an answer has not ended, some endpoints write a word for null."""
_OF_THOUGHTS = ("think", "thought", "reason", "summary")
"""Parts of the names of types of parts that hold no answer."""


class Shapes:
    """Those of one stream."""

    def __init__(self) -> None:
        self._has_text = False
        self._message: str | None = None
        """What whole messages have said so far, where text comes in these."""
        self._in_texts = False

    def usual(self, event: Any) -> Any:
        """The event in the usual shape; itself, where it is malformed.

        A whole message counts as text where none came before it: some endpoints repeat all that
        they have said in the last event. Others send nothing but whole messages, each of which
        goes on where the one before it ended; or pieces as a `text`, as Completions were.

        >>> Shapes().usual({"choices": [{"index": 0, "message": {"content": "Hm."}}]})
        {'choices': [{'index': 0, 'delta': {'content': 'Hm.'}}]}
        """
        if type(event) is not dict or type(event.get("choices")) not in (list, type(None)):
            return event
        choices = [choice for choice in event.get("choices") or [] if is_first(choice)]
        return {**event, "choices": [self._usual_choice(choice) for choice in choices[:1]]}

    def note(self, event: Any) -> None:
        """Remember whether text has come, of an event in the usual shape or a malformed one."""
        if self._has_text or type(event) is not dict or type(event.get("choices")) is not list:
            return
        for choice in event["choices"]:
            delta = choice.get("delta") if type(choice) is dict else None
            self._has_text = type(delta) is dict and bool(delta.get("content"))

    def _usual_choice(self, choice: Any) -> Any:
        if type(choice) is not dict:
            return choice
        rest = {key: value for key, value in choice.items() if key not in ("message", "text")}
        if is_no_reason(choice.get("finish_reason")):
            rest["finish_reason"] = None
        delta = _with_content(choice.get("delta"))
        if delta is None or (type(delta) is dict and not delta.get("content")):
            said = {key: value for key, value in (delta or {}).items() if value}
            delta = {**self._whole(choice), **said}
        if type(delta) is dict:
            rest["delta"] = {**delta, "content": usual_content(delta.get("content"))}
        return rest

    def _whole(self, choice: dict[str, Any]) -> dict[str, Any]:
        """What stands in place of a delta, unless it was said before."""
        message, text = choice.get("message"), choice.get("text")
        if type(message) is dict:
            content = message.get("content")
            if type(content) is str and content and not (self._has_text and self._message is None):
                said, self._message = self._message or "", content
                return {
                    **message,
                    "content": content[len(said) :] if content.startswith(said) else "",
                }
            return {**message, "content": ""} if self._has_text and content else message
        if type(text) is not str or (self._has_text and not self._in_texts):
            return {}
        self._in_texts = True
        return {"content": text}


def _with_content(delta: Any) -> Any:
    """A delta whose text is its `content`; itself where it is malformed."""
    if type(delta) is str:
        return {"content": delta}
    if type(delta) is dict and not delta.get("content") and "text" in delta:
        rest = {key: value for key, value in delta.items() if key != "text"}
        return {**rest, "content": delta["text"]}
    return delta


def count_of(usage: object) -> dict[str, Any] | None:
    """The usage of tokens, where it can be one. An answer is no worse for a wrong count.

    A total that is less than its parts is left out: it is their sum where there is none.

    >>> count_of({"prompt_tokens": 9, "prompt_tokens_details": "x"}), count_of([9])
    ({'prompt_tokens': 9}, None)
    """
    if type(usage) is not dict or not all(_is_count(usage.get(name)) for name in _COUNTS):
        return None
    counts = {key: value for key, value in usage.items() if key in _COUNTS or _are_details(value)}
    *parts, total = ((usage.get(name) or 0) for name in _COUNTS)
    if sum(parts) > total:
        counts.pop(_COUNTS[-1], None)
    return counts


def is_first(choice: object) -> bool:
    """Whether this is a choice of the one answer that was asked for."""
    index = choice.get("index") if type(choice) is dict else None
    return type(index) is not int or index == 0


def is_no_reason(reason: object) -> bool:
    """Whether a finish reason only says that there is none yet."""
    return type(reason) is str and reason.casefold() in _NO_REASONS


def usual_content(content: object) -> object:
    """Text, or parts whose texts have the type `text`; itself where it is neither.

    >>> usual_content(["A ", {"text": "gait"}, {"type": "output_text", "text": {"value": "."}}])
    ['A ', {'text': 'gait', 'type': 'text'}, {'type': 'text', 'text': '.'}]
    """
    if type(content) is dict:
        content = [content]
    return [_usual_part(part) for part in content] if type(content) is list else content


def _usual_part(part: Any) -> object:
    if type(part) is not dict:
        return part
    kind, text = str(part.get("type") or "").casefold(), part.get("text", part.get("value"))
    if part.get("thought") is True or any(word in kind for word in _OF_THOUGHTS):
        return part if kind in THINKING_PARTS else {**part, "type": "thinking"}
    text = text.get("value") if type(text) is dict else text
    return {**part, "type": "text", "text": text} if type(text) is str else part


def _are_details(value: object) -> bool:
    return type(value) is dict and all(map(_is_count, value.values()))


def _is_count(value: object) -> bool:
    return value is None or (type(value) is int and 0 <= value <= MOST_TOKENS)
