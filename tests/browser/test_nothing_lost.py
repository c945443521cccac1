"""No answer is lost or doubled by reloads, page changes, restarts and lost networks."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Page, expect

from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.browser.browsing import Tutor, browser, browser_page
from tests.support.commands import served
from tests.support.fault_proxy import FaultProxy, black_hole, cut
from tests.support.scripted_openai import CUT, HANG, ScriptedOpenAI, Step

ZMP = "What is the zero moment point?"
SENTENCES = [f"Sentence {n} is about **balance**, says nobody. " for n in range(60)]
SLOW: list[Step] = [step for text in SENTENCES for step in (text, 0.05)]  # 3 s
WHOLE = "".join(SENTENCES)
KEPT = "JSON.stringify(localStorage) + JSON.stringify(sessionStorage)"


@asynccontextmanager
async def reading(
    example: WebSettings, *scripts: list[Step], **update: Any
) -> AsyncIterator[tuple[Page, Tutor, str, ScriptedOpenAI]]:
    """A reader at the server of a scripted model."""
    async with ScriptedOpenAI(*scripts) as endpoint:
        model = {"model": "scripted", "openai_base_url": endpoint.base_url}
        settings = example.model_copy(update=model | update)
        async with serving(settings) as url, browser_page() as page:
            tutor = Tutor(page)
            await page.goto(url)
            yield page, tutor, url, endpoint


async def test_a_reload_in_the_middle_of_an_answer_changes_nothing(example: WebSettings) -> None:
    goes_on = asyncio.Event()
    async with reading(example, [*SLOW[:60], goes_on, *SLOW[60:]]) as (page, tutor, _, endpoint):
        await tutor.ask(ZMP)
        await expect(tutor.answer).to_contain_text("Sentence 5 ")
        await page.reload()
        await expect(tutor.answer).to_contain_text("Sentence 5 ")
        await expect(tutor.answer).to_contain_text("Sentence 20 ")
        await page.reload()
        goes_on.set()
        await tutor.finished()
        assert await tutor.check_text() == WHOLE
        assert len(endpoint.requests) == 1
        await expect(tutor.answer.locator("strong")).to_have_count(len(SENTENCES))


async def test_an_answer_continues_on_another_page_and_back(example: WebSettings) -> None:
    async with reading(example, SLOW) as (page, tutor, _, endpoint):
        await tutor.ask(ZMP)
        await expect(tutor.answer).to_contain_text("Sentence 3 ")
        await page.get_by_role("link", name="Balance").first.click()
        await page.wait_for_url("**/book/**")
        await expect(tutor.answer).to_contain_text("Sentence 10 ")
        await page.go_back()
        await tutor.finished()
        assert await tutor.check_text() == WHOLE
        assert len(endpoint.requests) == 1


async def test_a_reload_before_the_first_word_still_brings_the_answer(
    example: WebSettings,
) -> None:
    async with reading(example, [1.0, *SENTENCES]) as (page, tutor, _, endpoint):
        await tutor.ask(ZMP)
        await expect(tutor.note).to_be_visible()
        await page.reload()
        await tutor.finished()
        assert await tutor.check_text() == WHOLE
        assert len(endpoint.requests) == 1


async def test_questions_asked_at_once_are_answered_one_after_the_other(
    example: WebSettings,
) -> None:
    async with reading(example, [0.3, "One."], [0.3, "Two."]) as (_, tutor, _, _):
        await tutor.ask(ZMP)
        await tutor.ask("What is a gait?")
        await expect(tutor.state).to_contain_text("Not sent yet")
        await expect(tutor.notes.first.locator(".prose")).to_contain_text("One.")
        await expect(tutor.answer).to_contain_text("Two.")


async def test_stop_keeps_what_is_there_and_stops_the_model(example: WebSettings) -> None:
    async with reading(example, ["Half an answer.", HANG]) as (_, tutor, _, endpoint):
        await tutor.ask(ZMP)
        await expect(tutor.answer).to_contain_text("Half an answer")
        await tutor.root.get_by_role("button", name="Stop").click()
        await tutor.finished()
        await expect(tutor.answer).to_contain_text("Half an answer.")
        await expect(tutor.state).to_contain_text("Stopped.")
        await asyncio.wait_for(endpoint.until_idle(), 60)


async def test_an_error_keeps_the_text_and_the_question_can_be_asked_again(
    example: WebSettings,
) -> None:
    async with reading(example, ["Half.", CUT], ["Whole."]) as (_, tutor, _, _):
        await tutor.ask(ZMP)
        await tutor.finished()
        await expect(tutor.answer).to_contain_text("Half.")
        await expect(tutor.note.locator(".error")).to_be_visible()
        await tutor.note.get_by_role("button", name="Ask again").click()
        await expect(tutor.answer).to_contain_text("Whole.")
        await expect(tutor.note.locator(".error")).to_have_count(0)


async def test_a_question_typed_offline_waits_and_is_asked_when_the_network_is_back(
    example: WebSettings,
) -> None:
    async with reading(example, ["Back again."]) as (page, tutor, _, endpoint):
        await tutor.field.fill("x")  # the page is loaded
        await expect(tutor.root.locator(".starter")).to_have_count(3)  # and no socket open
        await page.context.set_offline(True)
        await page.wait_for_function("fetch('healthz').then(() => false, () => true)")
        await tutor.ask(ZMP)
        await expect(tutor.state).to_contain_text("Not sent yet")
        await expect(tutor.link).to_contain_text("You are offline")
        assert endpoint.requests == []
        await page.context.set_offline(False)
        await expect(tutor.answer).to_contain_text("Back again.")
        await expect(tutor.link).to_be_empty()


async def test_a_network_that_fails_costs_no_letter(example: WebSettings) -> None:
    async with ScriptedOpenAI(SLOW) as endpoint:
        model = {"model": "scripted", "openai_base_url": endpoint.base_url}
        async with serving(example.model_copy(update=model)) as url:
            port = urlsplit(url).port or 0
            async with FaultProxy(("127.0.0.1", port)) as proxy, browser_page() as page:
                tutor = Tutor(page)
                await page.goto(f"http://127.0.0.1:{proxy.port}/")
                await expect(tutor.field).to_be_visible()
                proxy.plan.extend([cut(5000), cut(4000), black_hole(3000)])
                await tutor.ask(ZMP)
                await tutor.finished()
                assert await tutor.check_text() == WHOLE
                assert len(endpoint.requests) == 1


async def test_a_server_that_was_killed_and_started_again_answers_again(
    example_copy: Path,
) -> None:
    async with ScriptedOpenAI(["Half of it. ", HANG], ["All of it."]) as endpoint:
        variables = {"SCHOLIAST_MODEL": "scripted", "OPENAI_BASE_URL": endpoint.base_url}
        async with browser_page() as page:
            tutor = Tutor(page)
            with served(example_copy.parent, **variables) as first:
                port = str(urlsplit(first.url).port)
                await page.goto(first.url)
                await tutor.ask(ZMP)
                await expect(tutor.answer).to_contain_text("Half of it")
                first.process.kill()
                first.process.wait()
            await expect(tutor.link).to_contain_text("Trying again")
            with served(example_copy.parent, **variables, SCHOLIAST_PORT=port):
                await tutor.finished()
                await expect(tutor.answer).to_have_text("All of it.")
                assert await tutor.check_text() == "All of it."


async def test_a_draft_is_kept_over_a_reload(example: WebSettings) -> None:
    async with serving(example) as url, browser_page() as page:
        tutor = Tutor(page)
        await page.goto(url)
        await tutor.field.fill("What is a ga")
        await page.reload()
        await expect(tutor.field).to_have_value("What is a ga")


async def test_a_new_conversation_forgets_the_old_one(example: WebSettings) -> None:
    async with serving(example) as url, browser_page() as page:
        tutor = Tutor(page)
        await page.goto(url)
        await tutor.ask(ZMP)
        await tutor.finished()
        await tutor.root.get_by_role("button", name="New conversation").click()
        await expect(tutor.notes).to_have_count(0)
        await page.reload()
        await expect(tutor.field).to_be_visible()
        await expect(tutor.notes).to_have_count(0)
        kept = await page.evaluate(KEPT)
        assert "zero moment point" not in kept
        assert "session_" not in kept


async def test_a_page_from_the_browsers_memory_shows_newer_questions(
    example: WebSettings,
) -> None:
    keeps_pages = {"ignore_default_args": ["--disable-back-forward-cache"]}
    async with serving(example) as url, browser(**keeps_pages) as opened:
        page = await opened.new_page()
        tutor = Tutor(page)
        await page.goto(url)
        await page.evaluate("addEventListener('pageshow', e => { window.isKept = e.persisted; })")
        await tutor.ask(ZMP)
        await tutor.finished()
        await page.goto(f"{url}book/motion/balance")
        await tutor.ask("What is a gait?")
        await expect(tutor.notes).to_have_count(2)
        await tutor.finished()
        await tutor.field.fill("half writ")
        await page.evaluate("setTimeout(() => history.back())")
        await expect(page.get_by_role("heading", level=1)).not_to_have_text("Balance")
        assert await page.evaluate("window.isKept")
        await expect(tutor.notes).to_have_count(2)
        await expect(tutor.field).to_have_value("half writ")


async def test_a_question_from_the_page_keeps_the_draft_of_the_reader(example: WebSettings) -> None:
    async with serving(example) as url, browser_page() as page:
        tutor = Tutor(page)
        await page.goto(url)
        await tutor.field.fill("half writ")
        await tutor.root.evaluate("tutor => tutor.ask('What is a gait?')")
        await tutor.finished()
        await expect(tutor.field).to_have_value("half writ")
        await tutor.root.evaluate("tutor => tutor.setAttribute('starters', 'Why?')")
        await expect(tutor.field).to_be_focused()
        await expect(tutor.field).to_have_value("half writ")
        await expect(tutor.note).to_contain_text("What is a gait?")


async def test_a_tutor_that_is_destroyed_leaves_nothing_in_the_browser(
    example: WebSettings,
) -> None:
    async with serving(example) as url, browser_page() as page:
        tutor = Tutor(page)
        await page.goto(url)
        await tutor.field.fill("half writ")
        await tutor.ask(ZMP)
        await tutor.finished()
        await tutor.root.evaluate("tutor => tutor.destroy()")
        await expect(tutor.root).to_have_count(0)
        kept = await page.evaluate(KEPT)
        assert not re.search("zero moment|half writ|session_", kept)
