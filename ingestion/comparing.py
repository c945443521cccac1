"""Comparison: a book's folder beside the index that is to hold it, open for reading and writing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from chains.book_names import MOST
from chains.embeddings.base import BookEmbeddings
from chains.errors import SettingError, StoreError
from chains.index.book import OWN_SITE, SCHEMA, Book
from chains.settings import Settings
from ingestion.changes import Changes, find_changes
from ingestion.folder.book_folder import BookFolder
from ingestion.options import Options, Published

if TYPE_CHECKING:
    from langchain_qdrant import QdrantVectorStore

    from chains.index.bm25 import Bm25
    from chains.index.records import Origin


@dataclass(frozen=True, slots=True)
class Comparison:
    """The index as it is, of which `recorded` is the book, and what to change in it. `held` is how
    many chapters of this book it has, also where it counts as empty."""

    store: QdrantVectorStore
    embeddings: BookEmbeddings
    recorded: Book | None
    changes: Changes
    held: int

    @property
    def is_same(self) -> bool:
        """Whether there is nothing to change."""
        return self.changes.is_nothing(self.recorded)


@contextmanager
def compared(
    folder: BookFolder,
    settings: Settings,
    embeddings: BookEmbeddings,
    options: Options,
) -> Iterator[Comparison]:
    """Open the index in the data folder and compare it with a folder that has pages.

    With `replace` or `rebuild` the index counts as empty, but for the address of the pages of the
    same book. So does an index of an older schema, in whose place no other book may come. Raises
    what `ingestion.indexer.ingest` raises.
    """
    from chains.index.records import read_book
    from chains.index.store import open_store

    check_number_of_books(settings)
    with open_store(settings, embeddings, unseen=True) as store:
        origin = _origin(store, settings, replace=options.replace)
        if origin is not None and (options.rebuild or not options.replace):
            check_same_book(origin, folder)
        recorded = None
        if origin is not None and not options.replace and origin.schema >= SCHEMA:
            recorded = read_book(store)
        is_same = origin is not None and origin.root == str(folder.root)
        held = len(recorded.files) if recorded else _held(store) if is_same else 0
        if recorded is None:
            _settle_language(store, folder)
        changes = find_changes(
            store, folder, recorded, _published(options, origin if is_same else None)
        )
        yield Comparison(store, embeddings, recorded, changes, held)


def check_number_of_books(settings: Settings) -> None:
    """Raise SettingError where the book would be one more than a data folder may hold."""
    from chains.index.aliases import books_of

    if not settings.book:
        return
    there = books_of(settings)
    if settings.book not in there and len(there) >= MOST:
        place, instead = str(settings.data), "data folder by SCHOLIAST_DATA"
        if settings.qdrant_url:
            place, instead = settings.qdrant_collection, "QDRANT_COLLECTION"
        raise SettingError(
            f"{place} holds {MOST} books with names, and no more may come; name another "
            f"{instead}, or remove one of them."
        )


def _held(store: QdrantVectorStore) -> int:
    """How many chapters an index has that is to be replaced; 0 where that cannot be read."""
    from chains.index.records import read_book

    try:
        return len(read_book(store).files)
    except (StoreError, KeyError):
        return 0


def _published(options: Options, origin: Origin | None) -> Published:
    """What was asked for now, else what is recorded of the same book."""
    before = Published(OWN_SITE)
    if origin is not None:
        before = Published(origin.base_url, origin.url_style, origin.given_title)
    return Published(
        options.base_url or before.base_url,
        before.url_style if options.url_style is None else options.url_style,
        before.title if options.title is None else options.title.strip(),
    )


def _settle_language(store: QdrantVectorStore, folder: BookFolder) -> None:
    """Have the store count words in the language of a new book."""
    words = cast("Bm25", store.sparse_embeddings)
    if words.asked != "auto":
        words.settle(words.asked)
        return
    from chains.language.detection import language_of

    chunks = [chunk for one in folder.files for chunk in one.chunks]
    prose = (" ".join(sentence.text for sentence in chunk.sentences) for chunk in chunks)
    texts = [text for text in prose if text]
    words.settle(language_of(texts or [chunk.content for chunk in chunks]))


def check_same_book(origin: Origin, folder: BookFolder) -> None:
    """Raise StoreError where the index holds another book than that of the folder."""
    if origin.root != str(folder.root):
        raise StoreError(
            f"The index holds the book in {origin.root}, not {folder.root}; give this one a "
            "name of its own by --book, or replace that book by --replace."
        )


def _origin(store: QdrantVectorStore, settings: Settings, *, replace: bool) -> Origin | None:
    """Where the book of the index came from; None where there is none, and where `replace` is to
    take the place of what cannot be read."""
    from chains.index.records import read_origin
    from chains.index.store import check_collection, reaching_index

    try:
        with reaching_index(settings.qdrant_url):
            if not store.client.collection_exists(store.collection_name):
                return None
            if not replace:
                check_collection(store.client, settings)
            return read_origin(store)
    except (StoreError, KeyError):
        if replace:
            return None
        raise
