"""/metrics of a real server, read as Prometheus reads it."""

from __future__ import annotations

from ipaddress import ip_network

import httpx2
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from quart_app.answers.rates import parse_rates
from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.support.talking import ask, client, receive, send

TOKEN = "a token of sixteen characters"
ZMP = "What is the zero moment point?"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
Figures = dict[tuple[str, str], float]


@pytest.fixture
def measured(example: WebSettings) -> WebSettings:
    return example.model_copy(update={"metrics_token": SecretStr(TOKEN)})


async def figures(url: str, **more: str) -> Figures:
    """Each sample by its name and the values of its labels."""
    async with httpx2.AsyncClient(trust_env=False) as http:
        text = (await http.get(f"{url}metrics", headers=HEADERS | more)).text
    return {
        (sample.name, " ".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_there_are_no_metrics_without_a_token(example: WebSettings) -> None:
    async with serving(example) as url, httpx2.AsyncClient(trust_env=False) as http:
        answer = await http.get(f"{url}metrics", headers=HEADERS)
    assert answer.status_code == 404
    assert "SCHOLIAST_METRICS_TOKEN" in answer.text


@pytest.mark.parametrize("sent", [None, "Bearer", "Bearer other", f"Basic {TOKEN}", TOKEN, "é"])
async def test_only_who_has_the_token_reads_them(measured: WebSettings, sent: str | None) -> None:
    headers = [] if sent is None else [(b"Authorization", sent.encode())]
    async with serving(measured) as url, httpx2.AsyncClient(trust_env=False) as http:
        answer = await http.get(f"{url}metrics", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert "scholiast_" not in answer.text


async def test_an_answer_is_counted_with_its_figures(measured: WebSettings) -> None:
    async with serving(measured) as url, client(url) as socket:
        welcome = await receive(socket)
        end = (await ask(socket, ZMP))[-1]["data"]
        got = await figures(url)
    grounding = end["grounding"]
    assert got["scholiast_questions_total", "completed"] == 1
    is_estimated = "true" if end["tokens_estimated"] else "false"
    assert got["scholiast_tokens_total", is_estimated] == end["total_tokens"]
    assert got["scholiast_sentences_total", "true"] == grounding["supported"]
    assert got["scholiast_first_chunk_seconds_count", ""] == 1
    assert got["scholiast_first_chunk_seconds_sum", ""] == end["first_chunk_ms"] / 1000
    assert got["scholiast_connections", ""] == 1
    assert got["scholiast_questions_waiting", ""] == 0
    assert got["scholiast_info", f"{welcome['data']['book']['index_version']} quotes"] == 1
    assert got["scholiast_loop_lag_seconds_count", ""] >= 1


async def test_refusals_of_gate_and_limits_are_counted(measured: WebSettings) -> None:
    update = {"limit_questions": parse_rates("1/hour"), "limit_all": parse_rates("5/day")}
    async with serving(measured.model_copy(update=update)) as url, client(url) as socket:
        session = (await receive(socket))["data"]
        lost = {key: session[key] for key in ("session_id", "session_token")}
        lost |= {"query_id": "query_gone", "last_seq": -1}
        await ask(socket, "Who won the football world cup in 1998?")
        await ask(socket, ZMP)
        await send(socket, "resume", lost)
        await receive(socket)
        got = await figures(url)
    assert got["scholiast_questions_total", "content_not_found"] == 1
    assert got["scholiast_refused_questions_total", "hour"] == 1
    assert got["scholiast_resumes_total", "false"] == 1
    assert got["scholiast_budget_left", "all_day"] == 4


async def test_hostile_readers_make_no_new_series(measured: WebSettings) -> None:
    settings = measured.model_copy(update={"require_origin": True})
    async with serving(settings) as url:
        before = (await figures(url)).keys()
        for number in range(20):
            origin = Origin(f'https://x{number}.example"}} 1')
            with pytest.raises(InvalidStatus):
                await connect(url.replace("http", "ws", 1) + f"ws/chat?{number}", origin=origin)
        after = await figures(url)
    new = {key for key in after if key not in before and not key[0].endswith("_created")}
    assert new == {("scholiast_refused_connections_total", "403")}
    assert after["scholiast_refused_connections_total", "403"] == 20


async def test_a_handshake_without_tls_or_with_two_origins_is_counted(
    measured: WebSettings,
) -> None:
    settings = measured.model_copy(
        update={"require_tls": True, "trusted_proxies": (ip_network("127.0.0.1"),)}
    )
    async with serving(settings) as url:
        address = url.replace("http", "ws", 1) + "ws/chat"
        origins = [("Origin", "http://a.example"), ("Origin", "http://b.example")]
        for sent in ([("X-Forwarded-Proto", "http")], [("X-Forwarded-Proto", "https"), *origins]):
            with pytest.raises(InvalidStatus):
                await connect(address, additional_headers=sent)
        got = await figures(url, **{"X-Forwarded-Proto": "https"})
    assert got["scholiast_refused_connections_total", "403"] == 1
    assert got["scholiast_refused_connections_total", "400"] == 1


async def test_a_handshake_for_a_book_that_there_is_not_is_counted(measured: WebSettings) -> None:
    async with serving(measured) as url:
        with pytest.raises(InvalidStatus):
            await connect(url.replace("http", "ws", 1) + "ws/chat?book=nowhere")
        got = await figures(url)
    assert got["scholiast_refused_connections_total", "404"] == 1


async def test_a_version_that_there_is_not_gets_the_usual_format(measured: WebSettings) -> None:
    accept = {"Accept": "application/openmetrics-text; version=one"}
    async with serving(measured) as url, httpx2.AsyncClient(trust_env=False) as http:
        answer = await http.get(f"{url}metrics", headers=HEADERS | accept)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")


async def test_open_metrics_are_given_to_who_asks_for_them(measured: WebSettings) -> None:
    accept = {"Accept": "application/openmetrics-text; version=1.0.0"}
    async with serving(measured) as url, httpx2.AsyncClient(trust_env=False) as http:
        answer = await http.get(f"{url}metrics", headers=HEADERS | accept)
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
    families = open_metrics(answer.text)  # type: ignore[no-untyped-call]
    assert "scholiast" in {family.name for family in families}
