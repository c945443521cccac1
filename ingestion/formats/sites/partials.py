"""Partials of Docusaurus: parts of pages, and files of code, that a page imports and shows.

https://docusaurus.io/docs/markdown-features/react#importing-markdown
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from ingestion.formats.texts import PageNotRead, is_file, read_within

IMPORT = re.compile(
    r"^import\s+(?P<name>[A-Z]\w*)\s+from\s+['\"](?P<path>[^'\"\n]+\.mdx?)['\"];?[ \t]*$",
    re.MULTILINE,
)
SOURCE = re.compile(
    r"^import\s+(?P<name>[A-Za-z_]\w*)\s+from\s+"
    r"['\"]!!raw-loader!(?P<path>[^'\"\n]+)['\"];?[ \t]*$",
    re.MULTILINE,
)
"""A file whose text is shown as code."""
SHOWN_SOURCE = r"<CodeBlock\b[^<>]*>\s*\{{\s*{name}\s*\}}\s*</CodeBlock>"
NAMED = re.compile(
    r"^import\s*\{(?P<names>[^{}]{1,500})\}\s*from\s+"
    r"['\"](?P<path>(?:\.|@site/)[^'\"\n]+)['\"];?[ \t]*$",
    re.MULTILINE,
)
"""From a file that gathers partials and gives them on."""
LOCAL = re.compile(
    r"^import\s+(?:(?P<one>[A-Z]\w*)|\{(?P<names>[^{}]{1,500})\})\s+from\s+"
    r"['\"](?:\.|@site/)[^'\"\n]+['\"]",
    re.MULTILINE,
)
GATHERING = ("", ".jsx", ".tsx", ".js", ".ts")


def with_marks(root: Path, text: str, folder: Path) -> str:
    """A page's text with the paths of partials, as `{{partial docs/_a.md}}`, in place of their
    tags; `folder` is that of the page."""
    for name, place in _partials(root, text, folder):
        tag = re.compile(rf"<{name}\b[^<>]*/>")
        text = tag.sub(_mark(root, place), text)
    for match in SOURCE.finditer(text):
        block = re.compile(SHOWN_SOURCE.format(name=match["name"]))
        text = block.sub(_mark(root, _place(root, match["path"], folder)), text)
    return text


def components_left(text: str) -> list[str]:
    """The components of the site's own that a page shows and that are no partials."""
    names = [
        one.strip().rpartition(" ")[2]
        for found in LOCAL.finditer(text)
        for one in (found["one"] or found["names"]).split(",")
    ]
    return (
        [one for one in names if re.search(rf"<{re.escape(one)}\b[^<>]*/>", text)] if names else []
    )


def _partials(root: Path, text: str, folder: Path) -> Iterator[tuple[str, Path]]:
    """The name of each partial that is imported, and where it lies."""
    yield from _partials_of(root, text, folder)
    for match in NAMED.finditer(text):
        path = _place(root, match["path"], folder)
        found = next(
            (one for end in GATHERING if is_file(one := path.with_name(path.name + end))), path
        )
        try:
            given = dict(_partials_of(root, read_within(root, found), found.parent))
        except PageNotRead:
            continue
        names = (one.strip().partition(" as ") for one in match["names"].split(","))
        yield from ((new or old, given[old]) for old, _, new in names if old in given)


def _partials_of(root: Path, text: str, folder: Path) -> Iterator[tuple[str, Path]]:
    for match in IMPORT.finditer(text):
        yield match["name"], _place(root, match["path"], folder)


def _place(root: Path, path: str, folder: Path) -> Path:
    path = path.replace("\\", "")
    return root / path[6:] if path.startswith("@site/") else folder / path


def _mark(root: Path, place: Path) -> str:
    shown = os.path.relpath(place, root).replace(os.sep, "/")
    return f"{{{{partial {shown}}}}}".replace("\\", r"\\")
