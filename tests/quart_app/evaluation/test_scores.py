"""The scores, on outcomes small enough to count by hand."""

from __future__ import annotations

from typing import Any

import pytest

from chains.events import FinishedSentence, Proof
from quart_app.evaluation.answering import answer_scores, is_correct
from quart_app.evaluation.gate import curve_of, gate_scores
from quart_app.evaluation.outcomes import Evidence, Outcome, Place
from quart_app.evaluation.retrieval import retrieval_scores
from quart_app.evaluation.rows import Row
from quart_app.evaluation.scores import scores_of

GAIT = Place("gait.md", "Walking > Gait")


def row(**given: Any) -> Row:
    return Row.model_validate({"id": "1", "query": "What is a gait?"} | given)


def outcome(**given: Any) -> Outcome:
    return Outcome(**({"id": "1", "group": "own", "query": "What is a gait?"} | given))


def found(*files: str) -> tuple[Place, ...]:
    return tuple(Place(file, "Title") for file in files)


def test_recall_counts_each_file_once_and_in6_counts_chunks() -> None:
    asked = row(relevant_files=["gait.md"])
    last = outcome(found=found("a.md", "a.md", "b.md", "b.md", "c.md", "c.md", "gait.md"))
    scores = retrieval_scores([(asked, last)])
    assert scores["file_recall_at_1"] == 0
    assert scores["file_recall_at_4"] == 1
    assert scores["in6"] == 0
    assert scores["mrr"] == 0.25


def test_a_file_that_was_not_found_counts_as_nothing() -> None:
    asked = row(relevant_files=["gait.md"])
    scores = retrieval_scores([(asked, outcome(found=found("a.md"))), (asked, outcome())])
    assert scores["file_recall_at_8"] == 0
    assert scores["mrr"] == 0


def test_a_section_is_hit_at_itself_and_below_but_not_beside() -> None:
    asked = row(relevant_sections=["gait.md#Walking > Gait"])
    below = outcome(found=(Place("gait.md", "Walking > Gait > Phases"),))
    beside = outcome(found=(Place("gait.md", "Walking > Gaits of others"),))
    elsewhere = outcome(found=(Place("run.md", "Walking > Gait"),))
    scores = retrieval_scores([(asked, o) for o in (outcome(found=(GAIT,)), below)])
    assert scores["section_hit_at_1"] == 1
    scores = retrieval_scores([(asked, o) for o in (beside, elsewhere)])
    assert scores["section_hit_at_8"] == 0


def test_follow_ups_and_selections_are_scored_by_themselves() -> None:
    plain = row(relevant_files=["gait.md"])
    followed = row(relevant_files=["gait.md"], history=[{"question": "And?"}])
    selected = row(relevant_files=["gait.md"], selection="A gait")
    second = outcome(found=found("a.md", "gait.md"))
    scores = retrieval_scores([(plain, outcome()), (followed, second), (selected, second)])
    assert scores["followup_recall_at_4"] == 1
    assert scores["selection_hit"] == 0


def test_what_no_row_has_a_word_on_is_left_out() -> None:
    assert retrieval_scores([(row(), outcome())]) == {}
    assert answer_scores([(row(), outcome())]) == {"failed": 0}


def test_the_gate_is_scored_by_group() -> None:
    outcomes = [
        outcome(relevance=0.9, passed=True),
        outcome(relevance=0.4, passed=False),
        outcome(group="foreign", relevance=0.2, passed=False),
        outcome(group="foreign", relevance=0.5, passed=True),
        outcome(group="near", relevance=0.6, passed=True),
    ]
    scores = gate_scores(outcomes)
    assert scores["gate_own_refused"] == 0.5
    assert scores["gate_foreign_let_in"] == 0.5
    assert scores["gate_near_let_in"] == 1
    assert scores["gate_auc"] == 0.75
    assert scores["gate_false_positives_at_95"] == 0.5


@pytest.mark.parametrize(
    ("own", "foreign", "area"),
    [([0.9, 0.8], [0.1, 0.2], 1.0), ([0.1, 0.2], [0.9, 0.8], 0.0), ([0.5], [0.5], 0.5)],
)
def test_the_area_under_the_curve_is_1_where_a_threshold_parts_all(
    own: list[float], foreign: list[float], area: float
) -> None:
    assert curve_of(own, foreign).area == pytest.approx(area)


