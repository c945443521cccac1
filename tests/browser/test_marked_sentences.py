"""Sentences of an answer: which of them are underlined, and what proves those that are cited."""

from __future__ import annotations

from collections.abc import AsyncIterator
from random import Random
from typing import Any

import pytest

from tests.browser.hostile import HOSTILE
from tests.browser.prose_page import Answers, answering
from tests.browser.test_prose import DOCUMENTS

END = "Finally, the robot falls."
HOSTILE_DOCUMENTS = [text for _, text in HOSTILE if len(text) < 3000]
SENTENCES: dict[str, dict[str, str]] = {
    "The foot pushes. [1] It falls. It stands.": {"It falls.": "It falls."},
    "A robot: \U0001f916\U0001f9be. *It* **falls `fast()`**. It stands.": {
        "*It* **falls `fast()`**.": "It falls fast()."
    },
    "A. No. Not now, no.": {"No.": "No.", "Not now, no.": "Not now, no."},
    "See [the *very* book](https://example.org/falls) on falls. It falls.": {
        "See [the *very* book](https://example.org/falls) on falls.": "See the very book on falls.",
        "It falls.": "It falls.",
    },
    "See https://example.org/It/falls. It falls.": {"It falls.": "It falls."},
    "It costs $5 a day. It falls. Then it costs $6.": {
        "It costs $5 a day.": "It costs $5 a day.",
        "Then it costs $6.": "Then it costs $6.",
    },
    "As $x_{12}$ falls, $$y = 3$$ falls. It stands. \\(z\\) is 4.": {
        "As $x_{12}$ falls, $$y = 3$$ falls.": "As  falls,  falls.",
        "It stands.": "It stands.",
        "\\(z\\) is 4.": " is 4.",
    },
    "- It falls. [1]\n- It stands.\n\n  1. It runs": {
        "It stands.": "It stands.",
        "It runs": "It runs",
    },
    "| a | It jumps. |\n|---|---|\n| b | It flies. |": {
        "It jumps.": "It jumps.",
        "It flies.": "It flies.",
    },
    "```py\nfalls(1)\n```\n\n# It falls\n\nIt stands\non one\n foot.": {
        "It stands\non one\n foot.": "It standson onefoot."
    },
    "Take \\*xs[1]\\* and xs[2] <br>of 3. “It falls.” [1] (It stands.)": {
        "Take \\*xs[1]\\* and xs[2] <br>of 3.": "Take *xs[1]* and xs[2] of 3.",
        "“It falls.”": "“It falls.”",
        "(It stands.)": "(It stands.)",
    },
    "\u05d4\u05d5\u05d0 \u05e0\u05d5\u05e4\u05dc. 歩く。倒れる[2]。İt İs. It falls.": {
        "倒れる[2]。": "倒れる。",
        "It falls.": "It falls.",
    },
}
"""Markdown, and of some of its sentences what is underlined."""


@pytest.fixture
async def answers() -> AsyncIterator[Answers]:
    """A page that renders answers; no test may leave a complaint in its console."""
    async with answering() as page:
        yield page
        assert page.complaints == []


def sentence(text: str, part: str, *proofs: tuple[int, str]) -> dict[str, Any]:
    """A finished sentence, as the server sends it."""
    start = text.index(part)
    listed = [{"source": source, "sentence": said} for source, said in proofs]
    return {"start": start, "end": start + len(part), "support": 0.5, "proofs": listed}


async def write(answers: Answers, pieces: list[str], sentences: list[dict[str, Any]]) -> None:
    """Show an answer in pieces. Each sentence comes with the piece that finishes it."""
    script = """([pieces, sentences]) => {
        prose.start();
        let length = 0;
        for (const piece of pieces) {
            prose.write(piece);
            length += [...piece].length;
            prose.prove(sentences.filter(({ end }) => end <= length));
        }
        prose.end();
        return prose.html();
    }"""
    await answers.page.evaluate(script, [pieces, sentences])


