"""A comparison as one HTML page that needs nothing else, and as JSON."""

from __future__ import annotations

import msgspec

from chains.events import FinishedSentence
from quart_app.evaluation.comparing.answer_measures import MEASURES, figures, measures, score
from quart_app.evaluation.comparing.answered import Answered
from quart_app.evaluation.comparing.comparison_run import Compared
from quart_app.evaluation.comparing.verdict import TIE, Verdict
from quart_app.evaluation.rows import Row
from quart_app.trace.trace_page import render_alone

Piece = tuple[str, str]
"""A piece of an answer, and what it is: “supported”, “unsupported” or nothing."""
Prices = tuple[float | None, float | None]
"""What 1,000 answers of A and of B cost, where that is known."""


def render_comparison(
    compared: Compared, verdict: Verdict, worse: list[str], prices: Prices = (None, None)
) -> str:
    """The page: the verdict, then every question with both answers, the greatest losses first."""
    questions = [
        (row, *_scored(row, a), *_scored(row, b))
        for row, a, b in zip(compared.rows, *compared.answers, strict=True)
    ]
    questions.sort(key=_change)
    return render_alone(
        "comparison.html",
        compared=compared,
        verdict=verdict,
        worse=worse,
        names=MEASURES,
        prices=prices,
        questions=questions,
        failures=failures(compared),
        pieces=pieces,
        tie=TIE,
    )


def comparison_json(
    compared: Compared, verdict: Verdict, worse: list[str], prices: Prices = (None, None)
) -> dict[str, object]:
    """The same as data: the verdict, and of each question the measures and both answers."""
    return {
        "book": compared.book,
        "a": _variant(compared, 0) | {"price_of_1000": prices[0]},
        "b": _variant(compared, 1) | {"price_of_1000": prices[1]},
        "verdict": msgspec.to_builtins(verdict),
        "worse": worse,
        "questions": [
            {"id": row.id, "query": row.query, "a": _answer(row, a), "b": _answer(row, b)}
            for row, a, b in zip(compared.rows, *compared.answers, strict=True)
        ],
    }


def pieces(answered: Answered) -> list[Piece]:
    """The text of an answer, cut where sentences begin and end that claim something."""
    text, end = answered.outcome.text, 0
    found: list[Piece] = []
    sentences: list[FinishedSentence] = sorted(answered.outcome.sentences, key=lambda s: s.start)
    for sentence in sentences:
        kind = "supported" if sentence.proofs else "unsupported"
        found += [(text[end : sentence.start], ""), (text[sentence.start : sentence.end], kind)]
        end = sentence.end
    return [piece for piece in [*found, (text[end:], "")] if piece[0]]


def failures(compared: Compared) -> tuple[list[str], list[str]]:
    """Why questions failed, of A and of B."""
    of_a, of_b = (
        [error for answered in answers if (error := answered.outcome.error) is not None]
        for answers in compared.answers
    )
    return of_a, of_b


def _scored(row: Row, answered: Answered) -> tuple[Answered, float | None]:
    return answered, None if answered.failed else round(score(measures(row, answered)), 3)


def _change(question: tuple[Row, Answered, float | None, Answered, float | None]) -> float:
    """By how much B is better; more than can be where a side failed, so that these come last."""
    _, _, of_a, _, of_b = question
    return 2.0 if of_a is None or of_b is None else of_b - of_a


def _variant(compared: Compared, number: int) -> dict[str, object]:
    variant = compared.variants[number]
    return {
        "label": variant.label,
        "prompt": variant.prompt.name,
        "version": variant.prompt.version,
        "model": compared.models[number],
    }


def _answer(row: Row, answered: Answered) -> dict[str, object]:
    outcome = answered.outcome
    found = {} if answered.failed else measures(row, answered)
    return {
        "score": None if answered.failed else round(score(found), 4),
        **{name: round(value, 4) for name, value in found.items()},
        **figures(answered),
        "prompt_tokens": answered.prompt_tokens,
        "answer_tokens": answered.answer_tokens,
        "tokens_estimated": answered.estimated,
        "text": outcome.text,
        "said": answered.said,
        "error": outcome.error,
    }
