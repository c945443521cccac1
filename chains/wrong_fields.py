"""What msgspec finds wrong with data that was sent or written, in plain words.

Its own words name types of Python, show regular expressions and repeat what was sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

LONGEST_NAME = 60
"""Characters of a name that was sent and is said again."""
PLACE = re.compile(r" - at `\$\.?(?P<place>[^`]*)`\Z")
FIELD = re.compile(r"(?P<what>missing required|unknown) field `(?P<name>[^`]*)`")
KIND = re.compile(r"Expected `(?P<kinds>[^`]+)`(?:, got `\w+`)?\Z")
BOUND = re.compile(
    r"Expected `(?P<kind>\w+)` (?P<of>of length )?(?P<sign>[<>]=?) (?P<bound>-?[\d.]+)"
)
KINDS = {
    "str": "a string",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
SIGNS = {"<=": "{} or less", ">=": "{} or more", "<": "less than {}", ">": "more than {}"}


def in_plain_words(
    error: Exception, wanted: Mapping[str, str] | None = None, whole: str = "The message"
) -> str:
    """What is wrong, as one sentence that names the field.

    `error` is a ValidationError of msgspec. `wanted` says by the names of fields what those have
    to be whose values have a form or are a choice, and `whole` names all that was sent.

    >>> in_plain_words(ValueError("Expected `str`, got `int` - at `$.data.question`"))
    '`data.question` has to be a string.'
    """
    said = str(error)
    place = found["place"] if (found := PLACE.search(said)) else ""
    said = PLACE.sub("", said)
    if (field := FIELD.search(said)) is not None:
        name = ".".join(filter(None, (place, field["name"])))[:LONGEST_NAME]
        return f"`{name}` is missing." if "missing" in field["what"] else f"There is no `{name}`."
    subject = f"`{place[:LONGEST_NAME]}`" if place else whole
    name = re.sub(r"\[.*", "", place.rpartition(".")[2])
    if name in (wanted or {}):
        return f"{subject} has to be {(wanted or {})[name]}."
    return f"{subject} {_what_is_wanted(said)}."


def _what_is_wanted(said: str) -> str:
    if (kind := KIND.match(said)) is not None:
        kinds = (KINDS.get(one, one) for one in kind["kinds"].split(" | "))
        return f"has to be {' or '.join(kinds)}"
    if (bound := BOUND.match(said)) is not None:
        if not bound["of"]:
            return f"has to be {SIGNS[bound['sign']].format(bound['bound'])}"
        unit = "characters" if bound["kind"] == "str" else "entries"
        least = "at most" if "<" in bound["sign"] else "at least"
        return f"has to have {least} {bound['bound']} {unit}"
    if "out of range" in said:
        return "is too large a number"
    return "has a value that it cannot have"
