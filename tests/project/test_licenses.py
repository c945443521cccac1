"""`make licenses`: every package has a licence that is allowed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from tests.support.commands import ROOT
from widget.licenses import LOCKS, read_allowed, refused


def pip_licenses(*options: str) -> subprocess.CompletedProcess[str]:
    """The check of the Python packages, as the Makefile runs it."""
    command = [str(Path(sys.executable).with_name("pip-licenses")), *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_installed_packages_have_licences_that_are_allowed() -> None:
    done = pip_licenses()
    assert done.returncode == 0, done.stderr


def test_a_python_package_of_another_licence_is_refused() -> None:
    done = pip_licenses("--allow-only", "MIT", "--packages", "numpy")
    assert done.returncode == 1
    assert "numpy" in done.stderr


def test_the_npm_packages_have_licences_that_are_allowed() -> None:
    locks = [ROOT / folder / "package-lock.json" for folder in LOCKS]
    command = ["git", "ls-files", "*package-lock.json"]
    tracked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert {str(lock.relative_to(ROOT)) for lock in locks} == set(tracked.stdout.split())
    assert [line for lock in locks for line in refused(lock, read_allowed())] == []


def test_an_npm_package_of_another_licence_or_of_none_is_refused(tmp_path: Path) -> None:
    packages = {
        "": {"license": "GPL-3.0"},  # the project itself
        "node_modules/fine": {"version": "1.0.0", "license": "(MIT OR GPL-3.0)"},
        "node_modules/a/node_modules/@b/closed": {"version": "2.0.0", "license": "GPL-3.0"},
        "node_modules/silent": {"version": "3.0.0"},
    }
    lock = tmp_path / "package-lock.json"
    lock.write_text(json.dumps({"packages": packages}))
    done = subprocess.run(
        [sys.executable, "-m", "widget.licenses", str(lock)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"{lock}: @b/closed 2.0.0 has the licence GPL-3.0",
        f"{lock}: silent 3.0.0 has the licence none that is named",
    ]


def test_the_built_widget_carries_the_notices_of_the_packages_in_it() -> None:
    sources = [*(ROOT / "widget" / "src").rglob("*.ts")]
    bare = re.compile(r"""(?:from|import\() ?["']((?:@[\w.-]+/)?[a-z][\w.-]*)""")
    used = {name for file in sources for name in bare.findall(file.read_text("utf-8"))}
    lock = json.loads((ROOT / "widget" / "package-lock.json").read_text("utf-8"))["packages"]
    notices = (ROOT / "quart_app" / "static" / "widget" / "NOTICES.txt").read_text("utf-8")
    assert "temml" in used
    for name in used:
        entry = lock[f"node_modules/{name}"]
        assert f"{name} {entry['version']} ({entry['license']})" in notices
    assert notices.count("Copyright (c)") >= len(used)
