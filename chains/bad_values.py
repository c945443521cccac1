"""What is wrong with a value that people wrote, in words for them."""

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
