"""How much a template may render: characters, and steps of its loops."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jinja2 import TemplateRuntimeError, pass_context
from jinja2.runtime import Context

MOST_CHARACTERS = 400_000
"""Of one rendered role: about 100,000 tokens, more than any model reads well."""
MOST_STEPS = 10_000
"""Of all loops together, those within loops included."""
BUDGET = " budget"
"""The name under which a context holds its Budget; no template can write it."""


class Budget:
    """What is left for one rendering. Raises TemplateRuntimeError when it is used up."""

    def __init__(self) -> None:
        self._characters = MOST_CHARACTERS
        self._steps = MOST_STEPS

    def take_characters(self, count: int) -> None:
        """The next characters of the text."""
        self._characters -= count
        if self._characters < 0:
            raise TemplateRuntimeError(f"it renders more than {MOST_CHARACTERS:,} characters")

    def take_steps(self, count: int) -> None:
        """The steps of a loop that begins."""
        self._steps -= count
        if self._steps < 0:
            raise TemplateRuntimeError(f"its loops take more than {MOST_STEPS:,} steps")


@pass_context
def counted(context: Context, items: Iterable[Any]) -> list[Any]:
    """A Jinja2 filter around what a loop goes through, which takes its steps from the budget."""
    listed = list(items)
    budget: Budget = context[BUDGET]
    budget.take_steps(len(listed))
    return listed


def join(items: Iterable[Any], between: str = "", attribute: str | None = None) -> str:
    """Jinja2's filter of this name, for a text no longer than a template may render.

    `attribute` names what to take of each item.

    >>> join([{"page": "Gait"}, {"page": "Balance"}], ", ", attribute="page")
    'Gait, Balance'
    """
    texts = [str(item if attribute is None else _field(item, attribute)) for item in items]
    length = sum(map(len, texts)) + len(str(between)) * max(len(texts) - 1, 0)
    if length > MOST_CHARACTERS:
        raise TemplateRuntimeError(f"“join” makes more than {MOST_CHARACTERS:,} characters")
    return str(between).join(texts)


def _field(item: Any, name: str) -> Any:
    if not isinstance(item, dict) or name not in item:
        raise TemplateRuntimeError(f"“join” finds no “{name}” to join")
    return item[name]
