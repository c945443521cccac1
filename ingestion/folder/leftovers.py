"""Leftovers: marks of some make of book that a page still shows after it was parsed.

Nothing reads them, so they are in the text of the book as they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it.token import Token

from ingestion.markdown.parser import Page

DIRECTIVES = "directives left as text"
HEADINGS = "headings lost"
NESTED = "headings in boxes, lists and quotes, where no section begins"
SHOWN = 80
"""Characters of an example."""
DIRECTIVE = re.compile(
    r"[ \t]*(?::{3,}|!!![ \t]|\?\?\?\+?[ \t]|===[+!]?[ \t]+[\"“]|/{3}[ \t]|\.\.[ \t][\w-]+::"
    r"|-+8<-+|<<<[ \t]|@include\b|\([\w-]+\)=[ \t]*$|\{:?[.#][\w-]+[^{}\n]{0,200}\}[ \t]*$)"
)
"""What opens a directive at the beginning of a line."""
WITHIN = re.compile(r"\{\{[<%#]|\{%-?[ \t]|\{\{[ \t]*(?:site|page)\.")
"""What opens a shortcode or a tag anywhere in a line."""
ROLE = re.compile(r"\{[a-z][\w:+-]*\}$")
"""What stands in front of code that is a role."""
FENCED = re.compile(r"\{[a-z][\w:-]*\}")
CELLS = {"{python}", "{r}", "{julia}", "{bash}", "{ojs}", "{sql}", "{mermaid}", "{dot}"}
"""Code that runs, which is code all the same."""
HTML_HEADING = re.compile(r"<h[1-6][\s>]|^[ \t]*#{1,6}[ \t]+\S", re.IGNORECASE | re.MULTILINE)
NO_HEADING = re.compile(r"#{2,6}[^\W\d_]")
"""A heading without the blank behind its marks, which some generators take for one."""


def leftovers(page: Page) -> Iterator[tuple[str, str]]:
    """The kind of each, in words that a count goes in front of, and what was found."""
    for heading in page.headings:
        if heading.is_nested:
            yield NESTED, heading.text
    for token in page.tokens:
        if token.type == "inline":
            yield from _of_lines(token)
        elif token.type == "html_block":
            for found in HTML_HEADING.finditer(token.content):
                yield HEADINGS, _part(token.content, found).strip().partition("\n")[0]
        elif token.type == "fence":
            info = FENCED.match(token.info.strip())
            if info and info[0] not in CELLS:
                yield DIRECTIVES, info[0]


def _of_lines(inline: Token) -> Iterator[tuple[str, str]]:
    line = ""
    for child in inline.children or ():
        if child.type in ("softbreak", "hardbreak"):
            yield from _of_line(line)
            line = ""
        elif child.type == "code_inline":
            if ROLE.search(line[-80:]):
                yield DIRECTIVES, f"{line[line.rindex('{') :]}`{child.content}`"
            line += "`"
        elif child.type == "text":
            line += child.content
        else:
            line += "`"
    yield from _of_line(line)


def _of_line(line: str) -> Iterator[tuple[str, str]]:
    if NO_HEADING.match(line):
        yield HEADINGS, line[:SHOWN]
    elif DIRECTIVE.match(line):
        yield DIRECTIVES, line[:SHOWN].strip()
    else:
        for found in WITHIN.finditer(line):
            yield DIRECTIVES, _part(line, found)


def _part(text: str, found: re.Match[str]) -> str:
    """What was found, with as much behind it as an example shows."""
    return text[found.start() : found.start() + SHOWN]
