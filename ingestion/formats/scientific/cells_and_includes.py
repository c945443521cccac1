"""What pages of MyST and of Quarto share: cells of notebooks, files put in, works cited."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ingestion.dialects.apart_from_code import Note
from ingestion.dialects.scientific.cited import cited_works
from ingestion.dialects.scientific.notebook import BadNotebook, notebook_markdown
from ingestion.formats.notes import Notes
from ingestion.formats.texts import PageNotRead, read_within
from ingestion.markdown.front_matter import split_front_matter

MOST_BIBLIOGRAPHIES = 20
NOT_FOUND = "includes not found"
OUTSIDE = "includes of a file that lies outside of the book"


def front_and_body(file: str, text: str) -> tuple[str, str]:
    """The front matter of a page, "" where it has none, and the rest: of a notebook what its cells
    hold. Raises PageNotRead."""
    if file.endswith(".ipynb"):
        try:
            text = notebook_markdown(text)
        except BadNotebook as error:
            raise PageNotRead(str(error)) from error
    return split_front_matter(text)


def includes_of(root: Path, top: Path, page: Path) -> Callable[[str], str | None]:
    """Reads what a page puts in: from the folder `top` where the path begins with a slash, else
    from the folder of the page. None where nothing of the book is there."""

    def include(path: str) -> str | None:
        base = top if path.startswith("/") else page.parent
        try:
            return read_within(root, base / path.lstrip("/"))
        except PageNotRead:
            return None

    return include


def noting(root: Path, top: Path, file: str, notes: Notes) -> Note:
    """Notes what is not understood of a page. An include that is not found is said to lie outside
    of the book where it does: its author sees it there."""

    def note(kind: str, example: str) -> None:
        base = top if example.startswith("/") else (root / file).parent
        if kind == NOT_FOUND and _is_outside(root, base / example.lstrip("/")):
            kind = OUTSIDE
        notes.add(kind, f"{file}: {example}")

    return note


def _is_outside(root: Path, path: Path) -> bool:
    try:
        return not path.resolve().is_relative_to(root)
    except (OSError, RuntimeError, ValueError):
        return False


def works_of(root: Path) -> dict[str, str]:
    """The names of the works in the bibliographies of a book, by "cite" and their keys."""
    works: dict[str, str] = {}
    for path in [*sorted(root.glob("*.bib")), *sorted(root.glob("*/*.bib"))][:MOST_BIBLIOGRAPHIES]:
        try:
            found = cited_works(read_within(root, path))
        except PageNotRead:
            continue
        works |= {f"cite {key}": name for key, name in found.items()}
    return works
