"""A plan: what an ingestion would do, by chapter, without doing any of it."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from chains.embeddings.provider import open_embeddings
from chains.index.edge.disk import require_place
from chains.settings import Settings
from ingestion.changes import Changes
from ingestion.comparing import Comparison, compared
from ingestion.folder.book_folder import BookFolder, read_book_folder
from ingestion.folder.files import Skipped
from ingestion.folder.kept_pages import KeptPages
from ingestion.formats.notes import Note
from ingestion.options import Options
from ingestion.problems import Problem, find_problems


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter that would be touched: how many of its chunks are `added` to the index and
    `removed` from it. An edit of what no chunk holds changes it by none."""

    file: str
    title: str
    change: Literal["added", "changed", "removed"]
    added: int
    removed: int


@dataclass(frozen=True, slots=True)
class Plan:
    """`chapters` stand in reading order, removed ones last; `version` is the one that the index
    would have, "" where no file could be read; `notes` are what of the book was not understood,
    `files` how many were read and `passed_over` how many were not that look like pages."""

    title: str
    is_current: bool
    chapters: tuple[Chapter, ...]
    skipped: tuple[Skipped, ...]
    problems: tuple[Problem, ...]
    version: str
    notes: tuple[Note, ...] = ()
    passed_over: int = 0
    files: int = 0

    @property
    def is_mostly_unread(self) -> bool:
        """Whether more files that look like pages were passed over than read."""
        return self.passed_over > self.files

    @property
    def is_complete(self) -> bool:
        """Whether every file that should be in the book is."""
        return not any(skipped.is_fault for skipped in self.skipped)

    @property
    def is_understood(self) -> bool:
        """Whether nothing is lost to a tutor that readers of the book see."""
        return not any(note.is_lost for note in self.notes)


def plan(root: Path, settings: Settings, options: Options = Options()) -> Plan:  # noqa: B008
    """What `ingestion.indexer.ingest` would do with these options; raises what it raises.

    Nothing is embedded or written, and no data folder is made.
    """
    folder = read_book_folder(root, options.format_name, KeptPages(settings.book_data))
    problems = find_problems(folder)
    if not folder.files:
        return Plan(folder.title, False, (), folder.skipped, problems, "", folder.notes)
    with _compared(folder, settings, options) as comparison:
        return Plan(
            title=comparison.changes.book.title,
            is_current=comparison.is_same,
            chapters=tuple(_chapters(folder, comparison)),
            skipped=folder.skipped,
            problems=problems,
            version=comparison.changes.book.version,
            notes=folder.notes,
            passed_over=folder.passed_over,
            files=len(folder.files),
        )


@contextmanager
def _compared(folder: BookFolder, settings: Settings, options: Options) -> Iterator[Comparison]:
    embeddings = open_embeddings(settings)
    with tempfile.TemporaryDirectory() as empty:
        if not settings.qdrant_url:
            require_place(settings.book_data / "index")
            if not (settings.book_data / "index").exists():
                settings = settings.in_folder(Path(empty))
        with compared(folder, settings, embeddings, options) as comparison:
            yield comparison


def _chapters(folder: BookFolder, comparison: Comparison) -> Iterator[Chapter]:
    changes, recorded = comparison.changes, comparison.recorded
    known = recorded.files if recorded else {}
    added = Counter(chunk.file for chunk in changes.missing)
    removed = Counter(changes.gone.values())
    for name in _touched(folder, changes, added, removed):
        file = next((one.file for one in folder.files if one.file.file == name), None)
        yield Chapter(
            file=name,
            title=(file or known[name]).title,
            change="removed" if file is None else "changed" if name in known else "added",
            added=added[name],
            removed=removed[name],
        )


def _touched(
    folder: BookFolder, changes: Changes, added: Counter[str], removed: Counter[str]
) -> Iterator[str]:
    """Names of files; what has changed of a page may be its text, its chunks, or both."""
    new = {one.file.file for one in changes.files} if changes.is_anew else set()
    touched = {*added, *removed, *changes.edited, *new}
    yield from (one.file.file for one in folder.files if one.file.file in touched)
    yield from sorted(changes.gone_files.values())
