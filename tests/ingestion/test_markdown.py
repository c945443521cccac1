"""Parsing: front matter, anchors, MDX, admonitions, math, and the places of characters."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it.token import Token

from ingestion.folder.page import make_page
from ingestion.markdown.admonitions import kind_and_title
from ingestion.markdown.front_matter import BadFrontMatter
from ingestion.markdown.parser import Page, markdown_it, parse
from ingestion.markdown.slugs import github as slug


def anchors(text: str) -> list[str]:
    return [heading.anchor for heading in parse(text).headings]


def shown(text: str, *, mdx: bool = True) -> str:
    """What a reader sees of the paragraphs, in one line."""
    inlines = [token for token in parse(text, mdx=mdx).tokens if token.type == "inline"]
    return " ".join(token.meta["places"].text for token in inlines)


def types(text: str, *, mdx: bool = True) -> list[str]:
    return [token.type for token in parse(text, mdx=mdx).tokens]


def html_ids(page: Page) -> list[str]:
    md = markdown_it()
    html = md.renderer.render(page.tokens, md.options, dict(page.environment))
    return re.findall(r'\bid="([^"]*)"', html)


def test_front_matter_gives_the_title_and_is_no_part_of_the_page() -> None:
    text = "---\ntitle: 'Motors: a primer'\nslug: /motors\n---\n# Motors\n"
    page = parse(text)
    assert (page.title, page.front_matter.slug) == ("Motors: a primer", "/motors")
    assert text[page.front_matter.end :] == "# Motors\n"
    assert page.headings[0].line == 4


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("## Below\n# Top *of* all {#top}\n", "Top of all"),
        ("Text\n\n## First\n## Second\n", "First"),
        ("---\n\nA rule, then text.\n", ""),
        ("---\n---\n# Empty front matter\n", "Empty front matter"),
    ],
)
def test_a_page_without_title_takes_its_first_heading(text: str, title: str) -> None:
    assert parse(text).title == title


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("---\ntitle: a\ntags: [b\n---\n", 3),
        ("---\ntitle: never closed\n\n# Heading\n", 1),
        ("---\n- a\n- list\n---\n", 2),
        ("---\ntitle: 'a\n\tb': c\n---\n", 3),
        ("---\nx: " + "[" * 5000 + "\n---\n", 1),
    ],
)
def test_broken_front_matter_is_named_with_its_line(text: str, line: int) -> None:
    with pytest.raises(BadFrontMatter) as caught:
        parse(text)
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("Hello, World!", "hello-world"),
        ("What's new in C++?", "whats-new-in-c"),
        ("`Result<T, E>` and *Option*", "resultt-e-and-option"),
        ("Ünïcode 東京 – x²", "ünïcode-東京--x"),
        ("snake_case & kebab-case", "snake_case--kebab-case"),
        ("1.2 Torque [link](https://example.org)", "12-torque-link"),
        ("The $\\tau$ equation", "the-tau-equation"),
        ("Trailing hashes ##", "trailing-hashes"),
    ],
)
def test_an_anchor_is_the_one_that_docusaurus_makes(heading: str, anchor: str) -> None:
    assert anchors(f"## {heading}\n") == [anchor]


def test_equal_headings_are_numbered_as_github_slugger_does() -> None:
    assert anchors("# A\n# A\n# A 1\n# A\n# A-1\n") == ["a", "a-1", "a-1-1", "a-2", "a-1-2"]


def test_explicit_ids_are_taken_in_both_forms_and_not_shown() -> None:
    text = "# Power {#My_Power}\n\n## Cells {/* #cells */}\n\n### Packs { not an id }\n"
    assert anchors(text) == ["My_Power", "cells", "packs--not-an-id-"]
    assert [heading.text for heading in parse(text).headings][:2] == ["Power", "Cells"]


def test_a_made_anchor_gives_way_to_an_explicit_one_below() -> None:
    assert anchors("# Power\n\n# Other {#power}\n") == ["power-1", "power"]


@given(st.lists(st.sampled_from(["A", "a 1", "A-1", "B {#a}", "C {#a-1}", "!"]), max_size=9))
def test_no_two_headings_share_an_anchor(headings: list[str]) -> None:
    found = anchors("".join(f"# {heading}\n\n" for heading in headings))
    assert len(set(found)) == len(found) == len(headings)


@given(st.text())
def test_a_slug_keeps_no_space_and_does_not_change_again(text: str) -> None:
    assert " " not in slug(text)
    assert slug(slug(text)) == slug(text).lower()


def test_headings_in_boxes_and_lists_are_nested() -> None:
    text = "# A\n\n> ## B\n\n- ## C\n\n:::tip\n\n## D\n\n:::\n\n## E\n"
    assert [(h.text, h.is_nested) for h in parse(text).headings] == [
        ("A", False), ("B", True), ("C", True), ("D", True), ("E", False),
    ]  # fmt: skip


def test_imports_exports_tags_and_comments_are_no_prose() -> None:
    text = """import Tabs from '@theme/Tabs';
