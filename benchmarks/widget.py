"""What the tutor costs the page that it stands on, in a real Chromium."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import cycle, islice
from statistics import median
from typing import Any

from playwright.async_api import Page

from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.browser.browsing import Tutor, browser_page
from tests.support.scripted_openai import ScriptedOpenAI, Step

LOADS = 15
SECONDS, A_SECOND = 60, 50
THROTTLE = 4
"""How many times slower than this machine the reader's is."""
SENTENCE = "The **zero** moment point is a point on the ground, says `the book` [1]."
PARAGRAPH = 70
"""Words."""

WATCH = """() => {
    window.seen = { shift: 0, long: [] };
    const observe = (type, note) => new PerformanceObserver((list) =>
        list.getEntries().forEach(note)).observe({ type, buffered: true });
    observe("layout-shift", (entry) => { seen.shift += entry.value; });
    observe("longtask", (entry) => seen.long.push(entry.duration));
}"""


@dataclass(frozen=True)
class Guest:
    """What was measured."""

    load: float
    """Milliseconds of the main thread until the page is quiet, above those without the tutor."""
    shift: float
    """The score of layout shift."""
    long_tasks: list[float]
    """Milliseconds of each while an answer streamed, on a slow machine."""


async def measure(settings: WebSettings) -> Guest:
    """Load the page again and again, then let one answer of a minute stream."""
    words = list(islice(cycle(re.findall(r"\S+", SENTENCE)), SECONDS * A_SECOND))
    words[PARAGRAPH::PARAGRAPH] = [f"\n\n{word}" for word in words[PARAGRAPH::PARAGRAPH]]
    script: list[Step] = [step for word in words for step in (f"{word} ", 1 / A_SECOND)]
    async with ScriptedOpenAI(script) as endpoint:
        model = {"model": "scripted", "openai_base_url": endpoint.base_url}
        async with (
            serving(settings.model_copy(update=model)) as url,
            browser_page() as page,
        ):
            bare = [await _load(page, url, blocked=True) for _ in range(LOADS)]
            full = [await _load(page, url, blocked=False) for _ in range(LOADS)]
            await page.add_init_script(f"({WATCH})()")
            await page.goto(url)
            session = await page.context.new_cdp_session(page)
            await session.send("Emulation.setCPUThrottlingRate", {"rate": THROTTLE})
            tutor = Tutor(page)
            await tutor.field.click()
            await page.keyboard.type("What is the zero moment point?")
            await page.keyboard.press("Enter")
            # Playwright's own waiting would run in the page, once a second, and be measured too.
            while not any(frame["type"] == "response_end" for frame in tutor.frames):
                await page.wait_for_timeout(500)
            seen: dict[str, Any] = await page.evaluate("seen")
    load = 1000 * (median(full) - median(bare))
    return Guest(load, seen["shift"], seen["long"])


async def _load(page: Page, url: str, *, blocked: bool) -> float:
    await page.unroute_all()
    if blocked:
        await page.route("**/widget.js", lambda route: route.abort())
    session = await page.context.new_cdp_session(page)
    await session.send("Performance.enable")
    await page.goto("about:blank")
    before = await _busy(session)
    await page.goto(url, wait_until="networkidle")
    busy = await _busy(session) - before
    await session.detach()
    return busy


async def _busy(session: Any) -> float:
    metrics = (await session.send("Performance.getMetrics"))["metrics"]
    return next(float(one["value"]) for one in metrics if one["name"] == "TaskDuration")
