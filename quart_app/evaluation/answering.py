"""Scores of the answers: are they right, are they short, and does each sentence have its proof?"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from chains.answering.grounding import Claim, claims_of
from chains.language.tokenization import is_uncut, words_of
from quart_app.evaluation.outcomes import Evidence, Outcome
from quart_app.evaluation.retrieval import Pairs, share
from quart_app.evaluation.rows import Row

LONGEST_KEY = 3
"""Words of an answer that can only be said in one way."""
EARLY = 60
"""Words of an answer that a reader takes in at a glance."""
_CITATION = re.compile(r"\s*\[\d{1,3}\]")
_NO_WORD = re.compile(r"[\W_]+")


def answer_scores(pairs: Pairs) -> dict[str, float]:
    """Shares from 0 to 1, and words; of the answers that came.

    - ``correct``: the row's answer, or all of its `must`, stand in the answer; ``correct_early``:
      in its first 60 words; ``correct_in_sources``: in the texts that the model was given;
      ``correct_where_in_sources``: in the answer, of the rows where they stand in these texts.
    - ``citation_precision``: of the citations, those whose source supports their sentence.
    - ``citation_recall``: of the sentences, those with a citation that supports them.
    - ``unsupported_shown``: of the sentences, those that no source supports.
    - ``quotes_found``: of the sentences with a citation, and the rows of tables, those that stand
      word for word in the source that they cite.
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
    scores |= _citing([outcome for _, outcome in answered])
    if answered:
        words = [len(words_of(_CITATION.sub("", outcome.text))) for _, outcome in answered]
        scores["words_median"] = float(np.median(words))
    return scores | share("failed", (outcome.error is not None for _, outcome in pairs))


def is_correct(row: Row, text: str) -> bool:
    """Whether a text holds all that the row expects, whatever its case, marks and line breaks.

    Up to three words have to stand there as they are. A longer answer may be put in other words:
    it is held as the sources hold a sentence (see `chains.answering.grounding`).

    >>> row = Row(id="1", query="Which command?", must=["cargo new", "a folder"])
    >>> is_correct(row, "`cargo new` makes a folder.")
    True
    """
    held = _plain(text)
    return all(_holds(held, expected) for expected in row.expected)


def _holds(held: str, expected: str) -> bool:
    if len(expected.split()) > LONGEST_KEY:
        return Claim(expected, ()).is_supported_by(held)
    if is_uncut(expected):
        return _plain(expected).strip() in held
    return _plain(expected) in held


def _plain(text: str) -> str:
    return f" {_NO_WORD.sub(' ', _CITATION.sub('', text)).casefold().strip()} "


def _early(text: str) -> str:
    return " ".join(_CITATION.sub("", text).split()[:EARLY])


def _given(outcome: Outcome) -> str:
    return "\n".join(source.content for source in outcome.sources)


def _citing(outcomes: Sequence[Outcome]) -> dict[str, float]:
    cited: list[bool] = []
    proven: list[bool] = []
    unsupported: list[bool] = []
    quoted: list[bool] = []
    for outcome in outcomes:
        sources = {source.index: source for source in outcome.sources}
        for claim in claims_of(outcome.text):
            own = [sources[number] for number in claim.cited if number in sources]
            supporting = [claim.is_supported_by(source.content) for source in own]
            cited += supporting
            proven.append(any(supporting))
            contents = (source.content for source in sources.values())
            unsupported.append(not any(map(claim.is_supported_by, contents)))
            if own:
                quoted.append(any(_plain(claim.text) in _shown(source) for source in own))
    return (
        share("citation_precision", cited)
        | share("citation_recall", proven)
        | share("unsupported_shown", unsupported)
        | share("quotes_found", quoted)
    )


def _shown(source: Evidence) -> str:
    return f"{_plain(' '.join(source.sentences))}\n{_plain(source.content)}"
