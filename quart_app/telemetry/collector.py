"""Whether spans are sent, and where to, by the variables that OpenTelemetry itself defines."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import version
from importlib.util import find_spec
from threading import Thread
from typing import TYPE_CHECKING

from chains.errors import SettingError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

    from quart_app.telemetry.spans import Spans

ENDPOINTS = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
PROTOCOLS = "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"
PROTOCOL = "http/protobuf"
LAST_SPANS_S = 5.0
"""Seconds that a server which stops waits for a collector."""


def is_wanted(environment: Mapping[str, str]) -> bool:
    """Whether the variables name a collector, and do not switch spans off.

    >>> is_wanted({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector.example:4318"})
    True
    >>> is_wanted({})
    False
    """
    disabled = environment.get("OTEL_SDK_DISABLED", "").strip().casefold() == "true"
    off = environment.get("OTEL_TRACES_EXPORTER", "otlp").strip().casefold() == "none"
    return not disabled and not off and any(environment.get(name) for name in ENDPOINTS)


@asynccontextmanager
async def open_spans() -> AsyncIterator[Spans | None]:
    """What sends spans, or None where no collector is named.

    Raises SettingError where the packages for it are missing or the variables ask for what they
    cannot do.
    """
    if not is_wanted(os.environ):
        yield None
        return
    _check()
    from quart_app.telemetry.spans import Spans

    provider = _provider()
    try:
        yield Spans(provider.get_tracer("scholiast", version("scholiast")))
    finally:
        stopping = Thread(target=provider.shutdown, daemon=True)  # the SDK waits for 30 s
        stopping.start()
        await asyncio.to_thread(stopping.join, LAST_SPANS_S)


def _check() -> None:
    if find_spec("opentelemetry.exporter") is None:
        raise SettingError(
            "OTEL_EXPORTER_OTLP_ENDPOINT needs more packages: pip install 'scholiast[telemetry]'"
        )
    for name in PROTOCOLS:
        if os.environ.get(name, PROTOCOL) != PROTOCOL:
            raise SettingError(f"{name} must be {PROTOCOL}, which is all that Scholiast sends")


def _provider() -> TracerProvider:
    """Of spans, which go to the collector by a thread of their own."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import OTELResourceDetector, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    names = {"service.name": "scholiast", "service.version": version("scholiast")}
    resource = Resource.create(names).merge(OTELResourceDetector().detect())
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider
