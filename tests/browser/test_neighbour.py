"""The tutor as a neighbour of the text: it gives way, follows its theme, is not printed."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import expect

from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.browser.browsing import DESKTOP, PHONE, REPORTS, Tutor, browser_page, marked, rested
from tests.browser.test_guest import PLAIN, visiting

ZMP = "What is the zero moment point?"
COVERED = """() => [...CSS.highlights.get("scholiast-quote")].some((range) =>
    [...range.getClientRects()].some(({ left, right, top, bottom }) =>
        [left + 1, right - 1].some((x) =>
            document.elementFromPoint(x, (top + bottom) / 2)?.localName === "scholiast-tutor")))"""
MOVED = """(tutor) => {
    const margin = tutor.parentElement;
    document.body.prepend(tutor);
    margin.style.display = "none";
}"""
"""Puts the tutor where it is on other sites; the margin of ours would lie over the text, too."""
SWITCHES = {
    "Docusaurus": ("html[data-theme=dark]", "html.dataset.theme = on ? 'dark' : 'light'"),
    "MkDocs Material": (
        "body[data-md-color-scheme=slate]",
        "document.body.dataset.mdColorScheme = on ? 'slate' : 'default'",
    ),
    "VitePress": ("html.dark", "html.classList.toggle('dark', on)"),
    "mdBook": ("html.coal", "html.className = on ? 'coal' : 'rust'"),
    "Sphinx": ("html[data-mode=dark]", "html.dataset.mode = on ? 'dark' : 'light'"),
    "Furo": ("body[data-theme=dark]", "document.body.dataset.theme = on ? 'dark' : 'light'"),
    "plain": (":root.none", "html.style.colorScheme = on ? 'dark' : 'light'"),
}


STYLED = """(styles) => {
    const sheet = new CSSStyleSheet();  // the policy of our pages forbids a <style>
    sheet.replaceSync(styles);
    document.adoptedStyleSheets.push(sheet);
}"""
AT_THE_END = """html { height: 100%; overflow: hidden }
article { position: absolute; inset: auto 0 0 auto; width: 1200px }
article > :not(#zmp, #zmp + p) { display: none }"""
PLACES: dict[str, tuple[dict[str, Any], str, str]] = {
    "beside": (DESKTOP, "article { position: absolute; left: 0; width: 500px }", "panel"),
    "wide": (DESKTOP, "article { position: absolute; right: 0; width: 1200px }", "panel low"),
    "at-the-end": (DESKTOP, AT_THE_END, "panel low high"),
    "phone": (PHONE, "", "panel low"),
}
"""Where the text is: a window, styles of the page, and the classes of the panel that gives way."""


@pytest.mark.parametrize("where", PLACES)
async def test_the_panel_gives_way_to_the_sentence_that_it_covers(
    example: WebSettings, where: str
) -> None:
    device, styles, place = PLACES[where]
    async with serving(example) as url, browser_page(**device) as page:
        tutor = Tutor(page)
        await page.goto(f"{url}book/motion/balance")
        await page.evaluate(STYLED, styles)
        await tutor.root.evaluate(MOVED)
        await tutor.undock()
        await tutor.ask(ZMP)
        await tutor.finished()
        await tutor.citation.press("Enter")
        await marked(page)
        await rested(page)
        REPORTS.mkdir(exist_ok=True)
        await page.screenshot(path=REPORTS / f"giving-way-{where}.png")
        assert not await page.evaluate(COVERED)
        assert (await tutor.panel.get_attribute("class") or "").strip() == place
        await tutor.field.click()  # and comes back when the reader does
        assert (await tutor.panel.get_attribute("class") or "").strip() == "panel"
        assert tutor.complaints == []


async def test_the_tutor_is_as_dark_as_the_page_by_every_switch(example: WebSettings) -> None:
    rules = "".join(f"{where} {{ background: #123 }}" for where, _ in SWITCHES.values())
    body = PLAIN.replace("<body>", f"<style>{rules}</style><body>")
    async with visiting(example, body=body) as (page, tutor, _, _):
        for site, (_, switch) in SWITCHES.items():
            for is_on in (True, False):
                turn = f"(on) => {{ const html = document.documentElement; {switch} }}"
                await page.evaluate(turn, is_on)
                dark = tutor.root.locator(".tutor.dark")
                await expect(dark, site).to_have_count(int(is_on))


async def test_the_tutor_is_not_printed(example: WebSettings) -> None:
    async with visiting(example) as (page, tutor, _, _):
        await tutor.launcher.click()
        await page.emulate_media(media="print")
        await expect(tutor.panel).to_be_hidden()
        await expect(tutor.launcher).to_be_hidden()


async def test_menus_search_and_modals_of_usual_sites_come_over_the_tutor(
    example: WebSettings,
) -> None:
    modal = '<div id="modal" style="position: fixed; inset: 0; z-index: 4"></div>'
    async with visiting(example, body=PLAIN.replace("<main>", f"{modal}<main>")) as (page, _, _, _):
        over = await page.evaluate(
            "document.elementFromPoint(innerWidth - 40, innerHeight - 40).id"
        )
        assert over == "modal"
