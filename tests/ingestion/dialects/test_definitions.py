"""Definition lists as Pandoc, Python-Markdown, kramdown, goldmark and MyST read them."""

from __future__ import annotations

import time

import pytest

from ingestion.dialects.definitions import with_definitions


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("Gear\n: A wheel with teeth.\n", "**Gear**: A wheel with teeth.\n"),
        ("Gear\n\n:   A wheel\n    with teeth.", "**Gear**: A wheel\nwith teeth."),
        ("Gear\n: A wheel\nwith teeth.\n\nText.", "**Gear**: A wheel\nwith teeth.\n\nText."),
        ("Gear\nCog\n: A wheel.\n: It turns.", "**Gear**, **Cog**: A wheel.\n\nIt turns."),
        ("A\n: One.\n\nB\n: Two.", "**A**: One.\n\n**B**: Two."),
        (
            "A\n: One.\n\n    More.\n\n    - b\n      - c\n\nD",
            "**A**: One.\n\nMore.\n\n- b\n  - c\n\nD",
        ),
        ("A\n:   ```sh\n    ls\n    ```\n", "**A**:\n\n```sh\nls\n```\n"),
        ("A\n: One:\n\n  ```sh\n  ls\n\n  cd\n  ```\n", "**A**: One:\n\n```sh\nls\n\ncd\n```\n"),
        ("!!! note\n    Gear\n    :   A wheel.", "!!! note\n    **Gear**: A wheel."),
        ("```\nGear\n: A wheel.\n```", "```\nGear\n: A wheel.\n```"),
        ("**Gear**\n: A wheel.", "**Gear**: A wheel."),
        ("| a |\n|---|\n| b |\n: Loads {#t}", "| a |\n|---|\n| b |\n: Loads {#t}"),
        ("# Gears\n: A wheel.", "# Gears\n: A wheel."),
        ("- a\n: A wheel.", "- a\n: A wheel."),
        ("Note: a wheel\n:::tip\n: x\n:::", "Note: a wheel\n:::tip\n: x\n:::"),
        (": alone", ": alone"),
        ("<!-- x -->\n\n:   A wheel\n    with teeth.", "<!-- x -->\n\nA wheel\nwith teeth."),
        ("<!-- x --> y -->\n: A wheel.", "<!-- x --> y -->\n: A wheel."),
    ],
)
def test_a_term_stands_in_front_of_its_meaning(text: str, markdown: str) -> None:
    assert with_definitions(text) == markdown


@pytest.mark.parametrize(
    "text", [": a\n" * 400_000, "a\n: b\n" * 300_000, "a\n\n: b\n~~~\n" * 99_999]
)
def test_a_page_of_nothing_but_meanings_is_read(text: str) -> None:
    started = time.process_time()
    with_definitions(text)
    assert time.process_time() - started < 5
