"""MyST Markdown as Markdown that our parser reads: https://mystmd.org/guide/syntax-overview"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from ingestion.dialects.apart_from_code import Note, rewrite_prose, without_gaps
from ingestion.dialects.boxes import box
from ingestion.dialects.hidden import without_hidden
from ingestion.dialects.scientific.directive_bodies import excerpt
from ingestion.dialects.scientific.directives import (
    DEEPEST,
    Directive,
    closing_line,
    inner_lines,
    is_known,
    read_directive,
    shown,
)
from ingestion.dialects.scientific.roles import without_roles

FENCE = re.compile(r"[ \t]*(?:[-*+][ \t]+|\d{1,9}[.)][ \t]+)?(?P<fence>`{3,}(?=[^`]*$)|~{3,}).*")
LABEL = re.compile(r"[ \t]*\((?P<label>[^()\s][^()]*)\)=[ \t]*")
COMMENT = re.compile(r"%(?!%).*|%%.*")
BREAK = re.compile(r"\+\+\+(?:[ \t].*)?")
ATTRIBUTES = re.compile(
    r"[ \t]*\{(?:[#.][\w:-]+|[\w-]+=(?:\"[^\"]*\"|[^\s}]+))(?:[ \t][^{}]*)?\}[ \t]*"
)
IDENTIFIER = re.compile(r"#([\w:.-]+)")
HEADING = re.compile(r" {0,3}#{1,6}[ \t]+(?P<text>.*?)(?:[ \t]+#+)?[ \t]*")
ENVIRONMENT = re.compile(
    r"[ \t]*\\begin\{(?P<name>(?:align|gather|equation|multline|eqnarray|cases|split|alignat)\*?)\}"
)
SUBSTITUTION = re.compile(
    r"(?<![\^_])\{\{[ \t]{0,9}(?P<name>[\w.-]{1,99})(?:[ \t]*\|[^{}\n]{0,99})?[ \t]{0,9}\}\}"
)
GLUE = re.compile(r"\{(?:glue(?::\w+)?|eval)\}`[^`\n]{1,100}`")
STARTS = {"exercise-start": "exercise-end", "solution-start": "solution-end"}

Include = Callable[[str], str | None]
"""The text of a file that a page takes in, by its path as written; None where there is none."""


def myst_markdown(
    text: str,
    include: Include,
    note: Note,
    titles: Mapping[str, str] | None = None,
    values: Mapping[str, str] | None = None,
) -> str:
    """A page's text, without its front matter, as Markdown.

    `titles` are those of labels on other pages, and names of cited works, e.g. "cite airy1845";
    `values` are those of substitutions.

    Directives become admonitions, code, equations or what stands in them; roles what they show;
    comments, labels and block breaks go.
    """
    page = _Page(include, note)
    blocks = "\n".join(page.blocks(text.split("\n"), 0))
    blocks = without_hidden(blocks)[0]
    for computed in GLUE.finditer(blocks):
        note("values that only a program knows", computed[0])
    shown = without_roles(blocks, dict(titles or {}) | page.titles)
    if "{{" in shown:
        shown = rewrite_prose(shown, lambda prose: _substituted(prose, values or {}, note))
    return without_gaps(shown)


def _substituted(prose: str, values: Mapping[str, str], note: Note) -> str:
    def value(match: re.Match[str]) -> str:
        if match["name"] in values:
            return values[match["name"]]
        note("substitutions without a value", match[0])
        return match[0]

    return SUBSTITUTION.sub(value, prose)


def make_id(text: str) -> str:
    """A label as the id that it has in HTML."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


