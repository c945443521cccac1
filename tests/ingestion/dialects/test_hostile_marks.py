"""Texts that are nothing but the openings of a dialect are read in the time that others take."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from ingestion.dialects.kramdown import without_attribute_lists
from ingestion.dialects.liquid import without_liquid
from ingestion.dialects.scientific.myst_text import myst_markdown
from ingestion.dialects.scientific.quarto_text import quarto_markdown
from ingestion.dialects.shortcodes import without_shortcodes
from ingestion.formats.mkdocs import MARKER
from ingestion.formats.scientific.myst import LABELLED


def silent(_kind: str, _example: str) -> None:
    """Take no note."""


@pytest.mark.parametrize(
    ("read", "opening"),
    [
        (lambda text: without_shortcodes(text, silent), "{{< a "),
        (lambda text: without_shortcodes(text, silent), '{{< a "'),
        (lambda text: without_liquid(text, {}, silent), "{% a "),
        (without_attribute_lists, "a\n{: .a}\n"),
        (LABELLED.findall, "(a)=\n"),
        (lambda text: myst_markdown(text, lambda _: None, silent), "{ref}`a"),
        (lambda text: myst_markdown(text, lambda _: None, silent), "\\begin{align}\n"),
        (lambda text: myst_markdown(text, lambda _: None, silent), "```\n"),
        (lambda text: without_shortcodes(text, silent), "{{</*"),
        (lambda text: quarto_markdown(text, lambda _: None, silent), "[@a "),
        (lambda text: MARKER.sub("", text * 5), "-"),
    ],
)
def test_openings_without_an_end_are_read_at_once(
    read: Callable[[str], object], opening: str
) -> None:
    text = opening * (50_000 // len(opening))
    started = time.process_time()
    read(text)
    assert time.process_time() - started < 3
