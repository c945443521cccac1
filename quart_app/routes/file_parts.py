"""What a file's bytes go out as: parts, each read by itself, so none holds the file open."""

from __future__ import annotations

import asyncio

from quart import Response, request
from quart.wrappers.response import FileBody
from typing_extensions import override


class FileParts(FileBody):
    """A file that is opened, read and closed within one call of a thread, for each part.

    Quart opens a file in a thread and keeps it open until the client has all of it. Where the
    client leaves while the thread opens it, nobody is left to close it; and clients that read
    slowly hold as many descriptors. Here a client holds at most one part in memory, and no file.
    """

    buffer_size = 256 * 1024
    _at = 0

    @override
    async def __aenter__(self) -> FileParts:
        self._at = self.begin
        return self

    @override
    async def __aexit__(self, *_: object) -> None:
        """Nothing is open."""

    @override
    async def __anext__(self) -> bytes:
        part = await asyncio.to_thread(self._read, min(self.buffer_size, self.end - self._at))
        if not part:
            raise StopAsyncIteration
        self._at += len(part)
        return part

    def _read(self, size: int) -> bytes:
        with self.file_path.open("rb") as file:
            file.seek(self._at)
            return file.read(size)


class PartsResponse(Response):
    """A response whose files are sent in parts."""

    file_body_class = FileParts


async def unless_known(response: Response) -> Response:
    """It, or 304 to who has it.

    A Range is ignored (RFC 9110, 14.2): Quart fails at ``bytes=-5``, and these files are small. So
    is a date that there is not (13.1.3): Python fails at a year of 25 digits.
    """
    try:
        return await response.make_conditional(request)
    except OverflowError:
        return response