def test_an_answer_is_right_where_it_holds_what_is_expected() -> None:
    assert is_correct(row(answer="Cargo.toml"), "It is `Cargo.toml` [1].")
    assert is_correct(row(must=["two phases", "stance"]), "Two\nphases: *stance* and swing.")
    assert not is_correct(row(must=["two phases", "flight"]), "Two phases: stance and swing.")
    assert not is_correct(row(answer="2"), "There are 12 of them [2].")
    long = "The rhythm of steps of a walking animal"
    assert is_correct(row(answer=long), "A walking animal takes steps in a rhythm.")
    assert not is_correct(row(answer=long), "A robot stands.")


def test_citations_are_scored_by_what_their_sources_hold() -> None:
    gait, robots = "A *gait* is a rhythm of steps.", "A robot walks slowly."
    answered = outcome(
        text="A gait is a rhythm of steps. [1] Robots walk slowly. [2][3] Horses gallop.",
        sentences=(
            FinishedSentence(0, 28, 1.0, (Proof(1, gait),)),
            FinishedSentence(33, 52, 0.8, (Proof(3, robots),)),
            FinishedSentence(60, 74, 0.1, ()),
        ),
        sources=(Evidence(1, GAIT, gait), Evidence(3, GAIT, robots)),
    )
    scores = answer_scores([(row(), answered)])
    assert scores["citation_precision"] == pytest.approx(2 / 3, abs=1e-4)
    assert scores["citation_recall"] == pytest.approx(2 / 3, abs=1e-4)
    assert scores["unsupported_shown"] == pytest.approx(1 / 3, abs=1e-4)
    assert scores["quotes_found"] == 0.5
    assert scores["words_median"] == 12


def test_answers_are_measured_against_what_the_sources_hold() -> None:
    held = Evidence(1, GAIT, "A gait has two phases.", ())
    asked = row(answer="two phases")
    late = outcome(text="word " * 60 + "two phases", sources=(held,))
    without = outcome(text="It has some.", sources=(held,))
    scores = answer_scores([(asked, late), (asked, without)])
    assert scores["correct"] == 0.5
    assert scores["correct_early"] == 0
    assert scores["correct_in_sources"] == 1
    assert scores["correct_where_in_sources"] == 0.5
    assert scores["correct_early_where_in_sources"] == 0


def test_what_words_hold_that_stand_here_and_there_is_not_held_by_a_passage() -> None:
    asked = row(answer="The rhythm of steps of a walking animal")
    together = Evidence(1, GAIT, "word " * 50 + "A walking animal takes steps in a rhythm.", ())
    apart = Evidence(1, GAIT, "A walking animal. " + "word " * 60 + "Its rhythm of steps.", ())
    text = "A walking animal has a rhythm of steps."
    outcomes = [outcome(text=text, sources=(together,)), outcome(text="No.", sources=(apart,))]
    scores = answer_scores([(asked, came) for came in outcomes])
    assert scores["correct_in_sources"] == 1
    assert scores["correct_in_passage"] == 0.5
    assert scores["correct_where_in_passage"] == 1


def test_sentences_of_captions_are_counted() -> None:
    text = "Figure 2.1 A gait. Horses walk."
    sentences = (FinishedSentence(0, 18, 1.0, ()), FinishedSentence(19, 31, 1.0, ()))
    scores = answer_scores([(row(), outcome(text=text, sentences=sentences))])
    assert scores["captions_shown"] == 0.5


def test_a_question_on_a_page_is_hit_where_all_sources_are_of_that_page() -> None:
    asked = row(relevant_files=["gait.md"], page="/book/gait")
    own, other = Evidence(1, GAIT, "A gait."), Evidence(2, Place("run.md", "Running"), "Running.")
    outcomes = [outcome(sources=(own,)), outcome(sources=(own, other)), outcome()]
    scores = retrieval_scores([(asked, came) for came in outcomes])
    assert scores["page_hit"] == pytest.approx(1 / 3, abs=1e-4)


def test_one_flat_object_holds_numbers_alone() -> None:
    asked = [row(relevant_files=["gait.md"]), row(id="2", refuse=True)]
    outcomes = [
        outcome(found=(GAIT,), relevance=0.9, passed=True, text="A rhythm.", searched_ms=4.0),
        outcome(id="2", group="foreign", relevance=0.1),
    ]
    scores = scores_of(asked, outcomes)
    assert scores["rows"] == 2
    assert scores["file_recall_at_1"] == 1
    assert scores["searched_ms_p50"] == 4
    assert all(isinstance(value, int | float) for value in scores.values())
