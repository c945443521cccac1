"""What can be done without typing, and another language, in three engines."""

from __future__ import annotations

import pytest

from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.browser.browsing import PLACE
from tests.browser.engines import ENGINES
from tests.browser.reader import ROOT, Reader
from tests.browser.test_engines import FORCES, SENTENCE
from tests.support.scripted_openai import ScriptedOpenAI

CODE = """const block = document.querySelector("pre");
block.scrollIntoView({ block: "center", behavior: "instant" });
const { left, top } = block.getBoundingClientRect();
return { spot: [left + 20, top + 20], text: block.textContent.trim().split("\\n", 1)[0] };"""


@pytest.mark.parametrize("name", ENGINES)
async def test_the_steps_of_a_reader(example: WebSettings, name: str) -> None:
    async with ScriptedOpenAI([f"{FORCES} [1]"]) as endpoint, ENGINES[name]() as engine:
        model = {"model": "scripted", "openai_base_url": endpoint.base_url}
        async with serving(example.model_copy(update=model)) as url:
            reader = Reader(engine)
            await engine.size(900, 700)
            await engine.open(f"{url}book/motion/balance")
            await engine.until(f"!!{ROOT}?.querySelector('.launcher')?.checkVisibility()")
            place = await engine.run(f"return ({PLACE})(arguments)", SENTENCE, "article")
            await engine.drag(place["from"], place["to"])
            await reader.clicks(".offer")
            await reader.clicks("textarea")
            await reader.sees(".starter:nth-of-type(3)")
            await reader.clicks(".actions button")
            await reader.sees(".note h3", "Explain this.")
            await reader.finishes(FORCES[:20])
            await reader.clicks(".state button")
            await reader.sees(".state button", "Copied")
            await reader.clicks("header .icon")
            await reader.sees(".passages blockquote", FORCES[:20])
            await engine.run("document.querySelector('scholiast-tutor').setAttribute('lang', 'de')")
            await reader.sees("[type=submit]", "Fragen")
            await reader.sees(".note h3", "Explain this.")


@pytest.mark.parametrize("name", ENGINES)
async def test_a_block_of_code_can_be_asked_about_by_a_click(
    example: WebSettings, name: str
) -> None:
    async with serving(example) as url, ENGINES[name]() as engine:
        reader = Reader(engine)
        await engine.size(900, 700)
        await engine.open(f"{url}book/motion/balance")
        await engine.until(f"!!{ROOT}?.querySelector('.launcher')?.checkVisibility()")
        await engine.run("document.querySelector('scholiast-tutor').setAttribute('code', '')")
        code = await engine.run(CODE)
        await engine.drag(code["spot"], code["spot"])
        await reader.clicks(".offer")
        await reader.sees(".chips", code["text"])
        await reader.clicks(".actions button")
        await reader.sees(".note blockquote", code["text"])
