"""Solutions of exercises: what a learner is to find alone, unless the reader asks for it."""

from __future__ import annotations

import re

from chains.index.passages import Passage

_ASKS = re.compile(
    r"\b(?:solutions?|solve[ds]?|answer key|answers? (?:to|for|of)|lösung(?:en)?|löse"
    r"|soluci(?:ón|ones)|corrigés?|soluzion[ei]|soluç(?:ão|ões)|resolução)\b"
    r"|答案|解答|풀이|정답",
    re.IGNORECASE,
)


def asks_for_solution(question: str) -> bool:
    """Whether a question asks for the solution of an exercise, in a language of the book's.

    >>> asks_for_solution("What is the solution of exercise 3?"), asks_for_solution("Why 42?")
    (True, False)
    """
    return _ASKS.search(question) is not None


def holds_back(passage: Passage, question: str) -> bool:
    """Whether this passage is a solution that the reader has not asked for, nor selected."""
    is_solution = passage.chunk.kind == "solution" and not passage.selected
    return is_solution and not asks_for_solution(question)
