"""Text of books, readers and models on a terminal."""

from __future__ import annotations

import pytest

from quart_app.trace.visible import one_line, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\rb\x07\x9b", "a\\x0db\\x07\\x9b"),
        ("a\r\nb\tc", "a\nb   c"),
        ("a\u202eb\u2066\u200b\ufeff", "a\\u202eb\\u2066\\u200b\\ufeff"),
        ("a\u2028b\U000e0041", "a\\u2028b\\U000e0041"),
        ("höre 𝑥 नमस्ते‍ 👩‍🔬", "höre 𝑥 नमस्ते‍ 👩‍🔬"),
    ],
)
def test_nothing_in_a_text_acts_on_a_terminal(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_one_line_is_one_short_line() -> None:
    assert one_line("a\n b\x1b " + "c" * 90, 12) == "a b\\x1b ccc…"
