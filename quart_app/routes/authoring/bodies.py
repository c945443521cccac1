"""The bodies of what authors send."""

from __future__ import annotations

from typing import Annotated, TypeVar
from urllib.parse import urlsplit

import msgspec

from chains.page_urls import UrlStyle
from chains.wrong_fields import in_plain_words
from ingestion.options import Options
from quart_app.protocol.bounds import LONGEST_ADDRESS
from quart_app.protocol.client_messages import QuestionData
from quart_app.protocol.messages import BookName

WANTED = {
    "url_style": "directory, html, clean or empty",
    "staged": "16 hexadecimal digits in lower case",
}
"""What fields have to be whose values have a form or are a choice."""
NO_ADDRESS = "`base_url` has to be an address of http or https, or a path, without ? and #."
T = TypeVar("T")


class BadBody(Exception):
    """A body is not what it should be; the message says why."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"The body is not what it should be: {problem}")


def decode(body: bytes | str, kind: type[T]) -> T:
    """A body of JSON as one of the types below. Raises BadBody."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise BadBody(in_plain_words(error, WANTED, "it")) from None
    except RecursionError:
        raise BadBody("it nests too deeply.") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadBody("it is not valid JSON in UTF-8.") from None


class Wanted(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a POST. `path` may name the folder of the book, and no other one."""

    path: Annotated[str, msgspec.Meta(max_length=4096)] | None = None
    book: BookName | None = None
    base_url: Annotated[str, msgspec.Meta(max_length=2000)] | None = None
    url_style: UrlStyle | None = None
    title: Annotated[str, msgspec.Meta(max_length=300)] | None = None
    format: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    replace: bool = False
    rebuild: bool = False
    prune_all: bool = False
    dry_run: bool = False

    def options(self) -> Options:
        """What is asked of the ingestion. Raises BadBody where `base_url` is no address."""
        return Options(
            base_url=_address(self.base_url),
            url_style=self.url_style,
            title=self.title,
            format_name=self.format,
            replace=self.replace,
            rebuild=self.rebuild,
            prune_all=self.prune_all,
        )


class Staged(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a restore: the name of a folder in the index's own."""

    staged: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{16}$")]
    book: BookName | None = None


def _address(given: str | None) -> str | None:
    """An address of pages, ended with a slash. Raises BadBody."""
    if given is None:
        return None
    try:
        parts = urlsplit(given)
    except ValueError:
        raise BadBody(NO_ADDRESS) from None
    is_web = parts.scheme in {"http", "https"} and bool(parts.hostname)
    is_path = given.startswith("/") and not given.startswith("//")
    if not (is_web or is_path) or parts.query or parts.fragment:
        raise BadBody(NO_ADDRESS)
    return given.rstrip("/") + "/"


class Draft(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a check: the text of a draft; without it, the prompt is taken as it stands."""

    text: str | None = None


class PreviewWanted(Draft, forbid_unknown_fields=True):
    """The body of a preview: a draft, and what it is to be rendered for."""

    question: str | None = None
    selections: tuple[str, ...] = ()
    page: Annotated[str, msgspec.Meta(max_length=LONGEST_ADDRESS)] | None = None

    @property
    def asked(self) -> QuestionData:
        """The question as a reader would send it."""
        return QuestionData(self.question or "", self.selections, page=self.page or None)


class Saving(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a save: the text, and the `file_version` that it was made from."""

    text: str
    file_version: str
