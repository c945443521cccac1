"""What prompts are for: the inputs that the tutor fills in, and which of them a prompt needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Purpose:
    """What a prompt is for. `inputs` are what it may name, each in the shape that it is filled in.

    A prompt that leaves out one of `needed` cannot work; one that leaves out one of `wanted` works
    badly. With `cites`, it has to say that the model names its sources by number. `longest` says
    how often a text or list of `inputs` is repeated in the longest inputs that there may be.
    """

    name: str
    inputs: Mapping[str, Any]
    needed: tuple[str, ...]
    wanted: tuple[str, ...] = ()
    cites: bool = False

    @property
    def longest(self) -> dict[str, Any]:
        """Inputs as long as those of a reader and a book can be."""
        return {name: _longest(value, name) for name, value in self.inputs.items()}


ANSWERING = Purpose(
    name="answer",
    inputs={
        "question": "What is a gait?",
        "selections": [{"text": "A gait is a rhythm.", "page": "Walking"}],
        "sources": [
            {
                "index": 1,
                "chapter": "Walking",
                "section": "Walking > Gaits",
                "content": "A gait is a rhythm of steps.",
                "kind": "solution",
            }
        ],
    },
    needed=("question", "sources"),
    wanted=("selections",),
    cites=True,
)
"""`answer.md` and its variants."""
CONDENSING = Purpose(
    name="condense",
    inputs={
        "question": "Why does it matter?",
        "turns": [{"speaker": "reader", "text": "What is a gait?"}],
    },
    needed=("question", "turns"),
)
"""`condense.md`."""


def purpose_of(name: str) -> Purpose:
    """What the prompt of this name is for."""
    return CONDENSING if name == CONDENSING.name else ANSWERING


_ITEMS = {"selections": 5, "sources": 8, "turns": 20}
"""How many entries there are at most."""
_CHARACTERS = 2000
"""Of a text. Some chunks are longer, but few, and never all of an answer's sources."""


def _longest(value: Any, name: str) -> Any:
    match value:
        case str():
            return (f"{value} " * _CHARACTERS)[:_CHARACTERS]
        case list():
            return [_longest(item, name) for item in value] * _ITEMS[name]
        case dict():
            return {key: _longest(item, name) for key, item in value.items()}
    return value
