"""A server is killed while it takes over the index that an ingestion beside it has made.

A process that has everything imported forks for each kill. The fork counts its file operations
during the swap, and kills itself (SIGKILL) at one.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from time import monotonic, sleep

from qdrant_client import models

from chains.errors import IndexInUse
from chains.index.edge.edge_client import EdgeClient
from chains.index.store import COLLECTION, create_collection
from tests.support.commands import PATIENCE
from tests.support.folders import copy_folder

KILLS = 9
SWAPPER = """
import json, os, signal, sys
from contextlib import closing
from pathlib import Path
from qdrant_client import models
from chains.index.edge.edge_client import EdgeClient
from chains.index.store import COLLECTION

def swap(home, last):
    client = EdgeClient(Path(home))
    client.retrieve(COLLECTION, [1])
    staged, count = client.stage(), 0
    with closing(EdgeClient(staged / "index")) as other:
        point = models.PointStruct(id=1, vector={"chunk": [0.0, 1.0, 0.0]}, payload={"is": "new"})
        upsert = models.UpsertOperation(upsert=models.PointsList(points=[point]))
        with other.rewriting(empty=False, added=0) as writer:
            writer.batch_update_points(COLLECTION, [upsert])

    def step(event, arguments):
        nonlocal count
        if home in str(arguments):
            count += 1
            if count == last:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(step)
    client.adopt(staged)
    print(count, flush=True)
    os._exit(0)

for line in sys.stdin:
    child = os.fork()
    if not child:
        swap(*json.loads(line))
    _, status = os.waitpid(child, 0)
    if status:
        print(-os.waitstatus_to_exitcode(status), flush=True)
"""


def opened(home: Path) -> EdgeClient:
    end = monotonic() + PATIENCE
    while True:
        try:
            return EdgeClient(home)
        except IndexInUse:  # the process that was killed is about to end
            assert monotonic() < end
            sleep(0.01)


def state(home: Path) -> str:
    """What the index says after a start, which leaves one version and nothing else."""
    with closing(opened(home)) as client:
        [point] = client.retrieve(COLLECTION, [1])
    assert len([one for one in home.iterdir() if len(one.name) == 16]) <= 1
    assert not (home / "current.new").exists()
    return str((point.payload or {})["is"])


def test_a_server_killed_anywhere_in_the_swap_has_the_old_index_or_the_new_one(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    with closing(EdgeClient(home)) as client:
        create_collection(client, 3)
        old = models.PointStruct(id=1, vector={"chunk": [1.0, 0.0, 0.0]}, payload={"is": "old"})
        client.upsert(COLLECTION, [old])
    with subprocess.Popen(
        [sys.executable, "-c", SWAPPER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as swapper:

        def swap(name: str, last: int) -> int:
            assert swapper.stdin
            assert swapper.stdout
            copy_folder(home, tmp_path / name)
            print(json.dumps([str(tmp_path / name), last]), file=swapper.stdin, flush=True)
            return int(swapper.stdout.readline())

        steps = swap("whole", 0)
        assert state(tmp_path / "whole") == "new"
        ends = []
        for number in range(KILLS):
            last = 1 + number * (steps - 1) // (KILLS - 1)
            assert swap(f"killed-{number}", last) == 9
            ends.append(state(tmp_path / f"killed-{number}"))
    assert ends == sorted(ends, reverse=True)  # the old one up to one step, then the new one
    assert set(ends) == {"old", "new"}
