"""A bookshelf: the tutor of a question's book gets it, with the turns about that book alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from langchain_core.runnables import RunnableConfig
from typing_extensions import override

from chains.book_names import BookNames, NoSuchBook
from chains.bookshelf import Bookshelf
from chains.events import Event
from chains.index.library import Library
from chains.question import Question, Turn
from chains.tutor import TutorChain
from tests.support.tutors import quoting_tutor

NOTHING: tuple[Event, ...] = ()


class Asked(TutorChain):
    """Keeps what it is asked, and answers nothing."""

    def __init__(self, like: TutorChain) -> None:
        super().__init__(like.retriever, like.prompts, like.model)
        self.questions: list[Question] = []

    @override
    async def astream(
        self, input: Question, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[Event]:
        self.questions.append(input)
        for event in NOTHING:
            yield event


async def test_a_question_goes_to_its_book_with_the_turns_that_were_about_it(
    library: Library,
) -> None:
    tutors = {name: Asked(quoting_tutor(library)) for name in ("", "wood")}
    shelf = Bookshelf("", tutors)
    history = (Turn("a", (), "b"), Turn("c", (), "d", book="wood"))
    for book in ("", "wood"):
        asked = Question("What is it?", history=history, book=book)
        assert [event async for event in shelf.astream(asked)] == []
    [robots], [wood] = (tutors[name].questions for name in ("", "wood"))
    assert robots.history == history[:1]
    assert wood.history == history[1:]


def test_a_book_is_found_by_its_name_or_is_the_default() -> None:
    books = BookNames("wood", frozenset({"", "wood", "metal"}))
    assert [books.find(name) for name in (None, "", "metal")] == ["wood", "wood", "metal"]
    assert [books.path(name) for name in ("wood", "metal")] == ["", "/books/metal"]
    with pytest.raises(NoSuchBook, match="there are metal, wood, and one without a name"):
        books.find("stone")
