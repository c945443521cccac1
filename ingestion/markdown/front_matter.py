"""The front matter of a book's page: YAML between two lines of three hyphens."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

FENCED = re.compile(r"---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
RULE = re.compile(r"---[ \t]*\n[ \t]*\n")
LOOKS_OPENED = re.compile(r"---[ \t]*\n\w[\w-]*[ \t]*:")


class BadFrontMatter(ValueError):
    """Front matter that cannot be read; `line` counts from 1."""

    def __init__(self, line: int, problem: str) -> None:
        self.line = line
        self.problem = problem
        super().__init__(f"line {line}: {problem}")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What stands above a page; `end` is the code point at which the page itself begins."""

    values: Mapping[str, Any]
    end: int


def read_front_matter(text: str) -> FrontMatter:
    """The front matter of a text; empty where there is none. Raises BadFrontMatter.

    Three hyphens above an empty line may be a rule across the page just as well.
    """
    match = FENCED.match(text)
    if match is None:
        if LOOKS_OPENED.match(text):
            raise BadFrontMatter(1, "the front matter never ends; close it with a line of ---")
        return FrontMatter({}, 0)
    try:
        return FrontMatter(_values(match[1]), match.end())
    except BadFrontMatter:
        if RULE.match(text):
            return FrontMatter({}, 0)
        raise


class _Loader(yaml.SafeLoader):
    """Reads no aliases: a few lines of them would unfold to more than memory holds."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="aliases are not read; repeat it", problem_mark=mark)
        return super().compose_node(parent, index)


def _values(matter: str) -> dict[str, Any]:
    try:
        values = yaml.load(matter, _Loader)  # noqa: S506 (a SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        raise BadFrontMatter(line, f"the front matter is not YAML: {error.problem}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        # Not UTF-8 characters, a date like 2026-13-45, brackets without end.
        problem = str(error).splitlines()[0]
        raise BadFrontMatter(1, f"the front matter is not YAML: {problem}") from error
    if values is None:
        values = {}
    if not isinstance(values, dict):
        raise BadFrontMatter(2, "the front matter holds no `key: value` lines")
    return {str(key): value for key, value in values.items()}