@pytest.mark.parametrize("is_cut", [False, True], ids=["in one piece", "in many"])
async def test_each_sentence_without_proof_is_underlined_to_the_letter(
    answers: Answers, is_cut: bool
) -> None:
    random = Random(1)
    for text, expected in SENTENCES.items():
        for _ in range(8 if is_cut else 1):
            ends = sorted(random.sample(range(len(text)), len(text) // 4)) if is_cut else []
            pieces = [text[a:b] for a, b in zip([0, *ends], [*ends, len(text)], strict=True)]
            await write(answers, pieces, [sentence(text, part) for part in expected])
            shown = await answers.page.evaluate("prose.unfound()")
            assert shown == list(expected.values()), pieces
            assert await answers.problems() == []


async def test_of_equal_sentences_the_one_that_is_meant_is_underlined(answers: Answers) -> None:
    text = "It falls. It falls. It falls."
    await write(answers, [text], [sentence(text, "It falls.") | {"start": 10, "end": 19}])
    left = "document.querySelector('.unfound').previousSibling.data"
    assert await answers.page.evaluate(left) == "It falls. "
    assert await answers.page.evaluate("prose.unfound()") == ["It falls."]


async def test_no_letter_is_lost_count_of_whatever_comes(answers: Answers) -> None:
    """Behind any Markdown, the sentence that is meant is underlined."""
    for text in [*DOCUMENTS, *HOSTILE_DOCUMENTS]:
        whole = f"{text}\n\n\n{END}"
        if f"{END}</p>" not in await answers.render(whole):
            continue  # it is code, or a formula
        for pieces in ([whole], list(whole)):
            await write(answers, pieces, [sentence(whole, END)])
            assert await answers.page.evaluate("prose.unfound()") == [END], text


async def test_a_citation_knows_the_sentence_of_the_book_that_proves_the_one_before_it(
    answers: Answers,
) -> None:
    text = "It costs $5. It **falls**. [1][2] xs[1] is $6. [3]\n\n- It stands. [1] [4]"
    sentences = [
        sentence(text, "It costs $5."),
        sentence(text, "It **falls**.", (2, "It fell."), (1, "Robots fall.")),
        sentence(text, "It stands.", (1, "Robots stand.")),
    ]
    known = [["1", "Robots fall."], ["2", "It fell."], ["3", None]]
    known += [["1", "Robots stand."], ["4", None]]
    for pieces in ([text], list(text)):
        await write(answers, pieces, sentences)
        assert await answers.page.evaluate("prose.proofs()") == known


async def test_sentences_that_come_late_move_nothing(answers: Answers) -> None:
    text = " ".join(f"Sentence {n} is *about* the **foot** and `step({n})`." for n in range(40))
    await answers.render(text)
    before = await answers.page.evaluate("prose.places()")
    parts = [f"{part}." for part in text.removesuffix(".").split(". ")]
    sentences = [sentence(text, part) for part in parts]
    await answers.page.evaluate("sentences => prose.prove(sentences)", sentences)
    assert await answers.page.evaluate("prose.unfound().length") == 40
    after = await answers.page.evaluate("prose.places()")
    assert after == pytest.approx(before, abs=0.1)


async def test_the_word_about_a_sentence_is_heard_and_not_copied(answers: Answers) -> None:
    text = "It *falls*. It stands."
    await write(answers, [text], [sentence(text, "It *falls*.")])
    heard = await answers.page.locator(".prose").aria_snapshot()
    assert (
        heard
        == "- paragraph:\n  - text: It\n  - emphasis: falls\n  - text: . (Not found) It stands."
    )
    copied = """() => {
        getSelection().selectAllChildren(document.querySelector(".prose"));
        return `${getSelection()}`;
    }"""
    assert await answers.page.evaluate(copied) == text.replace("*", "")
