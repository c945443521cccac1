"""The figures of several workers as those of one server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.registry import Collector
from typing_extensions import override


class Merged(Collector):
    """Each figure of each worker, with its number as the label ``worker``.

    >>> text = "# TYPE open gauge\\nopen {}\\n# EOF\\n"
    >>> merged = Merged({1: text.format(2), 2: text.format(5)})
    >>> [(sample.labels, sample.value) for sample in next(merged.collect()).samples]
    [({'worker': '1'}, 2), ({'worker': '2'}, 5)]
    """

    def __init__(self, texts: Mapping[int, str]) -> None:
        self._texts = texts

    @override
    def collect(self) -> Iterator[Metric]:
        families: dict[str, Metric] = {}
        for number, text in sorted(self._texts.items()):
            for one in _families(text):
                family = families.setdefault(
                    one.name, Metric(one.name, one.documentation, one.type, one.unit)
                )
                family.samples += [
                    sample._replace(labels={**sample.labels, "worker": str(number)})
                    for sample in one.samples
                ]
        yield from families.values()


def _families(text: str) -> Iterable[Metric]:
    return text_string_to_metric_families(text)  # type: ignore[no-untyped-call, no-any-return]
