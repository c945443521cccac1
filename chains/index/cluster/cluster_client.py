"""The client of a Qdrant server, which makes collections as the settings say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qdrant_client import QdrantClient
from typing_extensions import override

from chains.settings import Settings


class ClusterClient(QdrantClient):
    """Like any, but a collection that it makes has the shards and replicas of the settings.

    A search is answered by any replica that is whole, as Qdrant does unless it is asked to compare
    several. A write returns when as many as `qdrant_write_consistency` have it.
    """

    def __init__(self, settings: Settings, timeout: int) -> None:
        url, key = settings.qdrant_url or "", settings.qdrant_api_key
        self._spread: dict[str, Any] = {
            "shard_number": settings.qdrant_shards,
            "replication_factor": settings.qdrant_replicas,
            "write_consistency_factor": settings.qdrant_write_consistency,
        }
        super().__init__(
            url=url,
            api_key=key.get_secret_value() if key else None,
            timeout=timeout,
            check_compatibility=False,  # a request, and a warning where it fails
        )

    @override
    def create_collection(self, collection_name: str, *args: Any, **options: Any) -> bool:
        """Make an empty collection; what is not set is as the server has it."""
        create: Callable[..., bool] = super().create_collection
        return create(collection_name, *args, **self._spread, **options)
