"""The whole way of a reader: select a sentence, ask, follow the citation, reload, ask again."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import Page, expect

from quart_app.answers.rates import parse_rates
from quart_app.door.proxies import parse_network
from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.browser.browsing import REPORTS, Tutor, browser_page, marked, rested, select_sentence
from tests.support.nginx import documented, nginx, plain
from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.talking import ask, client, receive

ZMP = "What is the zero moment point?"
SENTENCE = "The zero moment point (ZMP)"
FORCES = (
    "The zero moment point is the point on the ground about which the moments of gravity and of "
    "the inertial forces of the moving body have no horizontal component."
)


async def follow_the_citation(page: Page, tutor: Tutor) -> None:
    """Its card shows the quote, and it leads to the quote on the page."""
    source = await tutor.cited()
    await tutor.citation.hover()
    card = tutor.root.locator(".card")
    await expect(card).to_contain_text(source["title"])
    await expect(card).to_contain_text(source["quote"])
    await tutor.citation.click()
    await page.wait_for_url(f"**{source['url']}")
    assert await marked(page) in " ".join(source["quote"].split())
    assert tutor.complaints == []
    await rested(page)
    REPORTS.mkdir(exist_ok=True)
    await page.screenshot(path=REPORTS / "page.png")  # README shows it


async def test_a_reader_selects_a_sentence_asks_and_lands_on_the_marked_quote(
    example: WebSettings,
) -> None:
    async with serving(example) as url, browser_page() as page:
        tutor = Tutor(page)
        await page.goto(url)
        await page.get_by_role("link", name="Balance").first.click()
        selected = await select_sentence(page, SENTENCE)
        await tutor.offer.click()
        await expect(tutor.chips).to_have_text([selected])
        await expect(tutor.field).to_be_focused()

        await page.keyboard.type("explain this")
        await page.keyboard.press("Enter")
        await tutor.finished()
        await expect(tutor.chips).to_have_count(0)
        await expect(tutor.note.locator("blockquote")).to_have_text(selected)
        await expect(tutor.note.get_by_role("heading", name="explain this")).to_be_visible()
        await expect(tutor.answer).not_to_be_empty()
        await expect(tutor.state).to_contain_text("no language model connected")
        asked = next(m["data"] for m in tutor.sent if m["type"] == "question")
        assert asked["page"] == page.url
        assert asked["context_chunks"] == [
            {"text": selected.strip(), "page": page.url, "anchor": "zmp"}
        ]

        await follow_the_citation(page, tutor)
        text = await tutor.check_text()
        await page.reload()
        await expect(tutor.note.get_by_role("heading", name="explain this")).to_be_visible()
        await tutor.field.fill("Why does it matter?")
        await page.keyboard.press("Enter")  # on another connection, in the same session
        await expect(tutor.notes).to_have_count(2)
        await tutor.finished()
        await expect(tutor.state).to_contain_text("no language model connected")
        assert text
        assert (
            len({m["data"]["session_id"] for m in tutor.frames if m["type"] == "response_start"})
            == 1
        )
        assert tutor.complaints == []


async def test_a_citation_of_another_page_leads_there_with_the_conversation(
    example: WebSettings,
) -> None:
    async with serving(example) as url, browser_page() as page:
        tutor = Tutor(page)
        await page.goto(url)
        await tutor.ask("What is the zero moment point?")
        await tutor.finished()
        source = await tutor.cited()
        await tutor.citation.click()
        await page.wait_for_url(f"**{source['url']}")
        assert await marked(page) in " ".join(source["quote"].split())
        await expect(tutor.panel).to_be_visible()
        await expect(tutor.note).to_contain_text("What is the zero moment point?")
        assert tutor.complaints == []


async def test_below_a_path_everything_of_the_tutor_is_below_it_too(
    example: WebSettings, tmp_path: Path
) -> None:
    """The configuration that docs/operating.md has for nginx."""
    proxy, location = documented("Behind a proxy")[0], documented("Below a path")[0]
    proxy = re.sub(r"(?ms)^    location / \{.*?^    \}$", lambda _: location, proxy)
    answer = f"{FORCES} [1] Here is $\\frac{{a}}{{b}}$."
    async with ScriptedOpenAI([answer]) as endpoint:
        update: dict[str, object] = {"model": "scripted", "openai_base_url": endpoint.base_url}
        update |= {"root_path": "/tutor", "trusted_proxies": (parse_network("127.0.0.1"),)}
        async with serving(example.model_copy(update=update)) as url, browser_page() as page:
            with nginx(tmp_path, plain(proxy, url)) as port:
                home = f"http://127.0.0.1:{port}/tutor/"
                tutor = Tutor(page)
                asked: list[str] = []
                page.on("request", lambda request: asked.append(request.url))
                page.on("websocket", lambda socket: asked.append(socket.url))
                await page.goto(home)
                await tutor.ask(ZMP)
                await tutor.finished()
                await expect(tutor.answer.locator("math mfrac")).to_have_count(1)
                source = await tutor.cited()
                await tutor.citation.click()
                await page.wait_for_url(f"{home}book/**")
                assert await marked(page) in " ".join(source["quote"].split())
                await expect(tutor.note).to_contain_text(ZMP)
                assert tutor.complaints == []
    assert home.replace("http", "ws") + "ws/chat" in asked
    assert [url for url in asked if not url.partition(":")[2].startswith(home[5:])] == []


async def test_a_refused_question_stays_and_can_be_asked_again_when_the_limit_allows(
    example: WebSettings,
) -> None:
    rates = parse_rates("12/minute")  # one every 5 s, once these are asked
    settings = example.model_copy(update={"limit_questions": rates})
    async with serving(settings) as url, browser_page() as page:
        tutor = Tutor(page)
        await page.goto(url)
        async with client(url) as other:  # at the same address
            await receive(other)
            while (await ask(other, ZMP))[-1]["type"] != "error":
                pass  # however long each took: until nothing is left
        await tutor.ask(ZMP)
        await expect(tutor.note.locator(".error")).to_contain_text("Too many questions")
        again = tutor.note.locator(".again")
        await expect(again).to_be_disabled()
        await expect(again).to_have_text("Ask again in 1 s")
        await expect(again).to_have_text("Ask again")
        await again.click()
        await expect(tutor.answer).not_to_be_empty()
        await expect(tutor.note.locator(".error")).to_have_count(0)
        await expect(tutor.notes).to_have_count(1)
        ids = [m["data"]["client_query_id"] for m in tutor.sent if m["type"] == "question"]
        assert len(set(ids)) == 2
