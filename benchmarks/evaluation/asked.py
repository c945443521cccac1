"""What is asked of the tutor on each book: the sets of questions, and a bound for each score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal["holds", "short", "worse"]
"""As asked; less than that, but not less than was reached; or worse than it was."""

GATE = {"gate_own_refused": "≤ 0.02", "gate_foreign_let_in": "≤ 0.05"}
NEAR = {"gate_near_let_in": "≤ 0.25"}
QUOTES = {
    "correct_where_in_sources": "≥ 0.9",
    "correct_where_in_passage": "≥ 0.9",
    "correct_early_where_in_sources": "≥ 0.75",
    "words_median": "≤ 70",
    "captions_shown": "≤ 0",
    "quotes_found": "≥ 1",
    "citation_precision": "≥ 1",
}
PAGES = {"page_hit": "≥ 0.9"}
SENTENCES = {
    "sentences_original": "≥ 0.99",
    "sentences_corrupted": "≥ 0.9",
    "sentences_marked_wrongly": "≤ 0.05",
    "sentence_cpu_ms": "≤ 15",
}
PARAPHRASED = {"sentences_paraphrased": "≥ 0.9"}
PARAPHRASED_REACHED = {"sentences_paraphrased": "≥ 0.62"}


@dataclass(frozen=True)
class Case:
    """A book with its set, and what is asked: ``≥`` or ``≤`` and a number for each score.

    Where what is asked is out of reach, `reached` has a bound a little below what is measured: a
    score that falls below it is worse than it was. `near` are questions on the subject that the
    book does not cover. With `ancestors_only`, a section's own heading is left out of the index.
    With `answered_only`, rows without an answer are left out. Where it `is_read`, questions about
    pages are asked and sentences judged, too.
    """

    book: str
    questions: str
    asked: Mapping[str, str]
    foreign: str = ""
    near: str = ""
    reached: Mapping[str, str] = field(default_factory=dict)
    ancestors_only: bool = False
    answered_only: bool = field(default=False, kw_only=True)
    is_read: bool = field(default=True, kw_only=True)
    is_ours: bool = field(default=False, kw_only=True)

    @property
    def name(self) -> str:
        """The book, and how it was indexed."""
        return f"{self.book} without own headings" if self.ancestors_only else self.book


CASES = (
    Case("example", "example-book", GATE | NEAR | QUOTES | PAGES | {
        "followup_recall_at_4": "≥ 0.85",
        "selection_hit": "≥ 1",
    }, reached={"gate_near_let_in": "≤ 0.29"}, is_ours=True),
    Case("rust", "rust-quiz", GATE | NEAR | QUOTES | PAGES | {
        "file_recall_at_1": "≥ 0.62",
        "file_recall_at_4": "≥ 0.87",
        "file_recall_at_8": "≥ 0.93",
        "in6": "≥ 0.86",
    }, "sociology-review", "rust-near", {
        "gate_near_let_in": "≤ 0.55",
        "correct_where_in_sources": "≥ 0.33",
        "correct_where_in_passage": "≥ 0.48",
        "correct_early_where_in_sources": "≥ 0.26",
        "words_median": "≤ 72",
        "file_recall_at_1": "≥ 0.58",
        "file_recall_at_4": "≥ 0.81",
        "file_recall_at_8": "≥ 0.9",
        "in6": "≥ 0.83",
    }, answered_only=True),
    Case("sociology", "sociology-review",
         GATE | NEAR | QUOTES | PAGES | {"file_recall_at_4": "≥ 0.975"},
         "rust-quiz", "sociology-near", {
             "gate_near_let_in": "≤ 0.4",
             "correct_where_in_sources": "≥ 0.53",
             "correct_where_in_passage": "≥ 0.61",
             "correct_early_where_in_sources": "≥ 0.5",
             "file_recall_at_4": "≥ 0.91",
         }),
    Case("humanoid-robotics", "robotics-headings", GATE | NEAR | PAGES, "rust-quiz",
         "robotics-near", {"gate_near_let_in": "≤ 0.55"}),
    Case("humanoid-robotics", "robotics-headings", {"section_hit_at_4": "≥ 0.84"},
         reached={"section_hit_at_4": "≥ 0.77"}, ancestors_only=True, is_read=False),
)  # fmt: skip


def holds(score: float, asked: str) -> bool:
    """Whether a score is within a bound.

    >>> holds(0.9, "≥ 0.9"), holds(71, "≤ 70")
    (True, False)
    """
    bound = float(asked[2:])
    return score >= bound if asked[0] == "≥" else score <= bound


def verdict(score: float, asked: str, reached: str = "") -> Verdict:
    """What a score is worth beside what is asked and, where that is out of reach, what was reached.

    >>> verdict(0.9, "≥ 0.9"), verdict(0.6, "≥ 0.9", "≥ 0.5"), verdict(0.6, "≥ 0.9")
    ('holds', 'short', 'worse')
    """
    if holds(score, asked):
        return "holds"
    return "short" if reached and holds(score, reached) else "worse"
