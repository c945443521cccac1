"""VitePress: pages, addresses, anchors, boxes and what is put in."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.folder.book_folder import read_book_folder
from tests.support.node import built, find_node
from tests.support.sites import anchors_of, contents, heading_ids, page_at, prose, routes, written

BOOK = Path(__file__).parent / "books" / "vitepress"


def test_every_heading_is_at_its_address_on_the_site_that_vitepress_builds(
    pytestconfig: pytest.Config,
) -> None:
    command = ["node_modules/vitepress/bin/vitepress.js", "build", "{book}/docs"]
    site = built(
        find_node(), BOOK, pytestconfig.cache.mkdir("node"), [*command, "--outDir", "{site}"]
    )
    book = read_book_folder(BOOK)
    pages = {one.file.route: page_at(site, one.file.route) for one in book.files}
    assert {one.relative_to(site).as_posix() for one in pages.values() if one} == {
        one.relative_to(site).as_posix() for one in site.rglob("*.html") if one.name != "404.html"
    }
    for one in book.files:
        page = pages[one.file.route]
        assert page is not None
        assert anchors_of(one) == heading_ids(page)


def test_what_a_vitepress_page_takes_in_is_there_and_marks_are_not() -> None:
    book = read_book_folder(BOOK)
    for sentence in ("Silicone grease is best.", "This one as well.", "A region is a part"):
        assert sentence in prose(book)
    assert "```js\nconst pump = open();\n```" in contents(book)
    for hidden in (
        "Never shown",
        "Not this line",
        "Outside of it",
        "\n[[toc]]",
        "Not yet",
    ):
        assert hidden not in contents(book)
    assert [note for note in book.notes if note.is_lost] == []


@pytest.mark.parametrize("glob", ["**/**/**/**/**/**", "*" * 200, "(a|a)*", "[", "\\"])
def test_globs_that_make_no_sense_take_no_time(tmp_path: Path, glob: str) -> None:
    page = f"{'a/' * 40}{'a' * 200}.md"
    config = {".vitepress/config.mts": f"export default {{ srcExclude: ['{glob}b'] }}"}
    assert len(written(tmp_path, {**config, page: "# A\n\nB.\n"}).files) == 1


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


def test_a_landing_page_is_read_by_what_its_front_matter_shows(tmp_path: Path) -> None:
    hero = "hero:\n  name: V\n  text: Air moves.\n  tagline: It is fresh.\n"
    features = "features:\n  - title: Quick\n    details: It is quick.\n  - title: 3 parts\n"
    page = f"---\nlayout: home\n{hero}{features}---\n"
    config = {".vitepress/config.ts": "export default { title: 'Vents' }"}
    book = written(tmp_path, {**config, "index.md": page, "a.md": "---\nhero: [\n---\n# A\n\nB.\n"})
    assert book.files[0].file.title == "Vents"
    assert prose(book) == "Air moves. It is fresh. Quick: It is quick. 3 parts"


def test_values_of_the_front_matter_and_titles_of_alerts_are_shown(tmp_path: Path) -> None:
    page = "---\ntitle: Ducts\n---\n# {{ $frontmatter.title }}\n\n> [!TIP] Bends\n> Few. {{ x }}\n"
    book = written(tmp_path, {".vitepress/config.ts": "", "a.md": page})
    assert anchors_of(book.files[0]) == ["ducts"]
    assert ":::tip[Bends]\n\nFew. {{ x }}" in contents(book)


def test_a_region_of_prose_that_begins_with_the_word_is_put_in(tmp_path: Path) -> None:
    part = "# P\n\n<!-- #region a -->\nRegion of air.\n<!-- #endregion a -->\n\nNot this.\n"
    files = {".vitepress/config.ts": "", "a.md": "# A\n\n<!--@include: ./b.md#a-->\n", "b.md": part}
    assert [chunk.content for chunk in written(tmp_path, files).files[0].chunks] == [
        "Region of air."
    ]


def test_other_languages_are_left_out_and_components_are_read(tmp_path: Path) -> None:
    config = """export default defineConfig({
  title: `Pumps${more}`,
  locales: { root: { label: 'English', themeConfig: nav() }, zh: { label: '简体中文' } },
})"""
    page = (
        '# Pumps <Badge text="old" />\n\nIt runs <Badge text="since 2.1" />.\n\n'
        "## Seals <New />\n\nA.\n"
    )
    files = {".vitepress/config.ts": config, "pumps.md": page, "zh/pumps.md": "# 泵\n\n泵。\n"}
    book = written(tmp_path, files)
    assert (book.title, list(routes(book))) == ("Pumps", ["pumps.md"])
    assert "It runs since 2.1." in prose(book)
    assert book.files[0].file.sections[-1].anchor == "seals"
