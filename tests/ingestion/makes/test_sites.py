"""Sites of Jekyll and Hugo: pages, addresses, and what is read of their syntax."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ingestion.folder.book_folder import read_book_folder
from tests.support.node import give_up
from tests.support.python_programs import built, environment
from tests.support.sites import contents, dead_addresses, prose, routes, written

BOOKS = Path(__file__).parent / "books"


def test_every_section_is_at_its_address_on_the_site_that_hugo_builds(
    pytestconfig: pytest.Config,
) -> None:
    cache = pytestconfig.cache.mkdir("python")
    hugo = environment(cache, "hugo") / "hugo"
    command = [str(hugo), "--quiet", "--noBuildLock", "-s", "{book}", "-d", "{site}"]
    book = read_book_folder(BOOKS / "hugo")
    assert sum(len(one.file.sections) for one in book.files) > 10
    assert dead_addresses(book, built(cache, BOOKS / "hugo", command)) == []


def test_every_section_is_at_its_address_on_the_site_that_jekyll_builds(
    pytestconfig: pytest.Config,
) -> None:
    jekyll = shutil.which("jekyll")
    if jekyll is None:
        give_up("Jekyll builds the site of this test; install it, e.g. by apt install jekyll")
    cache = pytestconfig.cache.mkdir("jekyll")
    command = [jekyll, "build", "-q", "--disable-disk-cache", "-s", "{book}", "-d", "{site}"]
    book = read_book_folder(BOOKS / "jekyll")
    assert sum(len(one.file.sections) for one in book.files) > 10
    assert dead_addresses(book, built(cache, BOOKS / "jekyll", command)) == []


def test_pages_of_hugo_stand_by_weight_and_drafts_are_left_out() -> None:
    book = read_book_folder(BOOKS / "hugo")
    assert (book.format, book.title) == ("Hugo", "Power")
    assert list(routes(book).values()) == [
        "",
        "notes/",
        "n/2026/03/a-first-note/",
        "guides/",
        "guides/deep/",
        "deep/ago/",
        "ends/",
        "docs/",
        "docs/second/",
        "docs/second/bundle/",
        "docs/second/small-cells/",
        "docs/first/",
        "docs/first/big-batteries/",
    ]
    assert "Batteries" in [one.file.title for one in book.files]
    assert [one.is_fault for one in book.skipped] == [False]


def test_a_site_of_jekyll_has_its_pages_posts_and_collections() -> None:
    book = read_book_folder(BOOKS / "jekyll")
    assert (book.format, book.title) == ("Jekyll", "The Missing Shell")
    assert routes(book) == {
        "index.md": "",
        "guide/index.md": "guide/",
        "labs/wires.md": "exercises/wires/",
        "team.md": "about/",
        "_lectures/shell.md": "lectures/shell/",
        "_handouts/keys.md": "papers/keys/",
        "_posts/2026-01-05-start-of-term.md": "news/2026/01/05/start-of-term/",
    }


def test_templates_and_marks_are_in_no_chunk() -> None:
    jekyll, hugo = (read_book_folder(BOOKS / name) for name in ("jekyll", "hugo"))
    assert "Welcome to The Missing Shell." in prose(jekyll)
    assert "A pipe carries the output of one program to the next." in prose(jekyll)
    assert "Mind the heat." in prose(hugo)
    assert "It ages." in prose(hugo)
    for hidden in ("The key is 4", "{%", "{:", "{::", "hidden", "Not output"):
        assert hidden not in contents(jekyll)
    for hidden in ("{{<", "+++", "[!NOTE]", "<!--", "Not yet"):
        assert hidden not in contents(hugo)


def test_lectures_are_read_where_only_their_folder_says_so(tmp_path: Path) -> None:
    lecture = "---\nlayout: lecture\n---\n\nA shell starts programs.\n"
    files = {"_lectures/shell.md": lecture, "AGENTS.md": "# Agents\n\nRules.\n"}
    book = written(tmp_path, files | {"index.md": "---\ntitle: Home\n---\n\nHi.\n"})
    assert routes(book) == {"index.md": "", "_lectures/shell.md": "lectures/shell.html"}


@pytest.mark.parametrize(
    ("permalink", "route"),
    [
        ("date", "2026/01/05/start.html"),
        ("none", "start.html"),
        ("/blog/:year/:title", "blog/2026/start"),
        ("/:categories/:i_day-:slug/", "5-start/"),
    ],
)
def test_posts_are_where_the_permalink_says(tmp_path: Path, permalink: str, route: str) -> None:
    config = f"title: T\npermalink: {permalink}\n"
    post = "---\ntitle: Start\n---\n\nWe begin.\n"
    book = written(tmp_path, {"_config.yml": config, "_posts/2026-01-05-start.md": post})
    assert list(routes(book).values()) == [route]


def test_a_configuration_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(Exception, match=r"hugo\.toml is not TOML"):
        written(tmp_path, {"hugo.toml": "title = ", "content/a.md": "Text.\n"})


def test_pages_of_hugo_are_found_without_a_configuration(tmp_path: Path) -> None:
    panels = '+++\ntitle = "Solar panels"\ndraft = true\n+++\n\nLight.\n'
    book = written(tmp_path, {"_index.md": "# Power\n\nWork.\n", "panels.md": panels})
    assert (book.format, book.title, routes(book)) == ("Hugo", "Power", {"_index.md": ""})


@pytest.mark.parametrize(
    ("rule", "anchor"),
    [("blackfriday", "pipes-a-b-v1-2"), ("github-ascii", "pipes--a--b-v12")],
)
def test_anchors_of_hugo_are_those_of_the_rule_that_is_chosen(
    tmp_path: Path, rule: str, anchor: str
) -> None:
    config = f"markup:\n  goldmark:\n    parser:\n      autoHeadingIDType: {rule}\n"
    files = {"hugo.yaml": config, "content/a.md": "Top.\n\n## Pipes -- `a` & b (v1.2)\n\nText.\n"}
    book = written(tmp_path, files)
    assert book.files[0].file.sections[-1].anchor == anchor