class _Page:
    def __init__(self, include: Include, note: Note) -> None:
        self.include = include
        self.note = note
        self.titles: dict[str, str] = {}
        self._label = ""
        self._including: list[str] = []
        self._missing: set[str] = set()  # ends of equations that are nowhere below

    def blocks(self, lines: Sequence[str], depth: int) -> Iterator[str]:
        """The lines of blocks as Markdown."""
        number = 0
        while number < len(lines):
            taken = self._directive(lines, number, depth) or self._code(lines, number)
            if taken is None:
                yield from self._line(lines[number])
                number += 1
            else:
                made, number = taken
                yield from made

    def _directive(
        self, lines: Sequence[str], number: int, depth: int
    ) -> tuple[list[str], int] | None:
        read = read_directive(lines, number) if depth < DEEPEST else None
        if read is None:
            return None
        directive, indent, end = read
        if (last := STARTS.get(directive.kind)) and depth < DEEPEST:
            return self._between(lines, directive, end, last, depth)
        made = self._shown(directive, depth)
        self._label = ""
        return [indent + line if line else line for line in made], end

    def _shown(self, directive: Directive, depth: int) -> list[str]:
        if directive.kind == "include":
            return self._included(directive, depth)
        if not is_known(directive):
            self.note("directives that are not known; their text is in", f"{{{directive.name}}}")
        if directive.kind == "literalinclude":
            directive = self._with_file(directive)
        inner = list(self.blocks(inner_lines(directive), depth + 1))
        return list(shown(directive, inner))

    def _with_file(self, directive: Directive) -> Directive:
        """Code with the lines of the file that it names."""
        text = self.include(directive.argument)
        if text is None:
            self.note("includes not found", directive.argument)
            return directive
        language = directive.options.get("language", "")
        lines = excerpt(text, directive.options)
        return replace(directive, name="code-block", argument=language, body=lines)

    def _included(self, directive: Directive, depth: int) -> list[str]:
        name = directive.argument
        if name in self._including:
            self.note("includes of themselves", name)
            return []
        text = self.include(name)
        if text is None:
            self.note("includes not found", name)
            return []
        lines = excerpt(text, directive.options)
        if "literal" in directive.options or "code" in directive.options:
            return ["```", *lines, "```"]
        self._including.append(name)
        made = ["", *self.blocks(lines, depth + 1), ""]
        self._including.pop()
        return made

    def _between(
        self, lines: Sequence[str], directive: Directive, start: int, last: str, depth: int
    ) -> tuple[list[str], int]:
        """What stands between a directive that starts something and the one that ends it."""
        end, number = len(lines), start
        while number < len(lines):
            read = read_directive(lines, number)
            if read and read[0].kind == last:
                end = number
                break
            number = read[2] if read else number + 1
        kind = last.removesuffix("-end")
        title = "Solution" if kind == "solution" else directive.argument or "Exercise"
        inner = [*directive.body, *self.blocks(lines[start:end], depth + 1)]
        after = read_directive(lines, end) if end < len(lines) else None
        return list(box(kind, title, inner)), after[2] if after else end

    def _code(self, lines: Sequence[str], number: int) -> tuple[Sequence[str], int] | None:
        fence = FENCE.fullmatch(lines[number])
        if fence:
            end = closing_line(lines, number, fence["fence"]) + 1
        elif environment := ENVIRONMENT.match(lines[number]):
            mark = f"\\end{{{environment['name']}}}"
            if mark in self._missing:
                return None
            ends = (n for n in range(number, len(lines)) if mark in lines[n])
            end = next(ends, -1) + 1
            if not end:
                self._missing.add(mark)
                return None
            return ["$$", *lines[number:end], "$$"], end
        elif lines[number].lstrip().startswith("$$") and lines[number].count("$$") == 1:
            ends = (n for n in range(number + 1, len(lines)) if "$$" in lines[n])
            end = next(ends, number) + 1
        else:
            return None
        return lines[number:end], end

    def _line(self, line: str) -> Iterator[str]:
        if label := LABEL.fullmatch(line):
            self._label = label["label"]
        elif COMMENT.fullmatch(line) or BREAK.fullmatch(line):
            yield ""
        elif ATTRIBUTES.fullmatch(line):
            identifier = IDENTIFIER.search(line)
            self._label = identifier[1] if identifier else self._label
        elif heading := HEADING.fullmatch(line):
            yield self._heading(line, heading["text"])
        else:
            if line.strip():
                self._label = ""
            yield line

    def _heading(self, line: str, text: str) -> str:
        """A heading; with its label as its id, if it has one."""
        label, self._label = self._label, ""
        if not label:
            return line
        self.titles[label] = text
        has_id = text.endswith("}")
        return line if has_id else f"{line.rstrip(' #')} {{#{make_id(label)}}}"
