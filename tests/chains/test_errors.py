"""The tree of errors that is drawn in `chains.errors` is the real one."""

from __future__ import annotations

import importlib
import pkgutil
import re

import chains
import chains.errors
import ingestion
import quart_app
from chains.errors import ScholiastError


def drawn() -> dict[str, str]:
    """The errors in the docstring, each with the one that it stands below."""
    above = ["ScholiastError"]
    parents = {}
    for branch, name in re.findall(r"^(.*[├└]── )(\w+)", chains.errors.__doc__ or "", re.MULTILINE):
        depth = len(branch) // 4
        parents[name] = above[depth - 1]
        above[depth:] = [name]
    return parents


def defined(error: type[Exception]) -> dict[str, str]:
    """The errors below one, each with its base; those of tests are left out."""
    parents: dict[str, str] = {}
    for child in error.__subclasses__():
        if child.__module__.split(".")[0] in ("chains", "ingestion", "quart_app"):
            parents |= {child.__name__: error.__name__} | defined(child)
    return parents


def test_every_error_is_drawn_in_its_place() -> None:
    for package in (chains, ingestion, quart_app):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    assert drawn() == defined(ScholiastError)
