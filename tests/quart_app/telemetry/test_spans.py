"""Spans of questions, as a collector of OpenTelemetry gets them."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from chains.errors import SettingError
from quart_app.serve import serving
from quart_app.settings import WebSettings
from quart_app.telemetry import collector as collectors
from tests.support.scripted_openai import ScriptedOpenAI, Status, Step
from tests.support.talking import ask, client, receive
from tests.support.upstream import reader

ZMP = "What is the zero moment point?"


class FakeCollector:
    """Keeps what it is sent over HTTP, as a collector's OTLP receiver does."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                is_packed = self.headers.get("Content-Encoding") == "gzip"
                collector.bodies.append(gzip.decompress(body) if is_packed else body)
                self.send_response(200 if self.path == "/v1/traces" else 404)
                self.end_headers()

            def log_request(self, code: object = "-", size: object = "-") -> None:
                """Print nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def spans(self) -> list[Span]:
        """All spans, in the order in which they ended."""
        requests = [ExportTraceServiceRequest.FromString(body) for body in self.bodies]
        return [
            span
            for request in requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCollector]:
    fake = FakeCollector()
    with fake.server as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        yield fake
        server.shutdown()


def attributes(span: Span) -> dict[str, object]:
    """Those of a span, by name."""
    return {
        one.key: getattr(one.value, str(one.value.WhichOneof("value"))) for one in span.attributes
    }


async def asked(settings: WebSettings, script: list[Step], *questions: str) -> None:
    """Ask a server whose model plays the script, and stop it."""
    async with ScriptedOpenAI(script) as endpoint, reader(settings, endpoint) as socket:
        for question in questions:
            await ask(socket, question)


async def test_a_question_is_a_span_with_its_steps_in_it(
    example: WebSettings, collector: FakeCollector
) -> None:
    await asked(example, ["The ZMP is ", "a point [1]."], ZMP, "And why does that matter?")
    spans = collector.spans()
    roots = [span for span in spans if not span.parent_span_id]
    assert [span.name for span in roots] == ["question", "question"]
    first, second = (
        sorted(span.name for span in spans if span.parent_span_id == root.span_id) for root in roots
    )
    assert first == ["model", "retrieve"]
    assert second == ["condense", "model", "retrieve"]
    found = attributes(roots[0])
    assert found["scholiast.status"] == "completed"
    assert [event.name for event in roots[0].events] == ["first chunk"]
    model = next(span for span in spans if span.name == "model")
    assert model.trace_id == roots[0].trace_id
    assert attributes(model)["gen_ai.request.model"] == "scripted"
    assert all(0 < one.start_time_unix_nano <= one.end_time_unix_nano for one in spans)


async def test_no_span_holds_a_word_of_question_book_or_answer(
    example: WebSettings, collector: FakeCollector
) -> None:
    await asked(example, ["The ZMP is a point [1]."], ZMP)
    assert collector.spans()
    sent = b"".join(collector.bodies).lower()
    assert [word for word in (b"moment", b"zmp", b"session", b"ground") if word in sent] == []


async def test_a_failed_answer_says_what_kind_of_error_it_was(
    example: WebSettings, collector: FakeCollector
) -> None:
    await asked(example, [Status(400)], ZMP)
    root = next(span for span in collector.spans() if not span.parent_span_id)
    assert root.status.message == "ServiceUnavailable"
    assert attributes(root)["scholiast.status"] == "failed"


async def test_without_its_collector_a_server_answers_and_stops(
    example: WebSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(collectors, "LAST_SPANS_S", 0.2)
    async with serving(example) as url, client(url) as socket:
        await receive(socket)
        assert (await ask(socket, ZMP))[-1]["type"] == "response_end"


@pytest.mark.parametrize(
    "switch", [{"OTEL_SDK_DISABLED": "true"}, {"OTEL_TRACES_EXPORTER": "none"}]
)
async def test_what_switches_spans_off_is_heeded(
    example: WebSettings,
    collector: FakeCollector,
    monkeypatch: pytest.MonkeyPatch,
    switch: dict[str, str],
) -> None:
    for name, value in switch.items():
        monkeypatch.setenv(name, value)
    await asked(example, ["A point [1]."], ZMP)
    assert collector.bodies == []


async def test_a_protocol_that_is_not_spoken_is_named_at_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector.example:4318")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    with pytest.raises(SettingError, match="OTEL_EXPORTER_OTLP_PROTOCOL must be http/protobuf"):
        async with collectors.open_spans():
            pass


async def test_missing_packages_are_named_with_the_command_that_brings_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector.example:4318")
    monkeypatch.setattr(collectors, "find_spec", lambda name: None)
    with pytest.raises(SettingError, match=r"pip install 'scholiast\[telemetry\]'"):
        async with collectors.open_spans():
            pass
