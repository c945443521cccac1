"""How much of an answer its sources support.

A sentence counts as supported when at least `SUPPORT` of its content words stand in one of the
sources, so a sentence quoted word for word always is. It is the precision of ROUGE-1 (Lin,
2004), sentence by sentence: cheap enough for every answer, blind to paraphrase and to negation,
and therefore a signal to compare prompts by, not a proof.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from chains.events import Grounding
from chains.language.boundaries import sentence_spans

SUPPORT = 0.6
WORD = re.compile(r"[^\W_]+")
"""An underscore may be markup."""
UNCLAIMING = re.compile(r"```.*?(?:```|\Z)|^ {0,3}#{1,6}[ \t].*?$", re.DOTALL | re.MULTILINE)
"""Blocks of code, and headings."""
INLINE_CODE = re.compile(r"`[^`\n]+`")
MARKUP = re.compile(r"\[\d{1,3}\]|[*_`>#|]")
SHORTEST_CONTENT_WORD = 4


def ground(answer: str, sources: Sequence[str]) -> Grounding:
    """Count the sentences of `answer` and those that the texts in `sources` support.

    Each item of a list counts by itself. Headings, blocks of code, and what ends with a colon
    claim nothing.

    >>> ground("A robot has motors [1]. It flies over hills.", ["A robot has motors, sensors."])
    Grounding(sentences=2, supported=1)
    """
    vocabularies = [set(_words(source)) for source in sources]
    text = _plain(answer)
    parts = [text[start:end] for start, end in sentence_spans(text)]
    sentences = [w for part in parts if (w := _words(part)) and not part.endswith(":")]
    supported = sum(_is_supported(words, vocabularies) for words in sentences)
    return Grounding(sentences=len(sentences), supported=supported)


def _plain(answer: str) -> str:
    """The sentences of an answer without its markup, line by line."""
    prose = UNCLAIMING.sub(" ", answer)
    # A full stop within code (`sys.exit()`) ends no sentence.
    prose = INLINE_CODE.sub(lambda code: " ".join(WORD.findall(code[0])), prose)
    return MARKUP.sub(" ", prose)


def _words(text: str) -> list[str]:
    return [word for word in WORD.findall(text.casefold()) if len(word) >= SHORTEST_CONTENT_WORD]


def _is_supported(words: list[str], vocabularies: Sequence[set[str]]) -> bool:
    found = (sum(word in vocabulary for word in words) for vocabulary in vocabularies)
    return max(found, default=0) >= SUPPORT * len(words)
