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

SUPPORT = 0.6
WORD = re.compile(r"[^\W_]+")
"""An underscore may be markup."""
MARKUP = re.compile(r"```.*?(?:```|\Z)|\[\d{1,3}\]|[*_`>#|]", re.DOTALL)
SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
SHORTEST_CONTENT_WORD = 4


def ground(answer: str, sources: Sequence[str]) -> Grounding:
    """Count the sentences of `answer` and those that the texts in `sources` support."""
    vocabularies = [set(_words(source)) for source in sources]
    parts = SENTENCE.split(MARKUP.sub(" ", answer))
    # What ends with a colon leads in and claims nothing itself.
    sentences = [w for part in parts if (w := _words(part)) and not part.rstrip().endswith(":")]
    supported = sum(_is_supported(words, vocabularies) for words in sentences)
    return Grounding(sentences=len(sentences), supported=supported)


def _words(text: str) -> list[str]:
    return [word for word in WORD.findall(text.casefold()) if len(word) >= SHORTEST_CONTENT_WORD]


def _is_supported(words: list[str], vocabularies: Sequence[set[str]]) -> bool:
    found = (sum(word in vocabulary for word in words) for vocabulary in vocabularies)
    return max(found, default=0) >= SUPPORT * len(words)
