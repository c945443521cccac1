"""A quotation: how the sentences that were chosen for an answer read together, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from chains.language import wording
from chains.models.quotes.choice import choose
from chains.models.quotes.evidence import Evidence
from chains.models.quotes.quotable import Quotable


def quote(evidence: Evidence, max_words: int) -> Iterator[str]:
    """Yield the answer sentence by sentence, word for word, each with its `` [n]``.

    The sentences of one source stand together and in reading order, list items below the line
    that introduces them. Yields nothing where no sentence can be quoted.

    >>> import numpy as np
    >>> from chains.index.book import Sentence
    >>> from chains.models.quotes.evidence import EvidenceSource
    >>> texts = "A gait is a rhythm of steps.", "A gait has two phases."
    >>> sentences = tuple(Sentence(0, len(text), text, None) for text in texts)
    >>> source = EvidenceSource(3, sentences, np.ones((2, 2), dtype=np.float32), ("Gait",))
    >>> evidence = Evidence("What is a gait?", np.ones(2, dtype=np.float32), (source,))
    >>> list(quote(evidence, max_words=50))
    ['A gait is a rhythm of steps. [3]', ' A gait has two phases. [3]']
    """
    chosen = choose(evidence, max_words)
    # The source of the best sentence comes first, whatever its rank: the answer begins with it.
    sources = list(dict.fromkeys(candidate.place[0] for candidate in chosen))
    chosen.sort(key=lambda candidate: (sources.index(candidate.place[0]), candidate.place[1]))
    before: Quotable | None = None
    for candidate in chosen:
        yield _gap(before, candidate) + candidate.text + _citation(candidate)
        before = candidate


def _citation(candidate: Quotable) -> str:
    """Of a list, the items are cited, not the line with a colon that introduces them."""
    return "" if wording.introduces(candidate.text) else f" [{candidate.source.index}]"


def _gap(before: Quotable | None, candidate: Quotable) -> str:
    """What stands between two sentences: a blank, a new line with its bullet, or a paragraph."""
    bullet = _bullet(candidate)
    if before is None:
        return bullet
    if before.place[0] != candidate.place[0]:
        return f"\n\n{bullet}"
    if candidate.goes_on:
        return " "
    if bullet and _bullet(before):
        return f"\n{bullet}"
    # Markdown takes a line right below an item for more of the item.
    if bullet or _bullet(before) or wording.introduces(candidate.text):
        return f"\n\n{bullet}"
    return " "


def _bullet(candidate: Quotable) -> str:
    """For list items, and for lines that are set like some: they end without a full stop."""
    if candidate.is_item:
        return "  " * (candidate.depth - 1) + "- "
    is_line = not wording.has_ended(candidate.text) and not wording.introduces(candidate.text)
    return "- " if is_line else ""
