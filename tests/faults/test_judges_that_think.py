"""A judge of two prompts that thinks aloud: what it thinks is no judgement."""

from __future__ import annotations

import pytest

from chains.answering.condense import load_condense_prompt
from quart_app.evaluation.comparing.answered import Answered
from quart_app.evaluation.comparing.comparison_run import Compared, Variant
from quart_app.evaluation.comparing.judge_model import Judged, judge_answers
from quart_app.evaluation.outcomes import Outcome
from quart_app.evaluation.rows import Row
from quart_app.settings import WebSettings
from tests.support.scripted_openai import END, ScriptedOpenAI, Step, choice, delta

ROW = Row(id="1", query="What is a gait?", answer=("steps",))
SURE_OF_2: dict[str, list[Step]] = {
    "a thought in its text": [delta("<think>1, or 0. I take 1.</think>\n"), delta("2"), END],
    "a thought behind it": [delta("2\n<think>Or was it 1? "), delta("0?</think>"), END],
    "a thought in another form": [delta("[THINK]1[/THINK]2[THINK]1 or 0"), END],
    "a delta of thought": [choice({"reasoning_content": "1. 0."}), delta("2"), END],
    "a part of thought": [
        choice({"content": [{"type": "thinking", "thinking": "1"}, {"type": "text", "text": "2"}]}),
        choice({"reasoning": "1"}),
        END,
    ],
}
UNSURE: dict[str, list[Step]] = {
    "thoughts alone": [delta("<think>1, or 2.</think>"), END],
    "a thought that its limit cuts": [delta("<think>I take 1. Or"), choice({}, "length")],
    "deltas of thought alone": [choice({"reasoning": "1"}), END],
}


async def judged(settings: WebSettings, script: list[Step], **update: object) -> Judged:
    """What a model that plays the script says of two answers to one question."""
    answers = [
        (Answered(Outcome(id="1", group="own", query=ROW.query, text=text)),)
        for text in ("It has steps.", "No.")
    ]
    variant = Variant("answer", load_condense_prompt(settings))
    compared = Compared("", (ROW,), (variant,) * 2, ("a", "b"), (answers[0], answers[1]), 0)
    async with ScriptedOpenAI(script) as endpoint:
        asked = {**update, "openai_base_url": endpoint.base_url}
        return await judge_answers(settings.model_copy(update=asked), "scripted", compared)


async def test_what_a_judge_thinks_is_no_judgement(example: WebSettings) -> None:
    expected = await judged(example, ["2"])
    assert sorted(expected.said) == ["1"]
    assert set(expected.said.values()) != set((await judged(example, ["1"])).said.values())
    found = {name: await judged(example, script) for name, script in SURE_OF_2.items()}
    assert {name: each.said for name, each in found.items()} == dict.fromkeys(
        SURE_OF_2, expected.said
    )
    thought = await judged(example, ["1, or 0.</think>2"], model_thinks_first=True)
    assert thought.said == expected.said


@pytest.mark.parametrize("script", UNSURE.values(), ids=UNSURE)
async def test_a_judge_that_only_thinks_has_said_nothing(
    example: WebSettings, script: list[Step]
) -> None:
    found = await judged(example, script)
    assert (found.said, found.failed) == ({}, 1)
