"""What pages of MyST and of Quarto share: cells of notebooks, and files that are put in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ingestion.dialects.scientific.notebook import BadNotebook, notebook_markdown
from ingestion.formats.texts import PageNotRead, read_within
from ingestion.markdown.front_matter import split_front_matter


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
