"""Attributes: what Pandoc and its kin write in braces, as `{#id .class key="value"}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

PART = re.compile(
    r"#(?P<id>[^\s#.{},]+)|\.(?P<cls>[^\s.{},]+)"
    r"|(?P<key>[\w.:-]+)[ \t]*=[ \t]*"
    r"(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s,{}]*))"
    r"|(?P<word>[^\s,{}=\"']+)"
)


@dataclass(frozen=True, slots=True)
class Attributes:
    """What stands in braces; `name` is the first class, or the first word without a mark."""

    identifier: str
    classes: tuple[str, ...]
    pairs: Mapping[str, str]
    name: str


def read_attributes(text: str) -> Attributes:
    """The attributes in a text without its braces.

    >>> read_attributes('#tip-size .callout-tip title="Size"').pairs
    {'title': 'Size'}
    """
    identifier, name = "", ""
    classes: list[str] = []
    pairs: dict[str, str] = {}
    for part in PART.finditer(text):
        if part["id"]:
            identifier = identifier or part["id"]
        elif part["cls"]:
            classes.append(part["cls"])
            name = name or part["cls"]
        elif part["key"]:
            pairs[part["key"]] = part["double"] or part["single"] or part["bare"] or ""
        else:
            name = name or part["word"]
    return Attributes(identifier, tuple(classes), pairs, name)
