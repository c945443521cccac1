"""What pages of Jekyll take from other files of the site: data, and texts to include.

https://jekyllrb.com/docs/datafiles/ and https://jekyllrb.com/docs/includes/
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

from chains.errors import SettingError
from ingestion.dialects.liquid import Include
from ingestion.formats.configurations import read_yaml
from ingestion.formats.texts import PageNotRead, is_file, read_within

ENDINGS = ("yml", "yaml", "json", "csv", "tsv")
NAME = re.compile(r"[\w-]+(?:/[\w-]+)*")
MOST = 100
"""Includes of a page."""
LARGEST = 200_000
"""Characters of a file that is included."""


class DataFiles:
    """The values of `_data/`, read when a page asks for them."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._read: dict[str, Any] = {}

    def value(self, path: str) -> Any:
        """The value at a path such as "terms.motors", whose first parts are folders and a file;
        None where there is none."""
        parts = path.split(".")
        for number in range(1, len(parts) + 1):
            name = "/".join(parts[:number])
            if name not in self._read:
                self._read[name] = self._file(name)
            value = self._read[name]
            if value is not None:
                for part in parts[number:]:
                    value = value.get(part) if isinstance(value, dict) else None
                return value
        return None

    def _file(self, name: str) -> Any:
        if not NAME.fullmatch(name):
            return None
        paths = (self._root / "_data" / f"{name}.{ending}" for ending in ENDINGS)
        path = next((one for one in paths if is_file(one)), None)
        try:
            if path is None:
                return None
            text = read_within(self._root, path)
            if path.suffix in (".csv", ".tsv"):
                mark = "," if path.suffix == ".csv" else "\t"
                return list(csv.DictReader(io.StringIO(text), delimiter=mark))
            return read_yaml(path)
        except (PageNotRead, SettingError, csv.Error):
            return None


def includes_of_page(root: Path, page: Path) -> Include:
    """The files that a page includes: Markdown, and HTML that computes nothing."""
    left = [MOST]

    def include(tag: str, name: str) -> str | None:
        folder = page.parent if tag == "include_relative" else root / "_includes"
        left[0] -= 1
        if left[0] < 0 or not name.endswith((".md", ".markdown", ".html", ".txt")):
            return None
        try:
            text = read_within(root, folder / name)
        except PageNotRead:
            return None
        is_plain = not name.endswith(".html") or "{%" not in text
        return text if is_plain and len(text) <= LARGEST else None

    return include
