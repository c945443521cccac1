"""What is wrong with a prompt: where, why, and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NoReturn

from jinja2 import TemplateRuntimeError

from chains.bad_values import beyond_bounds
from chains.errors import SettingError

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
        why = beyond_bounds(error)
        message = "it goes beyond what a template can hold" + (f": {why}" if why else "")
        refuse(file, 1, "template", message, "look for long numbers and many brackets")


def syntax_fault(said: str) -> str:
    """What is wrong with a template, of what Jinja2 says of its syntax.

    >>> syntax_fault("unexpected end of template, expected 'end of print statement'.")
    'a {{, {% or {# is not closed'
    """
    tag = re.search(r"unknown tag '(\w+)'", said)
    if block := re.search(r"needs to be closed is '(\w+)'", said):
        return f"“{block[1]}” is not closed" + (f" before “{tag[1]}”" if tag else "")
    if tag:
        return f"there is no “{tag[1]}” here"
    if re.search(r"end of template|missing end of", said, re.IGNORECASE):
        return "a {{, {% or {# is not closed"
    if re.search(r"(got|unexpected) 'end of", said):
        return "a tag ends too soon"
    sign = re.search(r"(?:got|unexpected(?: char)?) '(.+?)'", said)
    return f"“{sign[1]}” does not fit there" if sign else "a tag cannot be read"


def rendering_fault(error: Exception) -> str:
    """What is wrong with a template that could not be filled in."""
    said = str(error)
    if type(error) is TemplateRuntimeError:  # of a filter or a budget of ours
        return said
    if missing := re.search(r"has no (?:attribute|element) '?(.+?)'?$|^'(.+)' is undefined", said):
        return f"there is no “{missing[1] or missing[2]}” there"
    if "not iterable" in said:
        return "a loop goes through what is no list"
    return "a value does not fit the filter, test or bracket behind it"
