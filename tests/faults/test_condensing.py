"""A model that is asked to reword a follow-up, and sends what is no question."""

from __future__ import annotations

import asyncio

import pytest

from chains.answering import condense as condensing
from chains.answering.condense import Condensed, condense, load_condense_prompt
from chains.models.opening import open_model
from chains.question import Question, Turn
from chains.settings import Settings
from tests.support.scripted_openai import END, HANG, ScriptedOpenAI, Step, choice, delta

FOLLOW_UP = Question("Why does it matter?", history=(Turn("What is the ZMP?", (), "A point."),))


async def reworded(*script: Step) -> tuple[Condensed, list[int]]:
    """The follow-up as a model condenses it, and the tokens that this cost."""
    spent: list[int] = []
    async with ScriptedOpenAI(list(script)) as endpoint:
        settings = Settings.model_construct(model="scripted", openai_base_url=endpoint.base_url)
        async with open_model(settings) as model:
            prompt = load_condense_prompt(Settings.model_construct())
            condensed = await condense(FOLLOW_UP, model, prompt, spend=spent.append)
    return condensed, spent


@pytest.mark.parametrize("total", [-1_000_000, 10**12])
async def test_a_follow_up_never_gives_tokens_back_to_the_budget(total: int) -> None:
    usage = {"prompt_tokens": total, "completion_tokens": 0, "total_tokens": total}
    condensed, spent = await reworded(
        delta("Why does the ZMP matter?"), choice(finish_reason="stop", usage=usage), END
    )
    assert condensed == Condensed("Why does the ZMP matter?", "model")
    assert len(spent) == 1
    assert 0 < spent[0] < 1000  # an estimate


@pytest.mark.parametrize(
    "written",
    [
        "<think>\n\n</think>\n\nWhy does the ZMP matter?",
        (
            "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>"
            "Why does the ZMP matter?"
        ),
    ],
)
async def test_thoughts_within_the_text_are_no_part_of_a_rewording(written: str) -> None:
    condensed, _ = await reworded(written)
    assert condensed == Condensed("Why does the ZMP matter?", "model")


async def test_a_rewording_without_an_end_is_left_as_soon_as_it_is_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(condensing, "TIMEOUT", 60.0)
    async with asyncio.timeout(20):
        condensed, spent = await reworded("The ZMP matters because " * 30, HANG)
    assert condensed.by == "rule"
    assert spent[0] > 0
