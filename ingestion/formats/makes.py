"""The makes that are known, and which one a folder is of."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

from chains.errors import SettingError
from ingestion.formats.docusaurus import Docusaurus
from ingestion.formats.format import Format
from ingestion.formats.mdbook import MdBook
from ingestion.formats.mkdocs import MkDocs
from ingestion.formats.scientific.myst import Myst, Sphinx
from ingestion.formats.scientific.quarto import Quarto
from ingestion.formats.scientific.workbench import Workbench
from ingestion.formats.sites.html_site import HtmlSite
from ingestion.formats.sites.hugo import Hugo
from ingestion.formats.sites.jekyll import Jekyll
from ingestion.formats.sites.starlight import Starlight
from ingestion.formats.vitepress import VitePress

MAKES: tuple[type[Format], ...] = (
    Docusaurus,
    MdBook,
    MkDocs,
    VitePress,
    Starlight,
    Sphinx,
    Quarto,
    Workbench,
    Hugo,
    Jekyll,
    HtmlSite,
    Myst,
    Format,
)
"""In the order in which a folder is tried; the last one takes any."""
NAMES = tuple(make.name for make in MAKES)


def open_format(root: Path, name: str | None = None) -> Format:
    """The make of the book in `root`, an absolute path without links: the named one, else the
    one whose own file lies there, else the one whose syntax its pages show. Raises SettingError."""
    if name is not None and name not in NAMES:
        raise SettingError(f"There is no format {name}; name one of {', '.join(NAMES)}.")
    named = (make for make in MAKES if make.name == name)
    by_file = (make for make in MAKES if make.is_in(root))
    by_syntax = (make for make in MAKES if make.is_like(root))
    found = named if name is not None else chain(by_file, by_syntax)
    return next(found, Format)(root)
