"""Questions that wait for their turn, as their readers see it."""

from __future__ import annotations

import pytest

from quart_app.answers import answer_queue
from quart_app.answers.rates import parse_rates
from quart_app.settings import WebSettings
from tests.support.scripted_tutor import whole_answer
from tests.support.sessions import Server


def busy_server(**more: object) -> Server:
    """One that is at work on one answer at a time."""
    settings = {"limit_questions": (), "max_answers": 1, **more}
    return Server(WebSettings.model_construct(**settings))  # type: ignore[arg-type]


async def test_a_question_that_waits_is_sent_its_place_and_then_its_answer() -> None:
    server = busy_server()
    async with server.connected() as first, server.connected() as second:
        await first.start()
        second.ask(client_query_id="mine")
        status = await second.get("status")
        assert (status["status"], status["ahead"]) == ("waiting", 0)
        assert status["client_query_id"] == "mine"
        assert len(server.tutor.questions) == 1
        server.tutor.say(*whole_answer("One.")[1:], *whole_answer("Two."))
        assert (await first.read())[0] == "One."
        assert (await second.get("response_start"))["query_id"] == status["query_id"]
        assert (await second.read())[0] == "Two."
    await server.answers.close()


async def test_cancelling_a_question_that_waits_frees_its_place_at_once() -> None:
    server = busy_server()
    async with server.connected() as first, server.connected() as second:
        await first.start()
        second.ask(client_query_id="mine")
        await second.get("status")
        async with server.connected() as third:
            third.ask()
            assert (await third.get("status"))["ahead"] == 1
            second.send("cancel", client_query_id="mine")
            assert (await second.get("response_start"))["sources"] == []
            text, end = await second.read()
            assert (text, end["status"]) == ("", "cancelled")
            assert (await third.get("status"))["ahead"] == 0
        assert len(server.tutor.questions) == 1
    await server.answers.close()


async def test_a_question_goes_on_waiting_without_its_reader_and_can_be_resumed() -> None:
    server = busy_server()
    async with server.connected() as first:
        await first.start()
        async with server.connected() as second:
            second.ask(client_query_id="mine")
            query_id = (await second.get("status"))["query_id"]
        async with server.connected() as third:
            third.send("resume", **second.keys, client_query_id="mine", last_seq=-1)
            assert (await third.get("resumed"))["recovered"] is True
            assert (await third.get("status"))["query_id"] == query_id
            server.tutor.say(*whole_answer("One.")[1:], *whole_answer("Two."))
            assert (await third.get("response_start"))["query_id"] == query_id
            assert (await third.read())[0] == "Two."
    await server.answers.close()


async def test_without_a_window_a_question_stops_waiting_when_its_reader_goes() -> None:
    server = busy_server(resume_window=0)
    async with server.connected() as first:
        await first.start()
        async with server.connected() as second:
            second.ask()
            await second.get("status")
        async with server.connected() as third:
            third.ask()
            assert (await third.get("status"))["ahead"] == 0
    await server.answers.close()


async def test_a_full_line_refuses_a_question_before_it_costs_anything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(answer_queue, "MOST_WAITING", 0)
    server = busy_server(limit_questions=parse_rates("2/hour"))
    async with server.connected() as first, server.connected() as second:
        await first.start()
        for _ in range(3):
            second.ask(client_query_id="mine")
            error = await second.get("error")
            assert (error["code"], error["retryable"]) == ("SERVICE_UNAVAILABLE", True)
            assert error["retry_after"] >= 1
            assert error["client_query_id"] == "mine"
            assert "query_id" not in error
        assert len(server.tutor.questions) == 1
        server.tutor.say(*whole_answer("One.")[1:], *whole_answer("Two."))
        await first.read()
        second.ask(client_query_id="mine")  # it was neither counted nor begun
        await second.get("response_start")
        assert (await second.read())[0] == "Two."
    await server.answers.close()


async def test_what_waits_ends_at_once_where_the_server_stops() -> None:
    server = busy_server()
    async with server.connected() as first, server.connected() as second:
        await first.start()
        second.ask()
        await second.get("status")
        server.answers.end_waiting()
        error = await second.get("error")
        assert (error["code"], error["retryable"]) == ("SERVICE_UNAVAILABLE", True)
        server.tutor.say(*whole_answer("One.")[1:])
        assert (await first.read())[0] == "One."
    await server.answers.close()
