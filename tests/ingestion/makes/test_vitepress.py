"""VitePress and Starlight: pages, addresses, anchors, boxes and what is put in."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.folder.book_folder import read_book_folder
from tests.support.sites import anchors_of, contents, prose


def write(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_DOT_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def test_a_vitepress_site_is_read(tmp_path: Path) -> None:
    write(
        tmp_path,
        docs___DOT_vitepress__config_DOT_mts="export default { title: 'Pumps' }",
        docs__index_DOT_md="# Pumps\n\nA pump moves water.\n",
        docs__guide__start_DOT_md=(
            "# Start\n\n::: tip Handling\nGrease it.\n:::\n\n> [!WARNING]\n> Mind the heat.\n\n"
            "<!-- @include: ./part.md{2,} -->\n\n<<< ./pump.js\n\n"
            "<!-- @include: ../../../secret.md -->\n\n## 1. Step & más\n\nTurn.\n"
        ),
        docs__guide__part_DOT_md="# Part\nIt turns fast.\n",
        docs__guide__pump_DOT_js="pump.run();\n",
    )
    book = read_book_folder(tmp_path)
    assert (book.title, book.format) == ("Pumps", "VitePress")
    assert {one.file.route for one in book.files} == {"", "guide/start.html", "guide/part.html"}
    start = next(one for one in book.files if one.file.route == "guide/start.html")
    assert anchors_of(start) == ["start", "_1-step-mas"]
    for sentence in ("Grease it.", "Mind the heat.", "It turns fast."):
        assert sentence in prose(book)
    assert "```js\npump.run();\n```" in contents(book)
    assert [(note.kind, note.count) for note in book.notes if note.is_lost] == [
        ("includes of a file that is not there", 1)
    ]


def test_the_addresses_of_a_vitepress_site_follow_its_configuration(tmp_path: Path) -> None:
    write(
        tmp_path,
        _DOT_vitepress__config_DOT_ts="""export default {
  // srcDir: 'old',
  srcDir: './pages',
  cleanUrls: true,
  rewrites: {
    'packages/:pkg/src/:rest(.*)': ':pkg/:rest',
    'first.md': 'start/index.md',
  },
}""",
        pages__index_DOT_md="# Pumps\n\nA pump moves water.\n",
        pages__first_DOT_md="# First\n\nTurn it on.\n",
        pages__packages__valve__src__deep__seat_DOT_md="# Seat\n\nIt closes.\n",
        pages__packages__valve__notes_DOT_md="# Notes\n\nIt opens.\n",
        other__page_DOT_md="# Other\n\nNot of the site.\n",
    )
    routes = {one.file.file: one.file.route for one in read_book_folder(tmp_path).files}
    assert routes == {
        "pages/index.md": "",
        "pages/first.md": "start/",
        "pages/packages/valve/src/deep/seat.md": "valve/deep/seat",
        "pages/packages/valve/notes.md": "packages/valve/notes",
    }


@pytest.mark.parametrize("pair", ["':a/:a': 'x'", "':': ':'", "'(.*)': ':x(.*)'", "'[': '\\\\1'"])
def test_rewrites_that_make_no_sense_are_of_no_account(tmp_path: Path, pair: str) -> None:
    write(tmp_path, _DOT_vitepress__config_DOT_ts=f"rewrites: {{ {pair} }}", a_DOT_md="# A\n\nB.\n")
    assert [one.file.route for one in read_book_folder(tmp_path).files] == ["a.html"]


def test_a_starlight_site_is_read(tmp_path: Path) -> None:
    write(
        tmp_path,
        astro_DOT_config_DOT_mjs="starlight({ title: 'Valves' })",
        src__content__docs__index_DOT_mdx="---\ntitle: Home\n---\n\nA valve stops water.\n",
        src__content__docs__guides__Big_Seats_DOT_md=(
            "---\ntitle: Seats\n---\n\n:::caution[Hot]\nWear gloves.\n:::\n\n## How & why\n\nSo.\n"
        ),
    )
    book = read_book_folder(tmp_path)
    assert (book.title, book.format) == ("Valves", "Starlight")
    assert {one.file.route for one in book.files} == {"", "guides/big_seats/"}
    assert "Wear gloves." in prose(book)
    assert "how--why" in [anchor for one in book.files for anchor in anchors_of(one)]
