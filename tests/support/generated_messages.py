"""Messages as no client should send them: valid ones, each with something made wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

Json = Any
Fields = dict[str, Json]

TYPES = ("question", "cancel", "resume", "get_starters", "ping")
ODD_NUMBERS = ("NaN", "Infinity", "-Infinity", "-0", "1e999", "1E-999", "9" * 400, "0x1F", "01")
ODD_STRINGS = (
    "",
    " ",
    "\0",
    "\u2028",
    "e\u0301" * 400,
    "🦾" * 1001,
    "x" * 2001,
    "../../etc/passwd",
    "session_" + "0" * 31,
    "SESSION_" + "0" * 32,
    "chunk_" + "g" * 32,
    "{{ question }}",
    "9" * 30,
)
SURROGATES = (r"\ud800", r"\udfff", r"\ude00\ud83d", r"\ud83d\ude00")


class Messages:
    """Frames by a seed. `keys` open a session, in which `queries` may be asked for."""

    def __init__(self, seed: int, keys: Fields) -> None:
        self.random = Random(seed)
        self.queries: list[str] = [f"query_{0:032x}"]
        self._keys = keys
        self._kinds: list[Callable[[], str]] = [
            self._valid,
            self._with_a_wrong_field,
            self._without_a_field,
            self._with_more_fields,
            self._with_a_field_twice,
            self._with_an_odd_number,
            self._with_a_surrogate,
            self._with_damage,
            self._nested,
            self._of_another_shape,
        ]

    def frames(self, count: int) -> Iterator[str]:
        """So many of them, of all kinds."""
        for number in range(count):
            yield self._kinds[number % len(self._kinds)]()

    # Valid

    def _message(self) -> Fields:
        type = self.random.choice(TYPES)
        data: Fields = getattr(self, f"_{type}")()
        return {"type": type, "data": data, "timestamp": "2026-01-31T10:00:00.000Z"}

    def _question(self) -> Fields:
        data: Fields = {
            "question": self._words(1050),
            "context_chunks": [self._selection() for _ in range(self.random.randrange(6))],
            "client_query_id": f"id-{self.random.randrange(500)}",
            "page": "/book/gait#support",
            "prompt": "answer",
            **self._keys,
        }
        return self._some(data, "question")

    def _cancel(self) -> Fields:
        return self._some(self._ids(), self.random.choice(["query_id", "client_query_id"]))

    def _resume(self) -> Fields:
        last_seq = self.random.choice([-1, -1, 0, 1, 7])
        data = {"last_seq": last_seq, **self._keys, **self._ids()}
        return self._some(data, "last_seq", "session_id", "session_token")

    def _get_starters(self) -> Fields:
        return self._some({"page": self._words(60)})

    def _ping(self) -> Fields:
        return self._some({"nonce": self._words(60)})

    def _ids(self) -> Fields:
        return {
            "query_id": self.random.choice(self.queries),
            "client_query_id": f"id-{self.random.randrange(500)}",
        }

    def _selection(self) -> Json:
        text = self._words(1900)
        selection = self._some({"text": text, "page": "/book/gait", "anchor": "support"}, "text")
        return self.random.choice([text, selection, f"chunk_{self.random.randrange(9):032x}"])

    def _some(self, data: Fields, *needed: str) -> Fields:
        """What is needed, and of the rest some."""
        return {
            name: value
            for name, value in data.items()
            if name in needed or self.random.random() < 0.6
        }

    def _words(self, most: int) -> str:
        return "".join(
            self.random.choice("aé ß漢🦾\n") for _ in range(self.random.randrange(1, most))
        )

    # Made wrong

    def _valid(self) -> str:
        return json.dumps(self._message(), ensure_ascii=self.random.random() < 0.5)

    def _with_a_wrong_field(self) -> str:
        return self._with_field(lambda fields, name: fields.update({name: self._value(3)}))

    def _without_a_field(self) -> str:
        return self._with_field(lambda fields, name: fields.pop(name, None))

    def _with_more_fields(self) -> str:
        return self._with_field(lambda fields, _: fields.update({self._word(): self._value(3)}))

    def _with_a_field_twice(self) -> str:
        message = self._message()
        name = self.random.choice(list(message["data"]) or ["nonce"])
        again = json.dumps({name: self._value(1)})[1:-1]
        both = json.dumps(message["data"])[:-1] + (", " if message["data"] else "") + again + "}"
        return json.dumps({**message, "data": 0}).replace('"data": 0', f'"data": {both}')

    def _with_an_odd_number(self) -> str:
        return self._with_text(self.random.choice(ODD_NUMBERS))

    def _with_a_surrogate(self) -> str:
        return self._with_text(f'"a{self.random.choice(SURROGATES)}b"')

    def _with_damage(self) -> str:
        frame = self._valid()
        at = self.random.randrange(len(frame))
        inserted = self.random.choice(["", '"', "{", "]", ",", "\0", "\\", "\\u12", "\ufeff"])
        return frame[:at] + inserted + frame[at + self.random.randrange(3) :]

    def _nested(self) -> str:
        depth = self.random.choice([1, 29, 30, 31, 32, 33, 1000, 20_000])
        opening, closing = self.random.choice([("[", "]"), ('{"a":', "}"), ("[", "")])
        return self._with_text(opening * depth + "0" + closing * depth)

    def _of_another_shape(self) -> str:
        if self.random.random() < 0.3:
            return self.random.choice(["", " ", "null", "\ufeff{}", "[" * 99, '"', "-", "nonsense"])
        return json.dumps(self._value(5))

    def _with_field(self, change: Callable[[Fields, str], object]) -> str:
        """A message with a change to one of its fields, at whatever level."""
        message = self._message()
        levels = [message, message["data"], *message["data"].get("context_chunks", [])]
        fields = self.random.choice([level for level in levels if isinstance(level, dict)])
        change(fields, self.random.choice(list(fields) or ["nonce"]))
        return json.dumps(message)

    def _with_text(self, text: str) -> str:
        """A message with `text` for the value of one of its fields."""
        hole = "the hole"
        frame = self._with_field(lambda fields, name: fields.update({name: hole}))
        return frame.replace(json.dumps(hole), text)

    def _value(self, depth: int) -> Json:
        """Any JSON."""
        kind = self.random.randrange(8 if depth else 6)
        if kind == 6:
            return [self._value(depth - 1) for _ in range(self.random.randrange(7))]
        if kind == 7:
            return {self._word(): self._value(depth - 1) for _ in range(self.random.randrange(5))}
        numbers = [0, -1, -2, 0.5, 1e300, 2**31, 2**63, 2**64, -(2**70)]
        simple: list[Json] = [None, True, False, self.random.choice(numbers), self._word()]
        return [*simple, self.random.choice(ODD_STRINGS)][kind]

    def _word(self) -> str:
        return self.random.choice(
            ["type", "data", "question", "nonce", "query_id", "text", "x", "", "question ", "Type"]
        )
