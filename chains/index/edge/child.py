"""The process that writes a version of an embedded index for `EdgeWriter`; see there.

It imports the engine alone until a collection is to be made: qdrant-client's types take a second.
"""

from __future__ import annotations

import ctypes
import pickle
import signal
import sys
from pathlib import Path
from typing import Any

import qdrant_edge as edge

PR_SET_PDEATHSIG = 1
POINTS_OPEN = 1024
"""Written points after which a shard is opened anew. What was written stays mapped until then: it
counts as memory of this process, some 25 KiB a point."""


def main() -> None:
    """Do what comes on standard input until there is nothing more to do."""
    if sys.platform == "linux":  # elsewhere this process ends when it next reads
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    shards: dict[str, edge.EdgeShard] = {}
    written = 0
    try:
        while write := pickle.load(sys.stdin.buffer):  # noqa: S301 - our parent's
            name, kind, *given = write
            path = str(Path(sys.argv[1], name))
            if kind == "create":
                shards[name] = _create(path, *given)
                continue
            if name not in shards:
                shards[name] = edge.EdgeShard.load(path)
            shards[name].update(_operation(kind, *given))
            if kind == "upsert" and (written := written + len(given[0])) >= POINTS_OPEN:
                shards.pop(name).close()
                written = 0
        for shard in shards.values():
            shard.flush()
            shard.optimize()
            shard.flush()
            shard.close()
    except EOFError:
        sys.exit(1)  # the parent has gone, and with it the reason to go on
    except BaseException as error:  # noqa: BLE001 - a panic of the engine is no Exception
        sys.stdout.write(str(error).strip().partition("\n")[0])
        sys.exit(1)


def _create(path: str, vectors: Any, sparse_vectors: Any) -> edge.EdgeShard:
    from chains.index.edge.config import to_config

    return edge.EdgeShard.create(path, to_config(vectors, sparse_vectors))


def _operation(kind: str, *given: Any) -> edge.UpdateOperation:
    if kind == "index":
        from chains.index.edge.config import FIELD_TYPES

        field, schema = given
        return edge.UpdateOperation.create_field_index(field, FIELD_TYPES[schema])
    if kind == "delete":
        return edge.UpdateOperation.delete_points(*given)
    if kind == "overwrite":
        return edge.UpdateOperation.overwrite_payload(*given)
    return edge.UpdateOperation.upsert_points(
        [
            edge.Point(id_, {name: _vector(one) for name, one in vectors.items()}, payload)
            for id_, vectors, payload in given[0]
        ]
    )


def _vector(plain: Any) -> Any:
    return edge.SparseVector(*plain) if isinstance(plain, tuple) else plain


if __name__ == "__main__":
    main()
