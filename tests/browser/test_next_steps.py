"""What a reader can do without typing: begin, ask about a selection or code, keep what was said."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from chains.index.library import Library
from quart_app.settings import WebSettings
from tests.browser.browsing import (
    DESKTOP,
    PHONE,
    REPORTS,
    marked,
    select_sentence,
    violations,
)
from tests.browser.test_everyone import reading
from tests.browser.test_guest import PLAIN, STRICT, visiting

ZMP = "What is the zero moment point?"
ANSWER = (
    "The zero moment point is the point on the ground about which the moments of gravity and of "
    "the inertial forces of the moving body have no horizontal component. [1]"
)
SENTENCE = "The center of mass (CoM) is the average"
CODE = "def gait(n):\n    return n % 2\n"


async def test_the_panel_has_the_books_title_and_questions_that_this_page_answers(
    example: WebSettings, library: Library
) -> None:
    async with reading(example) as (page, tutor, url):
        await tutor.undock()
        assert tutor.frames == []  # nothing is asked of the server before the reader comes
        await tutor.launcher.click()
        starters = tutor.root.locator(".starter")
        questions = list(await library.questions_for(f"{url}book/motion/balance"))
        await expect(starters).to_have_text(questions)
        title = library.latest.title
        await expect(tutor.panel.get_by_role("heading", name=title)).to_be_visible()
        await expect(tutor.panel).to_have_attribute("aria-label", title)
        assert await tutor.link.inner_text() == ""
        await starters.first.click()
        await tutor.finished()
        sources = next(f for f in tutor.frames if f["type"] == "response_start")["data"]["sources"]
        assert sources[0]["file"] == "03-motion/01-balance.mdx"
        await page.goto(f"{url}book/motion/walking")
        await expect(tutor.panel.get_by_role("heading", name=title)).to_be_visible()
        assert tutor.complaints == []


async def test_a_click_asks_about_a_selection_and_leaves_what_is_typed(
    example: WebSettings,
) -> None:
    async with reading(example) as (page, tutor, _):
        await tutor.field.fill("What else")
        actions = tutor.root.locator(".actions button")
        await expect(actions.first).to_be_hidden()
        selected = await select_sentence(page, SENTENCE)
        await tutor.offer.click()
        await expect(actions).to_have_text(["Explain", "Example", "Quiz me", "Where else?"])
        await tutor.root.get_by_role("button", name="Explain").press("Enter")
        await tutor.finished()
        await expect(tutor.note.get_by_role("heading")).to_have_text("Explain this.")
        await expect(tutor.note.locator("blockquote")).to_have_text(selected)
        await expect(tutor.field).to_have_value("What else")
        await expect(actions.first).to_be_hidden()
        asked = next(m["data"] for m in tutor.sent if m["type"] == "question")
        assert [one["text"] for one in asked["context_chunks"]] == [selected.strip()]


async def test_a_block_of_code_can_be_asked_about_by_mouse_and_by_keyboard(
    example: WebSettings,
) -> None:
    blocks = f"<pre tabindex=0><code>{CODE}</code></pre><p>Text.</p><div class=out>4</div>"
    body = PLAIN.replace("<p id", f"{blocks}<p id", 1)
    for given, selector in (("", "pre"), (".out", ".out")):
        script = f'<script async src="{{url}}widget.js" data-code="{given}"></script>'
        async with visiting(example, body=body, script=script) as (page, tutor, _, _):
            await page.wait_for_load_state("networkidle")
            await page.locator(selector).hover()
            await expect(tutor.offer).to_be_visible()
            await page.locator("p", has_text="Text.").hover()
            await expect(tutor.offer).to_be_hidden()
            await page.locator(selector).hover()
            await tutor.offer.click()
            await expect(tutor.chips.locator("span")).to_have_text(
                [CODE.strip() if selector == "pre" else "4"], use_inner_text=False
            )
            if selector == "pre":
                await page.keyboard.press("Escape")
                await tutor.root.evaluate("tutor => tutor.close()")
                await page.locator("#one").hover()
                await page.locator("pre").focus()
                await expect(tutor.offer).to_be_visible()
                await page.keyboard.press("Alt+a")
                await expect(tutor.field).to_be_focused()
                await expect(tutor.chips).to_have_count(1)  # it is the same selection
            assert tutor.complaints == []


async def test_an_answer_is_copied_with_its_sources(example: WebSettings) -> None:
    async with reading(example, [ANSWER]) as (page, tutor, url):
        await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await tutor.ask(ZMP)
        await tutor.finished()
        source = await tutor.cited()
        copy = tutor.note.get_by_role("button", name="Copy with sources")
        await copy.click()
        await expect(tutor.note.get_by_role("button", name="Copied")).to_be_visible()
        text = (await tutor.check_text()).strip()
        place = source["section"].replace(" > ", " › ")
        reference = f"[{source['index']}] [{place}]({url.rstrip('/')}{source['url']})"
        kept = await page.evaluate("navigator.clipboard.readText()")
        assert kept.rstrip() == f"{text}\n\n{reference}"
        await expect(copy).to_be_visible()


async def test_the_passages_of_a_conversation_are_listed_and_lead_back_and_it_is_saved(
    example: WebSettings, tmp_path: Path
) -> None:
    async with reading(example, [ANSWER], ["Nothing is cited."]) as (page, tutor, _):
        listing = tutor.root.get_by_role("button", name="Cited passages")
        await expect(listing).to_be_hidden()
        for question in (ZMP, "*Why*?"):
            await tutor.ask(question)
            await tutor.finished()
        await listing.press("Enter")
        passages = tutor.root.get_by_role("region", name="Cited passages")
        await expect(passages).to_be_focused()
        await expect(listing).to_have_attribute("aria-expanded", "true")
        quote = passages.locator("blockquote")
        await expect(quote).to_have_count(1)
        await passages.get_by_role("link").click()
        assert await marked(page) in " ".join((await quote.inner_text()).split())

        async with page.expect_download() as download:
            await passages.get_by_role("button", name="Save the conversation").click()
        saved = await download.value
        assert saved.suggested_filename.endswith(".md")
        await saved.save_as(tmp_path / "saved.md")
        text = (tmp_path / "saved.md").read_text("utf-8")
        title = await tutor.panel.get_by_role("heading", level=2).inner_text()
        assert text.startswith(f"# {title}\n\n## {ZMP}\n\nThe zero moment point is")
        assert re.search(r"\n\n\[\d\] \[.+\]\(http://.+#zmp\)\n\n##", text)
        assert "## \\*Why\\*?\n\nNothing is cited." in text
        await listing.click()
        await expect(passages).to_have_count(0)
        assert tutor.complaints == []


async def test_a_logo_is_an_image_of_the_web_or_nothing(example: WebSettings) -> None:
    async def shown(logo: str, policy: str = "") -> tuple[int, list[str]]:
        script = f'<script async src="{{url}}widget.js" data-logo="{logo}"></script>'
        async with visiting(example, script=script, policy=policy) as (page, tutor, _, _):
            await page.route("**/logo.svg", lambda route: route.fulfill(
                body='<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>',
                content_type="image/svg+xml",
            ))  # fmt: skip
            await tutor.launcher.click()
            await page.wait_for_load_state("networkidle")
            image = tutor.root.locator("img")
            box = await image.bounding_box() if await image.count() else None
            return round(box["height"]) if box else 0, tutor.complaints

    height, complaints = await shown("logo.svg")
    assert height > 15
    assert complaints == []
    for wrong in ("javascript:alert(1)", "data:image/png;base64,AAAA"):
        assert await shown(wrong) == (0, [f'scholiast: logo="{wrong}" must be http(s).'])
    height, complaints = await shown("logo.svg", STRICT)
    assert height == 0  # the page's policy forbids it
    assert all("img-src" in one or "default-src" in one for one in complaints)


async def test_the_strictest_policy_is_enough_for_everything_here(example: WebSettings) -> None:
    script = '<script async src="{url}widget.js" data-code></script>'
    body = PLAIN.replace("<p id", f"<pre>{CODE}</pre><p id", 1)
    async with visiting(example, body=body, script=script, policy=STRICT) as (page, tutor, _, _):
        await tutor.launcher.click()
        await expect(tutor.root.locator(".starter")).to_have_count(3)
        await page.locator("pre").hover()
        await tutor.offer.click()
        await tutor.root.get_by_role("button", name="Where else?").click()
        await tutor.finished()
        await tutor.root.get_by_role("button", name="Cited passages").click()
        async with page.expect_download():
            await tutor.root.get_by_role("button", name="Save the conversation").click()
        assert tutor.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_axe_finds_no_problem_in_what_can_be_done(
    example: WebSettings, axe: str, device: dict[str, Any], scheme: str
) -> None:
    async with reading(example, [ANSWER], **device, color_scheme=scheme) as (page, tutor, _):
        await page.evaluate(axe)
        await tutor.undock()
        tutor.field = tutor.root.locator("textarea")
        REPORTS.mkdir(exist_ok=True)
        await select_sentence(page, SENTENCE)
        await tutor.offer.click()
        await expect(tutor.root.locator(".starter")).to_have_count(3)
        await tutor.risen()
        for lang, direction in (("ar", "rtl"), ("en", "ltr")):
            await tutor.root.evaluate("(tutor, lang) => tutor.setAttribute('lang', lang)", lang)
            await expect(tutor.root.locator(".tutor")).to_have_attribute("dir", direction)
            await expect(tutor.root.locator(".actions button").first).to_be_visible()
            assert await violations(page) == []
        await tutor.ask(ZMP)
        await tutor.finished()
        await tutor.root.locator("header .icon").first.click()
        passages = tutor.root.locator(".passages")
        await expect(passages).to_be_visible()
        assert await violations(page) == []
        name = "phone" if device is PHONE else "desktop"
        await page.screenshot(path=REPORTS / f"steps-{name}-{scheme}.png")
        await tutor.root.evaluate("tutor => tutor.setAttribute('lang', 'ar')")
        await expect(tutor.root.locator(".tutor")).to_have_attribute("dir", "rtl")
        await tutor.root.locator("header .icon").first.click()
        await expect(passages).to_be_visible()
        assert await violations(page) == []
        await page.screenshot(path=REPORTS / f"steps-arabic-{name}-{scheme}.png")
