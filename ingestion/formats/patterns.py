"""The files of a book that a pattern of its configuration or of a page names."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from ingestion.formats.texts import is_file

MOST_DEEP = 2
"""``**`` in one pattern: each more multiplies the folders that are looked at."""


def files_like(folder: Path, pattern: str) -> list[str]:
    """The paths below `folder`, with slashes and sorted, of the files that a glob fits; none where
    it is no glob, or has more than two ``**``."""
    if pattern.split("/").count("**") > MOST_DEEP:
        return []
    try:
        found = {one for one in folder.glob(pattern) if is_file(one)}
    except (OSError, ValueError, NotImplementedError, RecursionError, IndexError):
        return []
    return sorted(one.relative_to(folder).as_posix() for one in found)


def fits(file: str, pattern: str) -> bool:
    """Whether a path, or a folder above it, is one that the pattern means; none is where it is no
    pattern, such as ``..``.

    >>> fits("docs/a/b.md", "docs/*"), fits("b.md", "..")
    (True, False)
    """
    path = PurePosixPath(file)
    try:
        return any(one.match(pattern) for one in (path, *path.parents) if one.name)
    except ValueError:
        return False
