"""What is asked of the tutor on each book: the sets of questions, and a bound for each score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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
TIMES = {"searched_ms_p50": "≤ 10", "searched_ms_p95": "≤ 25"}
SENTENCES = {
    "sentences_original": "≥ 0.99",
    "sentences_corrupted": "≥ 0.9",
    "sentences_marked_wrongly": "≤ 0.05",
    "sentence_cpu_ms": "≤ 15",
}
PARAPHRASED = {"sentences_paraphrased": "≥ 0.9"}


@dataclass(frozen=True)
class Case:
    """A book with its set, and what is asked: ``≥`` or ``≤`` and a number for each score.

    `near` are questions on the subject that the book does not cover. With `ancestors_only`, a
    section's own heading is left out of the index. With `answered_only`, rows without an answer
    are left out. Where it `is_read`, questions about pages are asked and sentences judged, too.
    """

    book: str
    questions: str
    asked: Mapping[str, str]
    foreign: str = ""
    near: str = ""
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
    }, is_ours=True),
    Case("rust", "rust-quiz", GATE | NEAR | QUOTES | PAGES | TIMES | {
        "file_recall_at_1": "≥ 0.62",
        "file_recall_at_4": "≥ 0.87",
        "file_recall_at_8": "≥ 0.93",
        "in6": "≥ 0.86",
    }, "sociology-review", "rust-near", answered_only=True),
    Case("sociology", "sociology-review",
         GATE | NEAR | QUOTES | PAGES | {"file_recall_at_4": "≥ 0.975"},
         "rust-quiz", "sociology-near"),
    Case("humanoid-robotics", "robotics-headings", GATE | NEAR | PAGES, "rust-quiz",
         "robotics-near"),
    Case("humanoid-robotics", "robotics-headings", {"section_hit_at_4": "≥ 0.84"},
         ancestors_only=True, is_read=False),
)  # fmt: skip


def holds(score: float, asked: str) -> bool:
    """Whether a score is within a bound.

    >>> holds(0.9, "≥ 0.9"), holds(71, "≤ 70")
    (True, False)
    """
    bound = float(asked[2:])
    return score >= bound if asked[0] == "≥" else score <= bound
