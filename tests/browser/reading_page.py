"""Pages as site generators write them, with the functions that read them in `window.reading`."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import Page, Route

from tests.browser.browsing import browser_page
from tests.support.node import widget_node
from widget.node import FOLDER

SITE = "http://book.test"
PAGES = Path(__file__).parent / "pages"
BUILD = """
const { outputFiles } = require("esbuild").buildSync({
  entryPoints: ["test/harness_page.ts"], bundle: true, write: false, charset: "utf8",
});
process.stdout.write(outputFiles[0].text);
"""


@asynccontextmanager
async def reading(name: str, **options: Any) -> AsyncIterator[Page]:
    """`pages/<name>.html` in a browser, with the options of `browser_page`."""
    async with browser_page(**options) as page:
        page.set_default_timeout(60_000)
        await serve(page)
        await page.goto(f"{SITE}/book/{name}")
        yield page


async def serve(page: Page) -> None:
    """Answer for the site of `pages/`: each of them, whatever stands before and behind its name."""

    async def answer(route: Route) -> None:
        name = (
            route.request.url.partition("?")[0].partition("#")[0].removesuffix("/").split("/")[-1]
        )
        file = PAGES / f"{name.removesuffix('.html')}.html"
        body = file.read_text("utf-8") if file.is_file() else "<!doctype html><title>Empty</title>"
        script = f"<script>addEventListener('DOMContentLoaded', () => {{ {bundle()} }})</script>"
        await route.fulfill(body=body + script, content_type="text/html; charset=utf-8")

    await page.route(f"{SITE}/**", answer)


@cache
def bundle() -> str:
    """The functions, and what the tests call them by, as one script."""
    node = widget_node()
    done = subprocess.run(
        [*node.node, "-e", BUILD], cwd=FOLDER, capture_output=True, text=True, check=True
    )
    return done.stdout


async def select(page: Page, start: str, end: str) -> Any:
    """What is read when the page is selected from some words to others, both included."""
    return await page.evaluate("([start, end]) => reading.select(start, end)", [start, end])


async def text_of(page: Page, start: str, end: str) -> str:
    """The text of the selection alone."""
    found = await select(page, start, end)
    return "" if found is None else str(found["selection"]["text"])


async def text_within(page: Page, selector: str) -> str:
    """The text of everything in an element."""
    script = """selector => {
        const range = document.createRange();
        range.selectNodeContents(document.querySelector(selector));
        return reading.selectionOf(range).text;
    }"""
    return str(await page.evaluate(script, selector))


async def found(page: Page, quote: str, anchor: str | None = None) -> str | None:
    """The text that is found for a quote."""
    script = "([quote, anchor]) => reading.found(quote, anchor ?? undefined)"
    text: str | None = await page.evaluate(script, [quote, anchor])
    return text
