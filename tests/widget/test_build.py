"""The build of the widget: it is small, or it fails."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from random import Random

import pytest

from quart_app.pages.bundle import read_bundle
from tests.support.node import Node, find_node, node_of_wheel, run, widget_node
from widget import node as widget

SOURCE = """declare const MATH_MODULE: string, MORE_MODULE: string;
console.log('"' + MATH_MODULE + '" "' + MORE_MODULE + '"');
"""


@pytest.fixture
def node() -> Node:
    return widget_node()


@pytest.fixture
def project(tmp_path: Path, node: Node) -> Path:
    """A very small widget that was built before."""
    folder = tmp_path / "widget"
    (folder / "src" / "words").mkdir(parents=True)
    for name in ("build.mjs", "package.json"):
        shutil.copy(widget.FOLDER / name, folder)
    (folder / "node_modules").symlink_to(widget.FOLDER / "node_modules")
    (folder / "src" / "math.ts").write_text("export const formula = 1;\n")
    (folder / "src" / "more.ts").write_text("export const warn = 1;\n")
    (folder / "src" / "widget.ts").write_text(SOURCE)
    (built := tmp_path / "quart_app" / "static" / "widget").mkdir(parents=True)
    (built / "widget.js").write_text("old")
    (built / "math-old.js").write_text("old")
    return folder


def test_a_build_replaces_the_one_before_and_prints_the_sizes(
    node: Node, project: Path, tmp_path: Path
) -> None:
    done = run([*node.node, "build.mjs"], project)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 3
    bundle = read_bundle(tmp_path / "quart_app" / "static" / "widget")
    assert bundle
    (math, more) = sorted(bundle.later)
    assert f'"{math}" "{more}"' in bundle.widget.decode()
    assert math != "math-old.js"


def test_each_package_in_a_script_brings_its_licence_along(
    node: Node, project: Path, tmp_path: Path
) -> None:
    package = tmp_path / "node_modules" / "small"
    package.mkdir(parents=True)
    about = {"name": "small", "version": "1.2.3", "license": "MIT", "main": "small.js"}
    (package / "package.json").write_text(json.dumps(about))
    (package / "small.js").write_text("export const small = 1;\n")
    text = package / "LICENSE.md"
    text.write_text("Use it as you like.\n")
    source = f'import {{ small }} from "small";\n{SOURCE}console.log(small);\n'
    (project / "src" / "widget.ts").write_text(source)
    assert run([*node.node, "build.mjs"], project).returncode == 0
    notices = (tmp_path / "quart_app" / "static" / "widget" / "NOTICES.txt").read_text("utf-8")
    assert notices == "small 1.2.3 (MIT)\n\nUse it as you like.\n"
    text.unlink()
    done = run([*node.node, "build.mjs"], project)
    assert done.returncode == 1
    assert "small 1.2.3" in done.stderr
    assert not (tmp_path / "quart_app" / "static" / "widget").exists()


@pytest.mark.parametrize("fault", ["too large", "Expected"])
def test_a_build_that_fails_leaves_nothing_that_looks_built(
    node: Node, project: Path, tmp_path: Path, fault: str
) -> None:
    noise = Random(1).randbytes(30_000).hex()
    wrong = f'console.log("{noise}");\n' if fault == "too large" else "const ;"
    (project / "src" / "widget.ts").write_text(wrong)
    done = run([*node.node, "build.mjs"], project)
    assert done.returncode == 1
    assert fault in done.stderr
    assert "    at " not in done.stderr
    assert not (tmp_path / "quart_app" / "static" / "widget").exists()


def test_packages_are_installed_once_for_a_lock_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, ...]] = []

    def npm(_node: Node, folder: Path, options: tuple[str, ...]) -> None:
        asked.append(options)
        (folder / "node_modules").mkdir(exist_ok=True)

    monkeypatch.setattr(widget, "_ask_npm", npm)
    lock = tmp_path / "package-lock.json"
    lock.write_text("{}")
    lean, full = ("--omit=dev",), ()
    for dev, expected in (
        (False, [lean]), (False, [lean]), (True, [lean, full]), (False, [lean, full]),
    ):  # fmt: skip
        widget.install(Node((), ()), tmp_path, dev=dev)
        assert asked == expected
    lock.write_text("{ }")
    widget.install(Node((), ()), tmp_path, dev=False)
    assert asked == [lean, full, lean]


@pytest.mark.parametrize("find", [find_node, node_of_wheel])
def test_without_a_registry_one_line_says_what_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, find: object
) -> None:
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    folder = tmp_path / "widget"
    folder.mkdir()
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(widget.FOLDER / name, folder)
    assert callable(find)
    with pytest.raises(widget.Unready, match=r"npm has to reach its registry") as error:
        widget.install(find(), folder, dev=False)
    assert "\n" not in str(error.value)
    assert not (folder / widget.MARKER).exists()


def test_no_name_by_which_something_is_looked_up_gets_short() -> None:
    build = (widget.FOLDER / "build.mjs").read_text()
    found = re.search(r"FIELDS =\s+/\^\((.*?)\)\$/;", build)
    assert found
    fields = set(found[1].split("|"))
    words = (widget.FOLDER / "src" / "words" / "en.ts").read_text()
    store = (widget.FOLDER / "src" / "store.ts").read_text()
    looked_up = {*re.findall(r"^\s+(\w+):", words, re.MULTILINE), *re.findall(r'"(\w+)"', store)}
    assert {"empty", "lost", "maybe"} <= looked_up
    assert fields & looked_up == set()


def test_the_node_of_the_machine_is_used_if_it_is_new_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("node", "npm"):
        (tmp_path / name).write_text("#!/bin/sh\necho v18.20.4\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_node() == node_of_wheel()
    (tmp_path / "node").write_text("#!/bin/sh\necho v20.0.0\n")
    assert find_node() == Node((str(tmp_path / "node"),), (str(tmp_path / "npm"),))
    (tmp_path / "npm").unlink()
    assert find_node() == node_of_wheel()
    assert json.loads((widget.FOLDER / "package.json").read_text())["engines"] == {
        "node": f">={widget.OLDEST}"
    }
