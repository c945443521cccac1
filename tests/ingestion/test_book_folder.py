"""A book's folder: which files are its pages, where they go, and what is said of the others."""

from __future__ import annotations

import gzip
import os
import re
import sys
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from chains.errors import SettingError
from ingestion.folder.book_folder import BookFolder, read_book_folder
from ingestion.folder.files import DEEPEST
from ingestion.formats.page_addresses import route_of
from ingestion.markdown.front_matter import FrontMatter
from ingestion.options import Chosen, Options


def write(root: Path, **files: str) -> Path:
    """A folder of files; `__` in a name stands for a slash, and each ends with .md."""
    for name, text in files.items():
        path = root / (name.replace("__", "/") + ".md")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


def archive() -> bytes:
    """A zip of one page, not even packed."""
    with zipfile.ZipFile(file := BytesIO(), "w") as made:
        made.writestr("a.md", "# A\n\nText.\n")
    return file.getvalue()


def names(book: BookFolder) -> list[str]:
    return [one.file.file for one in book.files]


def reasons(book: BookFolder) -> dict[str, str]:
    return {skipped.file: skipped.reason for skipped in book.skipped}


@pytest.mark.parametrize(
    ("file", "front_matter", "route"),
    [
        ("intro.md", {}, "intro"),
        ("01-motors/02-servo.mdx", {}, "motors/servo"),
        ("1. Basics/3 - Gears.md", {}, "Basics/Gears"),
        ("2021-11-release.md", {}, "2021-11-release"),
        ("7.0-upgrade.md", {}, "7.0-upgrade"),
        ("10_Ten.md", {}, "Ten"),
        ("3d-printing.md", {}, "3d-printing"),
        ("index.md", {}, ""),
        ("a/README.md", {}, "a"),
        ("02-a/02-a.md", {}, "a"),
        ("01-a/index.md", {"slug": "start"}, "a/start"),
        ("a/b.md", {"id": "c"}, "a/c"),
        ("a/b.md", {"slug": "/x/y/"}, "x/y"),
        ("a/b.md", {"slug": "../x"}, "x"),
        ("a/b.md", {"slug": "../../../etc/passwd"}, "etc/passwd"),
        ("a/b.md", {"slug": "/"}, ""),
        ("a/b.md", {"slug": "", "id": ""}, "a/b"),
    ],
)
def test_a_route_is_the_one_that_docusaurus_gives(
    file: str, front_matter: dict[str, Any], route: str
) -> None:
    assert route_of(file, FrontMatter(**front_matter)) == route


def test_pages_come_in_reading_order(tmp_path: Path) -> None:
    write(
        tmp_path,
        intro="---\nsidebar_position: 1\n---\n# Intro\n",
        **{
            "01-basics__10-z": "# Z",
            "01-basics__9-y": "# Y",
            "01-basics__x": "# X",
            "01-basics__index": "# Basics",
            "appendix__a": "# A",
            "02-more__ch10": "# Ten",
            "02-more__ch9": "# Nine",
        },
    )
    book = read_book_folder(tmp_path)
    assert names(book) == [
        "intro.md",
        "01-basics/index.md",
        "01-basics/9-y.md",
        "01-basics/10-z.md",
        "01-basics/x.md",
        "02-more/ch9.md",
        "02-more/ch10.md",
        "appendix/a.md",
    ]
    assert [one.file.position for one in book.files] == list(range(8))


def test_the_book_is_named_by_its_first_page_or_else_by_its_folder(tmp_path: Path) -> None:
    root = write(tmp_path / "walking-robots", a="# A")
    assert read_book_folder(root).title == "Walking Robots"
    assert read_book_folder(write(tmp_path / "gears" / "docs", a="# A")).title == "Gears"
    for page in ("# Docs", "A page without a title.", "# Index"):
        folder = write(tmp_path / "motors" / "src" / "docs", index=page)
        assert read_book_folder(folder).title == "Motors"
    write(root, index="---\ntitle: Robots that walk\n---\n")
    assert read_book_folder(root).title == "Robots that walk"


def test_partials_hidden_files_and_packages_are_no_pages(tmp_path: Path) -> None:
    write(tmp_path, a="# A", _part="x", _parts__b="x", node_modules__c="x", **{".git__d": "x"})
    (tmp_path / "notes.txt").write_text("no page")
    book = read_book_folder(tmp_path)
    assert (names(book), book.skipped) == (["a.md"], ())


