"""Configurations of makes: files of YAML and TOML, of which a few values are looked at."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from chains.bad_values import malformed
from chains.errors import SettingError
from ingestion.formats.texts import PageNotRead, read_text
from ingestion.markdown.front_matter import load_toml, whole

LARGEST = 500_000
"""Characters; PyYAML reads about 100,000 in a second."""


LONGEST_NUMBER = 30
MOST = 200_000
"""Values of a file, each counted where an alias repeats it, too."""


class _Loader(yaml.SafeLoader):
    """Reads tags that it does not know, such as `!ENV`, as nothing.

    Aliases of aliases could unfold to more values than anybody can look at, so they are counted.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._count = 0
        self._sizes: dict[int, int] = {}
        """How many values the nodes hold that are read to their end."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        mark, is_alias = self.peek_event().start_mark, self.check_event(yaml.AliasEvent)  # type: ignore[no-untyped-call]
        before = self._count
        node = super().compose_node(parent, index)
        if not is_alias:
            self._count += 1
            self._sizes[id(node)] = self._count - before
        elif id(node) in self._sizes:
            self._count += self._sizes[id(node)]
        else:
            problem = "an alias stands within what it repeats"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=mark)
        if self._count > MOST:
            raise yaml.MarkedYAMLError(
                problem=f"its aliases repeat more than {MOST:,} values", problem_mark=mark
            )
        return node


NOT_YAML = (yaml.YAMLError, ValueError, RecursionError, LookupError, AttributeError, TypeError)
"""What PyYAML raises; the last three for a tag with a wrong value, such as ``!!bool maybe``."""
_Loader.add_multi_constructor("", lambda _loader, _tag, _node: None)


def _integer(loader: _Loader, node: yaml.ScalarNode) -> int | str:
    """A number; the text of one that is longer than any that counts something."""
    text = str(loader.construct_scalar(node))
    return text if len(text) > LONGEST_NUMBER else loader.construct_yaml_int(node)


def _text_of(loader: _Loader, node: yaml.ScalarNode) -> str:
    return whole(str(loader.construct_scalar(node)))


def _day(loader: _Loader, node: yaml.ScalarNode) -> object:
    """A day or time; the text of one that there is not."""
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError:
        return _text_of(loader, node)


_Loader.add_constructor("tag:yaml.org,2002:int", _integer)
_Loader.add_constructor("tag:yaml.org,2002:str", _text_of)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _day)


def read_yaml(path: Path, most: int = LARGEST) -> Any:
    """What a file of YAML of `most` characters holds. Raises SettingError."""
    text = _text(path, most)
    try:
        return load_yaml(text)
    except NOT_YAML as error:
        raise not_read(path, "YAML", error) from error


def load_yaml(text: str) -> Any:
    """What a text of YAML holds, within bounds. Raises one of NOT_YAML."""
    return yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader


def read_toml(path: Path) -> Mapping[str, Any]:
    """What a file of TOML holds. Raises SettingError."""
    text = _text(path)
    try:
        return load_toml(text)
    except (ValueError, RecursionError) as error:
        raise not_read(path, "TOML", error) from error


def not_read(path: Path | str, kind: str, error: Exception) -> SettingError:
    """The error for a file whose text is not of its kind."""
    line, problem = malformed(error)
    place = f" (line {line})" if line else ""
    return SettingError(f"{path} is not {kind}: {problem}{place}; mend it.")


def value_at(mapping: Any, *keys: str) -> Any:
    """A value in maps within maps, None where there is none."""
    for key in keys:
        mapping = mapping.get(key) if isinstance(mapping, Mapping) else None
    return mapping


def text_at(mapping: Any, *keys: str) -> str:
    """A text or number in maps within maps, "" where there is none."""
    value = value_at(mapping, *keys)
    return str(value).strip() if isinstance(value, str | int | float) else ""


def texts_at(mapping: Any, *keys: str) -> list[str]:
    """The texts of a list in maps within maps, or the one text there; none where there are none."""
    value = value_at(mapping, *keys)
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, str)]


def _text(path: Path, most: int = LARGEST) -> str:
    try:
        text = read_text(path)
    except PageNotRead as error:
        raise SettingError(f"{path} {error}.") from error
    if len(text) > most:
        raise SettingError(f"{path} is {len(text):,} characters long, the limit is {most:,}.")
    return text
