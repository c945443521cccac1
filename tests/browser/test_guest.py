"""The tutor on a page of somebody else: it changes nothing there."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Page, expect

from quart_app.pages.bundle import read_bundle
from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.browser.browsing import Site, Tutor, browser_page
from tests.support.scripted_openai import ScriptedOpenAI

BODY = """<!doctype html><html lang="en"><title>A book</title>
<body style="margin: 0; display: grid; gap: 50px"><main><h1 id="top">A book</h1>
<p id="one">The zero moment point (ZMP) is a point on the ground. It moves.</p></main>
<p id="two">Below.</p>{script}"""
PLAIN = BODY.replace(' style="margin: 0; display: grid; gap: 50px"', "")


@asynccontextmanager
async def visiting(
    settings: WebSettings,
    *,
    body: str = PLAIN,
    policy: str = "",
    script: str = '<script async src="{url}widget.js"></script>',
    is_allowed: bool = True,
) -> AsyncIterator[tuple[Page, Tutor, Site, str]]:
    """A page of a site of its own with the tutor on it."""
    with Site() as site:
        origins = {site.origin if is_allowed else "https://other.example"}
        settings = settings.model_copy(update={"allowed_origins": origins})
        async with serving(settings) as url, browser_page() as page:
            site.body = body.replace("{script}", script.format(url=url))
            server = url.rstrip("/")
            socket = server.replace("http", "ws", 1)
            if policy:
                site.headers["Content-Security-Policy"] = policy.format(tutor=server, socket=socket)
            tutor = Tutor(page)
            await page.goto(f"{site.origin}/page")
            await expect(tutor.launcher).to_be_visible()
            yield page, tutor, site, url


STRICT = "default-src 'none'; script-src {tutor}; connect-src {socket}"


async def test_the_strictest_policy_is_enough_for_formulas_too(example: WebSettings) -> None:
    answer = "A formula $\\frac{a}{b}$ and `code` [1].\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    async with ScriptedOpenAI([answer]) as endpoint:
        model = {"model": "scripted", "openai_base_url": endpoint.base_url}
        settings = example.model_copy(update=model)
        async with visiting(settings, policy=STRICT) as (_, tutor, _, _):
            await tutor.ask("What is the zero moment point?")
            await tutor.finished()
            await expect(tutor.answer.locator("math mfrac")).to_have_count(1)
            await expect(tutor.answer.locator("td")).to_have_count(2)
            colour = await tutor.panel.evaluate("p => getComputedStyle(p).backgroundColor")
            assert colour == "rgb(254, 254, 253)"  # its styles apply
            assert tutor.complaints == []


async def test_a_page_stays_the_same_with_the_tutor_on_it(
    example: WebSettings,
) -> None:
    places = """['one', 'two'].map(
        id => JSON.stringify(document.getElementById(id).getBoundingClientRect())
    )"""
    size = "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
    async with visiting(example, body=BODY) as (page, tutor, site, url):
        requests: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        with_tutor = await page.evaluate(places), await page.evaluate(size)
        names = set(await page.evaluate("Object.getOwnPropertyNames(window)"))
        assert tutor.frames == []  # no socket before the first question
        await tutor.ask("What is the zero moment point?")
        await tutor.finished()
        assert all(address.startswith(url) for address in requests)
        assert await page.context.cookies() == []
        assert set(await page.evaluate("Object.getOwnPropertyNames(window)")) == names
        await page.evaluate("document.querySelector('scholiast-tutor').destroy()")
        await expect(tutor.root).to_have_count(0)
        assert (await page.evaluate(places), await page.evaluate(size)) == with_tutor

        site.body = BODY.replace("{script}", "")
        await page.goto(f"{site.origin}/bare")
        assert (await page.evaluate(places), await page.evaluate(size)) == with_tutor
        assert set(await page.evaluate("Object.getOwnPropertyNames(window)")) == names


async def test_the_pinned_script_is_checked_by_the_browser(example: WebSettings) -> None:
    bundle = read_bundle()
    assert bundle
    held = f'integrity="{bundle.integrity}" crossorigin="anonymous"'
    script = f'<script async src="{{url}}{bundle.path}" {held}></script>'
    async with visiting(example, script=script) as (_, tutor, _, _):
        await tutor.ask("What is the zero moment point?")
        await tutor.finished()
        await expect(tutor.state).to_contain_text("no language model connected")
        assert tutor.complaints == []


async def test_a_reader_of_a_site_that_is_not_allowed_sees_the_reason(example: WebSettings) -> None:
    async with visiting(example, is_allowed=False) as (_, tutor, site, _):
        await tutor.ask("What is the zero moment point?")
        await expect(tutor.link).to_contain_text("not allowed to use the tutor")
        await expect(tutor.link).to_contain_text(site.origin)
        await expect(tutor.state).to_contain_text("Not sent yet")


async def test_attributes_of_the_script_tag_and_events_of_the_element(
    example: WebSettings,
) -> None:
    script = (
        '<button id="help">Help</button><script async src="{url}widget.js" data-position="left"'
        ' data-theme="dark" data-starters="What is the zero moment point?|What is a gait?"'
        ' data-disclaimer="Mind the step." data-open-selector="#help"></script>'
    )
    async with visiting(example, script=script) as (page, tutor, _, _):
        await page.get_by_role("button", name="Help").click()
        await expect(tutor.field).to_be_focused()
        await expect(tutor.panel).to_contain_text("Mind the step.")
        box = await tutor.panel.bounding_box()
        assert box
        assert box["x"] < 100
        await tutor.root.get_by_role("button", name="What is a gait?").click()
        await tutor.finished()
        names = [event["name"] for event in await page.evaluate("window.events")]
        assert names == ["open", "question", "answer"]
        (answer,) = await tutor.events("answer")
        assert (answer["question"], answer["status"]) == ("What is a gait?", "completed")
        assert answer["sources"]
        assert re.search(r"\[1\]", answer["text"])


async def test_a_page_may_go_to_a_citation_with_its_own_router(example: WebSettings) -> None:
    async with visiting(example) as (page, tutor, site, _):
        await page.evaluate(
            """document.addEventListener("scholiast:citation", (event) => {
                event.preventDefault();
                history.pushState(null, "", "/elsewhere");
            })"""
        )
        await tutor.ask("What is the zero moment point?")
        await tutor.finished()
        await tutor.citation.click()
        await page.wait_for_url(f"{site.origin}/elsewhere")
        await expect(tutor.note).to_be_visible()