def test_a_draft_is_left_out_and_is_no_fault(tmp_path: Path) -> None:
    book = read_book_folder(write(tmp_path, a="# A", b="---\ndraft: true\n---\n# B\n"))
    assert names(book) == ["a.md"]
    [skipped] = book.skipped
    assert (skipped.file, skipped.is_fault) == ("b.md", False)


def test_text_is_read_without_byte_order_mark_and_with_one_kind_of_newline(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"\xef\xbb\xbf---\r\ntitle: A\r\n---\r\n# B\r\rText.\r\n")
    [one] = read_book_folder(tmp_path).files
    assert one.text == "---\ntitle: A\n---\n# B\n\nText.\n"
    assert [chunk.content for chunk in one.chunks] == ["Text."]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"# A\n\nCaf\xe9\n", "is not UTF-8 at byte 8; save it as UTF-8"),
        (b"# A\n\0\x01", "is not text (a NUL byte at 4); rename it, or save it as UTF-8"),
        ("# A".encode("utf-16"), "is not text (a NUL byte at 3)"),
        (archive(), "is not text (a NUL byte at"),
        (gzip.compress(b"# A\n"), "is not text (a NUL byte at"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1", "is not text (a NUL byte at 8)"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "is not UTF-8 at byte 10"),
        (b"x" * 10_000_001, "is 10.0 MB large, the limit is 10; split it into chapters"),
        (b"---\ntitle: A\nx: [\n---\n", "(line 4)"),
        (b"---\ntitle: A\n", "never ends; close it with a line of --- (line 1)"),
    ],
    ids=[
        "latin-1",
        "nul",
        "utf-16",
        "zip",
        "gzip",
        "png",
        "pdf",
        "large",
        "front",
        "open front",
    ],
)
def test_a_bad_file_is_named_with_its_fix_and_the_rest_goes_in(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    write(tmp_path, good="# Good")
    (tmp_path / "bad.md").write_bytes(content)
    book = read_book_folder(tmp_path)
    assert names(book) == ["good.md"]
    assert reason in reasons(book)["bad.md"]
    assert book.skipped[0].is_fault


def test_of_two_pages_with_one_address_the_second_is_named(tmp_path: Path) -> None:
    book = read_book_folder(write(tmp_path, **{"01-a": "# One", "02-a": "# Two"}))
    assert names(book) == ["01-a.md"]
    assert reasons(book) == {"02-a.md": "has the address of 01-a.md; give one of them a `slug`"}


@pytest.mark.parametrize(
    ("make", "line"),
    [
        ("hugo", "url: ../.."),
        ("hugo", "url: a/../../b"),
        ("hugo", "url: http://a.example/c"),
        ("hugo", "slug: .."),
        ("hugo", "slug: ."),
        ("jekyll", "permalink: /../a"),
        ("jekyll", "permalink: https://a.example/c"),
        ("starlight", "slug: a/../../b"),
        ("docusaurus", "slug: http://a.example/c"),
        ("markdown", "id: http://a.example/c"),
    ],
)
def test_an_address_that_leads_out_of_the_book_is_named(
    tmp_path: Path, make: str, line: str
) -> None:
    root = write(tmp_path, good="---\ntitle: Good\n---\n")
    (root / "bad.md").write_text(f"---\ntitle: Bad\n{line}\n---\n\nA motor turns.\n")
    book = read_book_folder(root, make)
    assert names(book) == ["good.md"]
    reason = reasons(book)["bad.md"]
    assert "as its address; give it a path below the book's in its front matter" in reason
    assert reason.isprintable()


@pytest.mark.parametrize("name", ["C#", "why?", ".net", "a..b", "...", "http:", "100%"])
def test_a_name_of_a_file_that_looks_like_part_of_an_address_is_its_route(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / f"a {name} b.md").write_text("# Good")
    book = read_book_folder(tmp_path)
    assert [one.file.route for one in book.files] == [f"a {name} b"]


def test_links_out_of_the_book_in_circles_and_to_nowhere_are_named(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", secret="# Secret")
    root = write(tmp_path / "book", a="# A", sub__b="# B")
    (root / "out.md").symlink_to(outside / "secret.md")
    (root / "away").symlink_to(outside, target_is_directory=True)
    (root / "sub" / "up").symlink_to(root, target_is_directory=True)
    (root / "self.md").symlink_to(root / "self.md")
    (root / "lost.md").symlink_to(root / "nowhere.md")
    (root / "same.md").symlink_to(root / "a.md")
    book = read_book_folder(root)
    assert names(book) == ["a.md", "same.md", "sub/b.md"]
    assert reasons(book) == {
        "away": "is a link out of the book; put the file itself there",
        "lost.md": "is a link that leads nowhere; remove it",
        "out.md": "is a link out of the book; put the file itself there",
        "self.md": "is a link that leads back to itself; remove it",
        "sub/up": "is a link to a folder of this book, whose pages are there already; remove it",
    }


def test_folders_without_an_end_are_left_out(tmp_path: Path) -> None:
    root = write(tmp_path, a="# A")
    deepest = root.joinpath(*["b"] * DEEPEST)
    write(deepest, c="# C")
    write(deepest / "b" / "b", d="# D")
    book = read_book_folder(root)
    assert names(book) == ["a.md", f"{'b/' * DEEPEST}c.md"]
    assert reasons(book) == {"b/" * (DEEPEST + 1): "lies in more than 50 folders; move it up"}


def test_a_book_behind_a_link_is_read(tmp_path: Path) -> None:
    write(tmp_path / "book", a="# A")
    (tmp_path / "link").symlink_to(tmp_path / "book", target_is_directory=True)
    book = read_book_folder(tmp_path / "link")
    assert (names(book), book.root) == (["a.md"], (tmp_path / "book").resolve())


if sys.platform != "win32":  # where neither can be made

    def test_a_pipe_under_the_name_of_a_page_does_not_block(tmp_path: Path) -> None:
        os.mkfifo(write(tmp_path, a="# A") / "pipe.md")
        assert reasons(read_book_folder(tmp_path)) == {"pipe.md": "is not a file; remove it"}

    def test_a_name_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
        name = os.fsdecode(b"caf\xe9.md")
        try:
            (write(tmp_path, a="# A") / name).write_text("# B")
        except OSError:
            return  # macOS does not let such a name be
        book = read_book_folder(tmp_path)
        assert names(book) == ["a.md"]
        assert book.skipped[0].reason == "has a name that is not UTF-8; rename it"


def test_a_folder_whose_name_is_not_utf_8_is_named(tmp_path: Path) -> None:
    folder = write(tmp_path, a="# A") / "caf\udce9"
    try:
        folder.mkdir()
    except OSError:
        return  # macOS does not let such a name be
    (folder / "b.md").write_text("# B")
    assert reasons(read_book_folder(tmp_path)) == {
        "caf\\udce9/b.md": "has a name that is not UTF-8; rename it"
    }
    with pytest.raises(SettingError, match=r"has a name that is not UTF-8; rename it\."):
        read_book_folder(folder)


def test_a_title_or_an_address_that_is_not_utf_8_is_named() -> None:
    wrong = "/caf\udce9/"
    for chosen in (Chosen(title=wrong), Chosen(base_url=wrong)):
        with pytest.raises(SettingError, match="is not UTF-8; write it in UTF-8"):
            Options(**chosen)


@pytest.mark.parametrize("kind", ["missing", "a file", "empty", "no chapters", "only drafts"])
def test_a_path_without_a_book_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "book"
    if kind == "a file":
        path.write_text("# A")
    elif kind != "missing":
        path.mkdir()
    if kind == "no chapters":
        write(path, _partial="# A")
    if kind == "only drafts":
        write(path, a="---\ndraft: true\n---\n")
    with pytest.raises(SettingError, match=r"book|chapters"):
        read_book_folder(path)


@pytest.mark.parametrize(("book", "files"), [("humanoid-robotics", 14), ("rust", 120)])
def test_a_real_book_is_read_whole(books: Path, book: str, files: int) -> None:
    found = read_book_folder(books / book)
    assert found.skipped == ()
    assert len(found.files) == len(list((books / book).rglob("*.md*"))) >= files
    assert all(one.file.title and one.chunks for one in found.files if len(one.text) > 1000)


def test_aliases_in_front_matter_are_refused_before_they_unfold(tmp_path: Path) -> None:
    (tmp_path / "good.md").write_text("# Good\n\nText.\n")
    matter = "a: &a [x, x]\nb: &b [*a, *a]\ntitle: *b\n"
    (tmp_path / "laughs.md").write_text(f"---\n{matter}---\n# Title\n")
    book = read_book_folder(tmp_path)
    assert [one.file.file for one in book.files] == ["good.md"]
    assert "aliases are not read" in book.skipped[0].reason


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("a/gears.html", "holds no Markdown (.html files: 1); add --format html to read"),
        ("a/gears.rst", "holds no chapters (.rst files: 1); name a folder with .md"),
    ],
)
def test_a_folder_without_pages_says_what_it_holds_instead(
    tmp_path: Path, file: str, message: str
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / file).write_text("Gears", "utf-8")
    with pytest.raises(SettingError, match=re.escape(message)):
        read_book_folder(tmp_path)
