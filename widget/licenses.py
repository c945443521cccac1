"""Checks that each npm package of a lock file has a licence that pyproject.toml allows.

    python -m widget.licenses [LOCKFILE]...

Without arguments, all lock files of the repository are read. What is not allowed is printed, and
the exit code is 1.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Collection, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCKS = (
    "widget",
    "tests/browser/axe",
    "tests/browser/docusaurus",
    "tests/ingestion/makes/books/mystmd",
    "tests/ingestion/makes/books/starlight",
    "tests/ingestion/makes/books/vitepress",
    "tests/quart_app/protocol/asyncapi",
)
READ = {"eval": "MIT", "format": "MIT", "require-like": "MIT"}
"""Packages whose metadata name no licence; they bring the text of this one."""


def main() -> None:
    """Print what is not allowed, and exit with 1 if there is any."""
    given = [Path(argument) for argument in sys.argv[1:]]
    locks = given or [ROOT / folder / "package-lock.json" for folder in LOCKS]
    wrong = [line for lock in locks for line in refused(lock, read_allowed())]
    print("\n".join(wrong), end="\n" if wrong else "", file=sys.stderr)
    sys.exit(1 if wrong else 0)


def read_allowed() -> frozenset[str]:
    """The licences that pyproject.toml allows, as SPDX or as packages write them."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return frozenset(settings["tool"]["pip-licenses"]["allow-only"].split(";"))


def refused(lock: Path, allowed: Collection[str]) -> Iterator[str]:
    """A line for each package of the lock file whose licence is not among those allowed."""
    for path, facts in json.loads(lock.read_text("utf-8"))["packages"].items():
        name = path.rpartition("node_modules/")[2]
        license_ = facts.get("license") or READ.get(name, "none that is named")
        if name and not is_allowed(license_, allowed):
            yield f"{lock}: {name} {facts.get('version')} has the licence {license_}"


def is_allowed(expression: str, allowed: Collection[str]) -> bool:
    """Whether an SPDX expression leaves a choice in which every part is allowed.

    >>> is_allowed("(WTFPL OR MIT)", {"MIT"}), is_allowed("MIT AND GPL-3.0", {"MIT"})
    (True, False)
    """
    choices = expression.strip("()").split(" OR ")
    return expression in allowed or any(
        all(part in allowed for part in choice.split(" AND ")) for choice in choices
    )


if __name__ == "__main__":
    main()
