"""The embedded index of a book, for commands that read or replace it as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chains.index.edge.edge_client import EdgeClient
    from chains.settings import Settings


def embedded_settings(book: str | None) -> Settings:
    """The settings. Raises SettingError where the index is on a Qdrant server."""
    from chains.errors import SettingError
    from chains.settings import Settings

    settings = Settings.read(book=book)
    if settings.qdrant_url:
        raise SettingError("QDRANT_URL: the index is on that server; use Qdrant's snapshots.")
    return settings


@contextmanager
def own_index(settings: Settings) -> Iterator[EdgeClient]:
    """The index, for this process alone. Raises StoreError where another one has it."""
    from chains.index.edge.edge_client import EdgeClient

    client = EdgeClient(settings.book_data / "index")
    try:
        yield client
    finally:
        client.close()
