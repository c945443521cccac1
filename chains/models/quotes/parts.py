"""Parts: what can be quoted of a source, in reading order: sentences, code, rows of tables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from chains.language import wording
from chains.models.quotes.blocks import Block, find_blocks
from chains.models.quotes.evidence import EvidenceSource

_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_ADDRESS = re.compile(r"\]\([^()\s]*\)|<[^<>\s]*>")
_BREAK = re.compile(r"\n[ \t]*\n")


@dataclass(frozen=True, slots=True)
class Part:
    """A sentence, a block of code or a row of a table, from `start` to `end` of its source.

    `text` is what is quoted of it, as Markdown. `lead` is the place of the part that introduces
    it, `sentence` the number of its sentence, and of its vector. `header` is the head of a row's
    table. `is_caption` says whether it is of the paragraph of a caption.
    """

    kind: Literal["sentence", "code", "row"]
    start: int
    end: int
    text: str
    lead: int | None = None
    sentence: int | None = None
    header: str = ""
    is_caption: bool = False


def parts_of(source: EvidenceSource) -> tuple[Part, ...]:
    """The parts of a source in reading order.

    >>> import numpy as np
    >>> from chains.index.book import Sentence
    >>> content = "Run `pip`:\\n\\n```sh\\npip install x\\n```"
    >>> sentences = (Sentence(0, 10, "Run pip:"),)
    >>> source = EvidenceSource(1, sentences, np.ones((1, 2)), ("Install",), content=content)
    >>> [(part.kind, part.text, part.lead) for part in parts_of(source)]
    [('sentence', 'Run `pip`:', None), ('code', '```sh\\npip install x\\n```', 0)]
    """
    blocks = find_blocks(source.content)
    places: list[tuple[int, int | Block]] = [(block.start, block) for block in blocks]
    places += [
        (sentence.start, number)
        for number, sentence in enumerate(source.sentences)
        if not any(block.start <= sentence.start < block.end for block in blocks)
    ]
    places.sort(key=lambda place: place[0])
    at = {one: place for place, (_, one) in enumerate(places) if isinstance(one, int)}
    parts: list[Part] = []
    for _, one in places:
        before = parts[-1] if parts else None
        if isinstance(one, int):
            parts.append(_sentence(source, one, at, before))
        else:
            parts.append(_block(one, len(parts), before))
    return tuple(parts)


def _sentence(source: EvidenceSource, number: int, at: dict[int, int], before: Part | None) -> Part:
    sentence = source.sentences[number]
    lead = at.get(sentence.lead) if sentence.lead is not None else None
    goes_on = before is not None and not _BREAK.search(source.content, before.end, sentence.start)
    return Part(
        "sentence",
        sentence.start,
        sentence.end,
        with_code(sentence.text, source.content[sentence.start : sentence.end]),
        lead,
        number,
        is_caption=wording.is_caption(sentence.text)
        or (goes_on and before is not None and before.is_caption),
    )


def _block(block: Block, place: int, before: Part | None) -> Part:
    lead = None
    if before is not None and before.kind == block.kind == "row" and before.end == block.start:
        lead = before.lead
    elif before is not None and before.kind == "sentence" and not before.is_caption:
        introduces = block.kind == "code" or wording.introduces(before.text)
        lead = place - 1 if introduces else None
    return Part(block.kind, block.start, block.end, block.text, lead, header=block.header)


def with_code(text: str, written: str) -> str:
    """The text of a sentence with the backticks that its code has as `written` in the book.

    >>> with_code("Run cargo new.", "*Run* `cargo new`.")
    'Run `cargo new`.'
    >>> with_code("It says is `x` ok.", "It says ``is `x` `` ok.")
    'It says `` is `x` `` ok.'
    """
    shown, at = [], 0
    for match in _CODE.finditer(written):
        code = " ".join(match[2].split())
        found = re.compile(rf"(?<!\w){re.escape(code)}(?!\w)").finditer(text, at) if code else ()
        # “a” may be code and a word of the same sentence: the place that is nearest to where it
        # is written counts.
        letters = _letters(written[: match.start()])
        place = min(
            (one.start() for one in found),
            key=lambda start: abs(_letters(text[:start]) - letters),
            default=None,
        )
        if place is not None:
            # ``run `x` ``: a backtick at an end of code would be taken for one of its marks.
            pad = " " if "`" in (code[0], code[-1]) else ""
            shown += [text[at:place], f"{match[1]}{pad}{code}{pad}{match[1]}"]
            at = place + len(code)
    return "".join((*shown, text[at:]))


def code_in(text: str) -> list[str]:
    """What stands in backticks in a text."""
    return [match[2] for match in _CODE.finditer(text)]


def _letters(text: str) -> int:
    return sum(map(str.isalnum, _ADDRESS.sub("", text)))
