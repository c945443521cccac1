"""The tutor for every reader: by keyboard, by screen reader, on a phone, dark, enlarged."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.browser.browsing import DESKTOP, PHONE, REPORTS, Tutor, browser_page, marked, violations
from tests.support.scripted_openai import HANG, ScriptedOpenAI

ZMP = "What is the zero moment point?"
ANSWER = """A **zero moment point** is a point on the ground [1]. See `zmp()`:

```python
def zmp(forces):
    return sum(forces)
```

| gait | feet |
|------|------|
| walk | one  |

1. first
2. second, $\\frac{a}{b}$ [2]
"""


@asynccontextmanager
async def reading(
    example: WebSettings, *scripts: list[Any], **options: Any
) -> AsyncIterator[tuple[Page, Tutor, str]]:
    async with ScriptedOpenAI(*scripts or [[ANSWER]]) as endpoint:
        model = {"model": "scripted", "openai_base_url": endpoint.base_url}
        async with (
            serving(example.model_copy(update=model)) as url,
            browser_page(**options) as page,
        ):
            tutor = Tutor(page)
            await page.goto(f"{url}book/motion/balance")
            yield page, tutor, url


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_axe_finds_no_problem_open_or_closed(
    example: WebSettings, axe: str, device: dict[str, Any], scheme: str
) -> None:
    async with reading(example, **device, color_scheme=scheme) as (page, tutor, _):
        await page.evaluate(axe)
        await tutor.undock()
        assert await violations(page) == []
        await tutor.launcher.click()
        await tutor.risen()
        assert await violations(page) == []
        await tutor.ask(ZMP)
        await tutor.finished()
        await expect(tutor.answer.locator("math")).to_have_count(1)
        name = "phone" if device is PHONE else "desktop"
        REPORTS.mkdir(exist_ok=True)
        await page.screenshot(path=REPORTS / f"{name}-{scheme}.png")
        assert await violations(page) == []
        await tutor.citation.focus()
        assert await violations(page) == []


async def test_everything_can_be_done_by_keyboard(example: WebSettings) -> None:
    async with reading(example) as (page, tutor, _):
        await tutor.undock()
        await page.evaluate(
            """() => {
                const text = document.querySelector("article p").firstChild;
                document.activeElement.blur();
                getSelection().setBaseAndExtent(text, 0, text, 1);  // as caret browsing begins
            }"""
        )
        for _ in range(3):
            await page.keyboard.press("Control+Shift+ArrowRight")
        await expect(tutor.offer).to_be_visible()
        await page.keyboard.press("Alt+a")
        await expect(tutor.chips).to_have_count(1)
        await expect(tutor.field).to_be_focused()
        await page.keyboard.type("explain")
        await page.keyboard.press("Enter")
        await tutor.finished()
        await tutor.citation.focus()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Shift+Tab")
        await expect(tutor.root.locator(".card")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(tutor.root.locator(".card")).to_be_hidden()
        await expect(tutor.panel).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(tutor.panel).to_be_hidden()
        await expect(tutor.launcher).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(tutor.field).to_be_focused()


async def test_an_answer_is_heard_sentence_by_sentence(example: WebSettings) -> None:
    script = ["The zero ", 0.05, "moment ", 0.05, "point. It ", 0.05, "mo", 0.05, "ves [1]."]
    async with reading(example, script) as (page, tutor, _):
        await tutor.root.evaluate(
            """tutor => {
                const log = tutor.shadowRoot.querySelector("[role=log]");
                window.heard = [];
                new MutationObserver((changes) => {
                    for (const { addedNodes } of changes)
                        for (const node of addedNodes) heard.push(node.textContent);
                }).observe(log, { childList: true });
            }"""
        )
        await expect(tutor.root.locator("[role=log]")).to_have_attribute("aria-live", "polite")
        await tutor.ask(ZMP)
        await tutor.finished()
        heard = await page.evaluate("heard")
        assert heard[:3] == ["The zero moment point.", "It moves.", "The answer is complete."]


async def test_on_a_phone_the_panel_is_a_sheet_and_a_finger_opens_the_card(
    example: WebSettings,
) -> None:
    async with reading(example, **PHONE) as (page, tutor, _):
        await expect(tutor.panel).to_be_hidden()
        size = await tutor.launcher.bounding_box()
        assert size
        assert size["height"] >= 44
        await tutor.launcher.tap()
        await tutor.risen()
        box = await tutor.panel.bounding_box()
        assert box
        assert (box["x"], box["width"]) == (0, 390)
        assert box["y"] + box["height"] == pytest.approx(780, abs=1)
        await tutor.ask(ZMP)
        await tutor.finished()
        await tutor.citation.tap()
        card = tutor.root.locator(".card")
        await expect(card).to_be_visible()
        edges = await card.bounding_box()
        assert edges
        assert edges["x"] >= 0
        assert edges["x"] + edges["width"] <= 390
        await page.screenshot(path=REPORTS / "phone-card.png")
        await card.get_by_role("button", name="Show in the book").tap()
        await marked(page)
        await expect(tutor.panel).to_be_visible()


async def test_enlarged_twice_nothing_is_cut_off(example: WebSettings) -> None:
    half = {"width": 640, "height": 400}  # what a window of 1280 by 800 shows at 200 %
    async with reading(example, viewport=half, device_scale_factor=2) as (page, tutor, _):
        await tutor.ask(ZMP)
        await tutor.finished()
        for part in (tutor.field, tutor.root.get_by_role("button", name="Close")):
            box = await part.bounding_box()
            assert box
            assert box["x"] >= 0
            assert box["y"] >= 0
            assert box["x"] + box["width"] <= 640
            assert box["y"] + box["height"] <= 400
        log = await tutor.root.locator(".log").bounding_box()
        assert log
        assert log["height"] > 100
        await page.screenshot(path=REPORTS / "enlarged.png")


async def test_the_tutor_is_dark_where_the_page_is(example: WebSettings) -> None:
    async with reading(example) as (page, tutor, _):
        dark = tutor.root.locator(".tutor.dark")
        await expect(dark).to_have_count(0)
        await page.evaluate("document.body.style.background = '#111'")
        await expect(dark).to_have_count(1)
        await page.evaluate("document.body.style.background = 'oklch(98% 0 0)'")
        await expect(dark).to_have_count(0)
        await tutor.root.evaluate("tutor => tutor.setAttribute('theme', 'dark')")
        await expect(dark).to_have_count(1)


async def test_the_tutor_is_dark_when_the_styles_of_the_page_come_late(
    example: WebSettings,
) -> None:
    async with serving(example) as url, browser_page(color_scheme="dark") as page:
        styles = asyncio.Event()

        async def later(route: Route) -> None:
            await styles.wait()
            await route.continue_()

        await page.route("**/*.css", later)
        await page.goto(f"{url}book/motion/balance", wait_until="commit")
        tutor = Tutor(page)
        await expect(tutor.root.locator(".tutor")).to_be_attached()
        styles.set()
        await expect(tutor.root.locator(".tutor.dark")).to_have_count(1)


async def test_a_reader_who_wants_no_motion_sees_none(example: WebSettings) -> None:
    moving = "tutor => tutor.shadowRoot.getAnimations().length"
    async with reading(example, [HANG]) as (page, tutor, _):
        await tutor.ask(ZMP)
        await expect(tutor.note).to_have_class("note writing")
        assert await tutor.root.evaluate(moving) == 1
        await page.emulate_media(reduced_motion="reduce")
        assert await tutor.root.evaluate(moving) == 0


async def test_words_run_from_right_to_left_where_the_language_does(example: WebSettings) -> None:
    async with reading(example) as (_, tutor, _):
        for lang, shown, direction in (("ar", "ar", "rtl"), ("he", "en", "ltr")):
            await tutor.root.evaluate("(tutor, lang) => tutor.setAttribute('lang', lang)", lang)
            await expect(tutor.root.locator(".tutor")).to_have_attribute("lang", shown)
            await expect(tutor.root.locator(".tutor")).to_have_attribute("dir", direction)


async def test_the_focus_stays_in_the_panel_when_its_button_disappears(
    example: WebSettings,
) -> None:
    async with reading(example, ["Half.", HANG]) as (_, tutor, _):
        await tutor.ask(ZMP)
        await expect(tutor.answer).to_contain_text("Half")
        await tutor.root.get_by_role("button", name="Stop").press("Enter")
        await tutor.finished()
        await expect(tutor.root.locator(".log")).to_be_focused()
        await tutor.root.get_by_role("button", name="New conversation").press("Enter")
        await expect(tutor.notes).to_have_count(0)
        await expect(tutor.root.locator(".log")).to_be_focused()


async def test_a_panel_in_the_margin_closes_when_the_margin_disappears(
    example: WebSettings,
) -> None:
    async with reading(example) as (page, tutor, _):
        await expect(tutor.panel).to_be_visible()
        await page.set_viewport_size({"width": 700, "height": 800})
        await expect(tutor.panel).to_be_hidden()
        await expect(tutor.launcher).to_be_visible()
        await page.set_viewport_size({"width": 1280, "height": 800})
        await expect(tutor.panel).to_be_visible()


async def test_an_invalid_attribute_does_no_harm(example: WebSettings) -> None:
    async with reading(example) as (_, tutor, _):
        for name, value in (("position", ""), ("position", "a b"), ("theme", "x"), ("lang", "")):
            await tutor.root.evaluate(
                "(tutor, [name, value]) => tutor.setAttribute(name, value)", [name, value]
            )
        await expect(tutor.root.locator(".tutor")).to_be_attached()
        await tutor.root.evaluate("tutor => tutor.setAttribute('server', 'x:y')")
        await expect(tutor.root.locator(".tutor")).to_have_count(0)
        await tutor.root.evaluate("tutor => tutor.removeAttribute('server')")
        await tutor.ask(ZMP)
        await tutor.finished()
