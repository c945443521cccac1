"""What Autobahn's test suite says of the frames of this stack: Hypercorn, wsproto and our repairs.

The suite runs on Python 2.7 only, which few systems have: SCHOLIAST_TEST_PYTHON2 names one with
pip. It wants a server that echoes, so that is what stands on the stack here.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from pathlib import Path

import hypercorn.asyncio
import pytest
from quart import Quart, websocket

from quart_app.door.listener import hand_over, listen, read_config
from quart_app.door.repairs import install_repairs
from quart_app.protocol.bounds import FRAME_BYTES

SUITE = "autobahntestsuite==25.10.1"
RUN = "import site; site.addsitedir('site'); from autobahntestsuite import wstest; wstest.run()"
CASES = ("1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*")
"""All but the speed of megabytes (9) and compression (12, 13), which are not offered to readers."""
QUARTS_OWN = {"1.2.1"}
"""An empty binary message, which Quart gives to an app as None. chat-v1 closes with 1003 before."""
GOOD = {"OK", "NON-STRICT", "INFORMATIONAL"}
MESSAGE_BYTES = 1 << 20
"""More than any of these cases sends."""
PATIENCE = 600
"""Seconds for pip, and for the suite."""


@pytest.fixture
def suite(tmp_path: Path) -> str:
    """The Python 2 that has the suite in the folder `site`."""
    python = os.environ.get("SCHOLIAST_TEST_PYTHON2")
    if not python:
        pytest.skip("to run this test, set SCHOLIAST_TEST_PYTHON2 to a Python 2.7 with pip")
    pip = [python, "-m", "pip", "install", "--quiet", "--target", str(tmp_path / "site"), SUITE]
    subprocess.run(pip, check=True, timeout=PATIENCE, cwd=tmp_path)
    return python


def echoing() -> Quart:
    app = Quart(__name__)

    @app.websocket("/")
    async def echo() -> None:
        while True:
            await websocket.send(await websocket.receive())

    return app


@pytest.mark.slow
@pytest.mark.timeout(2 * PATIENCE)
async def test_autobahn_finds_nothing_wrong_with_the_frames_of_this_stack(
    suite: str, tmp_path: Path
) -> None:
    install_repairs()
    config, stop = read_config(FRAME_BYTES), asyncio.Event()
    config.websocket_max_message_size = MESSAGE_BYTES
    config.errorlog = None  # of what it throws at the server
    listener = listen(config, "127.0.0.1", 0, tmp_path)
    url = f"ws://127.0.0.1:{listener.getsockname()[1]}"
    hand_over(listener, config)
    asked = {"outdir": "reports", "servers": [{"agent": "here", "url": url}], "cases": CASES}
    (tmp_path / "spec.json").write_text(json.dumps(asked | {"exclude-cases": []}))
    command = [suite, "-c", RUN, "-m", "fuzzingclient", "-s", "spec.json"]
    serving = asyncio.create_task(
        hypercorn.asyncio.serve(echoing(), config, shutdown_trigger=stop.wait)
    )
    try:
        run = await asyncio.create_subprocess_exec(*command, cwd=tmp_path)
        async with asyncio.timeout(PATIENCE):
            assert await run.wait() == 0
    finally:
        stop.set()
        await serving
    cases = json.loads((tmp_path / "reports" / "index.json").read_text())["here"]
    assert len(cases) > 200
    said = {name: {case["behavior"], case["behaviorClose"]} for name, case in cases.items()}
    assert {name for name, words in said.items() if not words <= GOOD} <= QUARTS_OWN
