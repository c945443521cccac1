"""A reader with a browser, who opens pages, selects text, asks and reads."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Self

from playwright.async_api import Browser, Locator, Page, WebSocket, async_playwright, expect

from tests.support.programs import find_program

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
expect.set_options(timeout=60_000)  # milliseconds; a busy machine needs more than five seconds
REPORTS = Path(__file__).parent.parent.parent / "reports"
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
PHONE = {
    "viewport": {"width": 390, "height": 780},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}

PLACE = """([start, scope]) => {
    const root = document.querySelector(scope);
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    let node;
    while ((node = walker.nextNode()) && !node.data.trimStart().startsWith(start));
    node.parentElement.scrollIntoView({ block: "center", behavior: "instant" });
    const range = document.createRange();
    const from = node.data.indexOf(start);
    range.setStart(node, from);
    range.setEnd(node, (node.data.indexOf(". ", from) + 1) || node.data.length);
    const rects = [...range.getClientRects()];
    const [first, last] = [rects[0], rects.at(-1)];
    return {
        text: range.toString(),
        from: [first.left + 1, first.top + first.height / 2],
        to: [last.right - 1, last.top + last.height / 2],
    };
}"""

WRITTEN = """() => {
    const keep = (event) => window.events.push({ name: event.type.slice(10), ...event.detail });
    window.events = [];
    for (const name of ["open", "question", "answer", "error", "citation"])
        document.addEventListener(`scholiast:${name}`, keep);
}"""
"""Keeps the events of the element, in `window.events`."""

MARKED = """() => {
    const highlight = CSS.highlights.get("scholiast-quote");
    return highlight ? [...highlight].map((range) => range.toString()).join(" ") : "";
}"""
"""The quote that is marked on the page."""


RESTED = """() => new Promise((rest) => {
    let [top, frames] = [NaN, 0];
    const look = () => {
        frames = scrollY === top ? frames + 1 : 0;
        top = scrollY;
        if (frames < 10) requestAnimationFrame(look);
        else rest();
    };
    look();
})"""
VIOLATIONS = """async () => {
    const { violations } = await axe.run("scholiast-tutor");
    return violations.map(v => [v.id, v.nodes.map(n => [n.html, n.failureSummary])]);
}"""


@asynccontextmanager
async def browser(**options: Any) -> AsyncIterator[Browser]:
    """A headless Chromium, started with the options."""
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(
            executable_path=find_program(*BROWSERS),
            args=["--no-sandbox", "--disable-dev-shm-usage"],
            **options,
        )
        try:
            yield opened
        finally:
            await opened.close()


@asynccontextmanager
async def browser_page(**options: Any) -> AsyncIterator[Page]:
    """A page of a headless Chromium, 1280 by 800 unless the options of its context say else."""
    async with browser() as opened:
        context = await opened.new_context(**(DESKTOP | options))
        await context.add_init_script(f"({WRITTEN})()")
        yield await context.new_page()


class Tutor:
    """The tutor on a page, as its reader sees it, and what passed over its sockets."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        """Messages in the console of the browser."""
        self.frames: list[dict[str, Any]] = []
        """What the server sent, over all sockets."""
        self.sent: list[dict[str, Any]] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("websocket", self._listen)
        self.root = page.locator("scholiast-tutor")
        self.launcher = self.root.locator(".launcher")
        self.panel = self.root.get_by_role("dialog")
        self.field = self.root.get_by_label("Your question")
        self.offer = self.root.get_by_role("button", name="Ask about this")
        self.chips = self.root.locator(".chips li")
        self.notes = self.root.locator(".note")
        self.note = self.notes.last
        self.answer = self.note.locator(".prose")
        self.state = self.note.locator(".state")
        self.link = self.root.locator(".link")

    async def ask(self, question: str) -> None:
        """Open the panel if need be, write, and press Enter."""
        if await self.launcher.is_visible():
            await self.launcher.click()
        await self.field.fill(question)
        await self.field.press("Enter")

    async def undock(self) -> None:
        """Let it float, closed, as on a page that lends it no margin."""
        await expect(self.root.locator(".tutor")).to_be_attached()
        await self.root.evaluate(
            "tutor => { tutor.setAttribute('position', 'right'); tutor.close(); }"
        )
        await expect(self.launcher).to_be_visible()

    async def risen(self) -> None:
        """Wait until the panel is where it will stay."""
        await self.panel.evaluate(
            "panel => Promise.all(panel.getAnimations().map(({ finished }) => finished))"
        )

    async def finished(self, *, seconds: float = 60) -> None:
        """Wait until the newest answer is at its end."""
        await expect(self.note).to_have_attribute("aria-busy", "false", timeout=seconds * 1000)

    async def events(self, name: str) -> list[dict[str, Any]]:
        """The details of the events of this name on this page."""
        events: list[dict[str, Any]] = await self.page.evaluate("window.events")
        return [event for event in events if event["name"] == name]

    async def check_text(self) -> str:
        """The Markdown of the newest answer, which must be the server's to the byte."""
        answer = (await self.events("answer"))[-1]
        end = next(f for f in reversed(self.frames) if f["type"] == "response_end")
        assert sha256(answer["text"].encode()).hexdigest() == end["data"]["content_sha256"]
        return str(answer["text"])

    @property
    def citation(self) -> Locator:
        """The first button of a citation in the newest answer."""
        return self.answer.get_by_role("button", name="Source").first

    async def cited(self) -> dict[str, Any]:
        """The source that this button leads to; its quote is the sentence that is marked there."""
        number = int(await self.citation.inner_text())
        sources = (await self.events("answer"))[-1]["sources"]
        source = next(source for source in sources if source["index"] == number)
        chunks = (m["data"] for m in self.frames if m["type"] == "response_chunk")
        sentences = (sentence for chunk in chunks for sentence in chunk.get("sentences", ()))
        proofs = (proof for sentence in sentences for proof in sentence["proofs"])
        own = (proof["sentence"] for proof in proofs if proof["source"] == number)
        return {**source, "quote": next(own, source["quote"])}

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: self.frames.append(json.loads(frame)))
        socket.on("framesent", lambda frame: self.sent.append(json.loads(frame)))


class Site:
    """A web site of its own origin, of one page; `body` and `headers` may change."""

    def __init__(self) -> None:
        self.body = ""
        self.headers: dict[str, str] = {}
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                for name, value in site.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(site.body.encode())

            def log_request(self, code: object = "-", size: object = "-") -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://localhost:{self._server.server_port}"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


async def rested(page: Page) -> None:
    """Wait until the page scrolls no more: until it has stood still for ten frames."""
    await page.evaluate(RESTED)


async def violations(page: Page) -> Any:
    """What the script of axe, which the page has, finds wrong with the tutor."""
    return await page.evaluate(VIOLATIONS)


async def marked(page: Page) -> str:
    """The quote that is marked on the page, once there is one.

    Playwright's own waiting evaluates strings, which the policy of our pages forbids.
    """
    for _ in range(600):
        text: str = await page.evaluate(MARKED)
        if text:
            return " ".join(text.split())
        await page.wait_for_timeout(100)
    raise AssertionError("no quote is marked")


async def select_sentence(page: Page, beginning: str, scope: str = "article") -> str:
    """Drag the mouse over a sentence of the page and return it."""
    place = await page.evaluate(PLACE, [beginning, scope])
    await page.mouse.move(*place["from"])
    await page.mouse.down()
    await page.mouse.move(*place["to"], steps=8)
    await page.mouse.up()
    text: str = place["text"]
    return text
