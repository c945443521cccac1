"""Citations behind the sentences of an answer, as it streams."""

from __future__ import annotations

import asyncio
from threading import Event
from typing import Any

import pytest

from chains.answering.marking import LEFT_OUT, Marking
from chains.answering.proof.claims import claims
from chains.answering.proof.judge import Judge, Readers, Reading
from chains.answering.proof.streamed import Ended
from chains.events import Delta, FinishedSentence, Proof, Source
from tests.support.grounds import ENERGY, GAIT, passages


@pytest.mark.parametrize(
    ("ended", "is_claim"),
    [
        (Ended("A gait is a rhythm."), True),
        (Ended("The kinds are:"), False),
        (Ended("**Kinds:**"), False),
        (Ended("Why does it walk?"), False),
        (Ended("# A gait", "heading"), False),
        (Ended("```\na gait\n```", "block"), False),
        (Ended("The sources do not mention the year."), False),
        (Ended("Sure, I can help."), False),
        (Ended("**Explanation of the gait**"), False),
        (Ended("**Gait** is a rhythm"), True),
        (Ended("**A gait is a rhythm.**"), True),
        (Ended("This statement comes from the book."), False),
        (Ended("This answer covers the friction cone as described in sources [1]."), False),
        (Ended("For more information, see the chapter on gaits."), False),
        (Ended("This definition of a gait is old."), True),
        (Ended("`pip install gait`"), False),
        (Ended("`step` → `stride`"), False),
        (Ended("Run `pip install gait`."), True),
        (Ended("---"), False),
        (Ended("[1]"), False),
    ],
)
def test_only_some_parts_claim_something(ended: Ended, is_claim: bool) -> None:
    assert claims(ended) is is_claim


def source(index: int) -> Source:
    return Source(index, f"chunk_{index:032x}", "a.md", "A", "A > B", "B", "/a#b", "Quote.")


def marking(embed: Any = None, **given: Any) -> Marking:
    judge = Judge(passages(GAIT, ENERGY), "english", embed, Readers())
    return Marking([source(1), source(2)], judge, **given)


async def written(marked: Marking, *texts: str) -> list[Delta]:
    deltas: list[Delta] = []
    for number, text in enumerate([*texts, ""]):
        for event in marked.feed(text, is_last=number == len(texts)):
            if isinstance(event, Reading):
                await event.wait()
            else:
                deltas.append(event)
    return deltas


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("A gait is the rhythm of steps [1]. So", "A gait is the rhythm of steps. [1] So"),
        ("A gait is the rhythm of steps [2]. So", "A gait is the rhythm of steps. [1] So"),
        ("A gait is the rhythm of steps. So", "A gait is the rhythm of steps. [1] So"),
        ("A gait is a kind of horse [1]. So", "A gait is a kind of horse. So"),
        ("There are kinds [2]:", "There are kinds: [2]"),
    ],
    ids=["stays", "set right", "added", "taken away", "claims nothing"],
)
async def test_a_number_stands_where_its_source_supports_the_sentence(
    text: str, marked: str
) -> None:
    found = marking()
    await written(found, text)
    assert found.text == marked


async def test_a_delta_says_which_sentence_it_finishes_and_what_proves_it() -> None:
    deltas = await written(marking(), "So 🙂: *A gait* is a rhythm of steps. It", " flies high.")
    text = "".join(delta.content for delta in deltas)
    first, second = [sentence for delta in deltas for sentence in delta.sentences]
    assert text[first.start : first.end] == "So 🙂: *A gait* is a rhythm of steps."
    assert first.proofs == (Proof(1, GAIT[0]),)
    assert text[second.start : second.end] == "It flies high."
    assert second == FinishedSentence(second.start, second.end, second.support, ())
    assert second.support < 0.5


async def test_a_strict_answer_leaves_out_what_has_no_proof_and_says_so() -> None:
    strict = marking(strict=True)
    text = "Horses fly high.\n\nSee:\n\n- A gait is a rhythm of steps.\n- Horses fly high.\n"
    await written(strict, *text)
    assert strict.text == f"See:\n\n- A gait is a rhythm of steps. [1]\n\n{LEFT_OUT}"
    whole = marking(strict=True)
    await written(whole, "A battery stores energy.")
    assert whole.text == "A battery stores energy. [2]"


async def test_where_the_vector_does_not_come_in_time_the_words_decide() -> None:
    release = Event()

    def embed(_: str) -> list[float]:
        release.wait(30)
        return [0.0, 0.0]

    hanging = marking(embed)
    try:
        async with asyncio.timeout(10):
            await written(hanging, "A gait is the rhythm that steps have. It flies.")
        assert hanging.text == "A gait is the rhythm that steps have. [1] It flies."
    finally:
        release.set()


async def test_an_embedding_that_fails_leaves_it_to_the_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def embed(_: str) -> list[float]:
        raise ValueError("no such model")

    failing = marking(embed)
    await written(failing, "A gait is the rhythm that steps have. It flies.")
    assert failing.text == "A gait is the rhythm that steps have. [1] It flies."
    assert "could not be judged" in caplog.text
