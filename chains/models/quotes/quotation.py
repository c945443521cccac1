"""A quotation: how the parts that were chosen for an answer read together, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from chains.language import wording
from chains.models.quotes.asked_for import read_question
from chains.models.quotes.choice import choose
from chains.models.quotes.evidence import Evidence
from chains.models.quotes.quotable import Quotable

INDENT = "   "
"""Of a list within a list: below “1. ” two blanks are too few."""
SECTION = "{section}"
"""Stands in a lead-in for the section that the answer begins with."""


def quote(
    evidence: Evidence, max_words: int, lead_in: str = "", lead_in_unsure: str = ""
) -> Iterator[str]:
    """Yield the answer part by part, word for word, each with its `` [n]``.

    The parts of one source stand together and in reading order, list items below the line that
    introduces them. `lead_in` comes first, as a paragraph of its own, or `lead_in_unsure` where it
    is not sure that they answer. Yields nothing where nothing can be quoted.

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
    choice = choose(evidence, max_words)
    if not choice.taken:
        return
    compares = read_question(evidence.question).sides != ()
    chosen = list(_with_steps(_in_order(choice.taken, compares)))
    line = lead_in if choice.is_sure else lead_in_unsure or lead_in
    if line:
        section = chosen[0].source.section[-1:]
        yield line.replace(SECTION, "".join(section)) + "\n\n" + _cited(None, chosen[0])
    else:
        yield _cited(None, chosen[0])
    for before, candidate in pairwise(chosen):
        yield _cited(before, candidate)


def _in_order(taken: Sequence[Quotable], compares: bool) -> list[Quotable]:
    # The source of the best sentence comes first, whatever its rank: the answer begins with it.
    sources = list(dict.fromkeys(candidate.place[0] for candidate in taken))
    first = taken[0].place

    def order(one: Quotable) -> tuple[int, bool, int]:
        source, place = one.place
        # What stands before the best sentence and is not needed by it adds to it, but for the
        # other side of a comparison.
        adds = source == first[0] and place < first[1] and not compares
        return sources.index(source), adds, place

    return sorted(taken, key=order)


def _with_steps(chosen: Sequence[Quotable]) -> Iterator[Quotable]:
    """The parts, with the numbers of their list where no item between two of them is left out:
    Markdown counts on from the first one by itself."""
    lists: dict[tuple[int, int | None], list[int]] = {}
    for part in chosen:
        if part.is_item and not part.goes_on:
            lists.setdefault((part.place[0], part.part.lead), []).append(part.number or 0)
    counted = {
        one
        for one, numbers in lists.items()
        if all(numbers)
        and numbers in (list(range(numbers[0], numbers[0] + len(numbers))), [1] * len(numbers))
    }
    for part in chosen:
        is_step = part.is_item and (part.place[0], part.part.lead) in counted
        yield replace(part, step=part.number) if is_step else part


def _cited(before: Quotable | None, candidate: Quotable) -> str:
    """A part with what stands before it and the number of its source.

    Of a list, the items are cited, not the line with a colon that introduces them.
    """
    text, number = candidate.text, f"[{candidate.source.index}]"
    if candidate.part.has_formula:
        # Behind a sentence that claims something, and not once more behind its formula.
        sentence, formula = text.split("\n\n", 1)
        is_line = wording.introduces(sentence)
        cited = f"{sentence}\n\n{formula}\n\n{number}"
        return _gap(before, candidate) + (cited if is_line else f"{sentence} {number}\n\n{formula}")
    match candidate.part.kind:
        case "code":
            return f"{_paragraph(before)}{text}\n\n{number}"
        case "row":
            row = f"{text[:-1].rstrip()} {number} |" if text.endswith("|") else f"{text} {number}"
            if before is not None and _is_of_same_table(before, candidate):
                return f"\n{row}"
            return f"{_paragraph(before)}{candidate.part.header}\n{row}"
        case _:
            end = "" if wording.introduces(text) else f" {number}"
            return _gap(before, candidate) + text + end


def _paragraph(before: Quotable | None) -> str:
    return "\n\n" if before else ""


def _is_of_same_table(one: Quotable, other: Quotable) -> bool:
    same_source = one.place[0] == other.place[0]
    return same_source and one.part.kind == "row" and one.part.header == other.part.header


def _gap(before: Quotable | None, candidate: Quotable) -> str:
    """What stands between two sentences: a blank, a new line with its bullet, or a paragraph."""
    bullet = _bullet(candidate)
    if before is None:
        return bullet
    apart = before.place[0] != candidate.place[0] or before.place > candidate.place
    if apart or before.part.kind != "sentence" or before.part.has_formula:
        return f"\n\n{bullet}"
    if candidate.goes_on or (candidate.part.has_term and not candidate.part.opens_entry):
        return " "
    if before.part.has_term != candidate.part.has_term or candidate.part.opens_entry:
        return f"\n{bullet}" if bullet and _bullet(before) else f"\n\n{bullet}"
    if bullet and _bullet(before):
        return f"\n{bullet}"
    # Markdown takes a line right below an item for more of the item.
    if bullet or _bullet(before) or wording.introduces(candidate.text):
        return f"\n\n{bullet}"
    return " "


def _bullet(candidate: Quotable) -> str:
    """For list items, and for lines that are set like some: they end without a full stop."""
    if candidate.is_item:
        mark = "-" if candidate.step is None else f"{candidate.step}."
        return f"{INDENT * (candidate.depth - 1)}{mark} "
    if candidate.part.has_formula:
        return ""
    is_line = not wording.has_ended(candidate.text) and not wording.introduces(candidate.text)
    return "- " if is_line else ""
