"""Hostile answers, all the way from the model to the page: shown as text, and nothing runs."""

from __future__ import annotations

import pytest
from playwright.async_api import Request, expect

from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.browser.browsing import Tutor, browser_page
from tests.browser.hostile import HOSTILE
from tests.support.scripted_openai import ScriptedOpenAI, Step

LOOK = """() => {
    const { shadowRoot } = document.querySelector("scholiast-tutor");
    const answers = shadowRoot.querySelectorAll(".prose");
    const found = [];
    for (const node of [...answers].at(-1).querySelectorAll("*")) {
        if (/^(script|style|img|iframe|object|embed|link|form|svg|base)$/i.test(node.localName))
            found.push(node.localName);
        for (const { name, value } of node.attributes)
            if (name.startsWith("on") || (name === "href" && !/^https?:/.test(value)))
                found.push(`${node.localName} ${name}=${value}`);
    }
    return found;
}"""


@pytest.mark.timeout(400)  # a second each, where the machine has little else to do
async def test_nothing_of_a_hostile_answer_runs_or_leaves_the_page(example: WebSettings) -> None:
    scripts: list[list[Step]] = [[text] for _, text in HOSTILE]
    assert len(scripts) >= 30
    async with ScriptedOpenAI(*scripts) as endpoint:
        update = {
            "model": "scripted",
            "openai_base_url": endpoint.base_url,
            "limit_questions": (),
            "limit_messages": None,
        }
        async with serving(example.model_copy(update=update)) as url, browser_page() as page:
            tutor = Tutor(page)
            asked: list[str] = []

            def note(request: Request) -> None:
                if not request.url.startswith(url):
                    asked.append(request.url)

            page.on("request", note)
            page.on("dialog", lambda dialog: tutor.complaints.append(dialog.message))
            await page.goto(url)
            for name, _ in HOSTILE:
                await tutor.ask("What is the zero moment point?")
                await expect(tutor.notes).to_have_count(1)
                await tutor.finished()
                assert await page.evaluate("window.hit") is None, name
                assert await page.evaluate(LOOK) == [], name
                assert (asked, tutor.complaints) == ([], []), name
                await tutor.root.get_by_role("button", name="New conversation").click()
                await expect(tutor.notes).to_have_count(0)
            assert len(endpoint.requests) == len(HOSTILE)
