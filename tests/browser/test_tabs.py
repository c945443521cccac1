"""A tab that is copied in the middle of an answer, and two tabs side by side."""

from __future__ import annotations

from playwright.async_api import expect

from quart_app.settings import WebSettings
from tests.browser.browsing import Tutor
from tests.browser.test_nothing_lost import SLOW, WHOLE, ZMP, reading


async def test_a_copied_tab_goes_on_with_the_answer_and_asks_nothing_twice(
    example: WebSettings,
) -> None:
    async with reading(example, SLOW) as (page, tutor, _, endpoint):
        await tutor.ask(ZMP)
        await expect(tutor.answer).to_contain_text("Sentence 3 ")
        async with page.expect_popup() as opened:  # with a copy of the tab's storage
            await page.evaluate("window.open(location.href)")
        copied = Tutor(await opened.value)
        await expect(copied.note.get_by_role("heading", name=ZMP)).to_be_visible()
        await tutor.finished()
        assert await tutor.check_text() == WHOLE
        await copied.finished()
        await expect(copied.answer).to_have_text(await tutor.answer.inner_text())
        assert len(endpoint.requests) == 1


async def test_two_tabs_have_conversations_of_their_own(example: WebSettings) -> None:
    async with reading(example, ["First."], ["Second."]) as (page, tutor, url, endpoint):
        other_page = await page.context.new_page()
        other = Tutor(other_page)
        await other_page.goto(url)
        for one, text in ((tutor, "First."), (other, "Second.")):
            await one.ask(ZMP)
            await one.finished()
            await expect(one.answer).to_contain_text(text)
            await expect(one.notes).to_have_count(1)
        assert len(endpoint.requests) == 2
