"""A page names the book that its readers ask, of several that the server has."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import expect

from ingestion.indexer import ingest
from tests.browser.test_guest import visiting
from tests.conftest import settings_of

TEXTS = {
    "": "A joint is where two links of a robot meet.",
    "wood": "A joint is glued with a dowel.",
}


async def test_readers_of_a_page_ask_the_book_that_it_names(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "data")
    for name, text in TEXTS.items():
        root = tmp_path / (name or "robots")
        root.mkdir()
        (root / "joints.md").write_text(f"# Joints\n\n{text}\n")
        ingest(root, settings.of_book(name))
    script = '<script async src="{url}widget.js" data-book="wood"></script>'
    async with visiting(settings, script=script) as (page, tutor, _, url):
        await tutor.ask("What is a joint?")
        await tutor.finished()
        await expect(tutor.answer).to_contain_text("glued with a dowel")
        source = page.get_by_role("link", name="Joints")
        await expect(source).to_have_attribute("href", f"{url}books/wood/book/joints#joints")
