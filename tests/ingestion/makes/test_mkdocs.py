"""MkDocs: our reading of a book against what the real Material for MkDocs builds of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.folder.book_folder import BookFolder, read_book_folder
from tests.support.python_programs import PATIENCE, built, environment
from tests.support.sites import anchors_of, contents, heading_ids, page_at, prose, routes, written

BOOK = Path(__file__).parent / "books" / "mkdocs"


@pytest.fixture(scope="module")
def book() -> BookFolder:
    return read_book_folder(BOOK)


def test_pages_come_as_the_nav_has_them(book: BookFolder) -> None:
    assert (book.title, book.format) == ("Loops and Valves", "MkDocs")
    assert [(one.file.title, one.file.route) for one in book.files] == [
        ("Home", ""),
        ("Guide", "guide/"),
        ("The Valves", "guide/valves/"),
        ("Shared", "_parts/shared/"),
        ("Aside", "aside/"),
    ]


def test_the_text_of_boxes_tabs_and_snippets_is_prose(book: BookFolder) -> None:
    text = prose(book)
    for sentence in (
        "Before opening a gate valve, the pressure has to be equal.",
        "Otherwise the stem bends.",
        "A ball valve opens by a quarter turn.",
        "Grease the stem once a year.",
        "Second step of the routine.",
        "Silicone grease is best.",
    ):
        assert sentence in text
    for mark in ("!!!", "===", "///", "8<", ".md-button", ":material", "*[HTML]", "attrs:"):
        assert mark not in text
    assert "```text\nA line for code.\n```" in contents(book)


def test_what_is_not_put_in_is_noted(book: BookFolder) -> None:
    assert {note.kind: note.examples for note in book.notes if note.is_lost} == {
        "pages of nav that are not there": ("missing.md",),
        "includes of a file that lies outside of the book": (
            'docs/guide/valves.md: --8<-- "../../beside.md"',
        ),
    }


@pytest.mark.parametrize(
    "box",
    [
        '!!! warning "Pressure"\n    It has to be equal.',
        "??? note\n\n    It has to be equal.",
        '=== "Ball valve"\n\n    It opens.',
    ],
)
def test_a_folder_alone_is_known_by_its_boxes(tmp_path: Path, box: str) -> None:
    other = {"notes.md": "# Notes\n\nMore.\n", "docs/deep.md": "# Deep\n\nMore.\n"}
    book = written(tmp_path, {"care.md": f"# Valves\n\n{box}\n\n## Care & safety\n\nX.", **other})
    assert book.format == "MkDocs"
    assert routes(book) == {"care.md": "care/", "notes.md": "notes/", "docs/deep.md": "docs/deep/"}
    assert anchors_of(book.files[0])[-1] == "care-safety"


def test_plain_markdown_is_no_book_of_mkdocs(tmp_path: Path) -> None:
    text = "# Shouts\n\nWhat!!! note it.\n\n!!! no\nbox\n\n```\n!!! note\n```\n\n## A & b\n\nX."
    book = written(tmp_path, {"care.md": text})
    assert (book.format, anchors_of(book.files[0])[-1]) == ("Markdown", "a--b")


def test_addresses_are_files_where_the_configuration_says_so(tmp_path: Path) -> None:
    (tmp_path / "docs" / "a").mkdir(parents=True)
    (tmp_path / "mkdocs.yml").write_text("site_name: A\nuse_directory_urls: false\n")
    for file in ("index.md", "b.md", "a/README.md"):
        (tmp_path / "docs" / file).write_text("# A\n\nText.\n")
    routes = {one.file.route for one in read_book_folder(tmp_path).files}
    assert routes == {"index.html", "b.html", "a/index.html"}


@pytest.mark.timeout(2 * PATIENCE)
def test_addresses_and_anchors_are_those_of_the_real_mkdocs(
    book: BookFolder, pytestconfig: pytest.Config
) -> None:
    cache = pytestconfig.cache.mkdir("python")
    mkdocs = environment(cache, "mkdocs-material==9.8.1") / "mkdocs"
    command = [str(mkdocs), "build", "--quiet", "-f", "{book}/mkdocs.yml", "-d", "{site}"]
    site = built(cache, BOOK, command)
    for one in book.files:
        page = page_at(site, one.file.route)
        assert page is not None
        anchors = [one for one in heading_ids(page) if one != "inside-a-box"]
        assert anchors == anchors_of(one)


def test_objects_of_programs_are_left_out_and_what_stands_below_is_not(tmp_path: Path) -> None:
    page = "# A\n\n::: pumps.Pump\n    options:\n      x: y\n\nBelow.\n\n## B\n\nMore.\n"
    book = written(tmp_path, {"mkdocs.yml": "site_name: P", "docs/index.md": page})
    assert prose(book) == "Below. More."
    assert anchors_of(book.files[0]) == ["a", "b"]
    assert [(note.kind, note.count) for note in book.notes] == [
        ("objects that mkdocstrings describes", 1)
    ]


def test_values_of_macros_and_marks_of_extensions_are_what_they_show(tmp_path: Path) -> None:
    marks = ", ".join(f"pymdownx.{one}" for one in ("keys", "mark", "critic", "tilde", "caret"))
    config = (
        "site_name: P\nplugins: [search, macros]\nextra: {version: {major: 2}}\n"
        f"markdown_extensions: [{marks}]\n"
    )
    page = (
        "# {{ config.site_name }}\n\n"
        "Of {{ version.major }} by {{ me }}; ++ctrl+a++ ==here==, C++ x==y.\n"
        "\n{--no--}{++yes++}{>>why<<} H~2~O x^2^ ~~not~~ `==code==`\n"
    )
    book = written(tmp_path, {"mkdocs.yml": config, "docs/index.md": page})
    assert book.files[0].file.title == "P"
    assert prose(book) == "Of 2 by {{ me }}; ctrl+a here, C++ x==y. yes H2O x^2 not ==code=="
    assert [note.examples for note in book.notes if note.is_lost] == [("docs/index.md: {{ me }}",)]


def test_files_are_put_in_as_the_extensions_for_it_write_them(tmp_path: Path) -> None:
    page = (
        "# Pump\n\nA {*red*} pump.\n\n```python\n{!src/run.py!}\n```\n\n"
        "```python\n{* ../src/run.py hl[1] *}\n```\n\n{!gone.md!}\n\n"
        "/// details | Parts of `it`\n    type: warning\n\nTwo.\n\n///\n"
    )
    files = {"mkdocs.yml": "site_name: P\n", "docs/pump.md": page, "src/run.py": "pump.run()\n"}
    book = written(tmp_path, files)
    text = contents(book)
    assert text.count("pump.run()") == 2
    assert "{*red*}" in text
    for mark in ("{!", "hl[1]", "type: warning"):
        assert mark not in text
    assert [note.kind for note in book.notes] == ["includes of a file that is not there"]


def test_pages_stand_as_the_files_of_awesome_pages_have_them(tmp_path: Path) -> None:
    pages = {name: f"# {name}\n\nText.\n" for name in ("index", "a", "b", "c", "z/x", "z/y")}
    book = written(
        tmp_path,
        {
            "mkdocs.yml": "site_name: P\nplugins: [search, awesome-pages]\n",
            "docs/.pages": "title: Top\nnav:\n  - c.md\n  - ...\n  - Bolts: b.md\n  - z\n",
            "docs/z/.pages": "arrange: [y.md]\n",
            **{f"docs/{name}.md": text for name, text in pages.items()},
        },
    )
    assert [one.file.file for one in book.files] == [
        f"docs/{name}.md" for name in ("c", "index", "a", "b", "z/y", "z/x")
    ]
    assert book.files[3].file.title == "Bolts"
