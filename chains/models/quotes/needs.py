"""What a part needs before it to be understood, and which parts may be quoted at all."""

from __future__ import annotations

import re
from collections.abc import Iterable

from chains.language import explaining, wording
from chains.models.quotes.quotable import Quotable

_CODE = re.compile(r"(`+).*?\1")


class Needs:
    """Knows all parts of all sources, those too that are not quoted by themselves: a list item
    may need the line that introduces it."""

    def __init__(self, everything: Iterable[Quotable]) -> None:
        self._at = {candidate.place: candidate for candidate in everything}
        self._code = [one for one in self._at.values() if one.part.kind == "code"]

    def siblings(self, item: Quotable) -> list[Quotable]:
        """The items of a list, in reading order, without those of a list within it, and without
        those that may not be quoted; in a list one word is enough."""
        return [
            other
            for (source, _), other in sorted(self._at.items())
            if source == item.place[0] and other.is_item and other.part.lead == item.part.lead
            if not (other.part.is_caption or wording.introduces(other.text) or cites(other.text))
            if not wording.is_cut(other.text)
        ]

    def is_rendered(self, candidate: Quotable) -> bool:
        """Whether a sentence shows what code of its source above makes, and has no other words."""
        is_prose = candidate.part.kind == "sentence" and candidate.terms
        return bool(is_prose) and any(
            code.place[0] == candidate.place[0]
            and code.place < candidate.place
            and candidate.terms <= code.terms
            for code in self._code
        )

    def of(self, candidate: Quotable) -> list[Quotable] | None:
        """What must stand before a part, outermost first; None where that cannot be quoted.

        For a list item or code, the lines that introduce it; for a sentence that points back
        (“It also …”), the one before it.
        """
        source, place = candidate.place
        if candidate.goes_on:
            before = self._at[source, place - 1]
        elif candidate.part.lead is not None:
            before = self._at[source, candidate.part.lead]
            if candidate.part.kind == "code" and wording.points_away(before.text):
                return []
        elif candidate.part.kind == "sentence" and wording.leans_back(candidate.text):
            return self._pointed_to(candidate)
        else:
            return []
        needed = self.of(before)
        may_stand = not (before.part.is_caption or cites(before.text))
        if needed is None or not may_stand or wording.is_legend(before.text):
            return None
        return [*needed, before]

    def _pointed_to(self, candidate: Quotable) -> list[Quotable] | None:
        """The sentence before one that points back; where that points back too, the one before
        it, but no further: a chain of them would use up all words."""
        needed: list[Quotable] = []
        source, place = candidate.place
        for step in (1, 2):
            before = self._at.get((source, place - step))
            if before is None or before.part.kind != "sentence" or not is_quotable(before):
                break
            if before.is_item:
                break  # what stands below a list points back to all of it
            needed.insert(0, before)
            if not wording.leans_back(before.text):
                return needed
        if wording.lacks_its_noun(candidate.text):
            return None
        return [one for one in needed[-1:] if not wording.lacks_its_noun(one.text)]


def is_quotable(candidate: Quotable) -> bool:
    """Whether a part says something by itself, and nothing of it is missing."""
    part, text = candidate.part, candidate.text
    if part.kind != "sentence":
        return part.kind == "code" or not cites(text)
    if not wording.is_quotable(text) or part.is_caption or wording.is_cut(text) or cites(text):
        return False
    if wording.points_away(text):
        return False
    # Of lines that end without a full stop, items and “Torque: how strongly it turns” say
    # something; crumbs do not.
    return (
        part.has_formula
        or candidate.is_item
        or wording.has_ended(text)
        or explaining.is_labelled(text)
    )


def cites(text: str) -> bool:
    """Whether a text has numbers in brackets outside its code: “[12]” of the book would be read
    as a citation of ours."""
    return wording.cites(_CODE.sub("", text))
