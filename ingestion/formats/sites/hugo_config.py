"""The configuration of a Hugo site, in one file or in several: https://gohugo.io/configuration/"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ingestion.formats.configurations import read_toml, read_yaml, text_at, value_at
from ingestion.formats.texts import is_file

NAMES = ("hugo", "config")
ENDINGS = ("toml", "yaml", "yml")
FOLDER = "config/_default"
PARTS = ("languages", "markup", "params", "permalinks")
"""Keys that may have a file of their own in that folder."""


def read_config(root: Path) -> Mapping[str, Any]:
    """The values of a site's configuration, those at its root before those in its folder.

    Raises SettingError.
    """
    values: dict[str, Any] = {}
    for folder in (FOLDER, ""):
        values |= _read(root, [f"{folder}/{name}" for name in NAMES])
        if folder:
            own = {part: _read(root, [f"{folder}/{part}"]) for part in PARTS}
            values |= {part: found for part, found in own.items() if found}
    return values


def content_folders(config: Mapping[str, Any]) -> tuple[str, str, Mapping[str, str]]:
    """The folder of the pages and the default language, and the other languages with the folder
    of each, which is "" where their pages lie among the others by names such as `a.fr.md`."""
    languages = value_at(config, "languages")
    known = [str(one) for one in languages] if isinstance(languages, Mapping) else []
    default = text_at(config, "defaultContentLanguage") or text_at(config, "defaultcontentlanguage")
    default = default or (known[0] if len(known) == 1 else "en")
    folders = {one: _folder_of(value_at(languages, one)) for one in known}
    own = folders.pop(default, "") or _folder_of(config) or "content"
    return own, default, folders


def _folder_of(values: Any) -> str:
    return (text_at(values, "contentDir") or text_at(values, "contentdir")).strip("/")


def _read(root: Path, names: list[str]) -> dict[str, Any]:
    """What the first file there is of these names holds."""
    paths = [root / f"{name.lstrip('/')}.{ending}" for name in names for ending in ENDINGS]
    path = next((one for one in paths if is_file(one)), None)
    if path is None:
        return {}
    found = read_toml(path) if path.suffix == ".toml" else read_yaml(path)
    return dict(found) if isinstance(found, Mapping) else {}
