"""Wheel and sdist contain the built widget, so they cannot be made without it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from typing_extensions import override


class WidgetHook(BuildHookInterface[Any]):
    """Stops the build if the widget is missing or older than its sources."""

    @override
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """An editable install needs no widget: it installs what the widget is built with."""
        if version == "editable":
            return
        built = Path(self.root, "quart_app", "static", "widget", "widget.js")
        parts = ("math-*.js", "more-*.js", "words-*.js", "NOTICES.txt")
        if not built.is_file() or not all(any(built.parent.glob(part)) for part in parts):
            sys.exit("scholiast: The widget is not built; run `make widget` first.")
        sources = [file for file in Path(self.root, "widget", "src").rglob("*") if file.is_file()]
        if built.stat().st_mtime < max(file.stat().st_mtime for file in sources):
            sys.exit("scholiast: The widget is older than its sources; run `make widget` first.")
