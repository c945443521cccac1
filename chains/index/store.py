"""The index of the book: one Qdrant collection, embedded or on a server, as LangChain's store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from json import JSONDecodeError
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from chains.book_names import named_books
from chains.embeddings.base import BookEmbeddings
from chains.errors import DamagedIndex, IndexInUse, ServiceUnavailable, StoreError, first_line
from chains.index.beacon import find_server
from chains.index.edge.disk import require_place
from chains.settings import Settings

if TYPE_CHECKING:
    from langchain_qdrant import QdrantVectorStore
    from qdrant_client import QdrantClient
    from qdrant_client.client_base import QdrantBase

COLLECTION = "book"
"""Of an embedded index."""
NAMED = "--"
"""Between QDRANT_COLLECTION and the name of a book."""
CHUNK_VECTOR = "chunk"
SENTENCES_VECTOR = "sentences"
"""Those of the chunk's sentences; never searched, only read back."""
WORDS_VECTOR = "words"

TIMEOUT = 10
"""Seconds for one request to a Qdrant server that writes, or may do so."""
READ_TIMEOUT = 4
"""Seconds for one that only reads. A question makes a few, one after the other, and its thread
waits for the one that hangs also when the reader has given up: see RETRIEVAL_TIMEOUT."""


@contextmanager
def open_store(
    settings: Settings,
    embeddings: BookEmbeddings,
    *,
    create: bool = False,
    unseen: bool = False,
    follow: bool = False,
) -> Iterator[QdrantVectorStore]:
    """The store of the book, hybrid; closed at the end.

    It is at QDRANT_URL, or embedded in the data folder. With `create` a missing collection is
    made. With `unseen` nothing is checked or made: an ingestion does that itself. With `follow`
    an embedded index is another process's, of which copies are read.

    Raises StoreError where there is no book, where another process has the folder open, and
    where the index is damaged or not one of ours; SettingError for a bad address or language;
    ServiceUnavailable where the server does not answer.
    """
    from langchain_qdrant import QdrantVectorStore, RetrievalMode

    from chains.index.bm25 import Bm25

    words = Bm25(settings.language)
    _check_place(settings, makes=create or unseen)
    with closing(_open_client(settings, writes=create or unseen, follow=follow)) as client:
        if not unseen:
            _prepare(client, settings, embeddings, create=create)
        yield QdrantVectorStore(
            client=cast("QdrantClient", client),
            collection_name=collection_of(settings),
            embedding=embeddings,
            retrieval_mode=RetrievalMode.HYBRID,
            vector_name=CHUNK_VECTOR,
            sparse_embedding=words,
            sparse_vector_name=WORDS_VECTOR,
            # Would embed a text, which may be a request; `read_book` reports a wrong size.
            validate_collection_config=False,
        )


@contextmanager
def reaching_index(place: str | None = None) -> Iterator[None]:
    """Turns what a Qdrant server or the way to it fails with into ServiceUnavailable.

    `place` is its address, for the message.
    """
    from qdrant_client.common.client_exceptions import QdrantException, ResourceExhaustedResponse
    from qdrant_client.http.exceptions import ApiException

    try:
        yield
    except ResourceExhaustedResponse as error:
        later = max(1, error.retry_after_s)
        reason = _reason(place, "Qdrant takes no more requests for now")
        raise ServiceUnavailable("index", reason, retry_after=later) from error
    except (ApiException, QdrantException, AssertionError, JSONDecodeError) as error:
        # An assertion is the client's, where what it asked for is not in the answer.
        raise ServiceUnavailable("index", _reason(place, first_line(error))) from error


def _reason(place: str | None, what: str) -> str:
    if place is None:
        return what
    parts = urlsplit(place)
    shown = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()  # without a password
    return f"{what} (from {shown}; see whether Qdrant runs there, and check QDRANT_URL)"


def damaged(store: QdrantVectorStore, reason: str) -> DamagedIndex:
    """The error for an index that does not hold what was written."""
    return DamagedIndex(place_in(store), reason)


@contextmanager
def as_written(store: QdrantVectorStore) -> Iterator[None]:
    """Turns what fails where a point does not hold what ours do into DamagedIndex."""
    try:
        yield
    except (LookupError, TypeError, ValueError) as error:  # also those of msgspec
        raise damaged(store, f"a point of it holds something else: {first_line(error)}") from error


def place_in(store: QdrantVectorStore) -> str:
    """Where an open index is, for a person."""
    return str(getattr(store.client, "place", f"the collection {store.collection_name!r}"))


