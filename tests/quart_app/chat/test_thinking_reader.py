"""A model that thinks, as its readers see it."""

from __future__ import annotations

from chains.events import Sources, Thinking
from tests.support.scripted_tutor import BASIS, FINISH, SOURCE
from tests.support.sessions import Server


async def test_a_reader_gets_word_that_the_model_thinks_and_again_on_another_connection() -> None:
    server = Server()
    async with server.connected() as first:
        first.ask(client_query_id="mine")
        server.tutor.say(Sources((SOURCE,), BASIS), Thinking())
        start = await first.get("response_start")
        status = await first.get("status")
        assert status == {
            "query_id": start["query_id"],
            "client_query_id": "mine",
            "status": "thinking",
        }
        keys = {name: start[name] for name in ("query_id", "session_id", "session_token")}
        async with server.connected() as second:
            second.send("resume", **keys, last_seq=-1)
            for type in ("resumed", "response_start", "status"):
                await second.get(type)
            server.tutor.say("A gait.", FINISH)
            assert (await second.read())[0] == "A gait."
        assert (await first.read())[0] == "A gait."
    await server.answers.close()
