"""An empty page with a strict policy whose `window.prose` renders answers as the widget does."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from playwright.async_api import Dialog, Page, Request, Route

from tests.browser.browsing import browser_page
from tests.support.node import widget_node
from widget.node import FOLDER

SITE = "http://prose.test"
PAGE = "<!doctype html><html lang=en><title>An answer</title><script src=/prose.js></script>"
POLICY = "default-src 'none'; script-src 'self'"
BUILD = """
const build = (entry, format) => require("esbuild").buildSync({
  entryPoints: [entry], bundle: true, write: false, charset: "utf8", format,
  loader: { ".css": "text" },
}).outputFiles[0].text;
const prose = build("test/prose_page.ts", "iife");
process.stdout.write(JSON.stringify({
  "/prose.js": `addEventListener("DOMContentLoaded", () => { ${prose} })`,
  "/math.js": build("src/math.ts", "esm"),
}));
"""


@dataclass
class Answers:
    """The page, and what happened in it that must not."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    async def render(self, *pieces: str, sources: int = 9) -> str:
        """An answer in pieces, as HTML, all formulas drawn; the numbers up to `sources` lead."""
        script = "([pieces, sources]) => prose.render(pieces, sources)"
        return str(await self.page.evaluate(script, [pieces, sources]))

    async def problems(self) -> list[str]:
        """Elements, attributes, addresses and depths in the answer that are on no list."""
        found: list[str] = await self.page.evaluate("prose.problems()")
        return found


@asynccontextmanager
async def answering(**options: Any) -> AsyncIterator[Answers]:
    """The page in a browser, with the options of `browser_page`."""
    import json

    files: dict[str, str] = json.loads(_bundles())
    async with browser_page(**options) as page:
        answers = Answers(page)
        is_ready = False

        async def answer(route: Route) -> None:
            path = route.request.url.removeprefix(SITE)
            kind = "text/javascript" if path in files else "text/html"
            await route.fulfill(
                body=files.get(path, PAGE),
                content_type=f"{kind}; charset=utf-8",
                headers={"Content-Security-Policy": POLICY},
            )

        async def dismiss(dialog: Dialog) -> None:
            answers.complaints.append(f"dialog: {dialog.message}")
            await dialog.dismiss()

        def asked(request: Request) -> None:
            if is_ready and request.url != f"{SITE}/math.js":
                answers.complaints.append(f"request: {request.url}")

        page.on("console", lambda message: answers.complaints.append(message.text))
        page.on("pageerror", lambda error: answers.complaints.append(str(error)))
        page.on("dialog", dismiss)
        page.on("request", asked)
        await page.route("**/*", answer)
        await page.goto(f"{SITE}/")
        is_ready = True
        yield answers


@cache
def _bundles() -> str:
    node = widget_node()
    done = subprocess.run(
        [*node.node, "-e", BUILD], cwd=FOLDER, capture_output=True, text=True, check=True
    )
    return done.stdout
