"""Addresses: where each file of a book has its page, and where it stands in the reading order.

After the rules of Docusaurus' docs plugin: https://docusaurus.io/docs/create-doc.
"""

from __future__ import annotations

import posixpath
import re
from math import inf
from pathlib import PurePosixPath

from ingestion.markdown.front_matter import FrontMatter

NUMBERED = re.compile(r"(?P<number>\d+)\s*[-_.]+\s*(?P<name>[^-_.\s].*)")
DATE_OR_VERSION = re.compile(r"\d+[-_.]\d")
FOLDER_PAGES = {"index", "readme"}

Order = list[tuple[float, bool, list[str | int]]]
"""Sorts pages: for each folder and the page its number, and its name in parts for equal ones."""


def route_of(file: str, front_matter: FrontMatter, *, numbered: bool = True) -> str:
    """The address of a page below the book's, without slashes at its ends, e.g. "motors/servo".

    Numbers in front of names fall away if names are `numbered`; `slug` and `id` of the front matter
    are obeyed; index, README and a file named like its folder are the folder's own page.
    """
    path = PurePosixPath(file)
    bare = _bare if numbered else str
    folder = "/".join(map(bare, path.parts[:-1]))
    name, slug = path.stem, front_matter.slug
    if not slug and name.lower() in FOLDER_PAGES | {path.parent.name.lower()}:
        return folder
    last = slug or front_matter.id or bare(name)
    # normpath keeps `..` of a slug below the book.
    return posixpath.normpath(posixpath.join("/", folder, last)).strip("/")


def document_id(file: str, front_matter: FrontMatter, *, numbered: bool = True) -> str:
    """What sidebars call a page: its path without its ending, `id` for the name."""
    bare = _bare if numbered else str
    *folders, name = PurePosixPath(file).with_suffix("").parts
    return "/".join([*map(bare, folders), front_matter.id or bare(name)])


def reading_order(file: str, front_matter: FrontMatter, *, numbered: bool = True) -> Order:
    """Sorts the files of a book: by `sidebar_position` or the number in front of the name, a
    folder's own page first, others after the numbered ones; 2 before 10."""
    path = PurePosixPath(file)
    number_of = _number if numbered else lambda _name: inf
    keys: Order = []
    for part in path.parts[:-1]:
        number = number_of(part)
        keys.append((number, number < inf, natural(part)))
    position = front_matter.sidebar_position
    if position is None:
        is_folder_page = path.stem.lower() in FOLDER_PAGES
        position = -inf if is_folder_page else number_of(path.stem)
    return [*keys, (position, False, natural(path.stem))]


def _bare(name: str) -> str:
    return _without_number(name)[1]


def _number(name: str) -> float:
    return _without_number(name)[0]


def _without_number(name: str) -> tuple[float, str]:
    match = None if DATE_OR_VERSION.match(name) else NUMBERED.fullmatch(name)
    return (int(match["number"]), match["name"]) if match else (inf, name)


def natural(name: str) -> list[str | int]:
    """Sorts names as people do: 2 before 10."""
    # Digits stand at the odd places, so that numbers are only compared with numbers.
    parts = re.split(r"(\d+)", name.casefold())
    return [int(part) if place % 2 else part for place, part in enumerate(parts)]
