"""Pandoc's and Quarto's marks within a line, as the text that a page shows."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ingestion.dialects.apart_from_code import Note, parts, words

SHORTCODE = re.compile(
    r"(?<!\{)\{\{<[ \t]*(?P<name>[\w-]+)(?P<arguments>[^<>\n]*?)[ \t]*>\}\}(?!\})"
)
ESCAPED = re.compile(r"\{(\{\{<[^\n]*?>\}\})\}")
"""A shortcode that a page shows as it is, also in code."""
ATTRIBUTES = re.compile(r"(?:(?<=[\])$])[ ]?|\A)\{[#.:\w=-][^{}\n]*\}")
SPAN = re.compile(
    r"(?<![!\]\\])\[(?P<text>[^\[\]\n]+)\](?=\{[^{}\n]*\})\{(?P<attributes>[^{}\n]*)\}"
)
NOTE = re.compile(r"\^\[(?P<text>[^\[\]\n]*(?:\[[^\[\]\n]*\][^\[\]\n]*)*)\]")
GROUP = re.compile(r"(?P<lead>[ ]?)\[(?P<inside>[^\[\]\n]{0,200}@[^\[\]\n]+)\](?![(\[:])")
KEY = re.compile(r"(?<![\w@/.:\\])-?@\{?(?P<key>[A-Za-z][\w:.#$%&+?<>~/-]*\w)\}?")
RAW = re.compile(r"\{=\w+\}")
LOWERED = re.compile(r"(?<=[\w)])~(?P<text>[^~\s]{1,20})~(?!~)")
RAISED = re.compile(r"(?<=[\w)])\^(?P<text>[^^\s\[\]]{1,20})\^")
NO_TEXT = words("pagebreak fa fab bi iconify video audio lipsum placeholder version brand logo")
"""Shortcodes that show no text of the book."""
PREFIXES = {
    "fig": "Figure", "tbl": "Table", "sec": "Section", "eq": "Equation", "lst": "Listing",
    "thm": "Theorem", "lem": "Lemma", "cor": "Corollary", "prp": "Proposition",
    "cnj": "Conjecture", "def": "Definition", "exm": "Example", "exr": "Exercise",
    "sol": "Solution", "rem": "Remark", "alg": "Algorithm", "nte": "Note", "tip": "Tip",
    "wrn": "Warning", "imp": "Important", "cau": "Caution", "vid": "Video", "dia": "Diagram",
}  # fmt: skip


def without_raw(text: str) -> str:
    """A text without what is meant for one format within a line, such as `\\LaTeX`{=latex}."""
    made: list[str] = []
    for part, is_prose in parts(text):
        raw = RAW.match(part) if is_prose and made and made[-1][:1] == "`" else None
        if raw:
            made[-1] = ""
        made.append(part[raw.end() :] if raw else part)
    return "".join(made)


def without_marks(prose: str, known: Mapping[str, str], note: Note) -> str:
    """Prose with what its shortcodes, spans, references and citations show.

    `known` holds values of shortcodes, such as "meta title", and titles by the ids of sections.

    >>> without_marks("See @sec-a [@fisher1925], [large]{.big}.", {"sec-a": "Samples"}, print)
    'See Samples, large.'
    """
    if "{{<" in prose:
        prose = SHORTCODE.sub(lambda match: _shortcode(match, known, note), prose)
    if "{" in prose:
        prose = SPAN.sub(_span, prose)
        prose = ATTRIBUTES.sub("", prose)
    if "~" in prose or "^" in prose:
        prose = LOWERED.sub(r"\g<text>", prose)
        prose = RAISED.sub(r"^\g<text>", prose)
    prose = NOTE.sub(r" (\g<text>)", prose)
    if "@" in prose:
        prose = GROUP.sub(lambda match: _group(match, known), prose)
        prose = KEY.sub(lambda match: _reference(match["key"], known), prose)
    return prose


def _shortcode(match: re.Match[str], known: Mapping[str, str], note: Note) -> str:
    name, arguments = match["name"], match["arguments"].strip()
    if name == "kbd":
        return arguments
    if (value := known.get(f"{name} {arguments}")) is not None:
        return value
    if name not in NO_TEXT:
        note("shortcodes left out", f"{{{{< {name} >}}}}")
    return ""


def _span(match: re.Match[str]) -> str:
    return "" if ".content-hidden" in match["attributes"] else match["text"]


def _group(match: re.Match[str], known: Mapping[str, str]) -> str:
    """References in brackets are shown without these; citations are not shown."""
    keys = [key["key"] for key in KEY.finditer(match["inside"])]
    if not keys:
        return match[0]
    if all(_prefix(key) or key in known for key in keys):
        return match["lead"] + KEY.sub(lambda key: _reference(key["key"], known), match["inside"])
    return ""


def _reference(key: str, known: Mapping[str, str]) -> str:
    if (value := known.get(key) or known.get(f"cite {key}")) is not None:
        return value
    prefix = _prefix(key)
    return f"{prefix} {key.partition('-')[2]}" if prefix else key


def _prefix(key: str) -> str:
    start, dash, _ = key.partition("-")
    return PREFIXES.get(start, "") if dash else ""
