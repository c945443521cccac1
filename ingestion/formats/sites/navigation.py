"""Navigation of MkDocs: which pages stand in it, in which order, by which titles.

https://www.mkdocs.org/user-guide/writing-your-docs/ and
https://lukasgeiter.github.io/mkdocs-awesome-nav/
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chains.errors import SettingError
from ingestion.formats.configurations import read_yaml, value_at
from ingestion.formats.page_addresses import natural
from ingestion.formats.texts import is_file

AWESOME = {"awesome-pages", "awesome-nav"}
"""Plugins that read the order of a folder from a file in it."""
FILES = (".pages", ".nav.yml")
LONGEST = 20_000
"""Characters of such a file."""
DEEPEST = 20
FIRST = {"index.md", "README.md"}


def nav_pages(nav: Any, title: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Titles and paths of a nav, in order; "" where only the path is given."""
    if isinstance(nav, str) and "://" not in nav:
        yield title, nav.removeprefix("./")
    elif isinstance(nav, dict) and depth < 20:
        for name, below in nav.items():
            yield from nav_pages(below, str(name), depth + 1)
    elif isinstance(nav, list) and depth < 20:
        for below in nav:
            yield from nav_pages(below, "", depth + 1)


def awesome_pages(root: Path, folder: Path, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Titles and paths of the pages in a folder, as the files of the plugin order them: what these
    do not name comes in place of "...", else behind. Raises SettingError."""
    yield from _of_folder(root, folder, folder, depth)


def _of_folder(root: Path, top: Path, folder: Path, depth: int) -> Iterator[tuple[str, str]]:
    if depth > DEEPEST:
        return
    there = [one for one in folder.iterdir() if one.name[:1] != "." and _is_page_or_folder(one)]
    names = sorted((one.name for one in there), key=lambda name: (name not in FIRST, natural(name)))
    for title, name in _ordered(folder, names):
        path = folder / name
        if path.is_dir():
            yield from _of_folder(root, top, path, depth + 1)
        else:
            yield title, path.relative_to(top).as_posix()


def _is_page_or_folder(path: Path) -> bool:
    return not path.is_symlink() and (path.is_dir() or (path.suffix == ".md" and is_file(path)))


def _ordered(folder: Path, names: list[str]) -> Iterator[tuple[str, str]]:
    given = _given(folder)
    named = [
        (title, name.strip("/").removeprefix("./"))
        for title, name in nav_pages(given)
        if name.strip("/") in names
    ]
    rest = [("", name) for name in names if name not in {name for _, name in named}]
    for title, name in nav_pages(given):
        if name.startswith(("...", "*")):
            yield from rest
            rest = []
        else:
            yield from (one for one in named if one == (title, name.strip("/")))
    yield from rest


def _given(folder: Path) -> Any:
    for name in FILES:
        if is_file(folder / name):
            try:
                options = read_yaml(folder / name, LONGEST)
            except SettingError:
                return None
            return value_at(options, "nav") or value_at(options, "arrange")
    return None
