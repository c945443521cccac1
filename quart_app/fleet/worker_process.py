"""One of several processes that serve, as their parent has it."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from quart_app.fleet.post import READY, STOP


class Worker:
    """A process, and the line to it."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self.process = process
        self._reader = reader
        self._writer = writer
        self.serves = False

    async def until_ready(self) -> bool:
        """Whether it serves; False where it has ended before."""
        with suppress(OSError):
            self.serves = await self._reader.readline() == READY
        return self.serves

    def stop(self) -> None:
        """Let it drain; one that does not serve yet has nothing to."""
        if self.serves:
            self._writer.write(STOP)
        else:
            self.kill()

    def kill(self) -> None:
        """End it at once."""
        with suppress(ProcessLookupError):
            self.process.kill()

    async def ended(self) -> str:
        """Wait for its end; returns how it came."""
        code = await self.process.wait()
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()
        return f"killed by signal {-code}" if code < 0 else f"exit code {code}"
