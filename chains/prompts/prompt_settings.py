"""The front matter of a prompt: what a prompt engineer may set, and how a mistake is reported.

Not the front matter of a book's pages, which ingestion reads.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

import msgspec
import yaml

from chains.bad_values import malformed
from chains.prompts.findings import refuse
from chains.prompts.front_yaml import unwanted
from chains.wrong_fields import in_plain_words

_FENCE = "---"


class Input(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An input of a template: an example, so that a preview needs no arguments."""

    example: Any
    description: str = ""


class Price(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a million tokens cost, of prompts and of answers; the currency is the reader's own."""

    input: Annotated[float, msgspec.Meta(ge=0)]
    output: Annotated[float, msgspec.Meta(ge=0)]


class FrontMatter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The settings of a prompt, above its text."""

    description: str
    inputs: dict[str, Input]
    model: str | None = None
    temperature: Annotated[float, msgspec.Meta(ge=0, le=2)] | None = None
    max_tokens: Annotated[int, msgspec.Meta(ge=1)] | None = None
    lead_in: str = ""
    lead_in_unsure: str = ""
    max_words: Annotated[int, msgspec.Meta(ge=1)] | None = None
    strict: bool = False
    price: Price | None = None


def read_front_matter(file: Path, text: str) -> tuple[FrontMatter, int]:
    """Return the front matter and the number of the first line below it, counted from 1.

    Raises SettingError with file and line.
    """
    lines = text.split("\n")
    ends = [number for number, line in enumerate(lines) if line.rstrip() == _FENCE]
    if not ends or ends[0] != 0:
        fix = "begin with a line of three hyphens and “description:”"
        refuse(file, 1, "front-matter", "no front matter", fix)
    if len(ends) < 2:
        fix = "close it with a line of three hyphens"
        refuse(file, 1, "front-matter", "the front matter never ends", fix)
    block = lines[1 : ends[1]]
    try:
        for line, message, fix in unwanted("\n".join(block)):
            refuse(file, line + 1, "front-matter", message, fix)
        front = msgspec.yaml.decode("\n".join(block), type=FrontMatter)
    except msgspec.ValidationError as error:
        refuse(file, line_of(str(error), block), "front-matter", *_reworded(error))
    except (yaml.YAMLError, msgspec.DecodeError) as error:
        line, problem = malformed(error)
        fix = "put texts with colons, quotes or brackets in quotes"
        refuse(file, line + 1, "front-matter", f"the front matter is not YAML: {problem}", fix)
    for name, entry in front.inputs.items():
        if not entry.example:
            message, fix = f"input “{name}” needs an example that shows it", "write one below it"
            refuse(file, line_of(name, block), "example", message, fix)
    return front, ends[1] + 2


def line_of(message: str, block: list[str]) -> int:
    """The line of the front matter that a message is about: that of the first key it names."""
    words = set(re.findall(r"\w+", message))
    for number, line in enumerate(block, 2):
        key = re.match(r"\s*(\w+):", line)
        if key and key[1] in words:
            return number
    return 1


def _reworded(error: msgspec.ValidationError) -> tuple[str, str]:
    """A message of msgspec, and the fix, in the words of someone who edits a file."""
    known = ", ".join(FrontMatter.__struct_fields__)
    message = str(error)
    unknown = re.search(r"unknown field `(\w+)`", message)
    if unknown:
        return f"“{unknown[1]}” is not a setting of a prompt", f"there are {known}"
    missing = re.search(r"missing required field `(\w+)`", message)
    if missing:
        return f"“{missing[1]}” is missing", "add it to the front matter"
    said = in_plain_words(error, whole="the front matter").removesuffix(".").replace("`", "")
    return said, "see the table of settings in docs/prompts.md"
