"""The folder of an embedded index: one owner, nothing acknowledged lost, damage reported."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from qdrant_client import models

from chains.errors import StoreError
from chains.index.edge.edge_client import EdgeClient
from chains.index.edge.writer import EdgeWriter
from chains.index.store import COLLECTION, create_collection

WRITE_FOREVER = """
import sys
from pathlib import Path
from qdrant_client import models
from chains.index.edge.edge_client import EdgeClient
from chains.index.store import COLLECTION, create_collection

client = EdgeClient(Path(sys.argv[1]))
create_collection(client, 3)
for number in range(10**6):
    vector = {"chunk": [1.0, number, 0.0], "sentences": [[0.0, 1.0, 0.0]]}
    client.upsert(COLLECTION, [models.PointStruct(id=number, vector=vector, payload={"n": number})])
    print(number, flush=True)
"""
HOLD_OPEN = """
import sys
from pathlib import Path
from chains.index.edge.edge_client import EdgeClient

client = EdgeClient(Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.read()
"""


def run(script: str, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )


def fill(client: EdgeClient, count: int = 10) -> None:
    create_collection(client, 3)
    client.upsert(
        COLLECTION,
        [models.PointStruct(id=n, vector={"chunk": [1.0, n, 0.0]}) for n in range(count)],
    )


def test_what_was_written_is_there_after_closing_and_opening(tmp_path: Path) -> None:
    client = EdgeClient(tmp_path)
    fill(client)
    before = client.scroll(COLLECTION, with_vectors=True)
    client.close()
    client.close()
    again = EdgeClient(tmp_path)
    assert again.scroll(COLLECTION, with_vectors=True) == before
    assert set(again.get_collection(COLLECTION).payload_schema) == {
        "metadata.kind",
        "metadata.file",
    }
    again.close()


def test_a_closed_client_says_so(tmp_path: Path) -> None:
    client = EdgeClient(tmp_path)
    fill(client)
    client.close()
    with pytest.raises(RuntimeError, match="is closed"):
        client.count(COLLECTION)


def test_a_killed_process_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    with run(WRITE_FOREVER, tmp_path) as writer:
        assert writer.stdout is not None
        last = -1
        for line in writer.stdout:
            last = int(line)
            if last == 20:
                writer.kill()
    client = EdgeClient(tmp_path)
    assert client.count(COLLECTION).count > last >= 20
    records, _ = client.scroll(COLLECTION, limit=1000, with_vectors=True)
    assert all(record.payload == {"n": record.id} for record in records)
    found = client.query_points(COLLECTION, [1.0, 0.0, 0.0], using="chunk", limit=1).points
    assert [point.id for point in found] == [0]
    client.close()


def test_a_second_process_learns_that_the_index_is_in_use(tmp_path: Path) -> None:
    with run(HOLD_OPEN, tmp_path) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "open\n"
        with pytest.raises(StoreError, match="in use by another process") as refused:
            EdgeClient(tmp_path)
        assert str(tmp_path) in str(refused.value)
        assert "\n" not in str(refused.value)
        owner.kill()
    EdgeClient(tmp_path).close()


def test_a_folder_that_cannot_be_made_names_the_setting(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(StoreError, match=r"cannot be opened .* another folder in SCHOLIAST_DATA"):
        EdgeClient(tmp_path / "data" / "index")


def write_until_the_disk_is_full(client: EdgeClient) -> None:
    """As the system ends a process that writes to mapped memory for which the disk has no room."""
    with client.rewriting(empty=True, added=0) as fresh:
        assert isinstance(fresh, EdgeWriter)
        os.kill(fresh._process.pid, signal.SIGBUS)


def test_a_write_that_the_system_ends_for_a_full_disk_is_one_line_that_says_so(
    tmp_path: Path,
) -> None:
    with closing(EdgeClient(tmp_path)) as client:
        with pytest.raises(StoreError, match=r"The disk of .* is full .*; make room") as refused:
            write_until_the_disk_is_full(client)
        assert "\n" not in str(refused.value)
        assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def damage(folder: Path, pattern: str) -> None:
    for path in folder.rglob(pattern):
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize("pattern", ["edge_config.json", "segment.json", "status.dat"])
def test_a_damaged_index_is_reported_with_its_folder_and_the_fix(
    tmp_path: Path, pattern: str
) -> None:
    client = EdgeClient(tmp_path)
    fill(client)
    client.close()
    damage(tmp_path, pattern)
    client = EdgeClient(tmp_path)
    with pytest.raises(StoreError, match=r"ingest PATH --replace") as refused:
        client.get_collection(COLLECTION)
    assert str(tmp_path) in str(refused.value)
    assert "\n" not in str(refused.value)
    client.close()


@pytest.mark.parametrize("written", ["[]", "{}", '{"vectors": {}}', '{"vectors": 1}', "[[[", "1"])
def test_a_configuration_of_something_else_is_a_damaged_index(tmp_path: Path, written: str) -> None:
    client = EdgeClient(tmp_path)
    fill(client)
    client.close()
    for path in tmp_path.rglob("edge_config.json"):
        path.write_text(written)
    with closing(EdgeClient(tmp_path)) as client:
        with pytest.raises(StoreError, match=r"damaged .*ingest PATH --replace") as refused:
            client.get_collection(COLLECTION)
        assert "pydantic" not in str(refused.value)


def test_a_damaged_index_can_be_replaced(tmp_path: Path) -> None:
    client = EdgeClient(tmp_path)
    fill(client)
    client.close()
    damage(tmp_path, "segment.json")
    client = EdgeClient(tmp_path)
    assert client.delete_collection(COLLECTION)
    fill(client, 3)
    assert client.count(COLLECTION).count == 3
    client.close()


def test_what_an_interrupted_start_left_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / COLLECTION / "segments").mkdir(parents=True)
    (tmp_path / COLLECTION / "segments" / "half").write_text("")
    client = EdgeClient(tmp_path)
    assert not client.collection_exists(COLLECTION)
    fill(client)
    assert client.count(COLLECTION).count == 10
    client.close()