import {
  a,

  b
} from './x';

export const n = {
  deep: {value: 1},
};

<Tabs values={[
  {label: 'A > B', value: 'a'},
]}>
<TabItem value="a">
Inside *the* tab.
</TabItem>
</Tabs>

{/* a
comment */}

Before <Hint text={`x > y`}>the hint</Hint> {/* unseen */}after.
"""
    assert shown(text) == "Inside the tab. Before the hint after."


def test_prose_that_begins_like_code_stays_prose() -> None:
    text = "import duties are due.\n\nexport of goods.\n\n{braces} and 1 < 2.\n"
    assert shown(text) == "import duties are due. export of goods. {braces} and 1 < 2."


def test_only_markdown_takes_indented_lines_for_code() -> None:
    text = "<Tabs>\n    <TabItem>\n\n    Text in a tab.\n\n    </TabItem>\n</Tabs>\n"
    assert shown(text, mdx=True) == "Text in a tab."
    assert "code_block" in types(text, mdx=False)


def test_code_keeps_what_looks_like_markup() -> None:
    text = "````md\n# no heading\n```\nimport x from 'y'\n```\n:::tip\n````\n"
    [fence] = parse(text, mdx=True).tokens
    assert fence.content == "# no heading\n```\nimport x from 'y'\n```\n:::tip\n"


@pytest.mark.parametrize(
    ("line", "kind", "title"),
    [
        (":::tip", "tip", "Tip"),
        (":::note[**Mind** the gap]", "note", "**Mind** the gap"),
        ("::::Warning Hot surface", "warning", "Hot surface"),
        (":::info {.wide}", "info", "Info"),
    ],
)
def test_an_admonition_has_a_kind_and_a_title(line: str, kind: str, title: str) -> None:
    page = parse(f"{line}\n\nText.\n\n{line[: line.rindex(':') + 1]}\n")
    assert kind_and_title(page.tokens[0]) == (kind, title)
    assert page.tokens[-1].type == "container_admonition_close"


def test_an_equation_with_a_label_ends_where_it_ends() -> None:
    text = "$$\nF = -k x\n$$ (eq-hooke)\n\nIt pulls back by $k$.\n\n$$ E $$ (eq-energy)\n\nSo.\n"
    blocks = [name for name in types(text) if name in ("math_block", "paragraph_open")]
    assert blocks == ["math_block", "paragraph_open"] * 2
    assert shown(text) == "It pulls back by $k$. So."


def test_prices_are_no_math() -> None:
    [inline] = [token for token in parse("From $5 to $10, $x$ up.\n").tokens if token.children]
    kinds = inline.meta["places"].kinds
    assert [i for i, kind in enumerate(kinds) if kind == "math"] == [16, 17, 18]


def test_footnotes_and_check_boxes_are_known() -> None:
    text = "- [x] Done.[^1]\n\n[^1]: A note.\n"
    assert "footnote_open" in types(text)
    assert shown(text) == "[x] Done. A note."


MARKUP = st.text(alphabet="ab .:\n*_`[]()<>!\\&;$~{}/#\"'1", max_size=60)


@given(MARKUP)
def test_every_character_that_a_reader_sees_has_its_place(text: str) -> None:
    for token in parse(text, mdx=True).tokens:
        if token.type == "inline":
            check_places(token)


def check_places(token: Token) -> None:
    places = token.meta["places"]
    if places is None:
        return
    assert len(places.text) == len(places.starts) == len(places.ends) == len(places.kinds)
    last = 0
    for char, start, end in zip(places.text, places.starts, places.ends, strict=True):
        assert last <= start < end <= len(places.source)
        last = start
        source = places.source[start:end]
        # An escape or entity stands for another character; a line end shows as a space.
        assert char == source or source[0] in "\\&<" or char.isspace()


@pytest.mark.parametrize("book", ["humanoid-robotics", "rust"])
def test_a_real_book_has_every_anchor_once_and_every_paragraph_placed(
    books: Path, book: str
) -> None:
    for path in sorted((books / book).rglob("*.md*")):
        page = parse(path.read_text("utf-8"), mdx=path.suffix == ".mdx")
        ids = html_ids(page)
        for heading in page.headings:
            assert ids.count(heading.anchor) == 1, (path.name, heading)
        inlines = [token for token in page.tokens if token.type == "inline"]
        assert all(token.meta["places"] is not None for token in inlines), path.name


@pytest.mark.parametrize("around", ["> ", "- ", "1. > - "])
def test_a_footnote_within_a_list_or_quote_of_another_one_is_a_footnote_too(around: str) -> None:
    page = make_page("a.md", f"# A\n\nText[^a] here[^b].\n\n[^a]: {around}[^b]: inner\n")
    types = [token.type for token in parse(page.text).tokens]
    assert types.count("footnote_open") == types.count("footnote_close") == 2
    assert "inner" in page.chunks[0].content
