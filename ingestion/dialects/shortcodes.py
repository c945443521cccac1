"""Shortcodes of Hugo: left out, with what stands between them kept.

https://gohugo.io/content-management/shortcodes/
"""

from __future__ import annotations

import re

from ingestion.dialects.apart_from_code import Note, words
from ingestion.dialects.boxes import box
from ingestion.markdown.solutions import is_solution

CODE = re.compile(
    r"\{\{(?P<mark>[<%])-?\s*(?P<end>/)?\s*(?P<name>\w[\w./-]*)"
    r"(?P<arguments>(?:\"(?:[^\"\\{]|\\.|\{(?!\{))*\"|`(?:[^`{]|\{(?!\{))*`"
    r"|[^\"`>%{]|\{(?!\{)|[>%](?!\}\}))*)[>%]\}\}"
)
COMMENT = re.compile(r"\{\{[<%]/\*(?P<inside>(?:[^*{]|\*(?!/)|\{(?!\{))*)\*/[>%]\}\}")
TEXT = re.compile(
    r"(?:title|caption|heading|header|summary|label|name)\s*=\s*(?:\"([^\"]*)\"|`([^`]*)`)"
)
SHOWS = re.compile(
    r"\b(?:title|caption|header|heading|subtitle|description|text|summary|content)\s*=\s*"
    r"(?:\"([^\"]*)\"|`([^`]*)`)"
)
SECOND = re.compile(r"\s*\"?([a-z]+)\"?\s+(?:\"([^\"]*)\"|`([^`]*)`)\s*$")
"""The kind of a box and its title."""
QUOTED = re.compile(r"\s*(?:\"([^\"]*)\"|`([^`]*)`|([\w-]+)\s*/?\s*$)")
BOXES = words(
    "note tip info warning caution danger hint alert notice callout admonition details "
    "expand important success question example quote attention aside pageinfo"
)
SOLUTIONS = {"solution", "answer", "spoiler-solution", "answers", "solutions"}
TABS = {"tab", "tabitem", "step", "card"}
NO_TEXT = words(
    "youtube vimeo figure img image icon toc br clear pagebreak pagefind section toctree"
)
"""What shows no text, unless its arguments do."""
PLAIN = words("tabs columns steps cards katex math button cardpane section center rawhtml")
"""What only encloses text."""
COLUMN = re.compile(r"^[ \t]*<--->[ \t]*$", re.MULTILINE)
INLINE = {"ref", "relref"}


def without_shortcodes(text: str, note: Note) -> str:
    """A page's text without its shortcodes.

    Boxes that themes call `note`, `hint` and so on become admonitions; others are noted by name,
    and what they enclose stays. `{{</* x */>}}` shows the shortcode itself.

    >>> without_shortcodes('{{< hint info >}}\\nMind it.\\n{{< /hint >}}', print).split()
    [':::info', 'Mind', 'it.', ':::']
    """
    if "{{" not in text:
        return text
    closed = {match["name"] for match in CODE.finditer(text) if match["end"]}
    return COMMENT.sub(
        lambda match: "{{< " + match["inside"].strip() + " >}}", _Page(closed, note).made(text)
    )


class _Page:
    def __init__(self, closed: set[str], note: Note) -> None:
        self.closed = closed
        self.note = note

    def made(self, text: str) -> str:
        """Nested boxes are made from the innermost outwards, on a stack."""
        stack: list[tuple[re.Match[str] | None, list[str]]] = [(None, [])]
        at = 0
        for match in CODE.finditer(text):
            stack[-1][1].append(text[at : match.start()])
            at = match.end()
            name = match["name"]
            if match["end"]:
                if len(stack) > 1 and any(one[0] and one[0]["name"] == name for one in stack):
                    self._close(stack, name)
            elif name in self.closed and not match["arguments"].rstrip().endswith("/"):
                stack.append((match, []))
            elif shows := [one[1] or one[2] for one in SHOWS.finditer(match["arguments"])]:
                stack[-1][1].append("".join(f"\n{line}\n" for line in shows if line))
            elif name.lower() not in INLINE | NO_TEXT:
                self.note("shortcodes left out", f"{{{{< {name} >}}}}")
        stack[-1][1].append(text[at:])
        while len(stack) > 1:
            _, inner = stack.pop()
            stack[-1][1].append("".join(inner))
        return "".join(stack[0][1])

    def _close(self, stack: list[tuple[re.Match[str] | None, list[str]]], name: str) -> None:
        while len(stack) > 1:
            opening, inner = stack.pop()
            if opening is not None and opening["name"] == name:
                stack[-1][1].append(self._shown(opening, "".join(inner)))
                return
            stack[-1][1].append("".join(inner))

    def _shown(self, opening: re.Match[str], inner: str) -> str:
        name, arguments = opening["name"].lower(), opening["arguments"]
        named = TEXT.search(arguments)
        first = QUOTED.match(arguments)
        title = (named[1] or named[2] or "") if named else ""
        argument = next((one for one in first.groups() if one), "") if first else ""
        if name in SOLUTIONS or is_solution(title or argument):
            return "\n".join(box("solution", title or argument or "Solution", inner.split("\n")))
        if name in BOXES:
            is_kind = bool(argument) and argument.isalpha() and argument.islower()
            kind = argument if is_kind else "note" if name in {"callout", "admonition"} else name
            heading = title or ("" if is_kind else argument)
            if both := SECOND.match(arguments):
                kind, heading = both[1], both[2] or both[3] or ""
            return "\n".join(box(kind, heading, inner.split("\n")))
        if name in TABS and (title or argument):
            return f"\n**{title or argument}**\n\n{inner}\n"
        if name == "highlight":
            return f"\n```{argument}\n{inner.strip(chr(10))}\n```\n"
        if name in {"mermaid", "diagram"}:
            return f"\n```mermaid\n{inner.strip(chr(10))}\n```\n"
        if name == "columns":
            return COLUMN.sub("", inner)
        if name not in PLAIN:
            self.note("shortcodes whose text is in without them", f"{{{{< {name} >}}}}")
        return inner
