"""A laptop that sleeps in the middle of an answer."""

from __future__ import annotations

import asyncio
import os
import signal
from urllib.parse import urlsplit

from playwright.async_api import expect

from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.browser.browsing import Tutor, browser
from tests.browser.test_nothing_lost import ZMP
from tests.support.fault_proxy import FaultProxy
from tests.support.scripted_openai import ScriptedOpenAI, Step
from tests.widget.test_client import Moment


async def test_a_laptop_that_slept_through_an_answer_has_all_of_it(example: WebSettings) -> None:
    asleep, written = asyncio.Event(), asyncio.Event()
    script: list[Step] = ["Before. ", asleep, "Nobody is awake. After.", Moment(written.set)]
    async with ScriptedOpenAI(script) as endpoint:
        model = {"model": "scripted", "openai_base_url": endpoint.base_url}
        async with serving(example.model_copy(update=model)) as url, browser() as chromium:
            server = ("127.0.0.1", urlsplit(url).port or 0)
            async with FaultProxy(server) as proxy:
                page = await chromium.new_page()
                tutor = Tutor(page)
                await page.goto(f"http://127.0.0.1:{proxy.port}/")
                devtools = await chromium.new_browser_cdp_session()
                processes = (await devtools.send("SystemInfo.getProcessInfo"))["processInfo"]
                await tutor.ask(ZMP)
                await expect(tutor.answer).to_contain_text("Before.")
                for process in processes:
                    os.kill(process["id"], signal.SIGSTOP)
                try:
                    await proxy.end_all()
                    asleep.set()
                    await asyncio.wait_for(written.wait(), 60)
                finally:
                    for process in processes:
                        os.kill(process["id"], signal.SIGCONT)
                await tutor.finished()
                await expect(tutor.answer).to_contain_text("After.")
                types = [message["type"] for message in tutor.sent]
                assert (types.count("question"), types.count("resume")) == (1, 1)
                assert len(endpoint.requests) == 1


async def test_a_tab_that_was_frozen_shows_what_another_one_did_meanwhile(
    example: WebSettings,
) -> None:
    goes_on = asyncio.Event()
    scripts: list[list[Step]] = [["Half. ", goes_on, "The other half."], ["New."]]
    async with ScriptedOpenAI(*scripts) as endpoint:
        model = {"model": "scripted", "openai_base_url": endpoint.base_url}
        async with serving(example.model_copy(update=model)) as url, browser() as chromium:
            context = await chromium.new_context()
            pages = [await context.new_page() for _ in range(2)]
            slept, awake = (Tutor(page) for page in pages)
            for page in pages:
                await page.goto(url)
            await slept.ask(ZMP)
            await expect(slept.answer).to_contain_text("Half.")
            devtools = await context.new_cdp_session(slept.page)
            await devtools.send("Page.setWebLifecycleState", {"state": "frozen"})
            await awake.root.get_by_role("button", name="New conversation").click()
            goes_on.set()
            await awake.ask("What is a gait?")
            await awake.finished()
            await devtools.send("Page.setWebLifecycleState", {"state": "active"})
            for tutor in (slept, awake):
                await expect(tutor.notes).to_have_count(1)
                await expect(tutor.answer).to_contain_text("New.")
            await slept.page.reload()
            await expect(slept.notes).to_have_count(1)
            await expect(slept.answer).to_contain_text("New.")
            assert len(endpoint.requests) == 2
