"""How much of an answer its sources support.

A sentence counts as supported when at least `SUPPORT` of its content words stand in one of the
sources, so a sentence quoted word for word always is. It is the precision of ROUGE-1 (Lin,
2004), sentence by sentence: cheap enough for every answer, blind to paraphrase and to negation,
and therefore a signal to compare prompts by, not a proof.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chains.events import Grounding
from chains.language.boundaries import sentence_spans

SUPPORT = 0.6
WORD = re.compile(r"[^\W_]+")
"""An underscore may be markup."""
UNCLAIMING = re.compile(
    r"```.*?(?:```|\Z)|^ {0,3}#{1,6}[ \t].*?$|^(?=[^\n|]*\|)[^\n]*\n[ \t:|-]*-[ \t:|-]*$",
    re.DOTALL | re.MULTILINE,
)
"""Blocks of code, headings, and the heads of tables with the rule below them."""
INLINE_CODE = re.compile(r"`[^`\n]+`")
CITATION = re.compile(r"\[(\d{1,3})\]")
AFTER_SENTENCE = re.compile(r"(?:\s*\[\d{1,3}\])+")
"""Citations of the sentence before, which ended before them."""
MARKUP = re.compile(r"[*_`>#|]")
SHORTEST_CONTENT_WORD = 4


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of an answer without its markup, and the numbers of the sources that it cites."""

    text: str
    cited: tuple[int, ...]

    def is_supported_by(self, source: str) -> bool:
        """Whether the text of a source holds enough of the words of this one."""
        vocabulary, words = set(_words(source)), _words(self.text)
        return sum(word in vocabulary for word in words) >= SUPPORT * len(words)


def ground(answer: str, sources: Sequence[str]) -> Grounding:
    """Count the sentences of `answer` and those that the texts in `sources` support.

    >>> ground("A robot has motors [1]. It flies over hills.", ["A robot has motors, sensors."])
    Grounding(sentences=2, supported=1)
    """
    claims = claims_of(answer)
    supported = sum(any(map(claim.is_supported_by, sources)) for claim in claims)
    return Grounding(sentences=len(claims), supported=supported)


def claims_of(answer: str) -> list[Claim]:
    """The sentences of an answer that claim something, each with what it cites.

    Each item of a list and each row of a table counts by itself. Headings, also those of tables,
    blocks of code, and what ends with a colon claim nothing.

    >>> claims_of("Robots walk. [2] They have *motors* [1].")
    [Claim(text='Robots walk.', cited=(2,)), Claim(text='They have  motors   .', cited=(1,))]
    """
    text = _plain(answer)
    parts: list[tuple[str, list[int]]] = []
    for start, end in sentence_spans(text):
        part = text[start:end]
        before = AFTER_SENTENCE.match(part)
        if before is not None and parts:
            parts[-1][1].extend(_numbers(before[0]))
            part = part[before.end() :].strip()
        if part:
            parts.append((CITATION.sub("", part), _numbers(part)))
    return [
        Claim(part, tuple(dict.fromkeys(cited)))
        for part, cited in parts
        if _words(part) and not part.endswith(":")
    ]


def _numbers(text: str) -> list[int]:
    return [int(number) for number in CITATION.findall(text)]


def _plain(answer: str) -> str:
    """The sentences of an answer without its markup, line by line."""
    prose = UNCLAIMING.sub(" ", answer)
    # A full stop within code (`sys.exit()`) ends no sentence.
    prose = INLINE_CODE.sub(lambda code: f" {' '.join(WORD.findall(code[0]))} ", prose)
    # A full stop ends a sentence also where its citation follows without a blank.
    return CITATION.sub(r" \g<0>", MARKUP.sub(" ", prose))


def _words(text: str) -> list[str]:
    return [word for word in WORD.findall(text.casefold()) if len(word) >= SHORTEST_CONTENT_WORD]
