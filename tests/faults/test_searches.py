"""More searches of the served book at once than can be done."""

from __future__ import annotations

import asyncio

import pytest

from chains.errors import ServiceUnavailable
from chains.index.library import Library
from quart_app.pages import found
from quart_app.pages.contents import Pages


async def test_more_searches_at_once_than_may_wait_are_refused_before_they_wait(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(found, "MOST_WAITING", 3)
    pages = Pages(library.latest)
    searches = (found.find(library, pages, "robot") for _ in range(50))
    ends = await asyncio.gather(*searches, return_exceptions=True)
    assert sum(isinstance(one, ServiceUnavailable) for one in ends) == 47
    assert await found.find(library, pages, "robot")
