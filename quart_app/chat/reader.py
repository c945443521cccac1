"""What one reader asks for over a socket: questions, the end of an answer, the rest of one."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from functools import partial

from chains.book_names import BookNames, NoSuchBook
from chains.errors import ServiceUnavailable
from chains.question import Question
from quart_app.answers.answer_queue import Busy
from quart_app.answers.kept_answer import KeptAnswer
from quart_app.answers.limits import Limits
from quart_app.answers.running import Answers
from quart_app.answers.session_store import SessionStore
from quart_app.chat.following import Following
from quart_app.chat.inbound import Refused, check_session_id, question
from quart_app.chat.outbox import Outbox
from quart_app.door.refusals import RareLines
from quart_app.metrics.metrics import yes_or_no
from quart_app.protocol.client_messages import (
    CancelData,
    GetStartersData,
    QuestionData,
    ResumeData,
)
from quart_app.protocol.server_messages import Resumed, ResumedData, Starters, StartersData

log = logging.getLogger("scholiast.chat")

LINES = RareLines()
STARTERS_TIMEOUT = 3.0
"""Seconds for the index to give questions that a page answers; a reader can do without."""


class Reader:
    """Does what the messages of one client ask for; each method raises Refused.

    `address` is the client's, as limits count it. `session_id` is the session of questions that
    come without another one and the token that opens it; `book`, one of `books`, is the book of
    those that name none.
    """

    def __init__(
        self,
        address: str,
        *,
        answers: Answers,
        sessions: SessionStore,
        limits: Limits,
        following: Following,
        outbox: Outbox,
        books: BookNames,
        book: str,
    ) -> None:
        self.session_id = ""
        self._books = books
        self._book = book
        self._address = address
        self._answers = answers
        self._sessions = sessions
        self._limits = limits
        self._following = following
        self._outbox = outbox

    async def ask(self, data: QuestionData, leaving: str | None = None) -> None:
        """Start the answer to a question, or follow the one that it has got already.

        `leaving` is why this socket takes no new question, if so.
        """
        asked = replace(question(data), book=self._find_book(data.book))
        if asked.prompt is not None and asked.prompt not in self._answers.tutor.prompts:
            raise Refused(
                "INVALID_MESSAGE", f"This server has no prompt “{asked.prompt}”.", "prompt"
            )
        session_id = self.session_id
        if data.session_id is not None and self._sessions.opens(
            data.session_id, data.session_token
        ):
            session_id = data.session_id
        not_now = self._not_now(leaving)
        if not_now is None:
            self._follow_again(await self._start(asked, session_id, data.client_query_id))
            return
        known = None
        if data.client_query_id is not None:
            known = await self._sessions.find(session_id, client_query_id=data.client_query_id)
        if known is None:
            raise not_now
        self._follow_again(await self._answers.look_up(session_id, known))

    def cancel(self, data: CancelData) -> None:
        """Stop the answer that is on its way, if the message names it."""
        _require_id(data)
        answer = self._following.current
        if answer is not None and _names(data, answer):
            self._answers.cancel(answer)

    async def resume(self, data: ResumeData) -> None:
        """Send the rest of an answer, or that it is not there."""
        _require_id(data)
        check_session_id(data.session_id)
        known = None
        if self._sessions.opens(data.session_id, data.session_token):
            ids = data.query_id, data.client_query_id
            known = await self._sessions.find(data.session_id, *ids)
        answer = None
        if known is not None:
            answer = await self._answers.look_up(data.session_id, known)
        self._answers.metrics.resumes.labels(yes_or_no(answer)).inc()
        if answer is None:
            self._outbox.reply(_not_resumed(data, is_known=known is not None))
            return
        if data.last_seq > answer.log.last_seq and not answer.is_behind:
            message = f"The last seq of the answer is {answer.log.last_seq} so far."
            raise Refused("INVALID_MESSAGE", message, "last_seq")
        self._require_free()
        self._following.begin(answer, data.last_seq, _resumed(data, answer))

    async def send_starters(self, data: GetStartersData) -> None:
        """Send questions that a page answers well; none where the index does not answer."""
        questions: tuple[str, ...] = ()
        with suppress(ServiceUnavailable, TimeoutError):
            async with asyncio.timeout(STARTERS_TIMEOUT):
                asked = Question("", page=data.page, book=self._find_book(data.book))
                questions = await self._answers.tutor.starters(asked)
        self._outbox.reply(Starters(StartersData(questions)))

    def _find_book(self, name: str | None) -> str:
        """The book that a message names, or else that of the connection."""
        try:
            return self._books.find(name) if name else self._book
        except NoSuchBook as error:
            raise Refused("INVALID_MESSAGE", str(error), "book") from None

    def _follow_again(self, answer: KeptAnswer | None) -> None:
        """Follow an answer from its beginning, unless that is what happens already."""
        if answer is None:
            message = (
                "This question was asked before, and its answer is no longer kept. "
                "Ask it again with another client_query_id."
            )
            raise Refused("INVALID_MESSAGE", message, "client_query_id")
        if answer is self._following.current:
            return
        self._require_free()
        self._following.begin(answer)

    def _require_free(self) -> None:
        if (refused := self._not_now(None)) is not None:
            raise refused

    def _not_now(self, leaving: str | None) -> Refused | None:
        """Why a new question cannot be taken now, if so."""
        if self._following.current is not None:
            message = "The last question is still being answered. Wait for its end, or cancel it."
            return Refused("RATE_LIMIT_EXCEEDED", message, reason="concurrent", retry_after=1)
        if leaving is not None:
            return Refused("SERVICE_UNAVAILABLE", leaving, retry_after=1)
        return None

    async def _start(
        self, asked: Question, session_id: str, client_query_id: str | None
    ) -> KeptAnswer | None:
        admit = partial(self._admit, session_id)
        key = self._limits.key(self._address, session_id)
        try:
            return await self._answers.start(asked, session_id, client_query_id, admit, key)
        except Busy as busy:
            self._answers.metrics.refused_questions.labels("busy").inc()
            if (others := LINES.due("busy")) is not None:
                log.warning(
                    "refused a question: too many wait, or for too long (%d s)%s; see "
                    "SCHOLIAST_MAX_ANSWERS",
                    busy.retry_after,
                    others,
                )
            message = f"Too many questions are waiting. Ask again in {busy.retry_after} s."
            raise Refused("SERVICE_UNAVAILABLE", message, retry_after=busy.retry_after) from None

    async def _admit(self, session_id: str, is_new_session: bool) -> None:
        """Take the question from the limits."""
        exceeded = await self._limits.take_question(
            self._address, session_id, is_new_session=is_new_session
        )
        if exceeded is not None:
            self._answers.metrics.refused_questions.labels(exceeded.reason).inc()
            raise Refused(
                "RATE_LIMIT_EXCEEDED",
                exceeded.message,
                reason=exceeded.reason,
                retry_after=exceeded.retry_after,
            )


def _require_id(data: CancelData | ResumeData) -> None:
    if data.query_id is None and data.client_query_id is None:
        raise Refused(
            "INVALID_MESSAGE", "Name the answer by its query_id or client_query_id.", "query_id"
        )


def _names(data: CancelData, answer: KeptAnswer) -> bool:
    """Whether a message is about this answer; of its two ids the server's counts."""
    if data.query_id is not None:
        return data.query_id == answer.query_id
    return data.client_query_id == answer.client_query_id


def _resumed(data: ResumeData, answer: KeptAnswer) -> Resumed:
    return Resumed(
        ResumedData(
            recovered=True,
            last_seq=data.last_seq,
            query_id=answer.query_id,
            client_query_id=answer.client_query_id,
        )
    )


def _not_resumed(data: ResumeData, *, is_known: bool) -> Resumed:
    return Resumed(
        ResumedData(
            recovered=False,
            last_seq=data.last_seq,
            query_id=data.query_id,
            client_query_id=data.client_query_id,
            reason="expired" if is_known else "unknown",
        )
    )
