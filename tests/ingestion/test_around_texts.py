"""What authors hide is in no chunk, and what they write around texts is no text."""

from __future__ import annotations

import pytest

from ingestion.folder.page import ReadPage, make_page


def contents(page: ReadPage) -> str:
    return "\n".join(chunk.content for chunk in page.chunks)


def sentences(page: ReadPage) -> list[str]:
    return [one.text for chunk in page.chunks for one in chunk.sentences]


@pytest.mark.parametrize(
    "hidden",
    [
        "<!-- secret -->",
        "<!--\nsecret\n\nof two paragraphs -->",
        "A word <!-- secret --> and more.",
        "> A quote. <!-- secret -->",
        "<script>\nlet secret = 1;\n</script>",
        "<STYLE>\n.secret { color: red }\n</STYLE >",
        '<div>\n<script src="x">secret</script>\n</div>',
        "{/* secret */}",
        "Words {/* secret */} and more.",
        "import Secret from './secret'",
        "<Secret\n  rows={secret.map((row) => ({ a: row > 3 ? 1 : 0 }))}\n/>",
        "<video\n  style={{\n    a: 'secret',\n  }}\n></video>",
    ],
)
def test_what_is_hidden_is_in_no_text(hidden: str) -> None:
    page = make_page("a.mdx", f"# A\n\nBefore it.\n\n{hidden}\n\nBehind it.\n")
    assert "secret" not in page.text.lower()
    assert {"Before it.", "Behind it."} <= set(sentences(page))


def test_comments_are_counted_as_no_loss() -> None:
    [note] = make_page("a.md", "<!-- one -->\n\nText.\n\n<!-- two -->\n").notes
    assert (note.count, note.examples, note.is_lost) == (2, ("a.md",), False)


@pytest.mark.parametrize(
    ("heading", "text", "anchor"),
    [
        ("## Kräfte {#forces .unnumbered}", "Kräfte", "forces"),
        ("## Federn {: #springs }", "Federn", "springs"),
        ('## Reibung { #friction data-toc="x" }', "Reibung", "friction"),
        ("## Summary [#summary]", "Summary", "summary"),
        ("## 状态 {/*state*/}", "状态", "state"),
        ("## Plain {.class}", "Plain", "plain"),
        ("## Preface {-}", "Preface", "preface"),
        ("## The set {x, y}", "The set {x, y}", "the-set-x-y"),
    ],
)
def test_an_id_stands_behind_a_heading(heading: str, text: str, anchor: str) -> None:
    [section] = make_page("a.md", f"{heading}\n\nText.\n").sections
    assert (section.path[-1], section.anchor) == (text, anchor)


@pytest.mark.parametrize(
    "box",
    [
        '!!! warning "Title"\n    The text.',
        "??? note\n\n    The text.",
        '=== "Tab"\n\n    The text.\n\n=== "Other"\n\n    More.',
        "/// tip | Title\nThe text.\n///",
        ":::tip[Title]\nThe text.\n:::",
        "> [!NOTE]\n> The text.",
        "1. One:\n\n    !!! note\n        The text.",
        "{: .note }\nThe text.",
    ],
)
def test_the_text_of_a_box_is_prose_without_its_marks(box: str) -> None:
    found = sentences(make_page("a.md", f"{box}\n\nBehind it.\n"))
    assert {"The text.", "Behind it."} <= set(found)
    assert not any(mark in one for one in found for mark in ("!!!", "===", "///", "[!", "{:"))


def test_attributes_behind_a_link_are_no_words() -> None:
    page = make_page("a.md", "[Go](b.md){ .md-button } and :gear:{ .big } on.\n")
    assert sentences(page) == ["Go and :gear: on."]


def test_toml_is_read_as_front_matter() -> None:
    page = make_page("a.md", '+++\ntitle = "Panels"\ndraft = true\nweight = 2\n+++\n\nText.\n')
    assert (page.title, page.is_published) == ("Panels", False)
    assert page.front_matter.values["weight"] == "2"
