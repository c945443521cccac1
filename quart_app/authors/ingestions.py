"""Ingestions: one at a time in a process beside the server, whose index takes over what it made."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

from chains.errors import ScholiastError, StoreError
from chains.index.edge.edge_client import EdgeClient
from chains.index.edge.staging import INDEX
from chains.index.library import Library
from chains.settings import Settings
from ingestion.beside import Done, Embedded, Event, Failed, Job
from ingestion.folder.kept_pages import FILE as KEPT_PAGES
from ingestion.last_run import FILE as LAST_RUN
from ingestion.options import Options
from quart_app.authors.ingestion_process import IngestionProcesses

log = logging.getLogger("scholiast.ingestion")

KEPT = 50
"""Ingestions that can be asked for after their end."""


@dataclass(slots=True)
class Ingestion:
    """One that was asked for. `done` of `total` chunks are embedded; `result` holds the fields of
    a Report or a Plan, `message` why there is none, `is_setting` whether a setting is wrong."""

    kind: Literal["ingest", "plan"]
    id: str = field(default_factory=lambda: f"ingestion_{uuid4().hex}")
    status: Literal["running", "done", "failed", "stopped"] = "running"
    done: int = 0
    total: int = 0
    result: dict[str, Any] | None = None
    message: str | None = None
    is_setting: bool = False


class OneIsRunning(ScholiastError):
    """Another ingestion runs; `id` is its id."""

    def __init__(self, id: str) -> None:
        self.id = id
        super().__init__("Another ingestion is running; wait for its end.")


class OtherFolder(ScholiastError):
    """A path that is not the folder of the book."""

    def __init__(self, root: str) -> None:
        super().__init__(
            f"The server holds the book in {root}, and reads no other folder. To serve another "
            "one, too, give it a name by --book and start the server again afterwards."
        )


class Ingestions:
    """Starts ingestions of the books that are open, by name, and keeps what became of them."""

    def __init__(self, libraries: Mapping[str, Library], settings: Settings) -> None:
        self._libraries = libraries
        chain = {name: getattr(settings, name) for name in Settings.model_fields}
        self._settings = Settings.model_construct(**chain)
        self._processes = IngestionProcesses()
        self._all: dict[str, Ingestion] = {}
        self._running: tuple[Ingestion, asyncio.Task[None]] | None = None

    def get(self, id: str) -> Ingestion | None:
        """The ingestion of that id."""
        return self._all.get(id)

    def start(
        self,
        kind: Literal["ingest", "plan"],
        options: Options,
        path: str | None = None,
        book: str | None = None,
    ) -> Ingestion:
        """Begin one of the folder of a book, which a `path` may name, too. Without a `book` it is
        that of the settings.

        Raises OneIsRunning, and OtherFolder where the path is another one.
        """
        settings = self._of_book(book)
        root = Path(self._libraries[settings.book].latest.root)
        if path is not None and not _is_same(path, root):
            raise OtherFolder(str(root))
        if self._running is not None:
            raise OneIsRunning(self._running[0].id)
        one = Ingestion(kind)
        job = Job(kind, root, settings, options)
        self._all[one.id] = one
        for id_ in [*self._all][:-KEPT]:
            del self._all[id_]
        self._running = one, asyncio.create_task(self._run(one, job))
        return one

    async def restore(self, name: str, book: str | None = None) -> None:
        """Take over the index of the staged data folder of that name, which the caller has made
        for a `book`.

        Raises OneIsRunning, and StoreError where there is none.
        """
        if self._running is not None:
            raise OneIsRunning(self._running[0].id)
        settings = self._of_book(book)
        library = self._libraries[settings.book]
        client, staged = library.store.client, settings.book_data / INDEX / name
        if not isinstance(client, EdgeClient) or not (staged / INDEX).is_dir():
            raise StoreError("There is no such staged index.")

        def adopt() -> None:
            client.adopt(staged)
            library.book()

        await _to_its_end(asyncio.to_thread(adopt))

    def _of_book(self, book: str | None) -> Settings:
        return self._settings if book is None else self._settings.of_book(book)

    async def stop(self, id: str) -> None:
        """End it, if it is running; the index stays as it was."""
        if self._running is not None and self._running[0].id == id:
            await self._stop()

    async def close(self) -> None:
        """End what is running, and the process for the next one."""
        await self._stop()
        await self._processes.close()

    async def _stop(self) -> None:
        if self._running is None:
            return
        one, task = self._running
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        if one.status == "running":  # it had not begun
            one.status, self._running = "stopped", None

    async def _run(self, one: Ingestion, job: Job) -> None:
        try:
            await self._beside(one, job)
        except asyncio.CancelledError:
            one.status = "stopped"
            raise
        except ScholiastError as error:
            one.status, one.message = "failed", str(error)
        except Exception:
            log.exception("%s failed", one.id)
            one.status, one.message = "failed", f"A fault of Scholiast; its log has {one.id}."
        finally:
            self._running = None
            which = f" of the book {job.settings.book!r}" if job.settings.book else ""
            log.info("%s %s%s: %s", one.id, one.kind, which, one.message or one.status)

    async def _beside(self, one: Ingestion, job: Job) -> None:
        """Run the job, in a copy of the index where that is embedded, and take its result over."""
        library = self._libraries[job.settings.book]
        client, own = library.store.client, job.settings.book_data
        if not isinstance(client, EdgeClient):
            event = await self._follow(one, job)
            await self._processes.make_ready()
            self._take(one, event)
            return
        async with _staging(client) as staged:
            settings = job.settings.in_folder(staged)
            with suppress(OSError):  # without it, all pages are parsed again
                await asyncio.to_thread(shutil.copyfile, own / KEPT_PAGES, staged / KEPT_PAGES)
            event = await self._follow(one, replace(job, settings=settings))
            if isinstance(event, Done) and job.kind == "ingest":
                await _to_its_end(asyncio.to_thread(_adopt, library, own, staged, event))
        await self._processes.make_ready()
        self._take(one, event)  # who sees that it is done finds nothing of it any more

    async def _follow(self, one: Ingestion, job: Job) -> Event:
        """The last event of the process; the progress goes to `one`."""
        async with aclosing(self._processes.run(job)) as events:
            async for event in events:
                if not isinstance(event, Embedded):
                    return event
                one.done, one.total = event.done, event.total
        raise StoreError("The process that ingested sent nothing.")

    def _take(self, one: Ingestion, event: Event) -> None:
        if isinstance(event, Failed):
            one.status, one.message, one.is_setting = "failed", event.message, event.is_setting
        elif isinstance(event, Done):
            one.status, one.result = "done", event.result


def _adopt(library: Library, own: Path, staged: Path, event: Done) -> None:
    """Move what was made in the folder `staged` to the book's `own` data folder."""
    client = library.store.client
    for name in (LAST_RUN, KEPT_PAGES):
        if (staged / name).exists():
            (staged / name).replace(own / name)
    if event.has_written and isinstance(client, EdgeClient):
        client.adopt(staged)
        library.book()  # so that no question has to wait for it


@asynccontextmanager
async def _staging(client: EdgeClient) -> AsyncIterator[Path]:
    """A staged data folder for the length of the block, removed also where it is cancelled."""
    making = asyncio.ensure_future(asyncio.to_thread(client.stage))
    try:
        yield await asyncio.shield(making)
    finally:
        await asyncio.wait([making])
        if making.exception() is None:
            await asyncio.to_thread(shutil.rmtree, making.result(), ignore_errors=True)


async def _to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Wait for what runs in a thread, which no cancellation ends."""
    running = asyncio.ensure_future(work)
    try:
        await asyncio.shield(running)
    finally:
        await asyncio.wait([running])


def _is_same(path: str, root: Path) -> bool:
    try:
        return Path(path).resolve() == root
    except (OSError, ValueError, RuntimeError):
        return False
