"""Characters of which a stream brings the two halves apart.

JSON can write a character beyond U+FFFF as two escapes, the halves of UTF-16. An endpoint that cuts
its text there sends one half at the end of a delta and the other at the beginning of the next.
"""

from __future__ import annotations

from typing import Any


class HalfCharacters:
    """Those of one stream, of which at most one half waits for the other."""

    def __init__(self) -> None:
        self.waits = ""
        """The first half of a character, until the next text."""

    def join(self, event: Any) -> None:
        r"""Put halves together in the texts of an event of the usual shape.

        A half whose other half does not come next is a �, also where the answer ends.

        >>> halves = HalfCharacters()
        >>> deltas = [{"content": "Hm \ud83e"}, {"content": "\uddbf."}]
        >>> [halves.join({"choices": [{"delta": delta}]}) for delta in deltas], deltas
        ([None, None], [{'content': 'Hm '}, {'content': '🦿.'}])
        """
        choices = event.get("choices") if type(event) is dict else None
        choice = choices[0] if type(choices) is list and choices else None
        if type(choice) is not dict or type(choice.get("delta")) is not dict:
            return
        delta: dict[str, Any] = choice["delta"]
        content = delta.get("content")
        if type(content) is list:
            delta["content"] = [self._part(part) for part in content]
        elif type(content) is str:
            delta["content"] = self._text(content)
        if choice.get("finish_reason") is not None and self.waits:
            self.waits, content = "", delta.get("content")
            delta["content"] = [*content, "�"] if type(content) is list else f"{content or ''}�"

    def _part(self, part: Any) -> object:
        if type(part) is str:
            return self._text(part)
        if type(part) is dict and part.get("type") == "text" and type(part.get("text")) is str:
            return {**part, "text": self._text(part["text"])}
        return part

    def _text(self, text: str) -> str:
        if not text:
            return text
        text, self.waits = self.waits + text, ""
        if "\ud800" <= text[-1] <= "\udbff":
            text, self.waits = text[:-1], text[-1]
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
