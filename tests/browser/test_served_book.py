"""The book as our own server shows it: the sidebar, the page's contents, paper, and axe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from ingestion.indexer import ingest
from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.browser.browsing import DESKTOP, PHONE, REPORTS, browser, browser_page
from tests.conftest import settings_of

ALL_VIOLATIONS = """async () => {
    const { violations } = await axe.run();
    return violations.map(v => [v.id, v.nodes.map(n => [n.html, n.failureSummary])]);
}"""
ARABIC = """# الروبوت

الروبوت آلة تمشي على قدمين، وتحفظ توازنها حين تمشي على الأرض.

## التوازن

يبقى الروبوت واقفًا ما دام مركز كتلته فوق قدميه.

- خطوة أولى
- خطوة ثانية

> [!NOTE]
> لا تلمس المحرك.
"""


@pytest.fixture
def arabic(tmp_path: Path) -> WebSettings:
    """A short book in Arabic."""
    for name in ("one", "two"):
        (tmp_path / "book" / "part").mkdir(parents=True, exist_ok=True)
        (tmp_path / "book" / "part" / f"{name}.md").write_text(ARABIC, "utf-8")
    settings = settings_of(tmp_path / "data")
    ingest(tmp_path / "book", settings)
    return settings


async def check(page: Page, axe: str, name: str) -> None:
    """Keep a picture of the page, on which axe must find nothing."""
    REPORTS.mkdir(exist_ok=True)
    await page.screenshot(path=REPORTS / f"book-{name}.png")
    await page.evaluate(axe)
    assert await page.evaluate(ALL_VIOLATIONS) == [], name


async def test_axe_finds_no_problem_on_a_page_of_the_book(example: WebSettings, axe: str) -> None:
    looks: dict[str, dict[str, Any]] = {
        "desktop": DESKTOP,
        "dark": DESKTOP | {"color_scheme": "dark"},
        "phone": PHONE,
    }
    async with serving(example) as url, browser() as chromium:
        for name, look in looks.items():
            page = await (await chromium.new_context(**look)).new_page()
            await page.goto(f"{url}book/motion/balance")
            await check(page, axe, name)
            if look is PHONE:
                await page.get_by_role("button", name="Contents").tap()
                await expect(page.locator("#sidebar")).to_be_visible()
                await check(page, axe, "phone-sidebar")
            await page.goto(f"{url}search?q=capture+point")
            await check(page, axe, f"search-{name}")
            await page.context.close()


async def test_a_book_from_right_to_left_has_its_sidebar_on_the_right(
    arabic: WebSettings, axe: str
) -> None:
    looks: dict[str, dict[str, Any]] = {
        "arabic": DESKTOP,
        "arabic-dark": DESKTOP | {"color_scheme": "dark"},
        "arabic-phone": PHONE,
        "arabic-phone-dark": PHONE | {"color_scheme": "dark"},
    }
    async with serving(arabic) as url, browser() as chromium:
        for name, look in looks.items():
            page = await (await chromium.new_context(**look)).new_page()
            await page.goto(f"{url}book/part/one")
            if not look.get("is_mobile"):
                columns = ("#sidebar", "main", "#ask")
                places = [await page.locator(one).bounding_box() for one in columns]
                lefts = [place["x"] for place in places if place]
                assert lefts == sorted(lefts, reverse=True)
            await check(page, axe, name)
            await page.context.close()


async def test_without_javascript_the_sidebar_opens_on_a_phone_and_leads_on(
    example: WebSettings,
) -> None:
    async with serving(example) as url, browser_page(**PHONE, java_script_enabled=False) as page:
        await page.goto(f"{url}book/motion/balance")
        sidebar = page.locator("#sidebar")
        await expect(sidebar).to_be_hidden()
        await page.get_by_role("button", name="Contents").tap()
        await expect(sidebar.locator('[aria-current="page"]')).to_have_text("Balance")
        await sidebar.get_by_role("button", name="Close").tap()
        await expect(sidebar).to_be_hidden()
        await page.get_by_role("button", name="Contents").tap()
        await sidebar.get_by_role("link", name="Walking").tap()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Walking")
        width: float = await page.locator("html").evaluate("html => html.scrollWidth")
        assert width <= PHONE["viewport"]["width"]  # type: ignore[index]


async def test_the_contents_of_the_page_mark_the_heading_that_is_read(
    example: WebSettings,
) -> None:
    async with serving(example) as url, browser_page() as page:
        await page.goto(f"{url}book/motion/balance#zmp")
        now = page.locator('#sidebar [aria-current="location"]')
        await expect(now).to_have_text("The zero moment point")
        await page.locator("#lipm").evaluate(
            "heading => heading.scrollIntoView({ block: 'start', behavior: 'instant' })"
        )
        await expect(now).to_have_text("The linear inverted pendulum")


async def test_the_first_tab_leads_past_the_sidebar_to_the_text(example: WebSettings) -> None:
    async with serving(example) as url, browser_page() as page:
        await page.goto(f"{url}book/motion/balance")
        await page.keyboard.press("Tab")
        await expect(page.locator(":focus")).to_have_text("Skip to the text")
        await page.keyboard.press("Enter")
        await expect(page.locator("main")).to_be_focused()


async def test_on_paper_there_is_the_text_alone(example: WebSettings) -> None:
    async with serving(example) as url, browser_page(color_scheme="dark") as page:
        await page.goto(f"{url}book/motion/balance")
        await page.emulate_media(media="print")
        for unseen in ("#sidebar", "#ask", ".turn", ".toc"):
            await expect(page.locator(unseen)).to_be_hidden()
        await expect(page.locator("html")).to_have_css("background-color", "rgb(255, 255, 255)")
        await expect(page.locator("article h2").first).to_be_visible()


async def test_a_search_needs_no_javascript_and_keeps_below_the_root_path(
    example: WebSettings,
) -> None:
    below = example.model_copy(update={"root_path": "/tutor"})
    async with serving(below) as url, browser_page(java_script_enabled=False) as page:
        await page.goto(f"{url.rstrip('/').removesuffix('/tutor')}/tutor/book/motion/balance")
        await page.get_by_role("searchbox").fill("zero moment point")
        await page.keyboard.press("Enter")
        await page.get_by_role("link", name="The zero moment point").click()
        assert page.url.endswith("/tutor/book/motion/balance#zmp")
        await expect(page.locator("#zmp")).to_be_in_viewport()
