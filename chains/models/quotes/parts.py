"""Parts: what can be quoted of a source, in reading order: sentences, code, rows of tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from chains.language import explaining, wording
from chains.models.quotes.blocks import Block, find_blocks
from chains.models.quotes.evidence import EvidenceSource

_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_MARKED = re.compile(
    rf"{_CODE.pattern}|(?<=[\w)])<(?P<tag>su[bp])>(?P<index>[^<>`\n]{{1,80}})</(?P=tag)>", re.DOTALL
)
_ADDRESS = re.compile(r"\]\([^()\s]*\)|<[^<>\s]*>")
_BOLD = re.compile(r"(\*\*|__)[^*_\n]{2,80}\1[.:]?\s*", re.DOTALL)
_BREAK = re.compile(r"\n[ \t]*\n")


@dataclass(frozen=True, slots=True)
class Part:
    """A sentence, a block of code or a row of a table, from `start` to `end` of its source.

    `text` is what is quoted of it, as Markdown. `lead` is the place of the part that introduces
    it, `sentence` the number of its sentence, and of its vector. `header` is the head of a row's
    table. `is_caption` says whether it is of the paragraph of a caption, `has_term` whether it is
    of one that a term opens; that term begins its text, and `opens_entry` is true. `has_formula`
    says whether its text ends with the formula that it introduces.
    """

    kind: Literal["sentence", "code", "row"]
    start: int
    end: int
    text: str
    lead: int | None = None
    sentence: int | None = None
    header: str = ""
    is_caption: bool = False
    has_term: bool = False
    opens_entry: bool = False
    has_formula: bool = False


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
    terms = dict(_terms(source))
    places: list[tuple[int, int | Block]] = [(block.start, block) for block in blocks]
    places += [
        (sentence.start, number)
        for number, sentence in enumerate(source.sentences)
        if number + 1 not in terms
        and not any(block.start <= sentence.start < block.end for block in blocks)
    ]
    places.sort(key=lambda place: place[0])
    at = {one: place for place, (_, one) in enumerate(places) if isinstance(one, int)}
    parts: list[Part] = []
    for _, one in places:
        before = parts[-1] if parts else None
        if isinstance(one, int):
            part = _sentence(source, one, at, before)
            parts.append(_named(part, terms[one], parts) if one in terms else part)
        elif one.kind != "formula":
            parts.append(_block(one, len(parts), before))
        elif before is not None and _introduces(source, before, one):
            text = f"{before.text}\n\n{one.text}"
            parts[-1] = replace(before, end=one.end, text=text, has_formula=True)
    return tuple(parts)


def _sentence(source: EvidenceSource, number: int, at: dict[int, int], before: Part | None) -> Part:
    sentence = source.sentences[number]
    lead = at.get(sentence.lead) if sentence.lead is not None else None
    goes_on = before is not None and not _BREAK.search(source.content, before.end, sentence.start)
    has_term = goes_on and before is not None and before.has_term
    if has_term and before is not None and lead is None:
        lead = before.lead
    return Part(
        "sentence",
        sentence.start,
        sentence.end,
        as_written(sentence.text, source.content[sentence.start : sentence.end]),
        lead,
        number,
        is_caption=wording.is_caption(sentence.text)
        or (goes_on and before is not None and before.is_caption),
        has_term=has_term,
    )


def _terms(source: EvidenceSource) -> Iterator[tuple[int, str]]:
    """The number of each sentence above which a term stands in bold, and that term: without it,
    “The amount that was borrowed.” says nothing."""
    for number, (one, after) in enumerate(pairwise(source.sentences), 1):
        is_bold = _BOLD.fullmatch(source.content[one.start : one.end].strip())
        is_together = not _BREAK.search(source.content, one.end, after.start)
        introduces = after.lead == number - 1 or wording.introduces(one.text)
        if is_bold and is_together and not introduces and explaining.is_term(one.text):
            yield number, explaining.bare_term(one.text)


def _named(part: Part, term: str, before: Sequence[Part]) -> Part:
    """A sentence with its term. What a line with a colon introduces is a list of them."""
    lead, place = part.lead, len(before) - 1
    if place > 0 and not before[place].has_term and explaining.is_term(before[place].text):
        place -= 1  # a line of its own between them, as a heading of the list
    if lead is None and place >= 0 and before[place].kind == "sentence":
        introduces = wording.introduces(before[place].text)
        lead = place if introduces else before[place].lead if before[place].has_term else None
    return replace(
        part, text=f"**{term}:** {part.text}", lead=lead, has_term=True, opens_entry=True
    )


def _introduces(source: EvidenceSource, part: Part, formula: Block) -> bool:
    """Whether a formula completes the sentence before it, as in “The torque is defined as”."""
    is_next = not source.content[part.end : formula.start].strip()
    return is_next and part.kind == "sentence" and not wording.has_ended(part.text)


def _block(block: Block, place: int, before: Part | None) -> Part:
    """Code or a row, with what introduces it."""
    lead = None
    if before is not None and before.kind == block.kind == "row" and before.end == block.start:
        lead = before.lead
    elif before is not None and before.kind == "sentence" and not before.is_caption:
        introduces = block.kind == "code" or wording.introduces(before.text)
        lead = place - 1 if introduces else None
    kind: Literal["code", "row"] = "code" if block.kind == "code" else "row"
    return Part(kind, block.start, block.end, block.text, lead, header=block.header)


def as_written(text: str, written: str) -> str:
    """The text of a sentence with the marks that its code, powers and indices have as `written`.

    >>> as_written("Run cargo new.", "*Run* `cargo new`.")
    'Run `cargo new`.'
    >>> as_written("It says is `x` ok.", "It says ``is `x` `` ok.")
    'It says `` is `x` `` ok.'
    >>> as_written("At most 2n of n.", "At most 2<sup>n</sup> of n.")
    'At most 2<sup>n</sup> of n.'
    """
    shown, at = [], 0
    for match in _MARKED.finditer(written):
        content = " ".join((match[2] or match["index"]).split())
        place = _place(text, at, content, match) if content else None
        if place is not None:
            shown += [text[at:place], _with_marks(content, match)]
            at = place + len(content)
    return "".join((*shown, text[at:]))


def _place(text: str, at: int, content: str, match: re.Match[str]) -> int | None:
    """Where in `text`, from `at` on, stands what is marked.

    “a” may be code and a word of the same sentence: the place that is nearest to where it is
    written counts.
    """
    pattern = re.escape(content)
    found = re.compile(pattern if match["tag"] else rf"(?<!\w){pattern}(?!\w)").finditer(text, at)
    letters = _letters(match.string[: match.start()])
    return min(
        (one.start() for one in found),
        key=lambda start: abs(_letters(text[:start]) - letters),
        default=None,
    )


def _with_marks(content: str, match: re.Match[str]) -> str:
    if match["tag"]:
        return f"<{match['tag']}>{content}</{match['tag']}>"
    # ``run `x` ``: a backtick at an end of code would be taken for one of its marks.
    pad = " " if "`" in (content[0], content[-1]) else ""
    return f"{match[1]}{pad}{content}{pad}{match[1]}"


def code_in(text: str) -> list[str]:
    """What stands in backticks in a text."""
    return [match[2] for match in _CODE.finditer(text)]


def _letters(text: str) -> int:
    return sum(map(str.isalnum, _ADDRESS.sub("", text)))
