"""Pages whose router puts another body in the place of the one that was there."""

from __future__ import annotations

from playwright.async_api import expect

from quart_app.settings import WebSettings
from tests.browser.test_guest import visiting

SWAP = """() => {
    const body = document.createElement("body");
    body.innerHTML = "<main><h1>Another page</h1></main>";
    document.documentElement.replaceChild(body, document.body);
}"""


async def test_after_a_swap_the_tutor_is_there_as_it_was(example: WebSettings) -> None:
    async with visiting(example) as (page, tutor, _, _):
        await tutor.ask("What is the zero moment point?")
        await page.evaluate(SWAP)
        await expect(page.get_by_role("heading", name="Another page")).to_be_visible()
        await expect(tutor.panel).to_be_visible()
        await tutor.finished()
        await expect(tutor.notes).to_have_count(1)
        assert len([one for one in tutor.sent if one["type"] == "question"]) <= 1
        # Chromium's own line, where the page was swapped before the socket was open.
        early = "WebSocket is closed before the connection is established"
        assert [one for one in tutor.complaints if early not in one] == []


async def test_a_tutor_that_the_page_has_removed_does_not_come_back(example: WebSettings) -> None:
    async with visiting(example) as (page, tutor, _, _):
        await page.evaluate("document.querySelector('scholiast-tutor').destroy()")
        await page.evaluate(SWAP)
        await page.evaluate("new Promise((rest) => requestAnimationFrame(rest))")
        await expect(tutor.root).to_have_count(0)


async def test_title_greeting_placeholder_and_layer_are_the_page_s(example: WebSettings) -> None:
    script = (
        '<script async src="{url}widget.js" data-title="Ask Ada" data-greeting="Hello!" '
        'data-placeholder="Robots?" data-z-index="7" data-offset="5em"></script>'
    )
    async with visiting(example, script=script) as (_, tutor, _, _):
        await expect(tutor.launcher).to_have_css("z-index", "7")
        await tutor.launcher.click()
        await expect(tutor.panel.get_by_role("heading", name="Ask Ada")).to_be_visible()
        await expect(tutor.panel.get_by_text("Hello!")).to_be_visible()
        await expect(tutor.field).to_have_attribute("placeholder", "Robots?")
