"""A model that thinks: what shows that it does, how long it may, and what is kept of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from langchain_core.messages import AIMessageChunk, HumanMessage

from chains.errors import ServiceUnavailable
from chains.models.endpoint import open_endpoint
from chains.models.generation import generate
from chains.models.model import Timeouts
from chains.models.opening import open_model
from chains.models.patience import Patience
from chains.models.signs_of_life import THOUGHT, is_thought
from chains.settings import Settings
from tests.support.clocks import HurriedLoop
from tests.support.generating import answer, hurried, model_at, text
from tests.support.scripted_openai import END, ScriptedOpenAI, Step, choice, delta
from tests.support.stopped_time import settle

THOUGHTS = {
    "DeepSeek, llama.cpp": choice({"reasoning_content": "Hm."}),
    "Ollama, vLLM": choice({"reasoning": "Hm."}),
    "beside null": choice({"reasoning_content": "Hm.", "content": None}),
    "beside nothing": choice({"role": "assistant", "content": "", "reasoning": "Hm."}),
    "encrypted": choice({"content": "", "reasoning_details": [{"type": "reasoning.encrypted"}]}),
    "Mistral": choice(
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}]}
    ),
    "Anthropic": choice({"content": [{"type": "thinking", "thinking": "Hm."}]}),
    "with usage": choice({"reasoning": "Hm."}, usage={"prompt_tokens": 9, "total_tokens": 9}),
}
COMMENT = b": keepalive\n\n"
SIGNS = THOUGHTS | {"a comment": COMMENT, "a comment without a blank line": b":\n"}
USUAL = Timeouts()
"""In seconds: 30 for the first word, 20 between two, 300 for all thoughts."""


async def said_with_pauses(pieces: Iterable[Step], pause: float) -> str:
    """The text of an answer whose pieces come that many seconds apart, by the loop's clock. Each
    piece has to become a chunk."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, HurriedLoop)
    script: list[Step] = []
    gates: list[asyncio.Event] = []
    for piece in pieces:
        gates.append(asyncio.Event())
        script += [piece, gates[-1]]

    async def let_pass(gate: asyncio.Event) -> None:
        await settle()  # until the next chunk is waited for
        loop.forward(pause)
        gate.set()

    passing = []
    said = ""
    async with ScriptedOpenAI([*script, END]) as server, model_at(server.base_url, USUAL) as model:
        async for chunk in generate(model, [HumanMessage("What is a gait?")], {}, {}):
            said += chunk.text
            if gates:
                passing.append(asyncio.create_task(let_pass(gates.pop(0))))
        assert len(server.requests) == 1
    await asyncio.gather(*passing)
    return said


@pytest.mark.parametrize("sign", SIGNS.values(), ids=SIGNS)
def test_signs_of_life_before_the_first_word_are_no_silence(sign: bytes) -> None:
    pieces = [*[sign] * 33, delta("A "), delta("gait.")]
    assert hurried(said_with_pauses(pieces, 1)) == "A gait."


@pytest.mark.parametrize("sign", SIGNS.values(), ids=SIGNS)
def test_signs_of_life_between_two_pieces_are_no_silence(sign: bytes) -> None:
    pieces = [delta("A "), sign, sign, delta("gait.")]
    assert hurried(said_with_pauses(pieces, 15)) == "A gait."


@pytest.mark.parametrize(
    ("pieces", "pause", "setting"),
    [
        ([COMMENT, delta("x")], 31, "SCHOLIAST_MODEL_TIMEOUT"),
        ([THOUGHTS["Mistral"], delta("x")], 31, "SCHOLIAST_MODEL_TIMEOUT"),
        ([delta("A "), delta("x")], 21, "SCHOLIAST_MODEL_TIMEOUT_GAP"),
        ([delta("A "), COMMENT, delta("x")], 21, "SCHOLIAST_MODEL_TIMEOUT_GAP"),
        ([*[COMMENT] * 40, delta("x")], 15, "SCHOLIAST_MODEL_TIMEOUT_THINK"),
        ([delta("A "), *[COMMENT] * 40, delta("x")], 15, "SCHOLIAST_MODEL_TIMEOUT_THINK"),
    ],
)
def test_each_wait_ends_and_the_setting_that_ended_it_is_named(
    pieces: Sequence[Step], pause: float, setting: str
) -> None:
    with pytest.raises(ServiceUnavailable) as failed:
        hurried(said_with_pauses(pieces, pause))
    assert failed.value.reason.endswith(f"or raise {setting}")


@pytest.mark.parametrize("nothing", [choice({"content": ""}), choice({"role": "assistant"})])
def test_what_says_nothing_is_no_sign_of_life(nothing: bytes) -> None:
    for first in (nothing, delta("A ")):
        with pytest.raises(ServiceUnavailable, match="too slow"):
            hurried(said_with_pauses([first, nothing, nothing, delta("x")], 15))


def test_all_thoughts_of_an_answer_share_one_bound() -> None:
    patience = Patience(Timeouts(first=30, between=20, think=50), deadline=30)
    thought, word = (
        AIMessageChunk(content="", additional_kwargs={THOUGHT: True}),
        AIMessageChunk(content="A "),
    )
    deadlines = []
    for now, chunk in ((10, thought), (40, thought), (45, word), (50, thought), (60, thought)):
        patience.hear(chunk, now)
        deadlines.append(patience.deadline)
    assert deadlines == [40, 60, 65, 65, 65]
    assert patience.setting == "SCHOLIAST_MODEL_TIMEOUT_GAP"


# What is kept


@pytest.mark.parametrize("sign", SIGNS.values(), ids=SIGNS)
async def test_no_thought_becomes_text(sign: bytes) -> None:
    assert await text([sign, sign, delta("A "), sign, delta("gait."), sign, END]) == "A gait."


async def test_thoughts_in_every_shape_add_up_to_one_message() -> None:
    mixed = [*SIGNS.values(), delta("A "), *SIGNS.values(), delta("gait.")]
    async with (
        ScriptedOpenAI([*mixed, END]) as endpoint,
        open_endpoint("scripted", endpoint.base_url, None, USUAL) as chat,
    ):
        chunks = [chunk async for chunk in chat.astream("Why?")]
    total = sum(chunks[1:], chunks[0])
    assert total.text == "A gait."


async def test_a_thought_is_marked_and_a_comment_is_none() -> None:
    async with (
        ScriptedOpenAI([*SIGNS.values(), delta("A gait."), END]) as endpoint,
        model_at(endpoint.base_url) as model,
    ):
        chunks = await answer(model)
    assert sum(map(is_thought, chunks)) == len(THOUGHTS)


async def test_a_comment_within_an_event_leaves_it_whole() -> None:
    event = b'data: {"choices":\n: keep\ndata: [{"delta": {"content": "A gait."}}]}\n\n'
    assert await text([event, END]) == "A gait."


# Settings


@pytest.mark.parametrize(
    ("given", "timeouts"),
    [
        ({}, Timeouts(first=30, between=20, think=300)),
        (
            {"model_timeout": 90, "model_timeout_gap": 7, "model_timeout_think": 1000},
            Timeouts(first=90, between=7, think=1000),
        ),
    ],
)
async def test_the_settings_say_how_long_a_model_may_take(
    given: dict[str, Any], timeouts: Timeouts
) -> None:
    settings = Settings.model_construct(model="m", openai_base_url="http://127.0.0.1:9", **given)
    async with open_model(settings) as model:
        assert model.timeouts == timeouts
