"""Hidden text: what goes, what stays, and how long that takes."""

from __future__ import annotations

import time

import pytest

from ingestion.dialects.hidden import without_hidden


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("A<!-- x --> B", "A B"),
        ("A\n\n<!--\nkey\n```\n-->\n\nB", "A\n\n\n\n\n\n\nB"),
        ("`<!-- x -->`", "`<!-- x -->`"),
        ("```html\n<!-- x -->\n```", "```html\n<!-- x -->\n```"),
        ("<SCRIPT>\nx\n</script>\nB", "\n\n\nB"),
        ("<style>.a { b: c }</style>B", "B"),
        ("A {/* x */} B", "A  B"),
        ("## A {/* #a */}", "## A {/* #a */}"),
        ("A <!-- B", "A <!-- B"),
        ("A\n<!-- B\n\nC", "A\n\n\n"),
        ("ß İ <!-- x --> B", "ß İ  B"),
    ],
)
def test_what_authors_hide_is_not_shown(text: str, shown: str) -> None:
    assert without_hidden(text)[0] == shown


@pytest.mark.parametrize("opening", ["<!--", "<script", "{/*", "`", "<!-- -->", "a\n```\n", "> "])
def test_two_million_characters_of_openings_are_read_at_once(opening: str) -> None:
    started = time.process_time()
    without_hidden(opening * (2_000_000 // len(opening)))
    assert time.process_time() - started < 5
