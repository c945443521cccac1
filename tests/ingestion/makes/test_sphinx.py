"""Books of Sphinx and mystmd: pages, order, addresses, and what is read of their syntax."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingestion.folder.book_folder import read_book_folder
from tests.support.python_programs import built, environment
from tests.support.sites import contents, dead_addresses, prose, routes, written

BOOK = Path(__file__).parent / "books" / "sphinx"
PROGRAMS = ("sphinx", "myst-parser", "sphinx-design", "sphinx-proof", "sphinx-exercise")


def test_every_section_is_at_its_address_on_the_site_that_sphinx_builds(
    pytestconfig: pytest.Config,
) -> None:
    cache = pytestconfig.cache.mkdir("python")
    sphinx = environment(cache, *PROGRAMS)
    site = built(
        cache, BOOK, [str(sphinx / "sphinx-build"), "-q", "-b", "html", "{book}", "{site}"]
    )
    book = read_book_folder(BOOK)
    assert sum(len(one.file.sections) for one in book.files) > 15
    assert dead_addresses(book, site) == []


def test_pages_stand_in_the_order_of_the_toctrees() -> None:
    book = read_book_folder(BOOK)
    assert (book.format, book.title) == ("Sphinx", "Springs and Dampers")
    assert routes(book) == {
        "index.md": "",
        "springs.md": "springs.html",
        "guide/dampers.md": "guide/dampers.html",
        "guide/masses.md": "guide/masses.html",
    }


def test_a_page_is_read_without_its_marks() -> None:
    book = read_book_folder(BOOK)
    text, found = prose(book), contents(book)
    for sentence in (
        "A spring pulls back; see The law and Dampers.",
        "The minus sign in eq-hooke says that the force pulls back.",
        "Thin wire is soft.",
        "Half as stiff as one.",
        "Steel wire is drawn cold.",
        "Rubber springs creep.",
        "The law has more.",
    ):
        assert sentence in text
    for hidden in ("key of the exam", "never shown", "{ref}", "toctree", "+++", ")=", "Not yet"):
        assert hidden not in found
    assert "def work(k, x):\n    # % no comment" in found


@pytest.mark.parametrize(
    ("folders", "route"), [("false", "lift-and-drag"), ("true", "air-flow/lift-and-drag")]
)
def test_mystmd_takes_numbers_off_its_addresses(tmp_path: Path, folders: str, route: str) -> None:
    config = f"site:\n  options:\n    folders: {folders}\n"
    toc = "project:\n  toc:\n    - file: start.md\n    - file: Air flow/01_Lift & Drag.md\n"
    book = written(
        tmp_path,
        {
            "myst.yml": toc + config,
            "start.md": "# Start\n\nWings.\n",
            "Air flow/01_Lift & Drag.md": "# Lift\n\nIt lifts.\n\n## 2 Drags\n\nIt holds.\n",
        },
    )
    assert list(routes(book).values()) == ["", route]
    assert [section.anchor for section in book.files[1].file.sections] == ["", "id-2-drags"]


def test_a_label_or_include_out_of_the_book_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("The secret.", "utf-8")
    include = "# A\n\n```{include} ../secret.md\n```\n\n```{include} /../secret.md\n```\n"
    book = written(tmp_path / "book", {"conf.py": "project = 'B'", "index.md": include})
    assert "secret" not in contents(book)
    [note] = book.notes
    assert (note.kind, note.count) == ("includes of a file that lies outside of the book", 2)


@pytest.mark.parametrize("conf", ["import os; os.abort()", "project = (", "project = 1 / 0", ""])
def test_conf_py_is_read_and_never_run(tmp_path: Path, conf: str) -> None:
    assert len(written(tmp_path, {"conf.py": conf, "index.md": "# A\n\nText.\n"}).files) == 1


def test_a_toctree_that_leads_back_comes_to_an_end(tmp_path: Path) -> None:
    tree = "# A\n\nText.\n\n```{toctree}\nindex\nb\n```\n"
    book = written(tmp_path, {"conf.py": "", "index.md": tree, "b.md": tree.replace("A", "B")})
    assert list(routes(book)) == ["index.md", "b.md"]


def test_a_notebook_of_fifty_megabytes_of_pictures_is_read(tmp_path: Path) -> None:
    outputs = [{"output_type": "display_data", "data": {"image/png": "A" * 5_000_000}}]
    plot = {"cell_type": "code", "source": "plot()", "outputs": outputs}
    text = {"cell_type": "markdown", "source": "# Plots\n\nAll of them."}
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": [text, *[plot] * 10]}))
    book = written(tmp_path, {"_toc.yml": "root: a\n"})
    assert (prose(book), book.skipped) == ("All of them.", ())
    assert len(book.files[0].text) < 1_000
