"""The tutor speaks the language of the page, or the one that the page asks for."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from quart_app.settings import WebSettings
from tests.browser.browsing import REPORTS, violations
from tests.browser.test_guest import PLAIN, visiting

LAUNCHERS = {
    "de": "Fragen",
    "fr": "Demander",
    "es": "Preguntar",
    "pt": "Perguntar",
    "zh": "提问",
    "ja": "質問",
    "ar": "اسأل",
    "hi": "पूछें",
}
LOADED = "performance.getEntriesByType('resource').map((entry) => entry.name)"


async def test_the_words_are_in_the_language_of_the_page(example: WebSettings) -> None:
    async with visiting(example) as (page, tutor, site, _):
        english = site.body
        for lang, launch in LAUNCHERS.items():
            site.body = english.replace('lang="en"', f'lang="{lang}-XX"')
            await page.reload()
            await expect(tutor.launcher).to_have_text(launch)
            assert len([url for url in await page.evaluate(LOADED) if "/words-" in url]) == 1
        assert tutor.complaints == []


async def test_english_pages_and_languages_that_are_missing_load_no_words(
    example: WebSettings,
) -> None:
    for lang in ("en-GB", "nl"):
        body = PLAIN.replace('lang="en"', f'lang="{lang}"')
        async with visiting(example, body=body) as (page, tutor, _, _):
            await expect(tutor.launcher).to_have_text("Ask")
            assert not [url for url in await page.evaluate(LOADED) if "/words-" in url]


async def test_on_a_page_from_right_to_left_the_tutor_is_mirrored(
    example: WebSettings, axe: str
) -> None:
    script = '<script async src="{url}widget.js" data-lang="ar"></script>'
    async with visiting(example, script=script) as (page, tutor, _, _):
        await expect(tutor.root.locator(".tutor")).to_have_attribute("dir", "rtl")
        await tutor.launcher.click()
        await tutor.risen()
        box = await tutor.panel.bounding_box()
        assert box
        assert box["x"] < 100
        REPORTS.mkdir(exist_ok=True)
        await page.screenshot(path=REPORTS / "right-to-left.png")
        await page.evaluate(axe)
        assert await violations(page) == []


@pytest.mark.parametrize("position", ["right", "left"])
async def test_an_english_tutor_on_a_page_from_right_to_left_is_mirrored_as_the_page(
    example: WebSettings, position: str
) -> None:
    body = PLAIN.replace('lang="en"', 'lang="he" dir="rtl"')
    script = f'<script async src="{{url}}widget.js" data-position="{position}"></script>'
    async with visiting(example, body=body, script=script) as (page, tutor, _, _):
        await expect(tutor.root.locator(".tutor")).to_have_attribute("dir", "ltr")
        await tutor.launcher.click()
        await tutor.risen()
        panel = await tutor.panel.bounding_box()
        title = await tutor.panel.get_by_role("heading").bounding_box()
        cross = await tutor.panel.get_by_role("button", name="Close").bounding_box()
        assert panel
        assert title
        assert cross
        assert (panel["x"] < 100) == (position == "right")
        assert title["x"] < cross["x"]  # English is laid out from left to right
        REPORTS.mkdir(exist_ok=True)
        await page.screenshot(path=REPORTS / f"english-right-to-left-{position}.png")


@pytest.mark.parametrize(
    ("module", "launch"),
    [
        ("export const words = {{ launch: 'Vragen' }}", "Vragen"),
        ("export const words = null", "Ask"),
        ("this is no module", "Ask"),
    ],
)
async def test_a_page_may_bring_the_words_of_another_language(
    example: WebSettings, module: str, launch: str
) -> None:
    words = f'data-lang="nl" data-words="data:text/javascript,{module}"'
    script = f'<script async src="{{url}}widget.js" {words}></script>'
    async with visiting(example, script=script) as (_, tutor, _, _):
        await expect(tutor.launcher).to_have_text(launch)
        await tutor.launcher.click()
        await expect(tutor.field).to_be_focused()  # what the module lacks is English
