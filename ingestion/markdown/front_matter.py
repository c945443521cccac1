"""The front matter of a book's page: YAML between two lines of three hyphens, or TOML between
two lines of three pluses.

Of YAML, values are read as the author wrote them: `title: 007` is "007", whatever YAML makes of
it. Five keys matter for every book and are checked; a make may look at others.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from chains.bad_values import malformed

FENCED = re.compile(r"---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
TOML = re.compile(
    r"\+\+\+[ \t]*\n((?:[ \t]*\n|[ \t]*#.*\n)*(?:[\w\"'.-]+[ \t]*=|\[).*?)^\+\+\+[ \t]*(?:\n|\Z)",
    re.DOTALL | re.MULTILINE,
)
RULE = re.compile(r"---[ \t]*\n[ \t]*\n")
LOOKS_OPENED = re.compile(r"---[ \t]*\n\w[\w-]*[ \t]*:")
LARGEST = 65_536
"""Characters; PyYAML reads about 100,000 in a second."""
LONGEST = 500
"""Characters of a title: it stands in front of each chunk of its page."""
PLAIN = "tag:yaml.org,2002:"
TRUE = {"true", "yes", "on"}
FALSE = {"false", "no", "off"}
TAB = re.compile(r"(?<=\S)[ \t]*\t[ \t]*")
NO_CHARACTER = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Controls, which a terminal would obey, and halves of a character, which nothing can store."""


class BadFrontMatter(ValueError):
    """Front matter that cannot be read; `line` counts from 1."""

    def __init__(self, line: int, problem: str) -> None:
        self.line = line
        self.problem = problem
        super().__init__(f"line {line}: {problem}")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What stands above a page; `end` is the code point at which the page itself begins.

    A text that is missing or empty is "". `values` are all values that are neither lists nor
    maps, as written.
    """

    title: str = ""
    slug: str = ""
    id: str = ""
    sidebar_position: float | None = None
    is_draft: bool = False
    end: int = 0
    values: Mapping[str, str] = field(default_factory=dict)

    def is_true(self, key: str) -> bool:
        """Whether a value says yes."""
        return self.values.get(key, "").lower() in TRUE

    def is_false(self, key: str) -> bool:
        """Whether a value says no, and is not just missing."""
        return self.values.get(key, "").lower() in FALSE


def read_front_matter(text: str) -> FrontMatter:
    """The front matter of a text; empty where there is none. Raises BadFrontMatter.

    Three hyphens above an empty line may be a rule across the page just as well.
    """
    if toml := TOML.match(text):
        return _made(_toml_nodes(toml[1]), toml.end())
    match = FENCED.match(text)
    if match is None:
        if LOOKS_OPENED.match(text):
            raise BadFrontMatter(1, "the front matter never ends; close it with a line of ---")
        return FrontMatter()
    try:
        nodes = _nodes(match[1])
    except BadFrontMatter:
        if RULE.match(text):
            return FrontMatter()
        raise
    return _made(nodes, match.end())


def _made(nodes: Mapping[str, yaml.Node], end: int) -> FrontMatter:
    scalars = ((key, one) for key, one in nodes.items() if isinstance(one, yaml.ScalarNode))
    return FrontMatter(
        title=_text(nodes, "title"),
        slug=_text(nodes, "slug"),
        id=_text(nodes, "id"),
        sidebar_position=_number(nodes, "sidebar_position"),
        is_draft=_is_true(nodes.get("draft")),
        end=end,
        values={whole(key): whole(one.value) for key, one in scalars},
    )


def split_front_matter(text: str) -> tuple[str, str]:
    """A text as its front matter, "" where there is none or where it cannot be read, and the
    rest."""
    try:
        end = read_front_matter(text).end
    except BadFrontMatter:
        end = 0
    return text[:end], text[end:]


class _Loader(yaml.SafeLoader):
    """Reads no aliases: a few lines of them would unfold to more than memory holds."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="aliases are not read; repeat it", problem_mark=mark)
        return super().compose_node(parent, index)


