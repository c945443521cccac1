"""Rendered pages: each made once for all who ask, in a process that may be ended, and kept."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from types import TracebackType

from markupsafe import Markup, escape

from chains.index.book import File
from ingestion.markdown.worker import NoTime, OverBounds, Worker
from quart_app.pages.chapters import Rendered, render
from quart_app.pages.contents import Pages

SECONDS = 5
"""Of processor time for a page of up to 2 MB, and in proportion for a larger one."""
KEPT = 20_000_000
"""Characters of source and HTML that are kept; a textbook has one or two million."""
PLAIN = Markup(
    '<p role="note">This page takes too long to lay out, so here is its text as it was written.</p>'
    "\n<pre>{}</pre>\n"
)

ROOT = "\0"
"""Stands in what is kept for the root path, which may be another for each reader. Nothing else of
a page is a NUL: Markdown has none (CommonMark, 2.3)."""

log = logging.getLogger("scholiast.site")

Key = tuple[str, bool, str, str]
"""Version of the book, whether its images are here, file, text."""


class RenderedPages:
    """The pages of the book as HTML. Use it as an asynchronous context manager in one loop."""

    def __init__(self) -> None:
        self._worker = Worker(render)
        self._turn = asyncio.Lock()
        self._making: dict[Key, asyncio.Task[Rendered]] = {}
        self._kept: OrderedDict[Key, Rendered] = OrderedDict()
        self._size = 0

    async def __aenter__(self) -> RenderedPages:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in self._making.values():
            task.cancel()
        await asyncio.to_thread(self._worker.close)

    async def page(
        self,
        pages: Pages,
        file: File,
        text: str,
        root_path: str = "",
        *,
        has_figures: bool = True,
    ) -> Rendered:
        """The page of `file`, whose source is `text`; its plain text if it takes too much.

        Its links are for a reader who reaches this site below `root_path`. Without `has_figures`,
        words stand for images. Readers who ask while
        it is made wait for the same one, and it is made to its end even if they leave.
        """
        key = pages.book.version, has_figures, file.file, text
        rendered = await self._rendered(key, pages, file)
        title, html = (part.replace(ROOT, root_path) for part in (rendered.title, rendered.text))
        return Rendered(title, html, rendered.headings)

    async def _rendered(self, key: Key, pages: Pages, file: File) -> Rendered:
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        task = self._making.get(key)
        if task is None:
            task = self._making[key] = asyncio.create_task(self._make(key, pages, file))
            task.add_done_callback(lambda _: self._making.pop(key, None))
        return await asyncio.shield(task)

    async def _make(self, key: Key, pages: Pages, file: File) -> Rendered:
        text = key[-1]
        seconds = SECONDS * max(1, len(text) / 2e6)
        is_mdx = file.file.lower().endswith(".mdx")
        links = pages.links(file, ROOT, has_figures=key[1])
        try:
            async with self._turn:
                rendered: Rendered = await asyncio.to_thread(
                    self._worker.call, seconds, text, is_mdx, links, file.slugs
                )
        except OverBounds as error:
            log.warning("the page %r is shown as plain text: it %s", file.file, error)
            rendered = _plain(text)
            if isinstance(error, NoTime):  # the next reader may find the machine less busy
                return rendered
        except Exception:
            # A fault of ours; what the reader came for is the text.
            log.exception("the page %r is shown as plain text", file.file)
            rendered = _plain(text)
        self._keep(key, rendered)
        return rendered

    def _keep(self, key: Key, rendered: Rendered) -> None:
        self._kept[key] = rendered
        self._size += _size(key, rendered)
        while self._size > KEPT and len(self._kept) > 1:
            self._size -= _size(*self._kept.popitem(last=False))


def _plain(text: str) -> Rendered:
    return Rendered(Markup(), PLAIN.format(escape(text.replace(ROOT, ""))), ())


def _size(key: Key, rendered: Rendered) -> int:
    return len(key[-1]) + len(rendered.title) + len(rendered.text)
