"""VitePress and Starlight: pages, addresses, anchors, boxes and what is put in."""

from __future__ import annotations

from pathlib import Path

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
