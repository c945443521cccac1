"""What is counted as spent: every call of a model, whether or not its answer comes through."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chains.answering import condense as condense_module
from chains.answering.condense import condense, load_condense_prompt
from chains.answering.inputs import PROMPT_INPUTS
from chains.errors import ContentNotFound, ServiceUnavailable
from chains.events import Delta, Finish
from chains.index.library import Library
from chains.index.retriever import BookRetriever
from chains.models.opening import open_model
from chains.prompts.prompt import load_prompt
from chains.question import Question, Turn
from chains.settings import Settings
from chains.tutor import TutorChain
from tests.support.scripted_openai import (
    CUT,
    END,
    HANG,
    ScriptedOpenAI,
    Status,
    Step,
    choice,
    delta,
)
from tests.support.tutors import FRANCE, ZMP, streaming

SETTINGS = Settings.model_construct()
FOLLOW_UP = Question("Why does it matter?", history=(Turn(ZMP.text, (), "A point."),))


async def spent(
    library: Library, question: Question, *scripts: list[Step], until: type | None = None
) -> tuple[list[int], Finish | None]:
    """The tokens of each call that was counted, and how the answer ended, if it was not left at
    the first event of the kind `until`."""
    counted: list[int] = []
    prompts = {"answer": load_prompt("answer", SETTINGS, PROMPT_INPUTS)}
    async with ScriptedOpenAI(*scripts) as endpoint:
        settings = Settings.model_construct(model="scripted", openai_base_url=endpoint.base_url)
        async with open_model(settings) as model:
            retriever = BookRetriever(library=library)
            condensing = load_condense_prompt(SETTINGS)
            tutor = TutorChain(retriever, prompts, model, lambda: condensing, counted.append)
            events = streaming(tutor, question)
            try:
                async for event in events:
                    if until is not None and isinstance(event, until):
                        return counted, None
                    if isinstance(event, Finish):
                        return counted, event
            except (ContentNotFound, ServiceUnavailable):
                pass
            finally:
                await events.aclose()
    return counted, None


async def test_an_answer_costs_what_its_endpoint_reports(library: Library) -> None:
    tokens, end = await spent(library, ZMP, ["A point."])
    assert end is not None
    assert not end.tokens_estimated
    assert tokens == [end.total_tokens]


async def test_without_a_report_the_cost_is_estimated(library: Library) -> None:
    tokens, end = await spent(library, ZMP, [delta("A point."), END])
    assert end is not None
    assert end.tokens_estimated
    assert tokens == [end.total_tokens]


async def test_a_follow_up_costs_its_rewording_and_its_answer(library: Library) -> None:
    tokens, end = await spent(library, FOLLOW_UP, ["Why does the ZMP matter?"], ["A point."])
    assert end is not None
    assert len(tokens) == 2
    assert tokens[1] == end.total_tokens


async def test_a_rewording_is_counted_though_the_book_does_not_cover_it(library: Library) -> None:
    question = replace(FRANCE, text="And why there?", history=FOLLOW_UP.history)
    tokens, _ = await spent(library, question, [FRANCE.text])
    assert len(tokens) == 1


async def test_a_rewording_that_is_given_up_is_counted_by_its_prompt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(condense_module, "TIMEOUT", 0.05)
    counted: list[int] = []
    async with ScriptedOpenAI([HANG]) as endpoint:
        settings = Settings.model_construct(model="scripted", openai_base_url=endpoint.base_url)
        async with open_model(settings) as model:
            prompt = load_condense_prompt(SETTINGS)
            condensed = await condense(FOLLOW_UP, model, prompt, spend=counted.append)
    assert condensed.by == "rule"
    assert len(counted) == 1
    assert counted[0] > 50


async def test_an_answer_that_is_left_or_breaks_off_is_counted_so_far(library: Library) -> None:
    left, _ = await spent(library, ZMP, ["A ", "point.", HANG], until=Delta)
    broken, _ = await spent(library, ZMP, ["A ", CUT])
    assert len(left) == len(broken) == 1
    assert min(*left, *broken) > 200  # the prompt with its sources


async def test_what_did_not_go_out_is_counted_of_an_answer_that_breaks_off(
    library: Library,
) -> None:
    """Its thoughts, of which nobody sees a word, and citations of sources that there are not."""
    [prompt], _ = await spent(library, ZMP, ["A ", HANG], until=Delta)
    thoughts: list[Step] = [choice({"reasoning_content": "Hm. "}) for _ in range(1000)]
    [thought], _ = await spent(library, ZMP, [*thoughts, CUT])
    [invented], _ = await spent(library, ZMP, ["A ", "[9]" * 1000, CUT])
    assert thought >= prompt + 999
    assert invented >= prompt + 749


async def test_a_model_that_fails_before_its_first_word_costs_nothing(library: Library) -> None:
    assert await spent(library, ZMP, [Status(401)]) == ([], None)
    tokens, _ = await spent(library, FOLLOW_UP, [Status(401)])
    assert tokens == [0]
