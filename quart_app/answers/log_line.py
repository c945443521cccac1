"""What the server's log says of an answer that has ended: one line, and never its words."""

from __future__ import annotations

import logging

from chains.errors import ScholiastError, ServiceUnavailable, StoreError
from quart_app.answers.answer_log import Ended, Failed

log = logging.getLogger("scholiast.answers")


def report(query_id: str, ending: Ended | Failed | None) -> None:
    """Log how the answer has ended; a bug with its trace."""
    match ending:
        case Ended() as ended:
            log.info("%s %s", query_id, _figures(ended))
        case Failed(ServiceUnavailable() | StoreError() as error):
            log.warning("%s failed: %s", query_id, error)
        case Failed(ScholiastError() as error):
            log.info("%s not answered: %s", query_id, type(error).__name__)
        case Failed(error, error_id):
            log.error("%s failed, id %s", query_id, error_id, exc_info=error)


def _figures(ended: Ended) -> str:
    finish = ended.finish
    return (
        f"{finish.status} first={ended.first_chunk_ms}ms total={ended.response_time_ms}ms "
        f"tokens={finish.total_tokens} sources={finish.sources_used}"
    )
