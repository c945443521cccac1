"""Docusaurus: partials, tabs, categories and pages that are not listed."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.folder.book_folder import BookFolder, read_book_folder
from tests.support.sites import contents, prose

FILES = {
    "docusaurus.config.js": "export default {\n  title: 'Arms and Legs',\n  url: 'https://a.example',\n};",
    "static/img/arm.png": "",
    "docs/intro.md": "# Intro\n\nAn arm. ![Arm](/img/arm.png)\n",
    "docs/legs/_category_.json": '{"label": "Legs", "position": 1}',
    "docs/legs/knee.mdx": (
        "import Warning from '../_warning.mdx';\nimport Loop from './_loop.mdx';\n"
        "import Away from '../../../away.mdx';\n\n# Knee\n\nA knee bends.\n\n<Warning />\n\n"
        "<Loop />\n\n<Away />\n\n"
        '<Tabs>\n<TabItem value="l" label="Left side">\n\nThe left knee.\n\n</TabItem>\n</Tabs>\n\n'
        "## Bones {/*bones*/}\n\nThree bones meet.\n"
    ),
    "docs/arms/elbow.md": "# Elbow\n\nAn elbow bends.\n",
    "docs/_warning.mdx": "---\ntitle: x\n---\n\nMind **your** fingers.\n",
    "docs/legs/_loop.mdx": "import Loop from './_loop.mdx'\n\nRound and round.\n\n<Loop />\n",
    "docs/secret.md": "---\nunlisted: true\n---\n\n# Secret\n\nNot yet.\n",
    "i18n/de/docusaurus-plugin-content-docs/current/intro.md": "# Einführung\n\nEin Arm.\n",
    "versioned_docs/version-1.0/intro.md": "# Intro\n\nAn old arm.\n",
}


@pytest.fixture
def book(tmp_path: Path) -> BookFolder:
    for name, text in FILES.items():
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    (tmp_path / "away.mdx").write_text("Out of the book.\n")
    return read_book_folder(tmp_path / "site")


def test_a_site_is_read_by_its_configuration_and_categories(book: BookFolder) -> None:
    assert (book.title, book.format) == ("Arms and Legs", "Docusaurus")
    assert [one.file.route for one in book.files] == ["legs/knee", "arms/elbow", "intro"]
    assert [(one.file, one.reason, one.is_fault) for one in book.skipped] == [
        ("docs/secret.md", "is unlisted; remove `unlisted: true` to have it in the book", False)
    ]


def test_titles_have_no_anchor_and_ids_in_comments_are_read(book: BookFolder) -> None:
    knee = book.files[0].file
    assert [section.anchor for section in knee.sections] == ["", "bones"]


def test_partials_are_put_in_where_they_are_imported(book: BookFolder) -> None:
    assert "Mind your fingers." in prose(book)
    assert "Round and round." in prose(book)
    assert "**Left side**" in contents(book)
    assert "<" not in contents(book)
    assert "![Arm](/static/img/arm.png)" in contents(book)


def test_partials_in_circles_and_out_of_the_book_are_noted(book: BookFolder) -> None:
    assert {note.kind: note.examples for note in book.notes if note.is_lost} == {
        "includes of a file that includes itself": (
            "docs/legs/knee.mdx: {{partial docs/legs/_loop.mdx}}",
        ),
        "includes of a file that lies outside of the book": (
            "docs/legs/knee.mdx: {{partial ../away.mdx}}",
        ),
    }
