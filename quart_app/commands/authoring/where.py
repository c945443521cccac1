"""Where an ingestion is done: in this process, or in the server that has the index open."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from quart_app.commands.console import show_line

if TYPE_CHECKING:
    from chains.settings import Settings
    from ingestion.indexer import Progress, Report
    from ingestion.options import Options
    from ingestion.plan import Plan
    from quart_app.commands.authoring.server_client import Remote


@dataclass(frozen=True, slots=True)
class Work:
    """The book in the folder `path`, and what was asked for on the command line."""

    path: Path
    settings: Settings
    options: Options

    def ingest(self, progress: Progress) -> Report:
        """Bring the index to the state of the folder. Raises what `ingestion.indexer.ingest` does,
        and StoreError where the running server refuses."""
        if remote := server_that_has(self.settings):
            import msgspec

            from ingestion.indexer import Report

            return msgspec.convert(remote.run(self._body(), progress), Report)
        from ingestion.indexer import ingest

        if self._is_beside_another():
            line = "A server is running; it will have this book when it has started again."
            show_line(line, fg="yellow", err=True)
        return ingest(self.path, self.settings, **asdict(self.options), progress=progress)

    def plan(self) -> Plan:
        """What `ingest` would do; raises the same."""
        if remote := server_that_has(self.settings):
            import msgspec

            from ingestion.plan import Plan

            body = self._body() | {"dry_run": True}
            return msgspec.convert(remote.run(body, lambda _done, _total: None), Plan)
        from ingestion.plan import plan

        return plan(self.path, self.settings, self.options)

    def _is_beside_another(self) -> bool:
        """Whether a server serves other books of the data folder, and not this new one."""
        from chains.index.beacon import find_server

        is_embedded = self.settings.qdrant_url is None
        return is_embedded and find_server(self.settings.data) is not None

    def _body(self) -> dict[str, object]:
        return {
            "path": str(self.path.resolve()),
            "book": self.settings.book or None,
            "base_url": self.options.base_url,
            "url_style": self.options.url_style,
            "title": self.options.title,
            "format": self.options.format_name,
            "replace": self.options.replace,
            "rebuild": self.options.rebuild,
            "prune_all": self.options.prune_all,
        }


def server_that_has(settings: Settings) -> Remote | None:
    """The server that has the embedded index open; a Qdrant server takes any number."""
    from chains.index.beacon import find_server

    server = None if settings.qdrant_url else find_server(settings.data)
    if server is None:
        return None
    from quart_app.commands.authoring.server_client import Remote

    remote, book = Remote.of(server.url, settings.data), settings.book
    # A new book is nobody's yet. One without a name is that of each server that knows no names.
    return remote if not book or remote.has_open(book) else None
