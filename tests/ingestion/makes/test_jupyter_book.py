"""Books of Jupyter Book 1: pages, order, addresses."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.folder.book_folder import read_book_folder
from tests.support.python_programs import built, environment
from tests.support.sites import dead_addresses, prose, routes, written

BOOK = Path(__file__).parent / "books" / "jupyterbook"
JUPYTER_BOOK = "jupyter-book==1.0.4.post1"
BUILD = ("jupyter-book", "build", "-q", "--path-output", "{site}", "{book}")
PAGES = "_build/html"


def test_every_section_is_at_its_address_on_the_site_that_jupyter_book_builds(
    pytestconfig: pytest.Config,
) -> None:
    cache = pytestconfig.cache.mkdir("python")
    programs = environment(cache, JUPYTER_BOOK)
    site = built(cache, BOOK, [str(programs / BUILD[0]), *BUILD[1:]]) / PAGES
    book = read_book_folder(BOOK)
    assert list(routes(book).values()) == [
        "intro.html",
        "parts/mains.html",
        "parts/joints.html",
        "parts/flow.html",
    ]
    assert sum(len(one.file.sections) for one in book.files) > 12
    assert dead_addresses(book, site) == []


def test_jupyter_book_is_read_by_its_table_of_contents(tmp_path: Path) -> None:
    toc = "root: intro\nparts:\n- caption: One\n  chapters:\n  - file: b/c\n  - file: a"
    book = written(
        tmp_path,
        {
            "_toc.yml": toc,
            "_config.yml": "title: Pumps\nonly_build_toc_files: true\n",
            "intro.md": "# Start\n\nAll about pumps.\n",
            "a.md": "# A\n\nLast.\n",
            "b/c.ipynb": '{"cells": [{"cell_type": "markdown", "source": "# C\\n\\nA cell."}]}',
            "extra.md": "# Extra\n\nNot in the book.\n",
        },
    )
    assert book.title == "Pumps"
    assert routes(book) == {"intro.md": "intro.html", "b/c.ipynb": "b/c.html", "a.md": "a.html"}
    assert "A cell." in prose(book)
