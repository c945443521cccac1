"""/metrics: the figures of this server for Prometheus, behind a token of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from hmac import compare_digest

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.registry import Collector
from quart import Blueprint, ResponseReturnValue, request
from typing_extensions import override

from quart_app.fleet import neighbours as fleet
from quart_app.fleet.neighbours import Neighbours, NotThere
from quart_app.metrics.merged import Merged
from quart_app.protocol.server_messages import Limit
from quart_app.routes.current import services
from quart_app.services import Services

OFF = "There are no metrics here: SCHOLIAST_METRICS_TOKEN is not set.\n"
SEND_IT = "Send the metrics token as `Authorization: Bearer TOKEN`.\n"
LONGEST_WAIT = 2.0
"""Seconds for the figures of another worker."""
PLAIN = {"Content-Type": "text/plain; charset=utf-8"}

scrape = Blueprint("scrape", __name__)


@scrape.get("/metrics")
async def metrics() -> ResponseReturnValue:
    """Everything that is counted, and what is so now, in the format that the client asks for.

    Of a server with workers, the figures of all that answer, each with its number.
    """
    s = services()
    token = s.settings.metrics_token
    if token is None:
        return OFF, 404, PLAIN
    expected = f"Bearer {token.get_secret_value()}".encode()
    if not compare_digest(request.headers.get("Authorization", "").encode(), expected):
        return SEND_IT, 401, PLAIN | {"WWW-Authenticate": 'Bearer realm="metrics"'}
    try:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    except (TypeError, ValueError):  # a version that is no number
        encode, content_type = choose_encoder("")
    headers = {"Content-Type": content_type, "Cache-Control": "no-store"}
    shown = await _of_all(s, s.neighbours) if s.neighbours else await _of_one(s)
    return encode(shown), 200, headers


async def figures_of(services: Services) -> str:
    """What `services` count, and what is so now, in the format of OpenMetrics."""
    text: bytes = generate_latest(await _of_one(services))  # type: ignore[no-untyped-call]
    return text.decode()


async def _of_one(services: Services) -> Figures:
    return Figures(services, await services.limits.everybody.limits())


async def _of_all(services: Services, neighbours: Neighbours) -> Merged:
    """Those of this worker and of its neighbours, without one that does not answer."""

    async def ask(number: int) -> str | None:
        try:
            return (await neighbours.ask(number, fleet.Figures(), LONGEST_WAIT)).body.decode()
        except NotThere:
            return None

    others = neighbours.post.others()
    texts = dict(zip(others, await asyncio.gather(*map(ask, others)), strict=True))
    texts[neighbours.post.number] = await figures_of(services)
    return Merged({number: text for number, text in texts.items() if text is not None})


class Figures(Collector):
    """What was counted since the start, and what is so now; `left` is of all readers together."""

    def __init__(self, services: Services, left: Sequence[Limit]) -> None:
        self._services = services
        self._left = left

    @override
    def collect(self) -> Iterator[Metric]:
        s = self._services
        yield from s.metrics.registry.collect()
        yield GaugeMetricFamily("scholiast_connections", "Open sockets.", s.connections.count)
        yield GaugeMetricFamily(
            "scholiast_questions_waiting", "Questions in the line.", s.answers.queue.waiting
        )
        book = s.library.latest
        about = {"index_version": book.version, "model": s.model.name}
        yield InfoMetricFamily("scholiast", "The index and the model in use.", about)
        left = GaugeMetricFamily(
            "scholiast_budget_left", "What all readers may still take, by limit.", labels=["limit"]
        )
        for limit in self._left:
            left.add_metric([limit.name], limit.remaining or 0)
        yield left
