"""The peer that an idle connection is compared with: Quart on Hypercorn and nothing else.

python -m benchmarks.bare PORT
"""

from __future__ import annotations

import asyncio
import sys

import hypercorn.asyncio
from hypercorn.config import Config
from quart import Quart, websocket

app = Quart(__name__)


@app.websocket("/ws/chat")
async def ws_chat() -> None:
    """Say hello, then read until the client goes."""
    await websocket.send("hello")
    while True:
        await websocket.receive()


if __name__ == "__main__":
    config = Config()
    config.bind = [f"127.0.0.1:{sys.argv[1]}"]
    asyncio.run(hypercorn.asyncio.serve(app, config))
