"""Front matter: what is read of it, and what it says that no index could hold."""

from __future__ import annotations

import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.folder.book_folder import read_book_folder
from ingestion.markdown.front_matter import BadFrontMatter, FrontMatter, read_front_matter


def read(*lines: str) -> FrontMatter:
    return read_front_matter("---\n" + "\n".join(lines) + "\n---\nText.\n")


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("title: 007", "007"),
        ("title: 2026-13-45", "2026-13-45"),
        ("title: 1_000", "1_000"),
        ("title: yes", "yes"),
        ("title: ~", ""),
        ("title: ''", ""),
        ("title: !!str 12", "12"),
        ("title: &name Arms", "Arms"),
        ("title: |\n  Two\n  lines", "Two lines"),
        (r'title: "\ud83e\udd16 at work"', "🤖 at work"),
        (r'title: "\U0001F916 at work"', "🤖 at work"),
    ],
)
def test_a_title_is_what_the_author_wrote(line: str, title: str) -> None:
    assert read(line).title == title


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (r'title: "half \ud83e"', "`title` holds U+D83E, which cannot be shown; remove it"),
        (r'slug: "\udd16\ud83e"', "`slug` holds U+DD16"),
        (r'id: "a\0b"', "`id` holds U+0000"),
        (r'title: "\e[31mred"', "`title` holds U+001B"),
        ("title: 0x" + "f" * 5000, "`title` is 5,002 characters long, the limit is 500"),
        ("slug: " + "9" * 5000, "`slug` is 5,000 characters long"),
        ("sidebar_position: " + "9" * 5000, "`sidebar_position` is too large a number"),
        ("title: [a, b]", "`title` is a list; write it as text in quotes"),
        ("title: {a: b}", "`title` is a map; write it as text in quotes"),
        ("title: !robot arm", "`title` is tagged !robot; write it as text in quotes"),
        ("<<: {title: a}", "merge keys are not read; write each key on a line of its own"),
    ],
)
def test_what_cannot_be_stored_is_named_with_its_line_and_its_fix(line: str, problem: str) -> None:
    with pytest.raises(BadFrontMatter) as caught:
        read("draft: false", line)
    assert problem in caught.value.problem
    assert caught.value.line == 3


@pytest.mark.parametrize(
    "line",
    [
        "date: 2026-13-45",
        "weight: 0x" + "f" * 5000,
        "0x" + "f" * 900 + ": a",
        "picture: !!binary no",
        "tags: [a, {b: c}]",
        "? [a, b]\n: c",
        r'note: "\ud83e"',
    ],
)
def test_a_key_that_nobody_reads_may_hold_anything_that_is_yaml(line: str) -> None:
    assert read(line, "title: Arms").title == "Arms"


def test_long_front_matter_is_refused_before_it_takes_time() -> None:
    started = time.process_time()
    with pytest.raises(BadFrontMatter, match="the limit is 65,536; move the text below it"):
        read("- a\n" * 500_000)
    assert time.process_time() - started < 1


def test_a_position_may_be_any_small_number() -> None:
    positions = [read(f"sidebar_position: {text}").sidebar_position for text in ("2", "2.5", "-1")]
    assert positions == [2, 2.5, -1]
    assert read("sidebar_position: first").sidebar_position is None


VALUES = st.one_of(
    st.text(st.characters(codec="utf-8")),
    st.from_regex(r'"(\\[ux0-9a-zU]{1,9}|[a-z])*"', fullmatch=True),
    st.integers().map(str),
    st.floats().map(str),
    st.dates().map(str),
    st.sampled_from(["!!int x", "!a b", "&a b", "*a", "<<", "[", "{", "? a", "\t", "%YAML 9"]),
)


@given(st.lists(st.tuples(st.sampled_from(["title", "slug", "id", "draft", "<<", "x"]), VALUES)))
def test_whatever_stands_there_is_read_or_named(pairs: list[tuple[str, str]]) -> None:
    lines = "\n".join(f"{key}: {value}" for key, value in pairs)
    try:
        found = read_front_matter(f"---\n{lines}\n---\nText.\n")
    except BadFrontMatter as error:
        assert error.line >= 1
    else:
        for text in (found.title, found.slug, found.id):
            assert text.encode().decode() == text
            assert not {"Cc", "Cs"} & {unicodedata.category(char) for char in text}


def test_a_page_with_a_title_that_cannot_be_stored_costs_no_other_page(tmp_path: Path) -> None:
    (tmp_path / "good.md").write_text("# Good\n\nText.\n")
    (tmp_path / "half.md").write_text('---\ntitle: "\\ud83e"\n---\n\nText.\n')
    (tmp_path / "long.md").write_text(f"---\ntitle: 0x{'f' * 5000}\n---\n\nText.\n")
    (tmp_path / "robot.md").write_text('---\ntitle: "\\ud83e\\udd16"\n---\n\nText.\n')
    book = read_book_folder(tmp_path)
    assert [one.file.title for one in book.files] == ["Good", "🤖"]
    assert [skipped.file for skipped in book.skipped] == ["half.md", "long.md"]


def test_a_tab_is_taken_for_a_blank() -> None:
    front = read_front_matter("---\ntitle:\tPumps\nweight: 3\t# third\n---\nText.\n")
    assert (front.title, front.values["weight"]) == ("Pumps", "3")


def test_a_title_with_a_colon_is_refused_with_the_fix() -> None:
    with pytest.raises(BadFrontMatter) as refused:
        read_front_matter("---\nid: gears\ntitle: Gears: an introduction\n---\n")
    assert refused.value.line == 3
    assert 'a text with ": " in it needs quotes' in refused.value.problem
