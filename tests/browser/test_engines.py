"""The way of a reader through the tutor, in the engines that browsers are made of."""

from __future__ import annotations

import asyncio

import pytest

from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.browser.browsing import MARKED, PLACE
from tests.browser.engines import ENGINES, PATIENCE
from tests.browser.reader import ROOT, Reader
from tests.support.scripted_openai import HANG, ScriptedOpenAI, Step

ZMP = "What is the zero moment point?"
SENTENCE = "The zero moment point (ZMP)"
FORCES = (
    "The zero moment point is the point on the ground about which the moments of gravity and of "
    "the inertial forces of the moving body have no horizontal component."
)
LISTENING = """window.taken = [];
for (const type of ["keydown", "keypress", "keyup"])
    document.addEventListener(type, ({ key }) => window.taken.push(key));"""


@pytest.mark.parametrize("name", ENGINES)
async def test_the_way_of_a_reader(example: WebSettings, name: str) -> None:
    begins, goes_on, moves_on = asyncio.Event(), asyncio.Event(), asyncio.Event()
    scripts: list[list[Step]] = [
        [begins, "One **half** of it, ", goes_on, "and the other."],
        [f"{FORCES} [1]"],
        ["Before the other page, ", moves_on, "and on it."],
        ["Half an answer.", HANG],
    ]
    async with ScriptedOpenAI(*scripts) as endpoint, ENGINES[name]() as engine:
        model = {"model": "scripted", "openai_base_url": endpoint.base_url}
        async with serving(example.model_copy(update=model)) as url:
            reader = Reader(engine)
            await engine.size(900, 700)
            await engine.open(f"{url}book/motion/balance")
            await engine.run(LISTENING)
            await select_and_ask(reader)
            await wait_for_an_answer(reader, begins)
            await reload_in_mid_answer(reader, goes_on)
            assert len(endpoint.requests) == 1
            await follow_a_citation(reader)
            await go_on_on_another_page(reader, moves_on, url)
            await stop(reader)
            await asyncio.wait_for(endpoint.until_idle(), PATIENCE)
            await keys_dark_and_phone(reader)


async def select_and_ask(reader: Reader) -> None:
    """A sentence becomes part of the question; no shortcut of the page gets what is typed."""
    engine = reader.engine
    await engine.until(f"!!{ROOT}?.querySelector('.launcher')?.checkVisibility()")
    place = await engine.run(f"return ({PLACE})(arguments)", SENTENCE, "article")
    await engine.drag(place["from"], place["to"])
    await reader.clicks(".offer")
    await reader.sees(".chips", SENTENCE)
    await reader.writes("what is s?")
    await reader.sees(".note h3", "what is s?")
    assert await engine.run("return window.taken") == []


async def wait_for_an_answer(reader: Reader, begins: asyncio.Event) -> None:
    """Something moves until the answer begins; beside its text nothing does, or it would be
    painted later."""
    moving = f"{ROOT}.getAnimations().length"
    await reader.engine.until(f"{moving} === 1")
    begins.set()
    await reader.sees(".note strong", "half")
    await reader.engine.until(f"{moving} === 0")


async def reload_in_mid_answer(reader: Reader, goes_on: asyncio.Event) -> None:
    """The answer goes on after a reload."""
    await reader.engine.run("setTimeout(() => location.reload())")
    await reader.engine.until("!window.taken")  # another document
    await reader.sees(".note .prose", "One half of it")
    goes_on.set()
    await reader.finishes("One half of it, and the other.")


async def follow_a_citation(reader: Reader) -> None:
    """It leads to the sentence that it cites, which is marked and in sight beside the panel."""
    await reader.clicks("textarea")
    await reader.writes(ZMP)
    await reader.finishes(FORCES[:20])
    await reader.clicks(".note:last-child .cite")
    marked = await reader.engine.until(f"({MARKED})()")
    assert " ".join(marked.split()).replace(" (ZMP)", "") in FORCES
    seen = """(() => {
        const [range] = CSS.highlights.get("scholiast-quote") ?? [];
        const { left, top } = range.getClientRects()[0];
        const found = document.elementFromPoint(left + 2, top + 4);
        return top > 0 && !!found?.contains(range.startContainer);
    })()"""
    await reader.engine.until(seen)
    await reader.sees(".panel")


async def go_on_on_another_page(reader: Reader, moves_on: asyncio.Event, url: str) -> None:
    """The conversation comes along, and the answer that is being written."""
    await reader.clicks("textarea")
    await reader.writes(ZMP)
    await reader.sees(".note:last-child .prose", "Before the other page")
    await reader.engine.open(url)
    await reader.sees(".note:last-child .prose", "Before the other page")
    moves_on.set()
    await reader.finishes("Before the other page, and on it.")


async def stop(reader: Reader) -> None:
    """Stop keeps what is there."""
    await reader.clicks("textarea")
    await reader.writes(ZMP)
    await reader.sees(".note:last-child .prose", "Half an answer.")
    await reader.clicks(".stop")
    await reader.finishes("Half an answer.")
    await reader.sees(".note:last-child .state", "Stopped.")


async def keys_dark_and_phone(reader: Reader) -> None:
    """Esc closes, the shortcut opens; the tutor is as dark as its page, and fits on a phone."""
    engine = reader.engine
    await engine.press("Escape")
    await reader.sees(".launcher")
    await engine.press("Alt", "a")
    await reader.sees(".panel")
    dark = "Object.assign(document.body.style, { background: '#111', colorScheme: 'dark' })"
    await engine.run(dark)
    colour = f"getComputedStyle({ROOT}.querySelector('.panel')).backgroundColor"
    await engine.until(f"{colour} === 'rgb(25, 30, 32)'")
    await engine.size(390, 780)  # or what is the narrowest of the window
    rect = f"{ROOT}.querySelector('.panel').getBoundingClientRect()"
    wide = "document.documentElement.clientWidth"  # without a scroll bar
    await engine.until(f"innerWidth <= 640 && {rect}.left === 0 && {rect}.right === {wide}")
