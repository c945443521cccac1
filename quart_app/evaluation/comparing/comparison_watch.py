"""A comparison as it is watched: what is asked, how far its answer is, what has ended."""

from __future__ import annotations

from quart_app.evaluation.rows import Row


class Watching:
    """Somebody who watches a comparison; as it stands, nobody does. Several answers may be on
    their way at once."""

    def begin(self, row: Row) -> None:
        """The question of this row is asked."""

    def write(self, row: Row, words: int) -> None:
        """Its answer has so many words by now."""

    def end(self, row: Row) -> None:
        """Its answer has ended, failed, or was kept from an earlier run."""