def _nodes(matter: str) -> Mapping[str, yaml.Node]:
    """The values by their keys, not yet made into numbers, dates and so on."""
    if len(matter) > LARGEST:
        size = f"{len(matter):,} characters long, the limit is {LARGEST:,}"
        raise BadFrontMatter(1, f"the front matter is {size}; move the text below it")
    try:
        root = yaml.compose(matter, _Loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        if isinstance(error, yaml.MarkedYAMLError) and "\t" in matter:
            # which other readers of YAML take for a blank
            return _nodes(TAB.sub(" ", matter).replace("\t", "  "))
        raise _unread("YAML", error) from error
    if root is None:
        return {}
    if not isinstance(root, yaml.MappingNode):
        raise BadFrontMatter(2, "the front matter holds no `key: value` lines")
    for key, _ in root.value:
        if key.tag == PLAIN + "merge":
            problem = "merge keys are not read; write each key on a line of its own"
            raise BadFrontMatter(_line(key), problem)
    return {key.value: value for key, value in root.value if isinstance(key, yaml.ScalarNode)}


def _unread(kind: str, error: Exception) -> BadFrontMatter:
    line, problem = malformed(error)
    return BadFrontMatter(line + 1, f"the front matter is not {kind}: {problem}")


def whole(text: str, halves: str = "replace") -> str:
    """A text of YAML, where two escapes may make one character, as in JSON. A half that is alone
    is handled as Python's errors of decoding are."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", halves)


def load_toml(text: str) -> dict[str, Any]:
    """What a text of TOML holds. Raises ValueError, of which TOML's own error is one, and
    RecursionError."""
    values = tomllib.loads(text)
    str(values)  # refuses numbers that Python would not write
    return values


def _toml_nodes(matter: str) -> Mapping[str, yaml.Node]:
    """The values of TOML as nodes of YAML, for one way to look at both."""
    if len(matter) > LARGEST:
        size = f"{len(matter):,} characters long, the limit is {LARGEST:,}"
        raise BadFrontMatter(1, f"the front matter is {size}; move the text below it")
    try:
        values = load_toml(matter)
    except (ValueError, RecursionError) as error:
        raise _unread("TOML", error) from error
    return {key: _node(key, value, matter) for key, value in values.items()}


def _node(key: str, value: object, matter: str) -> yaml.Node:
    line = matter[: max(matter.find(key), 0)].count("\n")
    mark = yaml.Mark("", 0, line, 0, "", 0)
    match value:
        case bool():
            return yaml.ScalarNode(PLAIN + "bool", str(value).lower(), mark)
        case int():
            return yaml.ScalarNode(PLAIN + "int", str(value), mark)
        case float():
            return yaml.ScalarNode(PLAIN + "float", str(value), mark)
        case list():
            return yaml.SequenceNode(PLAIN + "seq", [], mark)
        case dict():
            return yaml.MappingNode(PLAIN + "map", [], mark)
        case _:
            return yaml.ScalarNode(PLAIN + "str", str(value), mark)


def _text(nodes: Mapping[str, yaml.Node], key: str) -> str:
    """A text as written, in one line."""
    node = nodes.get(key)
    if node is None or node.tag == PLAIN + "null":
        return ""
    if not isinstance(node, yaml.ScalarNode) or not node.tag.startswith(PLAIN):
        raise BadFrontMatter(_line(node), f"`{key}` is {_kind(node)}; write it as text in quotes")
    text = " ".join(whole(node.value, "surrogatepass").split())
    if wrong := NO_CHARACTER.search(text):
        problem = f"`{key}` holds U+{ord(wrong[0]):04X}, which cannot be shown; remove it"
        raise BadFrontMatter(_line(node), problem)
    if len(text) > LONGEST:
        problem = f"`{key}` is {len(text):,} characters long, the limit is {LONGEST}; shorten it"
        raise BadFrontMatter(_line(node), problem)
    return text


def _kind(node: yaml.Node) -> str:
    if isinstance(node, yaml.ScalarNode):
        return f"tagged {node.tag}"
    return "a list" if isinstance(node, yaml.SequenceNode) else "a map"


def _number(nodes: Mapping[str, yaml.Node], key: str) -> float | None:
    """A number; None where there is none, or something else."""
    node = nodes.get(key)
    if node is None or node.tag not in (PLAIN + "int", PLAIN + "float"):
        return None
    try:
        number = float(node.value)
    except ValueError:  # as YAML alone writes them: 0x10, .inf, 1:30
        return None
    if not math.isfinite(number):
        raise BadFrontMatter(_line(node), f"`{key}` is too large a number; write a smaller one")
    return number


def _is_true(node: yaml.Node | None) -> bool:
    return node is not None and node.tag == PLAIN + "bool" and node.value.lower() in TRUE


def _line(node: yaml.Node) -> int:
    # The first line of the front matter is the second of the page.
    return int(node.start_mark.line) + 2
