"""Sets of questions: one JSON object a line, each a question with what a good answer needs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from chains.bad_values import bad_value, not_utf_8
from chains.errors import SettingError
from chains.question import Question, Selection, Turn

Group = Literal["own", "foreign", "near"]
"""What a question is to the book: covered by it, of another subject, or of the same subject and
yet not covered."""


def _as_texts(given: object) -> object:
    """One text, or none, as a list of texts."""
    return [given] if isinstance(given, str) else [] if given is None else given


Texts = Annotated[tuple[str, ...], BeforeValidator(_as_texts)]


class SelectionOfRow(BaseModel):
    """A selection that goes with a question; a plain string is its text."""

    model_config = ConfigDict(frozen=True)

    text: str = Field(min_length=1)
    page: str | None = None
    anchor: str | None = None


class TurnOfRow(BaseModel):
    """An earlier question and its answer."""

    model_config = ConfigDict(frozen=True)

    question: str
    answer: str = ""
    selections: Texts = ()


def _as_selection(given: object) -> object:
    return {"text": given} if isinstance(given, str) else given


class Row(BaseModel):
    """A question of a set, and what is expected.

    `relevant_files` are paths in the book's folder, `relevant_sections` are
    ``file#Title > Heading > Heading``. A right answer holds `answer`, each where there are
    several, or all terms of `must`. `refuse` is for questions that the book does not cover: true,
    or “near” where it covers the subject all the same.

    >>> row = Row.model_validate_json('{"id": "1", "query": "What is a gait?", "answer": "steps"}')
    >>> row.group, row.expected
    ('own', ('steps',))
    """

    model_config = ConfigDict(frozen=True)

    id: str = Field(min_length=1)
    query: str = Field(min_length=1)
    kind: str = ""
    relevant_files: tuple[str, ...] = ()
    relevant_sections: tuple[str, ...] = ()
    answer: Texts = ()
    must: Texts = ()
    refuse: bool | Literal["near"] = False
    selection: Annotated[SelectionOfRow | None, BeforeValidator(_as_selection)] = None
    history: tuple[TurnOfRow, ...] = ()
    page: str | None = None

    @property
    def group(self) -> Group:
        """What the question is to the book."""
        return "near" if self.refuse == "near" else "foreign" if self.refuse else "own"

    @property
    def expected(self) -> tuple[str, ...]:
        """What a right answer holds; nothing where the row does not say."""
        return self.must or self.answer

    @property
    def question(self) -> Question:
        """The question as the chain takes it."""
        chosen = self.selection
        return Question(
            self.query,
            () if chosen is None else (Selection(chosen.text, None, chosen.page, chosen.anchor),),
            self.page,
            tuple(Turn(turn.question, turn.selections, turn.answer) for turn in self.history),
        )


def read_rows(file: Path) -> list[Row]:
    """The rows of a JSONL file, in their order. Blank lines are left out.

    Raises SettingError, which names the line, for what is no row and for an id that stands twice.
    """
    rows: dict[str, Row] = {}
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise SettingError(f"{file}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise SettingError(f"{file}: {not_utf_8(error)}") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        row = _read_row(line, f"{file}:{number}")
        if row.id in rows:
            raise SettingError(
                f"{file}:{number}: the id “{row.id}” stands twice; give each its own"
            )
        rows[row.id] = row
    if not rows:
        raise SettingError(f"{file}: holds no question; write one JSON object a line")
    return list(rows.values())


def _read_row(line: str, place: str) -> Row:
    try:
        return Row.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"]))
        fix = 'write a row as {"id": "1", "query": "What is a gait?"}'
        raise SettingError(f"{place}: {field or 'the row'}: {bad_value(first)}; {fix}") from None
