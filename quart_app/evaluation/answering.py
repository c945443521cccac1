"""Scores of the answers: are they right, are they short, and does each sentence have its proof?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from chains.language.tokenization import is_uncut, words_of
from chains.language.wording import is_caption
from quart_app.evaluation.outcomes import Evidence, Outcome
from quart_app.evaluation.retrieval import Pairs, share
from quart_app.evaluation.rows import Row

LONGEST_KEY = 3
"""Words of an answer that can only be said in one way."""
SHORTEST_WORD = 4
ENOUGH = 0.6
EARLY = 60
"""Words of an answer that a reader takes in at a glance."""
STEP = 15
_CITATION = re.compile(r"\s*\[\d{1,3}\]")
_BEHIND = re.compile(r"\s?((?:\[\d{1,3}\])+)")
_NO_WORD = re.compile(r"[\W_]+")


def answer_scores(pairs: Pairs) -> dict[str, float]:
    """Shares from 0 to 1, and words; of the answers that came.

    - ``correct``: the row's answer, or all of its `must`, stand in the answer; ``correct_early``:
      in its first 60 words; ``correct_in_sources``: in the texts that the model was given;
      ``correct_where_in_sources`` and ``correct_early_where_in_sources``: the first two, of the
      rows where they stand in these texts. ``correct_in_passage``: within 60 words of one of these
      texts, so not by words that stand here and there; ``correct_where_in_passage``: in the
      answer, of these rows.
    - ``citation_precision``: of the citations behind sentences, those of sources that support
      them, as the chain decided (see `chains.answering.proof`).
    - ``citation_recall``: of the sentences, those with a citation that supports them.
    - ``unsupported_shown``: of the sentences, those that no source supports.
    - ``quotes_found``: of the sentences with a citation, those that stand word for word in the
      source that they cite.
    - ``captions_shown``: of the sentences, those that are of the caption of a figure or table.
    - ``words_median``: words of an answer. ``failed``: of the rows, those without an answer for
      another reason than the gate.
    """
    answered = [(row, outcome) for row, outcome in pairs if outcome.text]
    expecting = [(row, outcome) for row, outcome in answered if row.expected]
    scores = share("correct", (is_correct(row, outcome.text) for row, outcome in expecting))
    scores |= share("correct_early", (is_correct(r, _early(o.text)) for r, o in expecting))
    scores |= share("correct_in_sources", (is_correct(r, _given(o)) for r, o in expecting))
    held = [(row, outcome) for row, outcome in expecting if is_correct(row, _given(outcome))]
    scores |= share("correct_where_in_sources", (is_correct(r, o.text) for r, o in held))
    early = (is_correct(r, _early(o.text)) for r, o in held)
    scores |= share("correct_early_where_in_sources", early)
    together = [any(is_correct(row, text) for text in _passages(o)) for row, o in expecting]
    scores |= share("correct_in_passage", together)
    shown = (
        is_correct(r, o.text) for (r, o), held in zip(expecting, together, strict=True) if held
    )
    scores |= share("correct_where_in_passage", shown)
    scores |= _citing([outcome for _, outcome in answered])
    if answered:
        words = [len(words_of(_CITATION.sub("", outcome.text))) for _, outcome in answered]
        scores["words_median"] = float(np.median(words))
    return scores | share("failed", (outcome.error is not None for _, outcome in pairs))


def is_correct(row: Row, text: str) -> bool:
    """Whether a text holds all that the row expects, whatever its case, marks and line breaks.

    Up to three words have to stand there as they are. A longer answer may be put in other words:
    60 % of its words of four letters and more have to be there.

    >>> row = Row(id="1", query="Which command?", must=["cargo new", "a folder"])
    >>> is_correct(row, "`cargo new` makes a folder.")
    True
    """
    held = _plain(text)
    return all(_holds(held, expected) for expected in row.expected)


def _holds(held: str, expected: str) -> bool:
    if len(expected.split()) > LONGEST_KEY:
        words = [word for word in _plain(expected).split() if len(word) >= SHORTEST_WORD]
        return sum(f" {word} " in held for word in words) >= ENOUGH * len(words)
    if is_uncut(expected):
        return _plain(expected).strip() in held
    return _plain(expected) in held


def _plain(text: str) -> str:
    return f" {_NO_WORD.sub(' ', _CITATION.sub('', text)).casefold().strip()} "


def _early(text: str) -> str:
    return " ".join(_CITATION.sub("", text).split()[:EARLY])


def _given(outcome: Outcome) -> str:
    return "\n".join(source.content for source in outcome.sources)


def _passages(outcome: Outcome) -> Iterator[str]:
    """All runs of 60 words of the texts that the model was given, each 15 words behind the last."""
    for source in outcome.sources:
        words = source.content.split()
        for start in range(0, max(1, len(words) - EARLY + STEP), STEP):
            yield " ".join(words[start : start + EARLY])


def _citing(outcomes: Sequence[Outcome]) -> dict[str, float]:
    cited: list[bool] = []
    proven: list[bool] = []
    quoted: list[bool] = []
    for outcome in outcomes:
        for sentence in outcome.sentences:
            supporting = {proof.source for proof in sentence.proofs}
            behind = _BEHIND.match(outcome.text, sentence.end)
            own = set(map(int, re.findall(r"\d+", behind[1]))) if behind else set()
            cited += [number in supporting for number in own]
            proven.append(bool(own & supporting))
            if own:
                text = _plain(outcome.text[sentence.start : sentence.end])
                shown = (_shown(source) for source in outcome.sources if source.index in own)
                quoted.append(any(text in source for source in shown))
    texts = (o.text[s.start : s.end] for o in outcomes for s in o.sentences)
    unsupported = (not sentence.proofs for outcome in outcomes for sentence in outcome.sentences)
    return (
        share("citation_precision", cited)
        | share("citation_recall", proven)
        | share("unsupported_shown", unsupported)
        | share("quotes_found", quoted)
        | share("captions_shown", map(is_caption, texts))
    )


def _shown(source: Evidence) -> str:
    return f"{_plain(' '.join(source.sentences))}\n{_plain(source.content)}"
