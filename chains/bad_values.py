"""What is wrong with a value or a file that people wrote, in words for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

ZONE = re.compile(r"\[[0-9A-Fa-f:.]*%|^[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*%")
"""An IPv6 address, in a URL or by itself, and the sign before the network card by which it is
reached (RFC 4007, 11)."""
HAS_ZONE = (
    "it has a zone (% and a network card), with which neither browsers nor the clients here open "
    "an address; write another address of the machine, or its name"
)
WHOLE_NUMBER = "write a whole number in digits, such as 30"
NUMBER = "write a number in digits, such as 30 or 0.5"
YES_OR_NO = "write true or false"
TEXT = "write a text"
PLAIN_TEXT = "write it as text in UTF-8"
OBJECT = "write an object, in braces"
LIST = "write a list, in brackets"

WORDS: dict[str, str] = {
    "bool_parsing": YES_OR_NO,
    "bool_type": YES_OR_NO,
    "dict_type": OBJECT,
    "extra_forbidden": "there is nothing of that name; remove it",
    "finite_number": NUMBER,
    "float_parsing": NUMBER,
    "float_type": NUMBER,
    "greater_than": "write a number greater than {gt}",
    "greater_than_equal": "write a number of at least {ge}",
    "int_from_float": WHOLE_NUMBER,
    "int_parsing": WHOLE_NUMBER,
    "int_parsing_size": "write a number of fewer digits",
    "int_type": WHOLE_NUMBER,
    "json_invalid": "this is no JSON",
    "less_than": "write a number less than {lt}",
    "less_than_equal": "write a number of at most {le}",
    "list_type": LIST,
    "literal_error": "write {expected}",
    "missing": "it is missing",
    "model_attributes_type": OBJECT,
    "model_type": OBJECT,
    "path_type": "write the path of a file or folder",
    "string_pattern_mismatch": "it has to match {pattern}",
    "string_too_long": "write at most {max_length} characters",
    "string_too_short": "write at least {min_length} characters",
    "string_type": TEXT,
    "string_unicode": PLAIN_TEXT,
    "too_short": "write at least {min_length} characters",
    "tuple_type": LIST,
}
"""By the types of pydantic's errors; the names in braces are those of their contexts."""
MALFORMED = (
    (r"'\\t'|tab character", "a tab stands where only blanks can"),
    (r"mapping values", 'a text with ": " in it needs quotes, or a line is indented wrong'),
    (
        r"quoted scalar.*(stream|document)|unterminated|expected \"|illegal character '\\n'",
        "a quotation mark is not closed",
    ),
    (
        r"escape|hex\w*decimal|chr\(\)",
        "a backslash stands before what is no escape; write two of them",
    ),
    (r"cannot start any token", "a text needs quotes, since it begins with a sign of YAML"),
    (r"flow|unclosed|node content|expected '\]'", "a bracket or a comma is missing"),
    (r"simple key|expected '[:=]'", "a key has no value behind it"),
    (r"another document|document start", "it holds more than one document"),
    (r"alias|anchor", "an alias or anchor is malformed, or names what is nowhere above it"),
    (r"(special|control) characters", "it holds a control character"),
    (r"\btag\b", "a tag (!) is malformed"),
    (r"overwrite|twice|duplicate", "a key or table stands twice"),
    (r"block", "a line is indented wrong, or text stands behind a closing quotation mark"),
)
"""What parsers of YAML and TOML say, as patterns, and what is wrong; the first that fits."""
PLACE = re.compile(r" ?\(at (?:line (?P<line>\d+)|end).*|: line (?P<row>\d+) column.*")
"""Where TOML's and JSON's end."""


def not_utf_8(error: UnicodeDecodeError) -> str:
    """Where bytes are no text, and the fix, to stand behind the name of their file."""
    return f"not UTF-8 at byte {error.start}; save it as UTF-8"


def refuse_zone(address: str) -> None:
    """Raise ValueError where `address`, of IPv6 or a URL, has a zone."""
    if ZONE.search(address):
        raise ValueError(HAS_ZONE)


def bad_value(error: Mapping[str, Any]) -> str:
    """What to write instead, of one of the errors of pydantic, to stand behind a colon.

    >>> bad_value({"type": "greater_than_equal", "msg": "Input should be …", "ctx": {"ge": 1}})
    'write a number of at least 1'
    """
    problem = str(error["msg"])
    words = WORDS.get(str(error["type"]))
    if words is None:
        return f"{problem[:1].lower()}{problem[1:].removesuffix('.')}"
    return words.format(**error.get("ctx", {}))


def beyond_bounds(error: BaseException) -> str:
    """What of a text is more than Python can take, "" where it is not that."""
    if isinstance(error, RecursionError):
        return "it nests too deep"
    too_long = "integer string conversion" in str(error)
    return "it holds a number of thousands of digits" if too_long else ""


def malformed(error: BaseException) -> tuple[int, str]:
    """The line, counted from 1 or 0 if it is not known, and what is wrong with a text of YAML,
    TOML or JSON that its parser refuses with this error.

    >>> malformed(ValueError("Unterminated string (at line 3, column 9)"))
    (3, 'a quotation mark is not closed')
    """
    said = str(getattr(error, "problem", None) or error)
    begins, noticed = (getattr(error, f"{which}_mark", None) for which in ("context", "problem"))
    mark = begins if begins and re.search(r"stream|document", said) else noticed
    place = PLACE.search(said)
    line = mark.line + 1 if mark else int((place and (place["line"] or place["row"])) or 0)
    if beyond := beyond_bounds(error):
        return line, beyond
    if type(error).__name__ == "MarkedYAMLError":  # of a loader of ours, in our words
        return line, said
    told = PLACE.sub("", f"{getattr(error, 'context', None)} {said}").casefold()
    found = (words for pattern, words in MALFORMED if re.search(pattern, told))
    return line, next(found, "a value or a sign does not fit where it stands")
