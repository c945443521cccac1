"""Several processes of one server: a parent that opens its socket, and workers that serve at it.

The parent has no index and no model, and answers nobody. It starts the first worker, and when that
one serves the others; it starts one that has ended again, and lets all drain when it is stopped.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from chains.errors import SettingError
from chains.index.beacon import beacon, require_no_server
from quart_app.door.listener import listen, read_config, url_of
from quart_app.fleet.post import SIGNALS, Post
from quart_app.fleet.worker_process import Worker
from quart_app.protocol.bounds import FRAME_BYTES
from quart_app.settings import WebSettings

log = logging.getLogger("scholiast.workers")

COMMAND = (sys.executable, "-m", "quart_app", "serve")
"""Starts a worker."""
MOST_ENDS, PERIOD = 5, 60.0
"""How many workers may end in so many seconds; one more, and the server stops."""
PAUSE = 1.0
"""Seconds until one that has ended is started again."""
EXTRA = 10.0
"""Seconds beyond ``graceful_timeout`` until a worker that does not end is killed."""


class WorkerFailed(Exception):
    """A worker did not start, or too many have ended; `code` is the exit code. It has said why."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"a worker ended with {code}")


def require_one_count(settings: WebSettings) -> None:
    """Raise SettingError where workers would each count alone what bounds the cost of all readers.

    It would be their number times as much as the settings say.
    """
    if settings.workers == 1 or settings.redis_url is not None:
        return
    given = {
        "SCHOLIAST_LIMIT_ALL": settings.limit_all,
        "SCHOLIAST_BUDGET_TOKENS": settings.budget_tokens,
    }
    if names := " and ".join(name for name, bound in given.items() if bound):
        raise SettingError(
            f"{names}: each of {settings.workers} workers would count alone, so readers could use "
            f"{settings.workers} times as much; set REDIS_URL, or serve with one worker."
        )


async def supervise(settings: WebSettings, announce: Callable[[str], None]) -> None:
    """Serve by `settings.workers` processes until SIGTERM or SIGINT; a second one ends all at once.

    `announce` gets the server's address once all serve. Raises SettingError as
    `quart_app.serve.serve` does, IndexInUse, and WorkerFailed.
    """
    if sys.platform == "win32":
        raise SettingError("SCHOLIAST_WORKERS: Windows has one worker only; start several servers.")
    config = read_config(FRAME_BYTES)
    with (
        listen(config, settings.host, settings.port, settings.data) as listener,
        TemporaryDirectory(prefix="scholiast-") as folder,
    ):
        if not settings.qdrant_url:
            require_no_server(settings.data)
        workers = Workers(settings, listener.fileno(), Path(folder))
        try:
            await workers.start()
            url = url_of(listener, config, settings.root_path)
            if not workers.stopped.is_set():
                with beacon(settings.data, url):
                    announce(url)
                    await workers.stopped.wait()
                    await workers.drain(config.graceful_timeout + EXTRA)
        finally:
            workers.kill()
            await workers.ended()
    if workers.ended_by is not None:
        _end_by(workers.ended_by)
    if workers.have_failed:
        raise WorkerFailed(1)


def _end_by(number: signal.Signals) -> None:
    """Have the usual effect of a signal."""
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


class Workers:
    """The processes by their numbers, each kept until `stopped` is set."""

    def __init__(self, settings: WebSettings, listener: int, folder: Path) -> None:
        self._settings = settings
        self._listener = listener
        self._folder = folder
        self._workers: dict[int, Worker] = {}
        self._keeping: list[asyncio.Task[None]] = []
        self._ends: deque[float] = deque(maxlen=MOST_ENDS + 1)
        self.stopped = asyncio.Event()
        self.have_failed = False
        self.ended_by: signal.Signals | None = None
        """The second signal."""
        self._is_stopping = False

    async def start(self) -> None:
        """Start the first, which opens the index, then the others; all end at once where a signal
        comes meanwhile. Raises WorkerFailed."""
        self._stop_on_signals()
        for numbers in ([1], range(2, self._settings.workers + 1)):
            if self.stopped.is_set():
                return
            await self._start_together(numbers)
        self._keeping = [asyncio.create_task(self._keep(number)) for number in self._workers]

    async def drain(self, longest: float) -> None:
        """Let all end what they do, within so many seconds."""
        for worker in self._workers.values():
            worker.stop()
        with suppress(TimeoutError):
            async with asyncio.timeout(longest):
                await self.ended()

    def kill(self) -> None:
        """End all at once."""
        for worker in self._workers.values():
            if worker.process.returncode is None:
                worker.kill()

    async def ended(self) -> None:
        """Wait until no process is left."""
        for task in self._keeping:
            task.cancel()
        await asyncio.gather(*(worker.ended() for worker in self._workers.values()))

    async def _start_together(self, numbers: range | list[int]) -> None:
        started = await asyncio.gather(*map(self._start, numbers))
        for worker in started:
            if not await worker.until_ready() and not self.stopped.is_set():
                code = await worker.process.wait()
                raise WorkerFailed(code if code > 0 else 1)

    async def _start(self, number: int) -> Worker:
        ours, theirs = socket.socketpair()
        with theirs:
            post = Post(number, self._listener, theirs.fileno(), self._folder)
            given = {"--host": self._settings.host, "--port": self._settings.port}
            flags = [f"{flag}={value}" for flag, value in given.items() if value is not None]
            process = await asyncio.create_subprocess_exec(
                *(*COMMAND, *flags, f"--post={post}"),
                pass_fds=(self._listener, theirs.fileno()),
                start_new_session=True,  # Ctrl-C is for the parent, which stops the others
            )
        worker = Worker(process, *await asyncio.open_connection(sock=ours))
        self._workers[number] = worker
        if self.stopped.is_set():  # meanwhile
            worker.kill()
        return worker

    async def _keep(self, number: int) -> None:
        """Start the worker again whenever it ends, unless that happens too often."""
        while True:
            how = await self._workers[number].ended()
            if self.stopped.is_set():
                return
            now = asyncio.get_running_loop().time()
            self._ends.append(now)
            if len(self._ends) > MOST_ENDS and now - self._ends[0] < PERIOD:
                log.error(
                    "worker %d has ended (%s): %d in %.0f s, so the server stops; the lines above "
                    "may say why",
                    *(number, how, len(self._ends), now - self._ends[0]),
                )
                self.have_failed = True
                self.stopped.set()
                return
            log.warning("worker %d has ended (%s); it is started again", number, how)
            await asyncio.sleep(PAUSE)
            if not self.stopped.is_set():
                await (await self._start(number)).until_ready()

    def _stop_on_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self._heed, number)

    def _heed(self, number: signal.Signals) -> None:
        """Let all drain at the first signal, and end them at the second.

        Nothing is raised here: it would end the loop between two steps of a task, which then waits
        for ever.
        """
        if self._is_stopping:
            self.ended_by = number
            self.kill()
            return
        self._is_stopping = True
        log.info("stopping when the answers under way have ended; once more stops at once")
        self.stopped.set()
        if not self._keeping:  # nobody is answered yet
            self.kill()
