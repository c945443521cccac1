"""Docusaurus: https://docusaurus.io/docs/docs-introduction."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from ingestion.formats.format import Format


class Docusaurus(Format):
    """A Docusaurus site, whose pages lie in `docs/`."""

    name: ClassVar[str] = "docusaurus"
    label: ClassVar[str] = "Docusaurus"
    configs: ClassVar[tuple[str, ...]] = ("docusaurus.config.*",)

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        if (root / "docs").is_dir():
            self.folder = root / "docs"
