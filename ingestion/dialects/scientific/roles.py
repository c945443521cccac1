"""Roles: what MyST marks within a line, as the text that its page shows.

https://mystmd.org/guide/roles and https://www.sphinx-doc.org/en/master/usage/referencing.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ingestion.dialects.apart_from_code import parts, words

NAME = re.compile(r"(?P<lead> ?)\{(?P<name>[A-Za-z][\w:.+-]*)\}\Z")
TARGET = re.compile(r"(?P<text>.*?)\s*<(?P<target>[^<>]+)>", re.DOTALL)
EMPTY_LINK = re.compile(r"(?<!!)\[\]\(#(?P<label>[^()\s]+)\)")
CITATION = re.compile(r" ?\[(?:[^\[\]@\n]{0,80}\s)?-?@[\w:./-]+(?:[,;][^\[\]\n]*)?\]")
SPAN = re.compile(r"(?<![!\]\\])\[([^\[\]\n]+)\]\{[.#:][^{}\n]*\}")
ATTRIBUTED = re.compile(r"(?:(?<=[\])])|\A)\{[.#:][^{}\n]*\}")
LONGEST_NAME = 80
"""Characters of the name of a role, with its braces."""

SILENT = words(
    "cite cite:p cite:t cite:ps cite:ts cite:alp cite:alps cite:author cite:year cite:label "
    "cite:labelpar cite:ct footcite footcite:p footcite:t bibcite eval glue glue:text "
    "glue:any glue:md raw nb-exec-table fn anchor span:none"
)
CODE = words(
    "code file command program option envvar makevar literal samp regexp class func meth "
    "mod attr exc obj data const keyword token py c cpp js"
)
REFERENCES = {"ref", "numref", "doc", "prf:ref", "any", "eq", "download", "std:ref", "std:doc"}


def without_roles(text: str, titles: Mapping[str, str]) -> str:
    """Text with what its roles show in place of them; `titles` are those of labels.

    >>> without_roles("Orbits {cite}`Clark45`; see {ref}`above <orbit>` on {kbd}`Ctrl`.", {})
    'Orbits; see above on Ctrl.'
    """
    made: list[str] = []
    for part, is_prose in parts(text):
        name = None if is_prose or not made else NAME.search(made[-1][-LONGEST_NAME:])
        if is_prose:
            made.append(_without_marks(part, titles))
        elif name and (content := part.strip("`").strip()) and part[0] == "`":
            shows = role_text(name["name"], content, titles)
            made[-1] = made[-1][: -len(name[0])]
            made.append(name["lead"] + shows if shows else "")
        else:
            made.append(part)
    return "".join(made)


def _without_marks(prose: str, titles: Mapping[str, str]) -> str:
    if "[" in prose or "{" in prose:
        prose = EMPTY_LINK.sub(lambda match: _title(match["label"], titles), prose)
        prose = CITATION.sub("", prose)
        prose = SPAN.sub(r"\1", prose)
        prose = ATTRIBUTED.sub("", prose)
    return prose


def role_text(name: str, content: str, titles: Mapping[str, str]) -> str:
    """What a role shows, as Markdown."""
    kind = name.lower()
    if kind in SILENT:
        return ""
    if kind == "math":
        return f"${content}$"
    target = TARGET.fullmatch(content)
    if kind in REFERENCES:
        return target["text"] if target else _title(content, titles)
    domain, _, last = kind.rpartition(":")
    if kind in CODE or last in CODE or domain in CODE:
        return f"`{target['text'] if target else content.lstrip('~!')}`"
    if kind in {"sub", "sup", "subscript", "superscript"}:
        return content
    return target["text"] if target else content


def _title(label: str, titles: Mapping[str, str]) -> str:
    if label in titles:
        return titles[label]
    return label.rpartition("/")[2].lstrip("#")
