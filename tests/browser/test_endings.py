"""Answers without a text, questions that wait, and limits of a day: the tutor says it in words."""

from __future__ import annotations

from asyncio import Event
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Page, expect

from quart_app.answers.rates import parse_rates
from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.browser.browsing import DESKTOP, PHONE, REPORTS, Tutor, browser_page, violations
from tests.support.scripted_openai import END, Finish, ScriptedOpenAI, Status, Step, choice, delta
from tests.support.talking import client, receive, send

ZMP = "What is the zero moment point?"
HELD = Finish("content_filter")


@asynccontextmanager
async def reading(
    example: WebSettings, *scripts: list[Step], **options: Any
) -> AsyncIterator[tuple[Page, Tutor]]:
    """A page of the book, with a model that answers by the scripts."""
    async with ScriptedOpenAI(*scripts) as endpoint:
        model = {"model": "scripted", "openai_base_url": endpoint.base_url}
        async with (
            serving(example.model_copy(update=model)) as url,
            browser_page(**options) as page,
        ):
            await page.goto(url)
            yield page, Tutor(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_an_answer_that_is_held_back_or_empty_is_said_in_words(
    example: WebSettings, axe: str, device: dict[str, Any], scheme: str
) -> None:
    scripts: list[list[Step]] = [["It is a ", HELD], [HELD], ["  "], ["So."]]
    async with reading(example, *scripts, **device, color_scheme=scheme) as (page, tutor):
        await page.evaluate(axe)
        await tutor.undock()
        again = tutor.note.get_by_role("button", name="Ask again")
        for text in ("It is a", ""):
            await tutor.ask(ZMP)
            await tutor.finished()
            await expect(tutor.answer).to_have_text(text)
            await expect(tutor.state).to_contain_text("The model’s provider held this answer back.")
            await expect(again).to_have_count(0)

        await tutor.ask(ZMP)
        await tutor.finished()
        await expect(tutor.state).to_contain_text("The model gave no answer. Ask again, or in")
        await expect(tutor.state).not_to_contain_text("Answered by")
        heard = tutor.root.get_by_role("log")
        await expect(heard).to_contain_text("held this answer back.")
        await expect(heard).to_contain_text("The model gave no answer.")
        await expect(heard).not_to_contain_text("The answer is complete.")
        assert await violations(page) == []
        name = "phone" if device is PHONE else "desktop"
        await page.screenshot(path=REPORTS / f"endings-{name}-{scheme}.png")

        await again.click()
        await expect(tutor.answer).to_have_text("So.")
        await expect(tutor.note.locator(".error")).to_have_count(0)
        await expect(heard).to_contain_text("The answer is complete.")


async def test_a_question_that_waits_says_how_many_come_before_it(example: WebSettings) -> None:
    gates = [Event() for _ in range(3)]
    scripts: list[list[Step]] = [[gate, "Theirs."] for gate in gates]
    scripts.append(["Yours?"])
    settings = example.model_copy(update={"max_answers": 1})
    async with reading(settings, *scripts) as (page, tutor), AsyncExitStack() as others:
        for _ in gates:
            other = await others.enter_async_context(client(page.url))
            await receive(other)
            await send(other, "question", {"question": ZMP})
            await receive(other)  # its response_start, or its place
        await tutor.ask(ZMP)
        await expect(tutor.state).to_have_text("Waiting: 2 questions before yours.")
        gates[0].set()
        await expect(tutor.state).to_have_text("Waiting: 1 question before yours.")
        gates[1].set()
        await expect(tutor.state).to_have_text("Waiting: yours is next.")
        gates[2].set()
        await tutor.finished()
        await expect(tutor.answer).to_have_text("Yours?")
        await expect(tutor.state).not_to_contain_text("Waiting")
        heard = tutor.root.get_by_role("log").locator("p")
        await expect(heard).to_have_text(
            [
                "Waiting: 2 questions before yours.",
                "Waiting: yours is next.",  # 1 is half of 2, no less
                "Yours?",
                "The answer is complete.",
            ]
        )


async def test_that_the_model_thinks_is_shown_and_heard_until_its_first_word(
    example: WebSettings,
) -> None:
    gate = Event()
    script: list[Step] = [
        choice({"reasoning": "Hm."}),
        choice({"reasoning": "Ah."}),
        gate,
        delta("So."),
        END,
    ]
    async with reading(example, script) as (page, tutor):
        await tutor.ask(ZMP)
        await expect(tutor.state).to_have_text("The model is thinking…")
        await page.reload()
        await expect(tutor.state).to_have_text("The model is thinking…")
        gate.set()
        await tutor.finished()
        await expect(tutor.answer).to_have_text("So.")
        await expect(tutor.state).not_to_contain_text("thinking")
        heard = tutor.root.get_by_role("log").locator("p")
        await expect(heard).to_have_text(
            ["The model is thinking…", "So.", "The answer is complete."]
        )


@pytest.mark.parametrize("is_stopped", [False, True], ids=["reloaded", "stopped"])
async def test_a_question_that_waits_keeps_its_place_over_a_reload_and_may_be_stopped(
    example: WebSettings, is_stopped: bool
) -> None:
    gate = Event()
    settings = example.model_copy(update={"max_answers": 1})
    async with (
        reading(settings, [gate, "Theirs."], ["Yours?"]) as (page, tutor),
        client(page.url) as other,
    ):
        await receive(other)
        await send(other, "question", {"question": ZMP})
        await receive(other)  # its response_start
        await tutor.ask(ZMP)
        await expect(tutor.state).to_have_text("Waiting: yours is next.")
        if is_stopped:
            await tutor.root.get_by_role("button", name="Stop").click()
            await tutor.finished()
            await expect(tutor.state).to_contain_text("Stopped.")
            return
        await page.reload()
        await expect(tutor.state).to_have_text("Waiting: yours is next.")
        gate.set()
        await expect(tutor.answer).to_have_text("Yours?")
        assert len([m for m in tutor.sent if m["type"] == "question"]) == 1


async def test_the_limit_of_a_day_is_said_in_hours(example: WebSettings) -> None:
    settings = example.model_copy(update={"limit_questions": parse_rates("1/day")})
    async with serving(settings) as url, browser_page() as page:
        tutor = Tutor(page)
        again = tutor.note.get_by_role("button", name="Ask again in")
        await page.goto(url)
        await tutor.ask(ZMP)
        await tutor.finished()
        await tutor.ask(ZMP)
        await tutor.finished()
        await expect(tutor.note.locator(".error")).to_contain_text("Ask again in 24 hours.")
        await expect(again).to_have_text("Ask again in 24 hours")
        await page.reload()
        await expect(again).to_be_disabled()


async def test_a_long_pause_that_a_model_asks_for_is_said_in_minutes(example: WebSettings) -> None:
    async with reading(example, [Status(429, retry_after=3000)]) as (_, tutor):
        await tutor.ask(ZMP)
        await tutor.finished()
        again = tutor.note.get_by_role("button", name="Ask again in")
        await expect(again).to_have_text("Ask again in 50 minutes")
