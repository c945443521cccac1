"""Which sentence is quoted in a book of another language, where vectors say nothing."""

from __future__ import annotations

import numpy as np
import pytest

from chains.index.book import Sentence
from chains.models.quotes.choice import choose
from chains.models.quotes.evidence import Evidence, EvidenceSource


@pytest.mark.parametrize(
    ("language", "question", "answer", "other"),
    [
        (
            "german",
            "Was sind denn die Listen?",
            "Eine Liste reiht Knoten aneinander.",
            "Die Tage sind hier denn auch was wert.",
        ),
        (
            "french",
            "Qu'est-ce que les tableaux ?",
            "Un tableau range des éléments.",
            "C'est ce que les gens disent, est-ce vrai.",
        ),
        ("chinese", "什么是栈？", "栈按后进先出存取元素。", "这是什么地方，谁也不知道。"),
    ],
)
def test_words_that_say_what_is_asked_decide_and_common_ones_do_not(
    language: str, question: str, answer: str, other: str
) -> None:
    sentences = tuple(Sentence(0, len(text), text, None) for text in (other, answer))
    source = EvidenceSource(1, sentences, np.ones((2, 2), dtype=np.float32), ("",))
    vector = np.ones(2, dtype=np.float32)
    chosen = choose(Evidence(question, vector, (source,), language=language), max_words=50)
    assert chosen.taken[0].text == answer
