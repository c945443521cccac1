"""What we lean on in other packages beyond what they promise: an upgrade should fail here."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pkgutil import resolve_name
from types import CodeType
from typing import Any

import pytest
from hypercorn.asyncio.task_group import TaskGroup
from hypercorn.config import Config

from quart_app.door.repairs import install_repairs

SERVER = "hypercorn.asyncio.tcp_server:TCPServer"
HTTP = "hypercorn.protocol.http_stream:HTTPStream"
STREAM = "hypercorn.protocol.ws_stream:WSStream"
BUFFER = "hypercorn.protocol.ws_stream:WebsocketBuffer"
H11 = "hypercorn.protocol.h11:H11Protocol"
LIMITER = "quart_rate_limiter:RateLimiter"

CALLED = {
    f"{SERVER}.__init__": "self app loop config context state reader writer",
    f"{SERVER}.run": "self",
    f"{SERVER}.protocol_send": "self event",
    f"{SERVER}._read_data": "self",
    f"{SERVER}._close": "self",
    f"{SERVER}._initiate_server_close": "self",
    f"{H11}.__init__": "self app config context task_group connection_state ssl client server send",
    f"{H11}.handle": "self event",
    f"{H11}._check_protocol": "self event",
    f"{H11}._create_stream": "self request",
    f"{H11}._send_error_response": "self status_code",
    f"{H11}._send_h11_event": "self event",
    f"{HTTP}.handle": "self event",
    f"{STREAM}.__init__": "self app config context task_group ssl client server send stream_id",
    f"{STREAM}.handle": "self event",
    f"{STREAM}.app_send": "self message",
    f"{STREAM}._send_error_response": "self status_code",
    f"{STREAM}._handle_events": "self",
    f"{STREAM}._send_wsproto_event": "self event",
    f"{BUFFER}.__init__": "self max_length",
    f"{BUFFER}.extend": "self event",
    f"{BUFFER}.to_message": "self",
    f"{BUFFER}.clear": "self",
    "wsproto.handshake:server_extensions_handshake": "requested supported",
    "wsproto.connection:Connection.events": "self",
    "wsproto.events:CloseConnection.__init__": "self code reason",
    "wsproto.events:CloseConnection.response": "self",
    "wsproto.events:Ping.response": "self",
    f"{LIMITER}._raise_on_rejection": "self endpoint rate_limits",
    f"{LIMITER}._update_limits": "self endpoint rate_limits",
    f"{LIMITER}._create_key": "self endpoint rate_limit",
}
"""What we override, call or replace, each with the names of its parameters."""

USED = {
    # What `install_repairs` replaces is looked up by these when they run.
    "hypercorn.asyncio.run:worker_serve": "TCPServer create_sockets secure_sockets",
    "asyncio.selector_events:BaseSelectorEventLoop._accept_connection": "accept",
    f"{H11}._create_stream": "HTTPStream WSStream H11WSConnection",
    "hypercorn.protocol:ProtocolWrapper.__init__": "protocol H11Protocol",
    "hypercorn.protocol.ws_stream:Handshake.accept": "server_extensions_handshake",
    # What we override is called by these, and what we read or set is set by them.
    f"{SERVER}.__init__": "config loop writer",
    f"{SERVER}.run": "protocol _read_data _close",
    f"{SERVER}.protocol_send": "_close",
    f"{SERVER}._idle_timeout": "_initiate_server_close",
    f"{H11}.__init__": "connection send",
    f"{H11}._handle_events": (
        "_check_protocol _create_stream _send_error_response connection can_read wait"
    ),
    f"{H11}.stream_send": "_send_h11_event",
    f"{HTTP}.handle": "app_put closed",
    f"{STREAM}.__init__": "app_put buffer closed config send stream_id",
    f"{STREAM}.handle": "_handle_events _send_error_response headers spawn_app start_time",
    f"{STREAM}._accept": "connection",
    f"{BUFFER}.__init__": "length",
    f"{BUFFER}.extend": "FrameTooLargeError",
    f"{LIMITER}._before_request": "_raise_on_rejection _update_limits",
}
"""Names that stand in the code of a function."""


def found(path: str) -> Any:
    """What stands at ``module:qualified.name``."""
    package = path.partition(".")[0].partition(":")[0]
    try:
        return resolve_name(path)
    except (AttributeError, ImportError) as error:
        pytest.fail(f"{package} {version(package)} lacks {path} ({error}); quart_app leans on it")


def names(code: CodeType) -> Iterator[str]:
    """Those of globals and attributes in a function and in those that it defines."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from names(constant)


@pytest.mark.parametrize("path", CALLED)
def test_what_we_override_call_or_replace_has_the_parameters_that_we_know(path: str) -> None:
    taken = " ".join(inspect.signature(found(path)).parameters)
    assert taken == CALLED[path], f"{path} has other parameters than quart_app passes or takes"


@pytest.mark.parametrize("path", USED)
def test_what_we_replace_or_read_is_used_where_we_know(path: str) -> None:
    missing = {*USED[path].split()} - {*names(found(path).__code__)}
    assert not missing, f"{path} does not use {missing} any more, on which quart_app leans"


async def test_events_are_put_for_an_app_into_a_queue_that_can_be_emptied() -> None:
    async def app(*_: Any) -> None:
        """It ends at once."""

    async def send(_: Any) -> None:
        """Nobody listens."""

    async with TaskGroup(asyncio.get_running_loop()) as tasks:
        put: Any = await tasks.spawn_app(app, Config(), {}, send)  # type: ignore[arg-type]
    assert isinstance(put.__self__, asyncio.Queue)


REPLACED = (
    "hypercorn.asyncio.run:TCPServer",
    "hypercorn.protocol.h11:HTTPStream",
    "hypercorn.protocol.h11:WSStream",
    "hypercorn.protocol:H11Protocol",
    "hypercorn.protocol.ws_stream:server_extensions_handshake",
)


def test_a_call_installs_our_parts_and_an_import_does_not() -> None:
    program = f"""
from pkgutil import resolve_name
import quart_app.door.repairs, quart_app.serve
modules = lambda: [resolve_name(path).__module__.partition(".")[0] for path in {REPLACED}]
print(*modules())
quart_app.door.repairs.install_repairs()
print(*modules())
"""
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    before, after = done.stdout.splitlines()
    assert before == "hypercorn hypercorn hypercorn hypercorn wsproto"
    assert after == "quart_app quart_app quart_app quart_app quart_app"


def test_installing_twice_is_as_good_as_once() -> None:
    install_repairs()
    once = [found(path) for path in REPLACED]
    install_repairs()
    assert [found(path) for path in REPLACED] == once
