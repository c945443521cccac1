"""What an author may ask of an ingestion, beside the folder of the book."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypedDict

from chains.errors import SettingError
from chains.page_urls import UrlStyle
from ingestion.folder.files import is_utf8


@dataclass(frozen=True, slots=True)
class Options:
    """`base_url` is the address of the book's pages, `url_style` how their addresses end ("" as the
    make has it), `title` the book's ("" as its configuration has it); None keeps what is recorded.
    `format_name` is the make of the book, None finds it. `replace` begins with an empty index,
    whatever it holds, and `rebuild` with one for the same book, as for other embeddings or another
    language. `prune_all` lets most of the chapters go."""

    base_url: str | None = None
    url_style: UrlStyle | None = None
    title: str | None = None
    format_name: str | None = None
    replace: bool = False
    rebuild: bool = False
    prune_all: bool = False

    def __post_init__(self) -> None:
        """A rebuild replaces what is there. Raises SettingError for what is not UTF-8."""
        for text in (self.base_url or "", self.title or ""):
            if not is_utf8(text):
                raise SettingError(f"{text} is not UTF-8; write it in UTF-8.")
        object.__setattr__(self, "replace", self.replace or self.rebuild)


class Chosen(TypedDict, total=False):
    """The same as arguments of a call, of which most are left out."""

    base_url: str | None
    url_style: UrlStyle | None
    title: str | None
    format_name: str | None
    replace: bool
    rebuild: bool
    prune_all: bool


class Published(NamedTuple):
    """How the author has the book published: the address of its pages, how their addresses end, and
    its title, "" for that of its configuration."""

    base_url: str
    url_style: UrlStyle = ""
    title: str = ""
