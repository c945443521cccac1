"""Stand-ins of the passages of an answer."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import numpy as np

from chains.index.passages import Passage

GAIT = (
    "A gait is a rhythm of steps.",
    "Its stance phase takes 60 % of a cycle of 1.1 s.",
    "Kato built the robot Wabot in Tokyo.",
    "A robot does not walk without sensors.",
    "Running is faster than walking.",
)
ENERGY = ("A battery stores energy.", "Horn built a robot in Boston.")


def passages(*sources: tuple[str, ...]) -> list[Passage]:
    """Stand-ins of retrieved chunks, as far as a proof looks at them."""
    return [
        cast(
            "Passage",
            SimpleNamespace(
                chunk=SimpleNamespace(
                    sentences=[SimpleNamespace(text=text) for text in texts],
                    section=("Walking",),
                ),
                sentences=np.zeros((len(texts), 2), dtype=np.float32),
            ),
        )
        for texts in sources
    ]
