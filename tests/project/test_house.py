"""The house: rooms that say what they know, small files, short functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("chains", "ingestion", "quart_app")
MOST_FILES = 15
LONGEST_FILE = 250
LONGEST_TEST_FILE = 400
LONGEST_FUNCTION = 40


def files(*folders: str) -> list[Path]:
    """The Python files below the folders."""
    return sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))


def rooms() -> list[Path]:
    """The packages, the benchmarks, and every folder of Python files in them."""
    return sorted({file.parent for file in files(*PACKAGES, "benchmarks")})


def name(path: Path) -> str:
    """A path as people write it."""
    return path.relative_to(ROOT).as_posix()


def functions(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a file."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("room", rooms(), ids=name)
def test_room_says_in_one_sentence_what_it_knows(room: Path) -> None:
    source = (room / "__init__.py").read_text(encoding="utf-8")
    sentence = (ast.get_docstring(ast.parse(source)) or "").split("\n\n")[0]
    assert sentence.endswith(".")
    assert 20 < len(sentence) < 200


def test_no_room_is_crowded() -> None:
    crowded = {
        name(room): count
        for room in rooms()
        if (count := len([file for file in room.glob("*.py") if file.name != "__init__.py"]))
        > MOST_FILES
    }
    assert crowded == {}


def test_no_file_is_long() -> None:
    limits = {
        **dict.fromkeys(files(*PACKAGES, "widget", "benchmarks"), LONGEST_FILE),
        **dict.fromkeys(files("tests"), LONGEST_TEST_FILE),
    }
    long = {
        name(file): lines
        for file, most in limits.items()
        if "node_modules" not in file.parts
        and (lines := len(file.read_text(encoding="utf-8").splitlines())) > most
    }
    assert long == {}


def test_no_function_is_long() -> None:
    long = {
        f"{name(file)}:{node.name}": lines
        for file in files(*PACKAGES)
        for node in functions(file)
        if (lines := (node.end_lineno or 0) - node.lineno + 1) > LONGEST_FUNCTION
    }
    assert long == {}


def test_no_two_files_share_a_name() -> None:
    places: dict[str, list[str]] = {}
    for file in files(*PACKAGES):
        if not file.name.startswith("__") and file.name != "settings.py":  # of chain and server
            places.setdefault(file.name, []).append(name(file))
    assert {file: where for file, where in places.items() if len(where) > 1} == {}
