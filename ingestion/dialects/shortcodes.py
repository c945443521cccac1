"""Shortcodes of Hugo: left out, with what stands between them kept.

https://gohugo.io/content-management/shortcodes/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from textwrap import dedent, indent

from ingestion.dialects.apart_from_code import Note, words
from ingestion.dialects.boxes import box, code_block
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
PLAIN = words("tabs columns steps cards katex math button cardpane section center rawhtml table")
"""What only encloses text."""
CODES = words("code-toggle code codeblock code-block codenew highlight listing mermaid diagram")
"""What encloses code."""
DIAGRAMS = {"mermaid", "diagram"}
LANGUAGE = re.compile(r"\b(?:codelang|lang|language)\s*=\s*\"?(?P<name>[\w+#-]+)")
TERM = re.compile(r"\bterm(?:_id)?\s*=\s*\"(?P<name>[\w -]+)\"")
"""An entry of a glossary, which the page calls by its title."""
MARKS = re.compile(r"[ \t]*#{1,6}[ \t]+")
LINE = 400
"""Characters of a line that are looked at."""
COLUMN = re.compile(r"^[ \t]*<--->[ \t]*$", re.MULTILINE)
INLINE = {"ref", "relref"}


def without_shortcodes(text: str, note: Note, values: Mapping[str, str] | None = None) -> str:
    """A page's text without its shortcodes. `values` are those of `param`.

    Boxes that themes call `note`, `hint` and so on become admonitions; others are noted by name,
    and what they enclose stays, but that of `comment`. `{{</* x */>}}` shows the shortcode itself.

    >>> without_shortcodes('{{< hint info >}}\\nMind it.\\n{{< /hint >}}', print).split()
    [':::info', 'Mind', 'it.', ':::']
    """
    if "{{" not in text:
        return text
    closed = {match["name"] for match in CODE.finditer(text) if match["end"]}
    return COMMENT.sub(
        lambda match: "{{< " + match["inside"].strip() + " >}}",
        _Page(closed, note, values or {}).made(text),
    )


class _Page:
    def __init__(self, closed: set[str], note: Note, values: Mapping[str, str]) -> None:
        self.closed = closed
        self.note = note
        self.values = values

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
            else:
                stack[-1][1].append(self._alone(match))
        stack[-1][1].append(text[at:])
        while len(stack) > 1:
            _, inner = stack.pop()
            stack[-1][1].append("".join(inner))
        return "".join(stack[0][1])

    def _alone(self, match: re.Match[str]) -> str:
        """What one that encloses nothing shows, within its line if there is more in that."""
        name, arguments = match["name"].lower(), match["arguments"]
        before, after = _around(match)
        is_within = _is_within(match)
        first = QUOTED.match(arguments)
        given = next((one for one in first.groups() if one), "") if first else ""
        shows = [one[1] or one[2] for one in SHOWS.finditer(arguments) if one[1] or one[2]]
        if name == "param" and given in self.values:
            return self.values[given]
        if shows:
            return " ".join(shows) if is_within else "".join(f"\n{line}\n" for line in shows)
        if is_within and (term := TERM.search(arguments)):
            return term["name"].replace("-", " ")
        if given and MARKS.fullmatch(before) and not after.strip():
            return given
        if name not in INLINE | NO_TEXT:
            self.note("shortcodes left out", f"{{{{< {match['name']} >}}}}")
        return ""

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
        if name == "comment":
            return ""
        if name in SOLUTIONS or is_solution(title or argument):
            return _boxed(opening, "solution", title or argument or "Solution", inner)
        if name in BOXES:
            is_kind = bool(argument) and argument.isalpha() and argument.islower()
            kind = argument if is_kind else "note" if name in {"callout", "admonition"} else name
            heading = title or ("" if is_kind else argument)
            if both := SECOND.match(arguments):
                kind, heading = both[1], both[2] or both[3] or ""
            return _boxed(opening, kind, heading, inner)
        if made := self._code(opening, title or argument, inner):
            return made
        if name in TABS and (title or argument):
            return f"\n**{title or argument}**\n\n{inner}\n"
        if name == "columns":
            return COLUMN.sub("", inner)
        if name not in PLAIN:
            self.note("shortcodes whose text is in without them", f"{{{{< {name} >}}}}")
        return inner

    def _code(self, opening: re.Match[str], title: str, inner: str) -> str:
        """What shows code, also in a tab of its own; "" for what does not."""
        name = opening["name"].lower()
        found = LANGUAGE.search(opening["arguments"])
        is_tab = name in TABS and found is not None and opening["mark"] == "<"
        if not is_tab and name not in CODES:
            return ""
        language = found["name"] if found else title
        language = "mermaid" if name in DIAGRAMS else language
        label = f"\n**{title}**\n" if is_tab and title else ""
        return "\n".join([label, *code_block(inner.strip("\n").split("\n"), language), ""])


def _around(match: re.Match[str]) -> tuple[str, str]:
    """What stands in front of a shortcode in its line, and behind it."""
    text, start, end = match.string, match.start(), match.end()
    least = max(0, start - LINE)
    first = max(text.rfind("\n", least, start) + 1, least)
    return text[first:start], text[end : end + LINE].partition("\n")[0]


def _is_within(match: re.Match[str]) -> bool:
    """Whether a shortcode stands in the middle of a paragraph: there is text beside it, or right
    above and below."""
    before, after = _around(match)
    beside = CODE.sub("", before + after).strip()
    if beside or before.strip() or after.strip():
        return bool(beside)
    text, start, end = match.string, match.start() - len(before), match.end() + len(after)
    above = text[max(0, start - LINE) : max(0, start - 1)].rpartition("\n")[2].strip()
    below = text[end + 1 : end + LINE].partition("\n")[0].strip()
    return bool(CODE.sub("", above).strip() and CODE.sub("", below).strip())


def _boxed(opening: re.Match[str], kind: str, title: str, inner: str) -> str:
    """A box, below the text of the list item that it stands in."""
    lead = _around(opening)[0]
    made = "\n".join(box(kind, title, dedent(inner).split("\n")))
    return indent(made, lead) if lead and not lead.strip() else made
