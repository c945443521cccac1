"""Resources that tests share: ingested books."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from quart_app.chat import reader
from quart_app.door import connection, refusals
from quart_app.routes import current
from quart_app.settings import WebSettings
from tests.support.commands import Served, served
from tests.support.folders import copy_folder
from tests.support.redis_server import RedisServer, redis_server
from tests.support.sharing import sharing

if TYPE_CHECKING:
    from chains.index.library import Library
    from ingestion.indexer import Report

EXAMPLE_BOOK = Path(__file__).parents[1] / "examples" / "book"
REAL_BOOKS = "humanoid-robotics", "rust"
hypothesis_settings.register_profile(
    "busy", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("busy")  # a busy machine is no fault of what is tried

UNMEASURED = "browser", "faults", "chat/test_fuzz.py", "chat/test_state_machine"
"""Tests that would take twice as long, or measure time, while coverage is measured. What they run
is covered by the tests of each room."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Pause the measuring of coverage in some tests."""
    for item in items:
        if any(f"/{name}" in item.path.as_posix() for name in UNMEASURED):
            item.add_marker("no_cover")


@pytest.fixture(autouse=True)
def log_as_at_the_start() -> Iterator[None]:
    """What a test logs depends on none before it: commands set the level, and some lines are
    written at most once a second."""
    for lines in (refusals.LINES, current.LINES, connection.LINES, reader.LINES):
        lines.forget()
    yield
    logging.getLogger("scholiast").setLevel(logging.NOTSET)


@pytest.fixture(scope="session")
def example_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that holds the example book."""
    from ingestion.indexer import ingest

    data = tmp_path_factory.mktemp("example") / "data"
    ingest(EXAMPLE_BOOK, settings_of(data))
    return data


@pytest.fixture
def example(example_folder: Path) -> WebSettings:
    """Settings for the example book and nothing else, whatever the environment says."""
    return settings_of(example_folder)


@pytest.fixture
def second(example: WebSettings, example_folder: Path, tmp_path: Path) -> WebSettings:
    """Settings of another server of the same book."""
    copy_folder(example_folder, tmp_path / "second")
    return example.model_copy(update={"data": tmp_path / "second"})


@pytest.fixture(scope="session")
def library(example_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """The example book, open for whoever only reads it.

    It is a copy: an index can be open once at a time, and other tests open the example's own.
    """
    from chains.embeddings.provider import open_embeddings
    from chains.index.library import Library
    from chains.index.store import open_store

    data = tmp_path_factory.mktemp("library") / "data"
    copy_folder(example_folder, data)
    settings = settings_of(data)
    with open_store(settings, open_embeddings(settings)) as store:
        yield Library(store)


@pytest.fixture(scope="session")
def redis_of_all() -> Iterator[RedisServer]:
    """A Redis for the tests of this process."""
    with redis_server() as server:
        yield server


@pytest.fixture
def redis(redis_of_all: RedisServer, monkeypatch: pytest.MonkeyPatch) -> RedisServer:
    """An empty Redis that is well; on a busy machine it has more time to answer."""
    for bound in ("LONGEST_CALL", "LONGEST_LOOK"):
        monkeypatch.setattr(f"quart_app.shared.redis_link.{bound}", 30.0)
    redis_of_all.client.flushall()
    return redis_of_all


@pytest.fixture(params=[1, 2], ids=["one server", "two servers"])
def site(request: pytest.FixtureRequest, example: WebSettings) -> Sequence[WebSettings]:
    """Settings of one server, or of two that share a Redis."""
    return (example,) if request.param == 1 else request.getfixturevalue("pair")


@pytest.fixture
def pair(example: WebSettings, second: WebSettings, redis: RedisServer) -> Sequence[WebSettings]:
    """Settings of two servers that share a Redis."""
    return tuple(sharing(settings, redis.url) for settings in (example, second))


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """One to break."""
    with redis_server() as server:
        yield server


@pytest.fixture(scope="session")
def robotics_book(
    books: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[WebSettings, Report]:
    """Settings for the robotics textbook, and what its ingestion reported."""
    from ingestion.indexer import ingest

    settings = settings_of(tmp_path_factory.mktemp("robotics") / "data")
    return settings, ingest(books / "humanoid-robotics", settings)


@pytest.fixture(scope="session")
def books() -> Path:
    """The folder of real books that some tests read; it holds humanoid-robotics and rust."""
    return real_books(os.environ.get("SCHOLIAST_TEST_BOOKS"))


def real_books(folder: str | None) -> Path:
    """The folder as a path. Without one, the test is skipped, also where CI is set; a folder that
    lacks a book is a mistake and fails it."""
    need = "a folder with humanoid-robotics/ and rust/; see README.md, Development"
    if not folder:
        pytest.skip(f"to run this test, set SCHOLIAST_TEST_BOOKS to {need}")
    missing = [name for name in REAL_BOOKS if not (Path(folder) / name).is_dir()]
    if missing:
        pytest.fail(
            f"SCHOLIAST_TEST_BOOKS: {folder} has no {', '.join(missing)}; it must be {need}"
        )
    return Path(folder)


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and no settings in the environment."""
    for name in os.environ:
        if name.startswith(("SCHOLIAST_", "QDRANT_", "OPENAI_", "REDIS_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def example_data(alone: Path, example_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example book as the only setting of commands that run in `alone`."""
    monkeypatch.setenv("SCHOLIAST_DATA", str(example_folder))
    return example_folder


@pytest.fixture
def example_copy(alone: Path, example_folder: Path) -> Path:
    """A data folder with the example book for a test to break, in `alone`."""
    copy_folder(example_folder, alone / ".scholiast")
    return alone / ".scholiast"


@pytest.fixture(scope="session")
def running(example_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of the example book, with a data folder of its own."""
    folder = tmp_path_factory.mktemp("running")
    copy_folder(example_folder, folder / ".scholiast")
    with served(folder, SCHOLIAST_LIMIT_QUESTIONS="off") as server:  # many tests ask it
        yield server


def settings_of(data: Path) -> WebSettings:
    """Defaults with a data folder."""
    return WebSettings.model_construct(data=data)
