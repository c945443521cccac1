"""Pages of each make that are made to hurt take their share of time and memory, or are named."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from ingestion.folder.page import SECONDS, make_page, read_page
from ingestion.formats.format import Format
from ingestion.formats.makes import open_format
from ingestion.formats.texts import PageNotRead
from ingestion.markdown.worker import Worker
from tests.support.hostile_dialects import DIALECTS

SIZE = 10_000
LONGEST = 5
"""Seconds of processor time, which a busy machine makes longer; the slowest shape takes one."""


def opened(root: Path, make: str, page: str, text: str) -> Format:
    """The book of this make, with the one page."""
    (root / page).parent.mkdir(exist_ok=True)
    (root / page).write_text(text, "utf-8")
    return open_format(root, make)


@pytest.mark.parametrize(("make", "page"), DIALECTS)
def test_ten_kilobytes_of_a_mark_of_a_dialect_take_no_seconds(
    make: str, page: str, tmp_path: Path
) -> None:
    slow = {}
    for name, shape in DIALECTS[make, page].items():
        text = shape(SIZE)
        book = opened(tmp_path.resolve(), make, page, text)
        started = time.process_time()
        with suppress(PageNotRead):
            make_page(page, text, book)
        if (taken := time.process_time() - started) > LONGEST:
            slow[name] = taken
    assert slow == {}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded on Linux only")
@pytest.mark.parametrize(("make", "page"), DIALECTS)
@pytest.mark.timeout(1200)
def test_two_megabytes_of_a_dialect_take_their_share_or_are_named(
    make: str, page: str, tmp_path: Path
) -> None:
    reasons = {}
    for name, shape in DIALECTS[make, page].items():
        book = opened(tmp_path.resolve(), make, page, shape(2_000_000)[:2_000_000])
        started = time.monotonic()
        with Worker(partial(make_page, book=book)) as worker:
            try:
                read_page(worker, page, tmp_path / page)
            except PageNotRead as error:
                reasons[name] = str(error)
        assert time.monotonic() - started < 20 * SECONDS, name
    assert not [one for one in reasons.values() if "cannot be read" in one], reasons
