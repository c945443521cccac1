"""Several tabs of one reader: one conversation, and no question is answered twice."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Page, expect

from quart_app.settings import WebSettings
from tests.browser.browsing import Tutor
from tests.browser.test_nothing_lost import KEPT, SLOW, WHOLE, ZMP, reading
from tests.support.scripted_openai import HANG, ScriptedOpenAI, Step

GAIT = "What is a gait?"


@asynccontextmanager
async def two_tabs(
    example: WebSettings, *scripts: list[Step]
) -> AsyncIterator[tuple[Tutor, Tutor, ScriptedOpenAI]]:
    """The tutor on two pages of the book, side by side."""
    async with reading(example, *scripts) as (page, tutor, url, endpoint):
        other = await beside(page, f"{url}book/motion/balance")
        yield tutor, other, endpoint


async def beside(page: Page, url: str) -> Tutor:
    """The tutor in another tab, with a tab's storage of its own."""
    tutor = Tutor(await page.context.new_page())
    await tutor.page.goto(url)
    return tutor


def questions(*tutors: Tutor) -> set[str]:
    """The ids of the questions that were sent."""
    sent = [one["data"] for tutor in tutors for one in tutor.sent if one["type"] == "question"]
    return {data["client_query_id"] for data in sent}


async def session_of(tutor: Tutor) -> str:
    """The session that is kept with the conversation, once its first answer has begun."""
    found = re.search(r"session_id\W+([\w-]+)", await tutor.page.evaluate(KEPT))
    assert found
    return found[1]


async def test_a_copied_tab_goes_on_with_the_answer_and_asks_nothing_twice(
    example: WebSettings,
) -> None:
    async with reading(example, SLOW) as (page, tutor, _, endpoint):
        await tutor.ask(ZMP)
        await expect(tutor.answer).to_contain_text("Sentence 3 ")
        async with page.expect_popup(timeout=60_000) as opened:  # with a copy of the tab's storage
            await page.evaluate("window.open(location.href)")
        copied = Tutor(await opened.value)
        await expect(copied.note.get_by_role("heading", name=ZMP)).to_be_visible()
        await tutor.finished()
        assert await tutor.check_text() == WHOLE
        await copied.finished()
        await expect(copied.answer).to_have_text(await tutor.answer.inner_text())
        assert len(endpoint.requests) == 1


async def test_two_tabs_have_one_conversation(example: WebSettings) -> None:
    goes_on = asyncio.Event()
    script: list[Step] = ["First, half. ", goes_on, "The other half."]
    async with two_tabs(example, script, ["Second."]) as (tutor, other, endpoint):
        await tutor.ask(ZMP)
        await expect(tutor.answer).to_contain_text("First, half.")
        await expect(other.answer).to_contain_text("First, half.")
        await other.ask(GAIT)
        goes_on.set()
        for one in (tutor, other):
            await expect(one.notes).to_have_count(2)
            await expect(one.notes.first).to_contain_text("The other half.")
            await expect(one.answer).to_contain_text("Second.")
            await one.finished()
        assert len(endpoint.requests) == 2
        assert len(questions(tutor, other)) == 2
        assert await session_of(tutor) == await session_of(other)


async def test_a_tab_that_is_opened_has_the_conversation_and_the_answer_under_way(
    example: WebSettings,
) -> None:
    goes_on = asyncio.Event()
    script: list[Step] = ["First, half. ", goes_on, "The other half."]
    async with reading(example, script) as (page, tutor, url, endpoint):
        await tutor.ask(ZMP)
        await expect(tutor.answer).to_contain_text("First, half.")
        chapter = await beside(page, f"{url}book/motion/walking")
        await expect(chapter.answer).to_contain_text("First, half.")
        await page.close()  # the one that asked
        goes_on.set()
        await chapter.finished()
        assert await chapter.check_text() == "First, half. The other half."
        assert len(endpoint.requests) == 1
        assert questions(chapter) == set()
        await chapter.ask(GAIT)
        await chapter.finished()
        assert len(endpoint.requests) == 2


async def test_stop_in_one_tab_stops_it_in_all(example: WebSettings) -> None:
    async with two_tabs(example, ["Half.", HANG]) as (tutor, other, endpoint):
        await tutor.ask(ZMP)
        await expect(other.answer).to_contain_text("Half.")
        await other.root.get_by_role("button", name="Stop").click()
        for one in (tutor, other):
            await one.finished()
            await expect(one.state).to_contain_text("Stopped.")
        await asyncio.wait_for(endpoint.until_idle(), 60)


async def test_a_new_conversation_in_one_tab_is_one_in_all(example: WebSettings) -> None:
    async with two_tabs(example, ["Half.", HANG], ["New."]) as (tutor, other, endpoint):
        await tutor.ask(ZMP)
        await expect(other.answer).to_contain_text("Half.")
        before = await session_of(tutor)
        await other.root.get_by_role("button", name="New conversation").click()
        for one in (tutor, other):
            await expect(one.notes).to_have_count(0)
            kept = await one.page.evaluate(KEPT)
            assert "zero moment" not in kept
            assert "session_" not in kept
        await asyncio.wait_for(endpoint.until_idle(), 60)
        await tutor.ask(GAIT)
        for one in (tutor, other):
            await expect(one.answer).to_contain_text("New.")
            await expect(one.notes).to_have_count(1)
        assert len(questions(tutor)) == 2
        assert await session_of(tutor) != before
