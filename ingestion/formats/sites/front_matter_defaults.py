"""Defaults that Jekyll's configuration gives to the front matter of pages.

https://jekyllrb.com/docs/configuration/front-matter-defaults/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from ingestion.formats.configurations import text_at, value_at
from ingestion.formats.patterns import fits


class Defaults(NamedTuple):
    """The `values` for pages below a `path`, "" for all, that are of a `kind`: "pages", or the name
    of a collection; "" for any."""

    path: str
    kind: str
    values: Mapping[str, str]


def read_defaults(config: Any) -> tuple[Defaults, ...]:
    """Those of a configuration, the more exact ones last."""
    given = value_at(config, "defaults")
    found = list(_defaults(given)) if isinstance(given, list) else []
    return tuple(sorted(found, key=lambda one: (len(one.path), bool(one.kind))))


def _defaults(given: list[Any]) -> Iterator[Defaults]:
    for one in given:
        values = value_at(one, "values")
        if isinstance(values, dict):
            path = text_at(one, "scope", "path").strip("/")
            kept = {str(key): _written(value) for key, value in values.items()}
            shown = {key: value for key, value in kept.items() if value is not None}
            yield Defaults(path, text_at(one, "scope", "type"), shown)


def default_values(defaults: Sequence[Defaults], file: str, kind: str) -> dict[str, str]:
    """What a page of a kind has where its own front matter is silent."""
    found: dict[str, str] = {}
    for one in defaults:
        if one.kind in ("", kind) and _is_below(PurePosixPath(file), one.path):
            found |= one.values
    return found


def _is_below(file: PurePosixPath, path: str) -> bool:
    if "*" in path:
        return fits(file.as_posix(), path)
    parts = PurePosixPath(path).parts
    return file.parts[: len(parts)] == parts


def _written(value: Any) -> str | None:
    """A value as front matter has it; None for lists and maps."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else None
