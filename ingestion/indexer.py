"""The indexer: brings the index to what a book's folder holds, by one step at the end."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from typing_extensions import Unpack

from chains.embeddings.base import BookEmbeddings
from chains.embeddings.provider import open_embeddings
from chains.errors import StoreError
from chains.index.book import Chunk
from chains.settings import Settings
from ingestion.changes import Changes
from ingestion.comparing import Comparison, compared
from ingestion.folder.book_folder import BookFolder, read_book_folder
from ingestion.folder.files import Skipped
from ingestion.folder.kept_pages import KeptPages
from ingestion.formats.notes import Note
from ingestion.last_run import LastRun, keep_last_run
from ingestion.options import Chosen, Options
from ingestion.problems import Problem, find_problems
from ingestion.writing import check_room, write_changes

if TYPE_CHECKING:
    import numpy as np
    from langchain_qdrant import QdrantVectorStore
    from numpy.typing import NDArray
    from qdrant_client import models

log = logging.getLogger("scholiast.ingestion")

CHUNKS_A_TIME = 2048
"""Whose texts and places of sentences are made for the embeddings at once: of all of a large book
they take as much memory as its pages."""

Progress = Callable[[int, int], None]
"""Called with how many chunks are embedded and how many there are to embed."""


@dataclass(frozen=True, slots=True)
class Report:
    """What an ingestion did. `files`, `sections` and `chunks` are those of the folder;
    `embedded` and `removed` are chunks, without those that `replace` threw away; `version` and
    `language` are those of the index, "" where no file could be read and nothing was touched;
    `format` is the make of the book, `notes` are what was not understood of it, `passed_over` files
    that look like pages and were not read, `problems` what readers could trip over; `has_written`
    says whether the index is another one now."""

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
    problems: tuple[Problem, ...] = ()
    has_written: bool = False

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
    progress: Progress | None = None,
    **chosen: Unpack[Chosen],
) -> Report:
    """Bring the index in the data folder to the state of the book in the folder `root`.

    `chosen` are fields of Options. Only chunks that the index lacks are embedded; with `replace`
    all, whatever it holds. A file
    that cannot be read now keeps its last version. A folder that lacks more than half of the pages
    that the index holds is refused, unless `prune_all` is given. What stops this before its last
    step leaves the index as it was. Last come the questions that changed pages answer well; an
    interruption there leaves them to the next run.

    Raises SettingError for a folder without chapters or a wrong setting; StoreError where the
    index is in use, or, without `replace`, of another book, schema or embedding;
    ServiceUnavailable where a server for vectors or embeddings does not answer.
    """
    started, options = time.monotonic(), Options(**chosen)
    kept = KeptPages(settings.book_data)
    folder = read_book_folder(root, options.format_name, kept)
    changes, has_written = None, False
    if folder.files:
        embeddings = open_embeddings(settings)
        with compared(folder, settings, embeddings, options) as comparison:
            if not options.prune_all:
                check_size(folder, comparison)
            kept.write()  # now there is a data folder, and this memory is wanted for vectors
            changes = _bring_up_to_date(comparison, progress)
            has_written = not comparison.is_same
            has_written |= _choose_starters(comparison, folder, settings)
    report = _report(folder, changes, time.monotonic() - started, has_written=has_written)
    keep_last_run(settings.book_data, _last(report))
    return report


def _report(
    folder: BookFolder, changes: Changes | None, seconds: float, *, has_written: bool
) -> Report:
    return Report(
        title=changes.book.title if changes else folder.title,
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
        problems=find_problems(folder),
        has_written=has_written,
    )


def _last(report: Report) -> LastRun:
    return LastRun.now(
        seconds=report.seconds,
        embedded=report.embedded,
        removed=report.removed,
        skipped=len(report.skipped),
        version=report.version,
    )


def check_size(folder: BookFolder, comparison: Comparison) -> None:
    """Raise StoreError where a folder would empty most of the index: it may be half a book, as
    while it is copied or checked out. Of chapters that cannot be read the last version stays,
    unless the index is replaced."""
    found = len(folder.files)
    kept = sum(one.is_fault for one in folder.skipped) if comparison.recorded else 0
    if 2 * (found + kept) < comparison.held:
        raise StoreError(
            f"{folder.root} holds {found} chapters, and the index {comparison.held}. If the "
            "others are to be removed, run this again with --prune-all. The index is as it was."
        )


def _bring_up_to_date(comparison: Comparison, progress: Progress | None) -> Changes:
    """Write into the index what it lacks of the folder; what that was."""
    store, embeddings, changes = comparison.store, comparison.embeddings, comparison.changes
    if comparison.is_same:
        return changes
    from ingestion.measuring import measure_scope

    check_room(store, changes)  # before the work, not after it
    vectors: dict[str, NDArray[np.float32]] = {}
    with closing(embed_missing(store, embeddings, changes, progress)) as points:
        write_changes(
            store,
            changes,
            _noted(points, vectors),
            lambda: measure_scope(store, embeddings, changes, vectors, comparison.recorded),
        )
    return changes


def _noted(
    points: Iterable[models.PointStruct], vectors: dict[str, NDArray[np.float32]]
) -> Iterator[models.PointStruct]:
    """The points; the vector of each chunk is kept by its id."""
    from ingestion.measuring import vector_of

    for point in points:
        vectors[str(point.id)] = vector_of(point.vector)
        yield point


def _choose_starters(comparison: Comparison, folder: BookFolder, settings: Settings) -> bool:
    """Bring the questions that pages answer up to date; whether any was written. A line in the log
    where that cannot be done: the book is in the index by then."""
    from chains.index.store import reaching_index
    from ingestion.choosing import keep_starters

    language = comparison.changes.book.language
    try:
        with reaching_index(settings.qdrant_url):
            return keep_starters(comparison.store, folder.files, language)
    except StoreError as error:
        reason = str(error).partition(";")[0]  # what follows is about the whole index
        log.warning(
            "the book is in the index, without the questions that its changed pages answer (%s); "
            "the next ingestion adds them.",
            reason,
        )
        return False


def embed_missing(
    store: QdrantVectorStore,
    embeddings: BookEmbeddings,
    changes: Changes,
    progress: Progress | None = None,
) -> Generator[models.PointStruct]:
    """The points of the chunks that the index lacks, as they get ready."""
    from chains.index.records import chunk_point

    report = progress or (lambda _done, _total: None)
    missing = changes.missing
    report(0, len(missing))
    for first in range(0, len(missing), CHUNKS_A_TIME):
        some = missing[first : first + CHUNKS_A_TIME]
        vectors = embeddings.embed_chunks([one.embedded_text for one in some], [*map(_spans, some)])
        with closing(vectors):  # at Ctrl-C here and now, not whenever and in whichever thread
            for done, (chunk, made) in enumerate(zip(some, vectors, strict=True), first + 1):
                yield chunk_point(store, chunk, made)
                report(done, len(missing))


def _spans(chunk: Chunk) -> list[tuple[int, int]]:
    shift = len(chunk.heading)
    return [(one.start + shift, one.end + shift) for one in chunk.sentences]
