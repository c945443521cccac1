"""An ingestion is killed: the index is the old one or the new one, and the next run is like any.

A process that has everything imported forks for each run. The fork counts its file operations in
the data folder, and what it sends to the process that writes, and kills itself (SIGKILL) at one.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from chains.errors import IndexInUse, StoreError
from chains.index.records import chunk_of, list_chunks, read_book
from chains.index.starters import read_starters
from chains.index.store import COLLECTION, open_store
from tests.conftest import settings_of
from tests.support.fake_embeddings import FakeEmbeddings
from tests.support.folders import copy_folder

KILLS = 50
"""At different operations, in each of the three kinds of runs."""
RUNNER = """
import json, os, signal, sys
from pathlib import Path
import ingestion.indexer
from chains.index.edge.edge_client import EdgeClient
from chains.index.edge.writer import EdgeWriter
from chains.index.store import open_store
from tests.conftest import settings_of
from tests.support.fake_embeddings import FakeEmbeddings

ingestion.indexer.open_embeddings = lambda settings: FakeEmbeddings()

def run(root, data, replace, last):
    count = 0
    def step(event, arguments):
        nonlocal count
        if event == "test.send" or data in str(arguments):
            count += 1
            if count == last:
                os.kill(os.getpid(), signal.SIGKILL)
    send = EdgeWriter._send
    def sent(*arguments):
        sys.audit("test.send")
        send(*arguments)
    EdgeWriter._send = sent
    sys.addaudithook(step)
    options = {"replace": replace, "prune_all": True}
    ingestion.indexer.ingest(Path(root), settings_of(Path(data)), **options)
    print(count, flush=True)
    os._exit(0)

for line in sys.stdin:
    job = json.loads(line)
    child = os.fork()
    if not child:
        run(*job)
    _, status = os.waitpid(child, 0)
    if status:
        print(-os.waitstatus_to_exitcode(status), flush=True)
"""

State = tuple[Any, ...] | None


class Runner:
    """Runs ingestions in processes that may be killed."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", RUNNER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )

    def ingest(self, root: Path, data: Path, *, replace: bool = False, last: int = 0) -> int:
        """The number of steps; or kill it at the step `last`, which answers with the signal."""
        assert self.process.stdin
        assert self.process.stdout
        job = json.dumps([str(root), str(data), replace, last])
        print(job, file=self.process.stdin, flush=True)
        return int(self.process.stdout.readline())


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    runner = Runner()
    yield runner
    runner.process.kill()
    runner.process.communicate()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "book"
    root.mkdir()
    for number in range(12):
        text = f"A motor of kind {number} turns.\n\n## Gears\n\nThey have {number} teeth.\n"
        (root / f"{number}.md").write_text(f"# Part {number}\n\n{text}")
    return root


def state(data: Path) -> State:
    """All that the index holds, and what it answers; None where there is no book."""
    end = monotonic() + 60
    while True:
        try:
            return _state(data)
        except IndexInUse:  # the child of the process that was killed is about to end
            assert monotonic() < end
            sleep(0.01)
        except StoreError as error:
            assert "no book" in str(error)
            return None


def _state(data: Path) -> State:
    with open_store(settings_of(data), FakeEmbeddings()) as store:
        chunks = list_chunks(store)
        records = store.client.retrieve(COLLECTION, list(chunks), with_vectors=True)
        points = {str(one.id): (one.payload, one.vector) for one in records}
        # Asked for by its whole text, one chunk is the nearest: what is equally near has no order.
        asked = [chunk_of(payload).embedded_text for payload in chunks.values()]
        found = [store.similarity_search(one, k=1)[0].page_content for one in asked]
        book = read_book(store)
        # Questions that pages answer are chosen last, and by the next run where this one ended.
        count = store.client.count(COLLECTION).count - len(read_starters(store, ["", *book.files]))
        return book, count, points, found


def names(data: Path) -> list[str]:
    """What is in the folder, with the same name for every version."""
    folders = (data / "index").iterdir()
    return sorted("version" if len(path.name) == 16 else path.name for path in folders)


@pytest.mark.timeout(600)  # a second for each kill, where the machine has little else to do
@pytest.mark.parametrize("kind", ["first", "incremental", "replace"])
@pytest.mark.parametrize("kills", [9, pytest.param(KILLS, marks=pytest.mark.slow)])
def test_an_ingestion_killed_anywhere_leaves_the_old_index_or_the_new_one(
    runner: Runner, root: Path, tmp_path: Path, kind: str, kills: int
) -> None:
    data, whole = tmp_path / "data", tmp_path / "whole"
    if kind != "first":
        runner.ingest(root, data)
        (root / "1.md").unlink()
        (root / "2.md").write_text("# Part 2\n\nA brake stops it.\n")
        copy_folder(data, whole)
    replace = kind == "replace"
    steps = runner.ingest(root, whole, replace=replace)
    old, new = state(data), state(whole)
    assert old != new
    ends = []
    for number in range(kills):
        last = 1 + number * (steps - 1) // (kills - 1)
        copy = tmp_path / f"killed-{last}"
        copy_folder(data, copy) if data.exists() else None
        assert runner.ingest(root, copy, replace=replace, last=last) == 9
        after = state(copy)
        assert after in (old, new), f"at step {last} of {steps}"
        ends.append(after == new)
        if number % 4 == 0:
            assert runner.ingest(root, copy, replace=replace) > 0
            assert state(copy) == new
            assert names(copy) == names(whole)
        shutil.rmtree(copy)
    assert ends == sorted(ends)  # the old one up to one step, the new one from there on
    assert set(ends) == {False, True}
