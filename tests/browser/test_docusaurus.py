"""The tutor on a real Docusaurus site of another origin than its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit
from urllib.request import ProxyHandler, build_opener

import pytest
from playwright.async_api import Page, expect

from chains.embeddings.provider import open_embeddings
from chains.index.records import read_book
from chains.index.store import open_store
from ingestion.indexer import ingest
from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.browser.browsing import REPORTS, Tutor, browser_page, marked, rested, select_sentence
from tests.browser.docusaurus_site import PATIENCE, DocusaurusSite, built_site
from tests.browser.engines import ENGINES
from tests.browser.reader import Reader
from tests.conftest import EXAMPLE_BOOK, settings_of
from tests.support.folders import copy_folder
from tests.support.scripted_openai import ScriptedOpenAI, Step

pytestmark = pytest.mark.timeout(2 * PATIENCE)  # the first test waits for the site

SENTENCE = "The zero moment point (ZMP)"
SENTENCES = [f"Sentence {n} is about **balance**, says nobody. " for n in range(60)]
SLOW: list[Step] = [step for text in SENTENCES for step in (text, 0.05)]  # 3 s


@pytest.fixture(scope="session")
def site(pytestconfig: pytest.Config) -> Iterator[DocusaurusSite]:
    """The site of the example book."""
    with DocusaurusSite(built_site(pytestconfig.cache.mkdir("node"))) as running:
        yield running


@pytest.fixture(scope="session")
def book(
    site: DocusaurusSite, example_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> WebSettings:
    """Settings for the example book, ingested with the address of the site, and its leave."""
    data = tmp_path_factory.mktemp("docusaurus") / "data"
    copy_folder(example_folder, data)
    ingest(EXAMPLE_BOOK, settings_of(data), base_url=site.url)
    return settings_of(data).model_copy(update={"allowed_origins": {site.origin}})


@asynccontextmanager
async def reading(
    site: DocusaurusSite, settings: WebSettings, *script: Step, path: str = "motion/balance"
) -> AsyncIterator[tuple[Page, Tutor, ScriptedOpenAI]]:
    """A reader at a page of the site; with a script, a model that follows it."""
    async with ScriptedOpenAI(list(script)) as endpoint:
        model = {"model": "scripted", "openai_base_url": endpoint.base_url} if script else {}
        async with serving(settings.model_copy(update=model)) as url, browser_page() as page:
            site.tutor = url.rstrip("/")
            tutor = Tutor(page)
            await page.goto(site.url + path)
            await expect(tutor.launcher).to_be_visible()
            yield page, tutor, endpoint


async def test_the_site_works_with_the_tutor_on_it(site: DocusaurusSite, book: WebSettings) -> None:
    async with reading(site, book, path="") as (page, tutor, _):
        requests: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        await page.reload()
        await page.evaluate("window.isSame = true")
        for name in ("Why Build a Robot in Human Shape?", "Skeleton and Joints"):
            await page.locator(".pagination-nav__link--next").click()
            await expect(page.get_by_role("heading", level=1)).to_have_text(name)
        assert await page.evaluate("window.isSame")
        await expect(tutor.root).to_have_count(1)
        assert all(url.startswith((site.origin, site.tutor)) for url in requests)
        assert tutor.complaints == []


async def test_a_missing_page_is_answered_by_the_site_itself(
    site: DocusaurusSite, book: WebSettings
) -> None:
    async with reading(site, book, path="nothing/here") as (page, tutor, _):
        await expect(page.get_by_role("heading", level=1)).to_have_text("Page Not Found")
        await tutor.ask("What is the zero moment point?")
        await tutor.finished()
        await expect(tutor.answer).not_to_be_empty()


def test_every_address_of_a_section_leads_to_its_heading(
    site: DocusaurusSite, book: WebSettings
) -> None:
    with open_store(book, open_embeddings(book)) as store:
        recorded = read_book(store)
    addresses = [
        recorded.url(file, section.anchor)
        for file in recorded.files.values()
        for section in file.sections
        if len(section.path) > 1  # Docusaurus gives a page's title no id: it is the top
    ]
    pages = {address: ids_at(address) for address in {urldefrag(url)[0] for url in addresses}}
    assert len(addresses) > 40
    assert [
        address
        for address in addresses
        for page, anchor in [urldefrag(address)]
        if anchor and unquote(anchor) not in pages[page]
    ] == []


def ids_at(address: str) -> list[str]:
    """The ids of the headings of a page."""
    ids: list[str] = []

    class Headings(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
                ids.extend(value for name, value in attrs if name == "id" and value)

    with build_opener(ProxyHandler({})).open(address, timeout=60) as response:
        Headings().feed(response.read().decode())
    return ids


async def test_a_sentence_is_asked_about_and_its_citation_is_marked(
    site: DocusaurusSite, book: WebSettings
) -> None:
    async with reading(site, book) as (page, tutor, _):
        selected = await select_sentence(page, SENTENCE)
        await tutor.offer.click()
        await expect(tutor.chips).to_have_text([selected])
        await page.keyboard.type("explain this")
        await page.keyboard.press("Enter")
        await tutor.finished()
        asked = next(m["data"] for m in tutor.sent if m["type"] == "question")
        assert urlsplit(asked["page"]).path.rstrip("/") == "/docs/motion/balance"
        assert asked["context_chunks"][0]["anchor"] == "zmp"
        source = await tutor.cited()
        assert source["url"] == f"{site.url}motion/balance/#zmp"  # as the page is shown here
        await page.evaluate("scrollTo(0, 0)")
        await tutor.citation.click()
        assert (await marked(page)).split() == source["quote"].split()
        await rested(page)
        await page.screenshot(path=REPORTS / "docusaurus.png")
        in_sight = await page.evaluate(
            """() => {
                const [range] = CSS.highlights.get("scholiast-quote");
                const { top, bottom } = range.getBoundingClientRect();
                return top > 60 && bottom < innerHeight;  // below the bar that stays at the top
            }"""
        )
        assert in_sight
        await page.reload()
        await expect(tutor.note).to_contain_text("explain this")
        assert tutor.complaints == []


async def test_a_citation_leads_to_another_page_where_the_conversation_continues(
    site: DocusaurusSite, book: WebSettings
) -> None:
    async with reading(site, book, path="hands/grasping") as (page, tutor, _):
        await tutor.ask("What is the zero moment point?")
        await tutor.finished()
        source = await tutor.cited()
        assert "hands" not in source["url"]
        await tutor.citation.click()
        await page.wait_for_function(
            "path => location.pathname.startsWith(path)", arg=urlsplit(source["url"]).path
        )
        assert (await marked(page)).split() == source["quote"].split()
        await expect(tutor.panel).to_be_visible()
        await expect(tutor.note).to_contain_text("zero moment point")
        assert tutor.complaints == []


async def test_a_citation_can_use_the_router_of_the_site(
    site: DocusaurusSite, book: WebSettings
) -> None:
    async with reading(site, book, path="motion/walking") as (page, tutor, _):
        await page.evaluate(
            """() => {
                window.isSame = true;
                document.addEventListener("scholiast:citation", (event) => {
                    event.preventDefault();
                    const path = new URL(event.detail.source.url).pathname.replace(/\\/$/, "");
                    document.querySelector(`.menu__link[href="${path}"]`).click();
                });
            }"""
        )
        await tutor.ask("What is the zero moment point?")
        await tutor.finished()
        source = await tutor.cited()
        await tutor.citation.click()
        assert (await marked(page)).split() == source["quote"].split()
        assert await page.evaluate("window.isSame")


async def test_an_answer_continues_over_navigation_and_a_reload(
    site: DocusaurusSite, book: WebSettings
) -> None:
    async with reading(site, book, *SLOW) as (page, tutor, endpoint):
        await page.evaluate("window.isSame = true")
        await tutor.ask("What is the zero moment point?")
        await expect(tutor.answer).to_contain_text("Sentence 3 ")
        await page.get_by_role("link", name="Next Walking").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Walking")
        assert await page.evaluate("window.isSame")
        await expect(tutor.answer).to_contain_text("Sentence 15 ")
        await page.reload()
        await tutor.finished()
        assert await tutor.check_text() == "".join(SENTENCES)
        assert len(endpoint.requests) == 1
        await tutor.ask("And then?")
        await expect(tutor.notes).to_have_count(2)
        asked = [m["data"]["page"] for m in tutor.sent if m["type"] == "question"]
        assert urlsplit(asked[-1]).path.rstrip("/") == "/docs/motion/walking"
        assert tutor.complaints == []


async def test_the_tutor_is_as_dark_as_the_site(site: DocusaurusSite, book: WebSettings) -> None:
    async with reading(site, book) as (page, tutor, _):
        dark = tutor.root.locator(".tutor.dark")
        await expect(dark).to_have_count(0)
        await expect(tutor.launcher).to_have_css("background-color", "rgb(46, 133, 85)")
        await page.get_by_role("button", name="Switch between dark and light mode").click()
        await expect(dark).to_have_count(1)
        await expect(tutor.launcher).to_have_css("background-color", "rgb(37, 194, 160)")


async def test_a_site_that_is_not_allowed_sees_the_reason(
    site: DocusaurusSite, book: WebSettings
) -> None:
    settings = book.model_copy(update={"allowed_origins": set()})
    async with reading(site, settings) as (_, tutor, _):
        await tutor.ask("What is the zero moment point?")
        await expect(tutor.link).to_contain_text("not allowed to use the tutor")
        await expect(tutor.link).to_contain_text(site.origin)


@pytest.mark.parametrize("name", ["firefox", "webkit"])
async def test_a_citation_leads_to_its_heading_in_other_engines(
    site: DocusaurusSite, book: WebSettings, name: str
) -> None:
    async with serving(book) as url, ENGINES[name]() as engine:
        site.tutor = url.rstrip("/")
        await engine.size(1300, 800)
        await engine.open(site.url)
        await Reader(engine).asks_and_follows("What is the zero moment point?", "zero moment point")
