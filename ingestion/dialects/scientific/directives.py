"""Directives: the blocks of MyST, between fences of backticks, tildes or colons, as Markdown.

https://myst-parser.readthedocs.io/en/latest/syntax/roles-and-directives.html and
https://mystmd.org/guide/directives
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ingestion.dialects.apart_from_code import words
from ingestion.dialects.boxes import box, code_block, labelled
from ingestion.dialects.scientific.directive_bodies import glossary, items, rows
from ingestion.markdown.solutions import is_solution

OPENING = re.compile(
    r"(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,}|:{3,})[ \t]*\{(?P<name>[A-Za-z][\w:.+-]*)\}"
    r"[ \t]*(?P<argument>.*)"
)
OPTION = re.compile(r":(?P<key>[\w-]+):(?:[ \t]+(?P<value>.*)|[ \t]*)")
YAML_OPTION = re.compile(r"(?P<key>[\w-]+):(?:[ \t]+(?P<value>.*)|[ \t]*)")
DEEPEST = 20
REMOVED = {"remove-cell", "remove-input"}
"""Tags of code that no page shows."""

BOXES = words(
    "admonition attention caution danger error hint important note seealso tip warning todo "
    "margin sidebar topic aside dropdown details epigraph pull-quote highlights exercise "
    "solution answer versionadded versionchanged deprecated proof theorem lemma definition "
    "corollary proposition axiom algorithm criterion conjecture example observation "
    "property remark assumption notation"
)
CODE = words(
    "code code-block sourcecode code-cell parsed-literal prompt doctest testcode "
    "literalinclude mermaid graphviz digraph graph ipython productionlist"
)
SILENT = words(
    "toctree contents tableofcontents toc index bibliography raw meta highlight "
    "currentmodule module default-role role role-config sectionauthor codeauthor comment "
    "exercise-end solution-end replace image youtube audio footbibliography "
    "image-basic anywidget any:bundle only-placeholder no-toc tags"
)
"""They show no text of the book."""
PLAIN = words(
    "grid grid-item tab-set tabs div container only glossary figure-md table list-table "
    "line-block compound rst-class class cssclass centered hlist card-header eval-rst myst "
    "blockquote math-wrap carousel card-carousel panels grid-item"
)
"""Only what stands in them is shown."""
TITLED = words(
    "tab-item card grid-item-card tab figure table list-table csv-table rubric button iframe video"
)
"""What stands behind their name is shown, above what stands in them."""


@dataclass(frozen=True, slots=True)
class Directive:
    """A directive: `argument` is what stands behind its name, `body` its lines without options."""

    name: str
    argument: str
    options: dict[str, str] = field(default_factory=dict)
    body: Sequence[str] = ()

    @property
    def kind(self) -> str:
        """The name without that of its domain: "theorem" for `prf:theorem`."""
        return self.name.rpartition(":")[2].lower()


def read_directive(lines: Sequence[str], start: int) -> tuple[Directive, str, int] | None:
    """The directive that opens on a line, its indentation, and the number of the line after it;
    None where none opens."""
    opening = OPENING.fullmatch(lines[start])
    if opening is None:
        return None
    fence, indent = opening["fence"], opening["indent"]
    end = closing_line(lines, start, fence)
    body = [without_indent(line, len(indent.expandtabs(4))) for line in lines[start + 1 : end]]
    options, rest = _options(body)
    return Directive(opening["name"], opening["argument"].strip(), options, rest), indent, end + 1


def closing_line(lines: Sequence[str], start: int, fence: str) -> int:
    """The number of the line that closes a fence, or of lines where none does."""
    mark = fence[0]
    for number in range(start + 1, len(lines)):
        line = lines[number].strip()
        if len(line) >= len(fence) and not line.strip(mark):
            return number
    return len(lines)


def without_indent(line: str, width: int) -> str:
    """A line without up to so many blanks at its beginning."""
    expanded = line.expandtabs(4) if line[:1] == "\t" else line
    return expanded[min(width, len(expanded) - len(expanded.lstrip(" "))) :]


def _options(body: Sequence[str]) -> tuple[dict[str, str], Sequence[str]]:
    """The options on top of a body, as lines of `:key: value` or as YAML between `---`."""
    if body and body[0].strip() == "---":
        end = next((n for n in range(1, len(body)) if body[n].strip() == "---"), 0)
        matches = [YAML_OPTION.fullmatch(line.strip()) for line in body[1:end]]
        return _by_key(matches), body[end + 1 :] if end else body
    number = 0
    found: list[re.Match[str] | None] = []
    while number < len(body) and (match := OPTION.fullmatch(body[number].strip())):
        found.append(match)
        number += 1
    return _by_key(found), body[number:]


def _by_key(matches: Sequence[re.Match[str] | None]) -> dict[str, str]:
    return {one["key"]: _unquoted((one["value"] or "").strip()) for one in matches if one}


def _unquoted(value: str) -> str:
    mark = value[:1]
    is_quoted = mark in ("'", '"') and value.endswith(mark) and value.count(mark) == 2
    return value[1:-1] if is_quoted else value


def shown(directive: Directive, inner: Sequence[str]) -> Iterator[str]:
    """The lines of a directive that its page shows, given those of its body."""
    kind, argument = directive.kind, directive.argument
    caption = directive.options.get("caption", "")
    if kind in SILENT or is_hidden(directive):
        return
    if kind == "math":
        yield from ("$$", *([argument] if argument else []), *directive.body, "$$")
    elif kind in CODE:
        language = argument if kind in {"code", "code-block", "sourcecode", "code-cell"} else kind
        yield from labelled(caption, code_block(directive.body, language))
    elif kind in BOXES or is_solution(argument):
        yield from box(_box_kind(directive), _box_title(directive), inner)
    elif kind in TITLED:
        is_address = kind in {"figure", "iframe", "video"}  # the argument, of what is shown
        yield from labelled(caption if is_address else argument or caption, inner)
    elif kind in PLAIN:
        yield from inner
    else:
        yield from labelled(argument if " " in argument else "", inner)


def inner_lines(directive: Directive) -> Sequence[str]:
    """The body of a directive as Markdown, of which the directives in it are still to be read."""
    kind = directive.kind
    if kind == "glossary":
        return list(glossary(directive.body))
    if kind == "csv-table":
        return list(rows(directive.body, directive.options))
    if kind in {"card", "grid-item-card", "panels"}:
        return list(items(directive.body, parted=kind == "panels"))
    return directive.body


def is_hidden(directive: Directive) -> bool:
    """Whether a page of HTML does not show it."""
    if directive.kind == "only":
        return not re.search(r"\bhtml\b|\bnot (?:latex|pdf|epub)", directive.argument)
    tags = re.findall(r"[\w-]+", directive.options.get("tags", ""))
    return directive.kind == "code-cell" and not REMOVED.isdisjoint(tags)


def is_known(directive: Directive) -> bool:
    """Whether what a directive shows is known; else it is its body."""
    known = BOXES | CODE | SILENT | PLAIN | TITLED | {"math", "include"}
    return directive.kind in known


def _box_kind(directive: Directive) -> str:
    kind = directive.kind
    if is_solution(kind) or is_solution(directive.argument):
        return "solution"
    if kind in {"admonition", "aside", "topic", "sidebar", "margin", "dropdown", "details"}:
        return re.split(r"[\s,]", directive.options.get("class", ""))[0] or "note"
    return kind


def _box_title(directive: Directive) -> str:
    """What stands above the text of a box; that of a solution names its exercise by a label,
    which is not shown."""
    kind, argument = directive.kind, directive.argument
    if kind == "solution":
        return "Solution"
    if kind in {"versionadded", "versionchanged", "deprecated"}:
        return f"{kind.removeprefix('version').capitalize()} {argument}".strip()
    numbered = directive.name.startswith("prf:") or kind == "exercise"
    return f"{kind.capitalize()} ({argument})" if numbered and argument else argument