def create_collection(client: QdrantBase, size: int, name: str = COLLECTION) -> None:
    """An empty collection for a book whose embeddings have that size."""
    from qdrant_client import models

    cosine = models.Distance.COSINE
    client.create_collection(
        name,
        vectors_config={
            CHUNK_VECTOR: models.VectorParams(size=size, distance=cosine),
            SENTENCES_VECTOR: models.VectorParams(
                size=size,
                distance=cosine,
                on_disk=True,
                hnsw_config=models.HnswConfigDiff(m=0),
                multivector_config=models.MultiVectorConfig(
                    comparator=models.MultiVectorComparator.MAX_SIM
                ),
            ),
        },
        sparse_vectors_config={
            WORDS_VECTOR: models.SparseVectorParams(modifier=models.Modifier.IDF)
        },
    )
    for field in ("metadata.kind", "metadata.file"):
        client.create_payload_index(name, field, models.PayloadSchemaType.KEYWORD)


def collection_of(settings: Settings) -> str:
    """The name of the book's collection, an alias where it is on a server.

    There a book with a name has one of its own, such as ``book--wood``: a name has no two hyphens
    in a row, so it is never that of another book, or of a collection that is built.
    """
    if settings.qdrant_url is None:
        return COLLECTION
    name = f"{NAMED}{settings.book}" if settings.book else ""
    return f"{settings.qdrant_collection}{name}"


def place_of(settings: Settings) -> str:
    """Where the index is, for a person."""
    return settings.qdrant_url or str(_folder(settings))


def _folder(settings: Settings) -> Path:
    return settings.book_data / "index"


def _check_place(settings: Settings, *, makes: bool) -> None:
    """Raise StoreError where an embedded index cannot be; and unless one is made, where there is
    none, so that nothing is left behind there."""
    if settings.qdrant_url:
        return
    require_place(_folder(settings))
    with suppress(OSError):  # a folder above it may not be read; who opens it says so
        if not makes and not _folder(settings).exists():
            raise _no_book(settings)


def _no_book(settings: Settings) -> StoreError:
    name = f" --book {settings.book}" if settings.book else ""
    there = () if settings.qdrant_url else named_books(settings.data)
    others = f", or name one that is there by --book: {', '.join(there)}" if there else ""
    fix = f"run `scholiast ingest PATH{name}` first{others}"
    return StoreError(f"There is no book in {place_of(settings)}; {fix}.")


def _open_client(settings: Settings, *, writes: bool, follow: bool) -> QdrantBase:
    if settings.qdrant_url is None:
        return _open_copies(settings) if follow else _open_folder(settings)
    from chains.index.cluster.cluster_client import ClusterClient

    return ClusterClient(settings, TIMEOUT if writes else READ_TIMEOUT)


def _open_copies(settings: Settings) -> QdrantBase:
    from chains.index.edge.edge_client import EdgeClient
    from chains.index.edge.following.following_folder import FollowingFolder

    return EdgeClient(_folder(settings), FollowingFolder)


def _open_folder(settings: Settings) -> QdrantBase:
    from chains.index.edge.edge_client import EdgeClient

    try:
        return EdgeClient(_folder(settings))
    except IndexInUse as error:
        if server := find_server(settings.data):
            raise IndexInUse(
                f"The index in {_folder(settings)} is in use by the server at {server}; "
                "stop that one first."
            ) from error
        raise


def _prepare(
    client: QdrantBase,
    settings: Settings,
    embeddings: BookEmbeddings,
    *,
    create: bool,
) -> None:
    with reaching_index(settings.qdrant_url):
        if not client.collection_exists(collection_of(settings)):
            if not create:
                raise _no_book(settings)
            create_collection(client, embeddings.size, collection_of(settings))
        check_collection(client, settings)


def check_collection(client: QdrantBase, settings: Settings) -> None:
    """Raise StoreError where the collection was not made by `create_collection`."""
    name = collection_of(settings)
    params = client.get_collection(name).config.params
    names = {*(params.vectors or ()), *(params.sparse_vectors or ())}
    if not {CHUNK_VECTOR, SENTENCES_VECTOR, WORDS_VECTOR} <= names:
        raise StoreError(
            f"The collection {name!r} in {place_of(settings)} is not one of Scholiast's; "
            "name another place in SCHOLIAST_DATA or QDRANT_URL, or replace it by "
            "`scholiast ingest PATH --replace`."
        )
