"""The indexer: brings the index to what a book's folder holds, by one write at the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from chains.embeddings.base import BookEmbeddings
from chains.embeddings.provider import open_embeddings
from chains.errors import StoreError
from chains.index.book import BOOK_ID, Book, Chunk
from chains.settings import Settings
from ingestion.changes import Changes, check_room, find_changes, write_changes
from ingestion.folder.book_folder import BookFolder, read_book_folder
from ingestion.folder.files import Skipped
from ingestion.formats.notes import Note
from ingestion.measuring import measure_scope

if TYPE_CHECKING:
    from langchain_qdrant import QdrantVectorStore
    from qdrant_client import models

    from chains.index.bm25 import Bm25

OWN_SITE = "/book/"
"""Where our own server shows the chapters."""

Progress = Callable[[int, int], None]
"""Called with how many chunks are embedded and how many there are to embed."""


@dataclass(frozen=True, slots=True)
class Report:
    """What an ingestion did. `files`, `sections` and `chunks` are those of the folder;
    `embedded` and `removed` are chunks, without those that `replace` threw away; `version` and
    `language` are those of the index, "" where no file could be read and nothing was touched;
    `format` is the make of the book, `notes` are what was not understood of it,
    and `passed_over` are files that look like pages and were not read."""

    title: str
    files: int
    sections: int
    chunks: int
    embedded: int
    removed: int
    skipped: tuple[Skipped, ...]
    seconds: float
    version: str
    language: str
    format: str = "Markdown"
    notes: tuple[Note, ...] = ()
    passed_over: int = 0

    @property
    def is_complete(self) -> bool:
        """Whether every file that should be in the book is."""
        return not any(skipped.is_fault for skipped in self.skipped)

    @property
    def is_mostly_unread(self) -> bool:
        """Whether more files that look like pages were passed over than read."""
        return self.passed_over > self.files

    @property
    def is_understood(self) -> bool:
        """Whether nothing is lost to a tutor that readers of the book see."""
        return not any(note.is_lost for note in self.notes)


def ingest(
    root: Path,
    settings: Settings,
    *,
    base_url: str | None = None,
    format_name: str | None = None,
    replace: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Bring the index in the data folder to the state of the book in the folder `root`.

    Only chunks that the index lacks are embedded; with `replace` all, whatever it holds. A file
    that cannot be read now keeps its last version. What stops this before its last step leaves
    the index as it was. `base_url` is the address of the book's pages; None keeps the one
    recorded, or is that of our own site. `format_name` is the make of the book; None finds it.
    Last come the questions that changed pages answer well; an interruption there leaves them to
    the next run.

    Raises SettingError for a folder without chapters or a wrong setting; StoreError where the
    index is in use, or, without `replace`, of another book, schema or embedding;
    ServiceUnavailable where a server for vectors or embeddings does not answer.
    """
    started = time.monotonic()
    folder = read_book_folder(root, format_name)
    changes = None
    if folder.files:
        changes = _bring_up_to_date(folder, settings, base_url, replace=replace, progress=progress)
    return _report(folder, changes, time.monotonic() - started)


def _report(folder: BookFolder, changes: Changes | None, seconds: float) -> Report:
    return Report(
        title=folder.title,
        files=len(folder.files),
        sections=sum(len(one.file.sections) for one in folder.files),
        chunks=sum(len(one.chunks) for one in folder.files),
        embedded=len(changes.missing) if changes else 0,
        removed=len(changes.gone) if changes else 0,
        skipped=folder.skipped,
        seconds=round(seconds, 3),
        version=changes.book.version if changes else "",
        language=changes.book.language if changes else "",
        format=folder.format,
        notes=folder.notes,
        passed_over=folder.passed_over,
    )


def _bring_up_to_date(
    folder: BookFolder,
    settings: Settings,
    base_url: str | None,
    *,
    replace: bool,
    progress: Progress | None,
) -> Changes:
    """Write into the index what it lacks of the folder; what that was."""
    from chains.index.store import open_store, reaching_index
    from ingestion.choosing import keep_starters

    embeddings = open_embeddings(settings)
    with open_store(settings, embeddings, unseen=True) as store:
        recorded = None if replace else _recorded(store, folder, settings)
        if recorded is None:
            _settle_language(store, folder)
        address = base_url or (recorded.base_url if recorded else OWN_SITE)
        changes = find_changes(store, folder, recorded, address)
        if not changes.is_nothing(recorded):
            check_room(store, changes)  # before the work, not after it
            points = embed_missing(store, embeddings, changes, progress)
            scope = measure_scope(store, embeddings, changes, points, recorded)
            changes = changes.with_scope(scope)
            write_changes(store, changes, points)
        with reaching_index(settings.qdrant_url):
            keep_starters(store, folder.files, changes.book.language)
    return changes


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


def _recorded(store: QdrantVectorStore, folder: BookFolder, settings: Settings) -> Book | None:
    """The book that the index holds, None where there is none yet."""
    from chains.index.records import read_book
    from chains.index.store import COLLECTION, check_collection, reaching_index

    with reaching_index(settings.qdrant_url):
        if not store.client.collection_exists(COLLECTION):
            return None
        check_collection(store.client, settings)
    if not store.client.retrieve(COLLECTION, [BOOK_ID]):
        return None
    book = read_book(store)
    if book.root != str(folder.root):
        raise StoreError(
            f"The index holds the book in {book.root}, not {folder.root}; name another data "
            "folder by SCHOLIAST_DATA, or replace that book by --replace."
        )
    return book


def embed_missing(
    store: QdrantVectorStore,
    embeddings: BookEmbeddings,
    changes: Changes,
    progress: Progress | None,
) -> list[models.PointStruct]:
    """The points of the chunks that the index lacks."""
    from chains.index.records import chunk_point

    report = progress or (lambda _done, _total: None)
    missing = changes.missing
    report(0, len(missing))
    vectors = embeddings.embed_chunks(
        [chunk.embedded_text for chunk in missing], [_spans(chunk) for chunk in missing]
    )
    points = []
    with closing(vectors):  # at Ctrl-C here and now, not whenever and in whichever thread
        for chunk, made in zip(missing, vectors, strict=True):
            points.append(chunk_point(store, chunk, made))
            report(len(points), len(missing))
    return points


def _spans(chunk: Chunk) -> list[tuple[int, int]]:
    shift = len(chunk.heading)
    return [(one.start + shift, one.end + shift) for one in chunk.sentences]
