"""`scholiast`, which notes what holds its event loop: `HELD=FILE python -m …held_loop serve`.

Each line has the milliseconds of processor time that the loop's thread used in one go, and for
what; so a busy machine makes no difference. Only what takes `LEAST` is noted.
"""

from __future__ import annotations

import asyncio
import os
import time

from quart_app.commands.cli import main

LEAST = 0.003
"""Seconds."""


def watch(file: int) -> None:
    """Note from now on."""
    run = asyncio.Handle._run

    def timed(handle: asyncio.Handle) -> None:
        begun = time.thread_time()
        run(handle)
        took = time.thread_time() - begun
        if took >= LEAST:
            os.write(file, f"{1000 * took:.1f} {handle!r}\n".encode())

    setattr(asyncio.Handle, "_run", timed)  # noqa: B010 (mypy)


if __name__ == "__main__":
    watch(os.open(os.environ["HELD"], os.O_WRONLY | os.O_APPEND | os.O_CREAT))
    main()
