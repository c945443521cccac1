"""What the server's metrics count of an answer that has ended."""

from __future__ import annotations

from chains.errors import ContentNotFound, ContextNotFound, ServiceUnavailable, StoreError
from chains.models.failures import kind_of
from quart_app.answers.answer_log import Ended, Failed
from quart_app.metrics.metrics import Metrics, yes_or_no


def count(metrics: Metrics, ending: Ended | Failed | None) -> None:
    """Add the answer's result and figures to the metrics."""
    match ending:
        case Ended() as ended:
            _count_ended(metrics, ended)
        case Failed(ContentNotFound()):
            metrics.questions.labels("content_not_found").inc()
        case Failed(ContextNotFound()):
            metrics.questions.labels("context_not_found").inc()
        case Failed(ServiceUnavailable() | StoreError() as error):
            service = error.service if isinstance(error, ServiceUnavailable) else "index"
            metrics.questions.labels("service_unavailable").inc()
            metrics.service_errors.labels(service).inc()
            if service == "model":
                metrics.model_errors.labels(kind_of(error.__cause__)).inc()
        case Failed():
            metrics.questions.labels("internal_error").inc()


def _count_ended(metrics: Metrics, ended: Ended) -> None:
    finish = ended.finish
    metrics.questions.labels(finish.status).inc()
    metrics.tokens.labels(yes_or_no(finish.tokens_estimated)).inc(finish.total_tokens)
    supported = finish.grounding.supported
    metrics.sentences.labels("true").inc(supported)
    metrics.sentences.labels("false").inc(finish.grounding.sentences - supported)
    if finish.status not in ("cancelled", "empty"):  # these may have no text at all
        metrics.first_chunk.observe(ended.first_chunk_ms / 1000)
