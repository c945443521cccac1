"""What is wrong with a prompt: where, why, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NoReturn

from chains.errors import SettingError, first_line

Level = Literal["error", "warning", "note"]
"""An error is refused; with a warning a prompt works, but badly; a note is good to know."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a prompt file, at a line counted from 1. `rule` names the check.

    >>> str(Finding(Path("answer.md"), 3, "setting", "error", "“tone” is unknown", "remove it"))
    'answer.md, line 3: “tone” is unknown; remove it'
    """

    file: Path
    line: int
    rule: str
    level: Level
    message: str
    fix: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.message}; {self.fix}"


class BadPrompt(SettingError):
    """A prompt that cannot be used, and the `finding` that says why."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(str(finding))


def refuse(file: Path, line: int, rule: str, message: str, fix: str) -> NoReturn:
    """Raise BadPrompt."""
    raise BadPrompt(Finding(file, line, rule, "error", message, fix))


@contextmanager
def within_bounds(file: Path) -> Iterator[None]:
    """Raise BadPrompt where a text goes beyond what Jinja2 and Python can take: a number of 5,000
    digits, or thousands of brackets within each other."""
    try:
        yield
    except (ValueError, RecursionError, MemoryError, SyntaxError) as error:
        message = f"it goes beyond what a template can hold ({first_line(error)})"
        refuse(file, 1, "template", message, "look for long numbers and many brackets")
