"""Collections of a Qdrant server: the next one is built beside the current one, and its name given
over in one step.

The name of a book (QDRANT_COLLECTION, with that of the book behind it if it has one) is an alias of
its current collection. An index that an older release made is a collection of that name; it is
removed when the first one beside it is whole.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from chains.book_names import MOST, NAME, named_books
from chains.errors import StoreError
from chains.index.store import (
    COLLECTION,
    NAMED,
    READ_TIMEOUT,
    create_collection,
    reaching_index,
)
from chains.settings import Settings

if TYPE_CHECKING:
    from qdrant_client.client_base import QdrantBase

BUILT = "-([0-9a-f]{8})[0-9a-f]{8}"
"""Behind the alias: the seconds since 1970 at which it was begun, and what tells it from others."""
STALE = 24 * 3600
"""Seconds after which nobody builds a collection any more: the largest book takes hours."""
POINTS_A_REQUEST = 64
"""As `ingestion.writing` has it."""


@contextmanager
def rewriting(
    client: QdrantBase, size: int, *, empty: bool, current: str | None, alias: str = COLLECTION
) -> Iterator[str]:
    """The name of a collection to write to, which becomes the current one at the end of the block.

    It begins as a copy of the `current` one, or `empty`. If the block fails, nothing has changed.
    What a process that was killed long ago has left behind is removed before.

    Raises StoreError where another ingestion has made its own the current one meanwhile.
    """
    now = int(time.time())
    _check_current(client, alias, current)
    _clear(client, alias, current, now)
    name = f"{alias}-{now:08x}{secrets.token_hex(4)}"
    create_collection(client, size, name)
    try:
        if not empty:
            _copy(client, current or alias, name)
        yield name
        _check_current(client, alias, current)
    except BaseException:
        client.delete_collection(name)
        raise
    _switch(client, alias, name, current)


def current_collection(client: QdrantBase, alias: str = COLLECTION) -> str | None:
    """What the alias of a Qdrant server stands for; None where there is no alias."""
    named = {one.alias_name: one.collection_name for one in client.get_aliases().aliases}
    return named.get(alias)


def books_of(settings: Settings) -> tuple[str, ...]:
    """The books with a name that are there beside the one of the settings: in the data folder, or
    on the Qdrant server. By name, at most `MOST`.

    Raises ServiceUnavailable where the server does not answer.
    """
    if settings.qdrant_url is None:
        return named_books(settings.data)
    from chains.index.cluster.cluster_client import ClusterClient

    url = settings.qdrant_url
    with closing(ClusterClient(settings, READ_TIMEOUT)) as client, reaching_index(url):
        there = [one.alias_name for one in client.get_aliases().aliases]
    before = f"{settings.qdrant_collection}{NAMED}"
    names = (one.removeprefix(before) for one in sorted(there) if one.startswith(before))
    return tuple(name for name in names if NAME.fullmatch(name))[:MOST]


def _check_current(client: QdrantBase, alias: str, before: str | None) -> None:
    if current_collection(client, alias) != before:
        raise StoreError(
            "Another ingestion has written this index meanwhile; run this one again. The index is "
            "as that one left it."
        )


def _clear(client: QdrantBase, alias: str, current: str | None, now: int) -> None:
    for one in client.get_collections().collections:
        built = re.fullmatch(re.escape(alias) + BUILT, one.name)
        if built and one.name != current and abs(now - int(built[1], 16)) > STALE:
            client.delete_collection(one.name)


def _copy(client: QdrantBase, current: str, name: str) -> None:
    from qdrant_client import models

    offset = None
    while True:
        records, offset = client.scroll(
            current,
            limit=POINTS_A_REQUEST,
            offset=offset,
            with_payload=True,
            with_vectors=True,
        )
        points = [
            models.PointStruct(id=one.id, vector=one.vector or {}, payload=one.payload)
            for one in records
        ]
        if points:
            client.upsert(name, points)
        if offset is None:
            return


def _switch(client: QdrantBase, alias: str, name: str, before: str | None) -> None:
    from qdrant_client import models

    new = models.CreateAlias(collection_name=name, alias_name=alias)
    operations: list[models.AliasOperations] = [models.CreateAliasOperation(create_alias=new)]
    if before is None:
        if client.collection_exists(alias):  # no alias can have the name of a collection
            client.delete_collection(alias)
    else:
        old = models.DeleteAlias(alias_name=alias)
        operations.insert(0, models.DeleteAliasOperation(delete_alias=old))
    client.update_collection_aliases(change_aliases_operations=operations)
    if before is not None:
        client.delete_collection(before)
