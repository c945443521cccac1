"""A fake of a Qdrant server: a real HTTP server that answers from an embedded index, until a test
makes it fail.

    with EdgeClient(folder) ..., ScriptedQdrant(client) as server:
        ...  # QDRANT_URL = server.url
        server.fault = HANG

It runs in threads of its own, so that it also answers whoever blocks the event loop.

Each body is read by the type that qdrant-client has of it, which is made from Qdrant's OpenAPI
document and takes no other field: a request that this document does not know gets 400. `requests`
has them all.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self, cast

from pydantic import ValidationError
from qdrant_client import models
from qdrant_client.client_base import QdrantBase


@dataclass(frozen=True)
class Answer:
    """The same for every request, in place of what was asked for."""

    status: int
    body: bytes = b'{"status": {"error": "scripted"}}'
    headers: tuple[tuple[str, str], ...] = ()


HANG = "hang"
"""Read the request, and say nothing until the test is over."""
CUT = "cut"
"""Read the request, and close the connection."""

Fault = Answer | str | None


class ScriptedQdrant:
    """Serves the collection of `client` from `with` on; `fault` says how the next requests fail."""

    def __init__(self, client: QdrantBase, fault: Fault = None) -> None:
        self.client = client
        self.fault = fault
        self.hanging = 0
        self.connections = 0
        self.requests: list[tuple[str, str, Any]] = []
        """Method, path with its query, and body of each."""
        self.over = threading.Event()
        self._serve()

    def _serve(self, port: int = 0) -> None:
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.scripted = self
        self.port = int(self._server.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, t: TracebackType | None
    ) -> None:
        self.over.set()
        self.refuse()

    def refuse(self) -> None:
        """Listen no more; connections that are open are answered no more, either."""
        self.fault = CUT
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def come_back(self) -> None:
        """Listen again, and answer, after `refuse`."""
        self.fault = None
        self._serve(self.port)
        self._start()

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 100
    scripted: ScriptedQdrant


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self._script.connections += 1

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    @property
    def _script(self) -> ScriptedQdrant:
        return cast("_Server", self.server).scripted

    def _answer(self) -> None:
        script = self._script
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fault = script.fault
        if fault in (HANG, CUT):
            if fault == HANG:
                script.hanging += 1
                script.over.wait()
            self.close_connection = True
            return
        if not isinstance(fault, Answer):
            fault = self._done(json.loads(body or b"{}"))
        self._send(fault)

    def _done(self, body: dict[str, Any]) -> Answer:
        script, path = self._script, self.path.split("?")[0]
        script.requests.append((self.command, self.path, body))
        try:
            if (self.command, path) in WHOLE:
                result = WHOLE[self.command, path](script.client, body)
            elif self.command in ("PUT", "DELETE") or path.endswith("/batch"):
                result = _written(script.client, self.command, path, body)
            else:
                result = _result(script.client, path, body)
        except ValidationError as error:
            return Answer(400, json.dumps({"status": {"error": str(error)}}).encode())
        return Answer(200, json.dumps({"result": result, "status": "ok", "time": 0.0}).encode())

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)


def _result(client: QdrantBase, path: str, body: dict[str, Any]) -> Any:
    _, _, name, *rest = path.split("/")
    calls: dict[str, Callable[[], Any]] = {
        "exists": lambda: {"exists": client.collection_exists(name)},
        "": lambda: _plain(client.get_collection(name)),
        "points": lambda: _retrieved(client, name, models.PointRequest(**body)),
        "points/scroll": lambda: _scrolled(client, name, models.ScrollRequest(**body)),
        "points/query": lambda: _queried(client, name, models.QueryRequest(**body)),
    }
    return calls["/".join(rest)]()


def _written(client: QdrantBase, method: str, path: str, body: dict[str, Any]) -> Any:
    _, _, name, *rest = path.split("/")
    calls: dict[tuple[str, str], Callable[[], Any]] = {
        ("PUT", ""): lambda: _created(client, name, models.CreateCollection(**body)),
        ("DELETE", ""): lambda: client.delete_collection(name),
        ("PUT", "index"): lambda: _indexed(client, name, models.CreateFieldIndex(**body)),
        ("PUT", "points"): lambda: _plain(client.upsert(name, models.PointsList(**body).points)),
        ("POST", "points/batch"): lambda: [
            _plain(done)
            for done in client.batch_update_points(name, models.UpdateOperations(**body).operations)
        ],
    }
    return calls[method, "/".join(rest)]()


def _created(client: QdrantBase, name: str, wanted: models.CreateCollection) -> bool:
    return client.create_collection(
        name, vectors_config=wanted.vectors or {}, sparse_vectors_config=wanted.sparse_vectors
    )


def _indexed(client: QdrantBase, name: str, wanted: models.CreateFieldIndex) -> Any:
    return _plain(client.create_payload_index(name, wanted.field_name, wanted.field_schema))


def _aliases(client: QdrantBase) -> models.CollectionsAliasesResponse:
    try:
        return client.get_aliases()
    except NotImplementedError:  # by the embedded engine, which has none
        return models.CollectionsAliasesResponse(aliases=[])


WHOLE: dict[tuple[str, str], Callable[[QdrantBase, dict[str, Any]], Any]] = {
    ("GET", "/aliases"): lambda client, _: _plain(_aliases(client)),
    ("GET", "/collections"): lambda client, _: _plain(client.get_collections()),
    ("POST", "/collections/aliases"): lambda client, body: client.update_collection_aliases(
        models.ChangeAliasesOperation(**body).actions
    ),
}
"""What is asked of the server, and of no collection."""


def _retrieved(client: QdrantBase, name: str, request: models.PointRequest) -> Any:
    vectors = request.with_vector or False
    return [
        _plain(point)
        for point in client.retrieve(name, request.ids, request.with_payload, vectors)  # type: ignore[arg-type]
    ]


def _scrolled(client: QdrantBase, name: str, request: models.ScrollRequest) -> Any:
    points, following = client.scroll(
        name,
        request.filter,
        limit=request.limit or 10,
        offset=request.offset,
        with_payload=request.with_payload or False,
        with_vectors=request.with_vector or False,
    )
    return {"points": [_plain(point) for point in points], "next_page_offset": following}


def _queried(client: QdrantBase, name: str, request: models.QueryRequest) -> Any:
    found = client.query_points(
        name,
        request.query,
        using=request.using,
        prefetch=request.prefetch,
        query_filter=request.filter,
        limit=request.limit or 10,
        with_payload=request.with_payload or False,
        with_vectors=request.with_vector or False,
    )
    return _plain(found)


def _plain(model: Any) -> Any:
    return model.model_dump(mode="json", exclude_none=True)
