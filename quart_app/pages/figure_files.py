"""Images of the book: where the file of one is, in the folder that was ingested."""

from __future__ import annotations

from pathlib import Path

TYPES = {
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
}
"""By the ending of the name; nothing else is an image."""
LARGEST = 20_000_000
"""Bytes; a larger one is no figure of a page."""
PLACES = ("", "static", "public", "docs", "docs/public", "src")
"""Folders of the book in which an address of an image may begin. Docusaurus and Hugo show at `/`
what is in `static/`, VitePress and Starlight what is in `public/`."""


def has_figures(root: Path) -> bool:
    """Whether the folder of the book is on this machine; an index alone has no images."""
    try:
        return root.is_dir()
    except OSError:  # it may not be looked at
        return False


def figure_file(root: Path, path: str) -> Path | None:
    """The image at `path` below `root`, links followed; None if it is elsewhere, missing, too
    large, or no image."""
    if Path(path).suffix.lower() not in TYPES:
        return None
    found = (_inside(root, f"{place}/{path}" if place else path) for place in PLACES)
    return next(filter(None, found), None)


def _inside(root: Path, path: str) -> Path | None:
    try:
        found = (root / path).resolve(strict=True)
        is_small = found.stat().st_size <= LARGEST
    except (OSError, ValueError, RuntimeError):  # a NUL in the path, and a link to itself
        return None
    is_here = found.is_file() and found.is_relative_to(root.resolve())
    return found if is_here and is_small else None
