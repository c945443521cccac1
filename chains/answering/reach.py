"""Reach: which part of the book a message is about, by what it says and what came before it.

“An example?” reaches the sources of the last answer, “summarize” the page being read, “what comes
next” the page after it. Their passages need no gate: the reader has them before their eyes. Every
other question reaches the whole book.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chains.answering.condense import asked_before
from chains.answering.intents import WITHOUT_BLANKS, Intent, intent_of
from chains.answering.leaning import subjects_of
from chains.index.book import Book, File
from chains.index.passages import Passage
from chains.index.within import Within
from chains.language.terms import terms_of
from chains.models.quotes.evidence import Wish
from chains.question import Question


@dataclass(frozen=True, slots=True)
class Reach:
    """`within` is None for the whole book. Within a part, `search_text` is what sentences are
    chosen by, and the passages have to hold one of `named`, if there are any. `asked` is the
    text of the question for a language model. `is_over` says that no page comes next."""

    intent: Intent
    asked: str
    within: Within | None = None
    search_text: str = ""
    named: frozenset[str] = frozenset()
    is_over: bool = False

    @property
    def is_talk(self) -> bool:
        """Whether it is answered by a sentence of ours, without a model."""
        return self.is_over or self.intent.is_talk

    @property
    def wish(self) -> Wish:
        """What a model that quotes is to look for."""
        if self.intent.kind == "example":
            return "example"
        return "digest" if self.within is not None and self.within.whole else "answer"

    def of(self, question: Question) -> Question:
        """The question as a language model gets it."""
        return replace(question, text=self.asked)

    def holds(self, passages: Sequence[Passage]) -> bool:
        """Whether the passages are what the message is about."""
        texts = " ".join(passage.chunk.embedded_text for passage in passages)
        return bool(passages) and (not self.named or not self.named.isdisjoint(terms_of(texts)))


def reach_of(question: Question, book: Book) -> Reach:
    """What a question reaches; one with selections is about these."""
    intent = intent_of(question.text, book.language)
    whole_book = Reach(intent, question.text)
    if question.selections:  # these are meant, whatever is said to them
        return Reach(replace(intent, kind="question") if intent.is_talk else intent, question.text)
    page = book.file_at(question.page)
    if intent.is_about_page and page is not None:
        return _page(question, intent, page, book)
    if intent.is_about_answer or intent.is_about_page:
        sources = next((turn.sources for turn in reversed(question.history) if turn.sources), ())
        if sources:
            earlier = asked_before(question) or question.text
            text = f"{question.text} ({earlier})" if intent.kind == "why" else earlier
            return Reach(intent, question.text, Within(sources), text)
        if page is not None and intent.kind not in {"why", "more"}:
            return _page(question, intent, page, book)
    return whole_book


def _page(question: Question, intent: Intent, page: File, book: Book) -> Reach:
    if intent.kind == "next":
        pages = list(book.files.values())
        after = pages.index(page) + 1
        if after == len(pages):
            return Reach(intent, question.text, is_over=True)
        page = pages[after]
    if intent.kind == "question" and (named := subjects_of(intent.rest)):
        checked = frozenset[str]() if intent.language in WITHOUT_BLANKS else named
        return Reach(intent, question.text, Within(file=page.file), intent.rest, checked)
    asked = f"{question.text} ({page.title})"
    return Reach(intent, asked, Within(file=page.file, whole=True), page.title)
