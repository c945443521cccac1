"""A process of its own for work on one page after another, with bounds on time and memory.

Whatever a page does to the process, it ends with that page: the next one gets another process.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Any

if sys.platform != "win32":
    import resource

MEMORY = 400_000_000
"""Bytes that a page may take beyond what the process has when it starts. Linux only."""
OUT_OF_MEMORY = 99
"""The exit code of a process that has come to its bound."""
STALLED = 60.0
"""Seconds by the clock in which a process gets no processor time, after which it is given up."""
PATIENCE = 6
"""How many times the processor time may pass by the clock where no system tells what was used."""


class OverBounds(Exception):
    """The work was given up; the message says of what it takes too much, and the fix."""


class NoTime(OverBounds):
    """The machine gave the work too little processor time; the page is not at fault."""


@dataclass(frozen=True, slots=True)
class _Failure:
    error: Exception


class Worker:
    """Calls `function` in another process, where it can be found by its name.

    Use it as a context manager, from one thread at a time. The process starts with the first
    call and stays for the next ones.
    """

    def __init__(self, function: Callable[..., Any], *, memory: int = MEMORY) -> None:
        self._function = function
        self._memory = memory
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None
        self._lock = threading.Lock()
        self._is_closed = False

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def call(self, seconds: float, *arguments: Any) -> Any:
        """The result of the function, within so many seconds of processor time.

        Raises OverBounds, or what the function raises. Arguments and result are pickled.
        """
        try:
            return self._call(seconds, *arguments)
        except BaseException:  # also Ctrl-C: an answer must not wait for the next question
            self._end()
            raise

    def close(self) -> None:
        """End the process, whatever it is doing; no call is taken after that."""
        self._is_closed = True
        self._end()

    def _end(self) -> None:
        with self._lock:
            process, connection = self._process, self._connection
            self._process = self._connection = None
        if process is not None:
            process.kill()  # first, so that a call that another thread waits for ends
            process.join()
        if connection is not None:
            connection.close()

    def _call(self, seconds: float, *arguments: Any) -> Any:
        connection = self._connection or self._start()
        connection.send((seconds, arguments))
        try:
            self._wait(connection, seconds)
            result = connection.recv()
        except (EOFError, ConnectionResetError):
            raise self._what_ended_it(seconds) from None
        if isinstance(result, _Failure):
            raise result.error
        return result

    def _wait(self, connection: Connection, seconds: float) -> None:
        """Wait until there is a result, or the process has ended, as it does by itself at its bound
        of processor time. By the clock that may take long where the machine has other work."""
        before = self._used()
        while not connection.poll(STALLED if before is not None else seconds * PATIENCE):
            used = self._used()
            if used is None or used == before:
                raise NoTime(_NO_TIME)
            before = used

    def _used(self) -> float | None:
        process = self._process
        return None if process is None or process.pid is None else processor_time(process.pid)

    def _what_ended_it(self, seconds: float) -> OverBounds:
        process = self._process
        if process is None:  # closed by another thread
            return OverBounds(_ENDED)
        process.join()
        if process.exitcode == OUT_OF_MEMORY:
            megabytes = self._memory // 1_000_000
            return OverBounds(f"takes more than {megabytes} MB to read; split it into chapters")
        if sys.platform != "win32" and process.exitcode == -signal.SIGPROF:
            time = f"takes more than {seconds:.0f} s of processor time to read"
            return OverBounds(f"{time}; split it into chapters")
        return OverBounds(_ENDED)

    def _start(self) -> Connection:
        with self._lock:
            if self._is_closed:
                raise OverBounds(_ENDED)
            self._process, self._connection = _start(self._function, self._memory)
            return self._connection


def _start(function: Callable[..., Any], memory: int) -> tuple[BaseProcess, Connection]:
    is_fork = _may_fork()
    # Its type has no Process: each way to start one has a class of its own.
    context: Any = multiprocessing.get_context("fork" if is_fork else "spawn")
    ours, theirs = context.Pipe()
    arguments = (theirs, ours if is_fork else None, function, memory)
    process = context.Process(target=_work, args=arguments, name="scholiast-page", daemon=True)
    process.start()
    theirs.close()
    return process, ours


_ENDED = "cannot be read: the process that read it ended; split it into chapters"
_NO_TIME = "was not read: its process got too little processor time; try again when less else runs"


def processor_time(pid: int) -> float | None:
    """Seconds that a process has used so far; None where the system does not show it.

    See proc_pid_stat(5). The name of the program, in brackets, may hold anything.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return None


def _may_fork() -> bool:
    """Whether a copy of this process is safe: on Linux, and only while it has one thread."""
    if sys.platform != "linux":
        return False
    try:
        return len(list(Path("/proc/self/task").iterdir())) == 1
    except OSError:
        return False


def _work(
    connection: Connection,
    other_end: Connection | None,
    function: Callable[..., Any],
    memory: int,
) -> None:
    """Answer calls until the other end is closed."""
    if other_end is not None:  # a fork has both, and would never see its parent go
        other_end.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
    # What Python says without memory is of no use, and not for the reader of a command's output.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    _bound_memory(memory)
    # A page makes a million objects and keeps them all: looking for garbage among them meanwhile
    # takes half as long again. It is looked for between two pages.
    gc.freeze()
    gc.disable()
    try:
        while True:
            seconds, arguments = connection.recv()
            with _bounded_time(seconds):
                connection.send(_result(function, arguments))
            gc.collect()
    except MemoryError:
        os._exit(OUT_OF_MEMORY)  # there may be none left even to say so
    except (EOFError, ConnectionError):
        pass  # the parent has closed, or is gone


def _result(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    try:
        return function(*arguments)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - the parent raises it
        return _Failure(error)


def _bound_memory(memory: int) -> None:
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + memory
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        if hard != resource.RLIM_INFINITY:
            limit = min(limit, hard)
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


@contextlib.contextmanager
def _bounded_time(seconds: float) -> Any:
    """Let the system end this process after so much processor time, not after waiting."""
    if sys.platform == "win32":  # there the parent's clock is the only bound
        yield
        return
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    yield
    signal.setitimer(signal.ITIMER_PROF, 0)
