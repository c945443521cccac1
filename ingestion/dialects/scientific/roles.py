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
NAMED = re.compile(r"(?<![\w@/.:\\])@(?P<key>[A-Za-z][\w:./-]*\w)")
SPAN = re.compile(r"(?<![!\]\\])\[([^\[\]\n]+)\]\{[.#:][^{}\n]*\}")
ATTRIBUTED = re.compile(r"(?:(?<=[\])])|\A)\{[.#:][^{}\n]*\}")
LONGEST_NAME = 80
"""Characters of the name of a role, with its braces."""

SILENT = words(
    "cite cite:p cite:ps cite:alp cite:alps cite:label cite:labelpar footcite footcite:p "
    "bibcite eval glue glue:text "
    "glue:any glue:md raw nb-exec-table fn anchor span:none"
)
CODE = words(
    "code file command program option envvar makevar literal samp regexp class func meth "
    "mod attr exc obj data const keyword token py c cpp js"
)
NARRATIVE = words("cite:t cite:ts cite:ct cite:author cite:authors cite:year cite:alt footcite:t")
"""Citations that are words of their sentence."""
WORK = re.compile(r"(?P<who>.+) \((?P<when>\d+)\)")
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
    if "@" in prose:
        prose = CITATION.sub("", prose)
        prose = NAMED.sub(lambda match: titles.get(f"cite {match['key']}", match[0]), prose)
    if "[" in prose or "{" in prose:
        prose = EMPTY_LINK.sub(lambda match: _title(match["label"], titles), prose)
        prose = SPAN.sub(r"\1", prose)
        prose = ATTRIBUTED.sub("", prose)
    return prose


def role_text(name: str, content: str, titles: Mapping[str, str]) -> str:
    """What a role shows, as Markdown."""
    kind = name.lower()
    if kind in NARRATIVE:
        return _works(content, kind, titles)
    if kind in SILENT:
        return ""
    if kind == "math":
        return f"${content}$"
    target = TARGET.fullmatch(content)
    if kind in REFERENCES:
        label = target["target"] if target else content
        text = target["text"] if target else _title(content, titles)
        return re.sub(r"%s|\{(?:number|name)\}", lambda _: _title(label, titles), text)
    domain, _, last = kind.rpartition(":")
    if kind in CODE or last in CODE or domain in CODE:
        return f"`{target['text'] if target else content.lstrip('~!')}`"
    if kind in {"sub", "sup", "subscript", "superscript"}:
        return content
    return target["text"] if target else content


def _works(keys: str, kind: str, titles: Mapping[str, str]) -> str:
    """The works that a citation names, as its sentence does."""
    made = []
    for key in keys.split(","):
        name = titles.get(f"cite {key.strip()}", key.strip())
        work = WORK.fullmatch(name)
        if work and kind.endswith(("author", "authors")):
            name = work["who"]
        elif work and kind.endswith("year"):
            name = work["when"]
        made.append(name)
    return ", ".join(made)


def _title(label: str, titles: Mapping[str, str]) -> str:
    if label in titles:
        return titles[label]
    return label.rpartition("/")[2].lstrip("#")
