"""Readers who come over IPv6, each from an address of its own, over real sockets."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from tests.support.commands import ROOT, served
from tests.support.talking import ask, receive

SERVER = "2001:db8:ffff::1"
SITE = "2001:db8:1"
READERS = [
    f"{SITE}:0::1",
    f"{SITE}:0:1:2:3:4",  # of the same network as the first
    *(f"{SITE}:{number}::1" for number in range(1, 12)),
    "2001:db8:2::1",
    "::1",
]
ASKING = "import sys; from tests.faults.test_ipv6 import main; main(sys.argv[1])"


def main(folder: str) -> None:
    """In a network of its own: ask from each address, and print how each answer ended."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for address in (SERVER, *READERS[:-1]):
        arguments = ["ip", "address", "add", f"{address}/128", "dev", "lo", "nodad"]
        subprocess.run(arguments, check=True)
    sys.stdout.write(json.dumps(asyncio.run(_asked(Path(folder), READERS))))


async def _asked(folder: Path, readers: Sequence[str]) -> list[str]:
    variables = {"SCHOLIAST_LIMIT_QUESTIONS": "1/hour", "SCHOLIAST_HOST": "::"}
    with served(folder, **variables) as server:
        port = urlsplit(server.url).port
        ended = []
        for reader in readers:
            to = "::1" if reader == "::1" else SERVER
            async with connect(
                f"ws://[{to}]:{port}/ws/chat",
                subprotocols=[Subprotocol("chat-v1")],
                local_addr=(reader, 0),
            ) as chat:
                await receive(chat)
                last = (await ask(chat, "What is the zero moment point?"))[-1]
            ended.append(last["data"].get("code", last["type"]))
        return ended


@pytest.mark.skipif(sys.platform != "linux", reason="network namespaces are of Linux")
def test_a_site_that_comes_over_ipv6_itself_is_counted_by_its_networks(example_copy: Path) -> None:
    if not Path("/proc/net/if_inet6").exists():
        pytest.skip("this kernel has no IPv6")
    alone = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-rn"]
    tried = subprocess.run([*alone, "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        need = f"a network namespace cannot be made ({tried.stderr.strip()}); run as root on Linux"
        pytest.fail(need) if os.environ.get("CI") else pytest.skip(need)
    done = subprocess.run(
        [*alone, sys.executable, "-c", ASKING, str(example_copy.parent)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    ended = json.loads(done.stdout)
    answered, refused = "response_end", "RATE_LIMIT_EXCEEDED"
    assert ended == [answered, refused, *[answered] * 9, *[refused] * 2, answered, answered]
