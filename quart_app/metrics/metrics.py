"""The figures of one server: counters and histograms that its rooms add to.

Every label takes one of a few values that the code names, so no reader can make new series.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.process_collector import ProcessCollector

FIRST_CHUNK_S = (0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64)
GAP_S = (0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48)
LAG_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2)


class Metrics:
    """What is counted since the server's start; names begin with ``scholiast_``.

    >>> metrics = Metrics()
    >>> metrics.questions.labels("completed").inc()
    >>> metrics.registry.get_sample_value("scholiast_questions_total", {"result": "completed"})
    1.0
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.questions = self._counter("questions", "Answers that have ended, by result.", "result")
        """By the status of `response_end`, or the code of the error in lower case."""
        self.refused_questions = self._counter(
            "refused_questions", "Questions over a limit, by limit.", "limit"
        )
        """By the `reason` of the error."""
        self.refused_connections = self._counter(
            "refused_connections", "Handshakes that were refused, by HTTP status.", "status"
        )
        self.resumes = self._counter("resumes", "Answers that readers came back for.", "recovered")
        self.service_errors = self._counter(
            "service_errors", "Answers that failed by a service, by service.", "service"
        )
        self.model_errors = self._counter(
            "model_errors", "Answers that failed by the model, by kind.", "kind"
        )
        """By `kind_of` a failure of the model."""
        self.tokens = self._counter("tokens", "Tokens of prompts and answers.", "estimated")
        self.sentences = self._counter(
            "sentences", "Sentences of answers, by whether the book supports them.", "supported"
        )
        self.first_chunk = self._histogram(
            "first_chunk_seconds", "From a question to the first text of its answer.", FIRST_CHUNK_S
        )
        self.chunk_gap = self._histogram(
            "chunk_gap_seconds", "Between two chunks of an answer, as sent to a reader.", GAP_S
        )
        self.loop_lag = self._histogram(
            "loop_lag_seconds", "How late the event loop was, looked at four times a second.", LAG_S
        )

    def _counter(self, name: str, meaning: str, label: str) -> Counter:
        return Counter(f"scholiast_{name}", meaning, [label], registry=self.registry)

    def _histogram(self, name: str, meaning: str, bounds: tuple[float, ...]) -> Histogram:
        return Histogram(f"scholiast_{name}", meaning, buckets=bounds, registry=self.registry)


def yes_or_no(value: object) -> str:
    """A label's value for what is or is not.

    >>> yes_or_no(True)
    'true'
    """
    return "true" if value else "false"
