"""One conversation in several tabs, in the engines that browsers are made of."""

from __future__ import annotations

import asyncio

import pytest

from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.browser.engines import ENGINES
from tests.browser.reader import ROOT, Reader
from tests.browser.test_engines import ZMP
from tests.support.scripted_openai import ScriptedOpenAI, Step

GAIT = "What is a gait?"


@pytest.mark.parametrize("name", ENGINES)
async def test_two_tabs_have_one_conversation_and_ask_each_question_once(
    example: WebSettings, name: str
) -> None:
    goes_on = asyncio.Event()
    scripts: list[list[Step]] = [["First, half. ", goes_on, "The other half."], ["Second."]]
    async with ScriptedOpenAI(*scripts) as endpoint, ENGINES[name]() as engine:
        model = {"model": "scripted", "openai_base_url": endpoint.base_url}
        async with serving(example.model_copy(update=model)) as url:
            one = Reader(engine)
            await engine.open(f"{url}book/motion/balance")
            await one.clicks("textarea")
            await one.writes(ZMP)
            await one.sees(".note .prose", "First, half.")
            other = Reader(await engine.tab())
            await other.engine.open(f"{url}book/motion/walking")
            await other.sees(".note h3", ZMP)
            await other.sees(".note .prose", "First, half.")
            goes_on.set()
            for reader in (other, one):
                await reader.finishes("The other half.")
            # Not by keys: WebKit's driver presses none in a second tab.
            await other.engine.run(
                "document.querySelector('scholiast-tutor').ask(...arguments)", GAIT
            )
            for reader in (other, one):
                await reader.finishes("Second.")
                count = f"{ROOT}.querySelectorAll('.note').length"
                assert await reader.engine.run(f"return {count}") == 2
            assert len(endpoint.requests) == 2
