"""Books on a Qdrant cluster, as far as a stand-in goes that takes what its OpenAPI document has."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from qdrant_client import QdrantClient

from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.support.commands import refused, run
from tests.support.scripted_qdrant import ScriptedQdrant
from tests.support.talking import ask, client, receive

pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect in the local Qdrant")
WATCHDOG = "# Watchdogs\n\nA watchdog timer restarts a robot controller that hangs.\n"
TIDES = "# Tides\n\nThe tide of the sea follows the moon twice a day.\n"


@pytest.fixture
def cluster(alone: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedQdrant]:
    """An empty one, as the only setting."""
    with ScriptedQdrant(QdrantClient(":memory:")) as server:
        monkeypatch.setenv("QDRANT_URL", server.url)
        yield server
    server.client.close()


def ingest(book: str, text: str, *options: str) -> None:
    folder = Path(book)
    folder.mkdir(exist_ok=True)
    (folder / "page.md").write_text(text)
    done = run("ingest", book, *options)
    assert done.exit_code == 0, done.output


def created(server: ScriptedQdrant) -> list[tuple[str, dict[str, Any]]]:
    """The collections that were asked for, by their names."""
    return [
        (path.split("/")[2].partition("?")[0], body)
        for method, path, body in server.requests
        if method == "PUT" and path.partition("?")[0].count("/") == 2
    ]


def test_a_collection_is_spread_over_the_cluster_as_the_settings_say(
    cluster: ScriptedQdrant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QDRANT_SHARDS", "6")
    monkeypatch.setenv("QDRANT_REPLICAS", "3")
    monkeypatch.setenv("QDRANT_WRITE_CONSISTENCY", "2")
    ingest("robots", WATCHDOG)
    (_, body), *_ = created(cluster)
    spread = ("shard_number", "replication_factor", "write_consistency_factor")
    assert [body[name] for name in spread] == [6, 3, 2]


async def test_each_book_has_a_collection_of_its_own(
    cluster: ScriptedQdrant, monkeypatch: pytest.MonkeyPatch
) -> None:
    for book, text in (("robots", WATCHDOG), ("sea", TIDES), ("robots", WATCHDOG + "Slowly.\n")):
        monkeypatch.setenv("QDRANT_COLLECTION", book)
        ingest(book, text)
    names = {one.collection_name: one.alias_name for one in cluster.client.get_aliases().aliases}
    assert sorted(names.values()) == ["robots", "sea"]
    assert {one.name for one in cluster.client.get_collections().collections} == set(names)
    assert all("shard_number" not in body for _, body in created(cluster))
    asked = {"robots": "What does a watchdog timer do?", "sea": "What does the tide follow?"}
    for book, question in asked.items():
        settings = WebSettings(qdrant_url=cluster.url, qdrant_collection=book)
        async with serving(settings) as url, client(url) as socket:
            await receive(socket)
            start, *_ = await ask(socket, question)
        assert {source["file"] for source in start["data"]["sources"]} == {"page.md"}
        title = start["data"]["sources"][0]["title"]
        assert title == ("Watchdogs" if book == "robots" else "Tides")
    # No read asks for more than one replica, so any of them may answer.
    assert [path for _, path, _ in cluster.requests if "consistency" in path] == []


async def test_books_with_names_are_beside_the_one_without_and_each_has_its_own_alias(
    cluster: ScriptedQdrant,
) -> None:
    ingest("robots", WATCHDOG)
    for text in (WATCHDOG, TIDES):  # the second one takes the place of the first
        ingest("sea", text, "--book", "sea")
    aliases = [one.alias_name for one in cluster.client.get_aliases().aliases]
    assert sorted(aliases) == ["book", "book--sea"]
    assert len(cluster.client.get_collections().collections) == 2
    said = json.loads(run("status", "--json").stdout)
    assert (said["title"], said["books"]) == ("Robots", ["sea"])
    async with serving(WebSettings(qdrant_url=cluster.url)) as url, client(url) as socket:
        await receive(socket)
        for book, title in (({}, "Watchdogs"), ({"book": "sea"}, "Tides")):
            start, *_ = await ask(socket, "What does a watchdog timer or the tide do?", **book)
            assert {source["title"] for source in start["data"]["sources"]} == {title}
        before = version("sea")
        more = f"{TIDES}A spring tide is the highest.\n"
        await asyncio.to_thread(ingest, "sea", more, "--book", "sea")
        *_, end = await ask(socket, "What is a spring tide?", book="sea")
        assert end["data"]["index_version"] == version("sea") != before


def version(book: str) -> str:
    return str(json.loads(run("status", "--json", "--book", book).stdout)["index_version"])


def test_the_stand_in_refuses_what_the_document_does_not_have(cluster: ScriptedQdrant) -> None:
    answer = httpx2.put(f"{cluster.url}/collections/sea", json={"shards": 6})
    assert answer.status_code == 400
    assert "shards" in answer.text


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("QDRANT_SHARDS", "0"),
        ("QDRANT_REPLICAS", "two"),
        ("QDRANT_WRITE_CONSISTENCY", "-1"),
        ("QDRANT_COLLECTION", "a/b"),
    ],
)
def test_a_wrong_setting_of_the_cluster_is_named(
    cluster: ScriptedQdrant, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert variable in refused(2, "serve")
    assert cluster.requests == []
