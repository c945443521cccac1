"""A reader in a real browser: reads, selects a sentence, asks, and follows a citation."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from quart_app.serve import serving
from quart_app.settings import WebSettings

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
SCREENSHOT = Path(__file__).parent.parent.parent / "reports" / "page.png"
SENTENCE = "The zero moment point (ZMP)"

PLACES = """beginning => {
    const article = document.querySelector("article");
    const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
    let node;
    while ((node = walker.nextNode()) && !node.data.startsWith(beginning));
    node.parentElement.scrollIntoView({ block: "center", behavior: "instant" });
    const range = document.createRange();
    range.setStart(node, 0);
    range.setEnd(node, (node.data.indexOf(". ") + 1) || node.data.length);
    const rects = [...range.getClientRects()];
    const [first, last] = [rects[0], rects.at(-1)];
    return {
        text: range.toString(),
        from: [first.left + 1, first.top + first.height / 2],
        to: [last.right - 1, last.top + last.height / 2],
    };
}"""


async def test_a_reader_selects_a_sentence_asks_and_lands_on_the_cited_section(
    example: WebSettings,
) -> None:
    async with serving(example) as url, browser_page() as page:
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(url)
        await page.get_by_role("link", name="Balance").first.click()
        selected = await select_sentence(page, SENTENCE)
        await expect(page.locator(".selection blockquote")).to_have_text(selected)

        await page.get_by_label("Your question").fill("explain this")
        await page.keyboard.press("Enter")
        note = page.locator(".note")
        await expect(note.locator(".ending")).to_contain_text("no language model connected")
        await expect(note.locator(".asked")).to_contain_text(selected)
        await expect(note.locator(".answer")).not_to_be_empty()
        await expect(note.locator(".answer sup a").first).to_have_text("[1]")
        await expect(page.locator(".selection")).to_be_hidden()
        SCREENSHOT.parent.mkdir(exist_ok=True)
        await page.screenshot(path=SCREENSHOT)

        source = note.locator(".sources > li").first
        quote = await source.locator("blockquote").inner_text()
        await source.get_by_role("link").click()
        await page.wait_for_url("**/book/**#*")
        anchor = page.url.partition("#")[2]
        heading = page.locator(f"article [id='{anchor}']")
        await expect(heading).to_have_count(1)
        await expect(page.locator("article")).to_contain_text(quote)
        await expect(heading.or_(page.get_by_text(quote[:40])).first).to_be_in_viewport()
        await expect(page.locator(".note .asked")).to_contain_text("explain this")

        await page.get_by_label("Your question").fill("Why does it matter?")
        await page.keyboard.press("Enter")  # on another connection, in the same session
        follow_up = page.locator(".note").last
        await expect(follow_up.locator(".asked")).to_contain_text("Why does it matter?")
        await expect(follow_up.locator(".ending")).to_contain_text("no language model connected")
        assert complaints == []


async def test_a_question_that_is_refused_stays_to_be_asked_again(example: WebSettings) -> None:
    settings = example.model_copy(update={"limit_questions": "1/minute"})
    async with serving(settings) as url, browser_page() as page:
        await page.goto(url)
        field = page.get_by_label("Your question")
        for _ in range(2):
            await field.fill("What is the zero moment point?")
            await page.keyboard.press("Enter")
            await expect(page.locator(".note").last.locator(".ending")).not_to_be_empty()
        await expect(page.locator(".note .error")).to_contain_text("Too many questions")
        await expect(field).to_have_value("What is the zero moment point?")


@asynccontextmanager
async def browser_page() -> AsyncIterator[Page]:
    """A page of a headless Chromium, 1280 by 800."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find_browser(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        try:
            yield await browser.new_page(viewport={"width": 1280, "height": 800})
        finally:
            await browser.close()


def find_browser() -> str:
    """The path of an installed Chromium; without one the test cannot run."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is not None:
        return found
    reason = "there is no Chromium on PATH; on Debian: apt-get install chromium"
    if os.environ.get("CI"):  # where it is expected
        pytest.fail(reason)
    pytest.skip(reason)


async def select_sentence(page: Page, beginning: str) -> str:
    """Drag the mouse over a sentence of the chapter and return it."""
    place = await page.evaluate(PLACES, beginning)
    await page.mouse.move(*place["from"])
    await page.mouse.down()
    await page.mouse.move(*place["to"], steps=8)
    await page.mouse.up()
    text: str = place["text"]
    return text
