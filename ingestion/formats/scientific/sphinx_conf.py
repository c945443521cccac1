"""Sphinx's conf.py: the few values that matter to the pages. It is read, never run."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ingestion.formats.texts import PageNotRead, read_text


def read_conf(path: Path) -> Mapping[str, Any]:
    """The values of a conf.py that are written out, such as texts and lists of texts; what is
    computed is not known."""
    try:
        tree = ast.parse(read_text(path))
    except (PageNotRead, SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    values: dict[str, Any] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    values |= _known(target.id, node.value)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            values |= _known(node.target.id, node.value)
    return values


def texts_of(value: Any) -> list[str]:
    """The texts in a list, or the keys of a map."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list | dict) else []


def _known(name: str, value: ast.expr) -> dict[str, Any]:
    try:
        return {name: ast.literal_eval(value)}
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return {}
