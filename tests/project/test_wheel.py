"""The wheel: carries what the packages read, and runs where no checkout is in sight.

It is made as releases are, from the sdist.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VERSION = version("scholiast")
PAGE = """---
title: Balance
---

# Balance

## Zero moment point

The zero moment point is the point on the ground where the sum of the tipping moments is zero.
A robot that walks stays upright as long as this point lies inside its support polygon.

## Gyroscopes

A gyroscope measures how fast the body turns, and its reading drifts within minutes.
"""


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    done = build(ROOT, folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    return next(dist.glob("scholiast-*.whl"))


@pytest.fixture(scope="module")
def sources(dist: Path) -> set[str]:
    """What the sdist holds."""
    with tarfile.open(next(dist.glob("scholiast-*.tar.gz"))) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


@pytest.fixture(scope="module")
def scholiast(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command of an environment that holds the wheel, and the locked packages beside it.

    Those packages come by a path of this environment's; .pth files below such a path are not
    read, so an editable install of the checkout stays out of sight.
    """
    home = tmp_path_factory.mktemp("home") / "env"
    venv.create(home, symlinks=os.name != "nt")
    paths = {kind: Path(path) for kind, path in _scheme(home).items()}
    (paths["purelib"] / "locked.pth").write_text(sysconfig.get_path("purelib"))
    pip = [sys.executable, "-m", "pip", "--python", str(home), "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True, capture_output=True)
    return paths["scripts"] / "scholiast"


def build(project: Path, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Make sdist and wheel of a project, or what the options say."""
    arguments = ["-m", "build", "--no-isolation", "--outdir", str(folder), *options, str(project)]
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)


def _scheme(home: Path) -> dict[str, str]:
    base = {"base": str(home), "platbase": str(home), "installed_base": str(home)}
    return sysconfig.get_paths("venv", vars=base)


def run(command: Path, *arguments: str, folder: Path) -> str:
    """What the command prints, run in a folder of its own with no setting from outside."""
    outside = ("SCHOLIAST_", "OPENAI_", "QDRANT_", "PYTHON")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(outside)}
    done = subprocess.run(
        [command, *arguments], cwd=folder, env=clean, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_wheel_carries_the_data_that_the_packages_read(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    data = [
        *(ROOT / "prompts").rglob("*.md"),
        *(file for file in (ROOT / "quart_app" / "static").rglob("*") if file.is_file()),
        *(file for file in (ROOT / "quart_app" / "templates").rglob("*") if file.is_file()),
    ]
    assert len(data) >= 3
    assert {file.relative_to(ROOT).as_posix() for file in data} <= held


def test_wheel_carries_the_built_widget_and_not_its_sources(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    built = {name for name in names if name.startswith("quart_app/static/widget/")}
    assert built > {f"quart_app/static/widget/{name}" for name in ("widget.js", "NOTICES.txt")}
    assert not [name for name in names if "node_modules" in name or name.endswith(".ts")]
    assert not [name for name in names if name.startswith("widget/")]


def test_sdist_carries_the_widgets_sources_and_the_built_one(sources: set[str]) -> None:
    widget = ROOT / "widget"
    files = [file for file in widget.iterdir() if file.is_file()]
    files += [file for file in (widget / "src").rglob("*") if file.is_file()]
    assert {file.relative_to(ROOT).as_posix() for file in files} <= sources
    assert "quart_app/static/widget/widget.js" in sources
    assert not [name for name in sources if "node_modules" in name]


@pytest.mark.parametrize("made", ["--wheel", "--sdist"])
@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("no script", "The widget is not built; run `make widget` first."),
        ("no math", "The widget is not built; run `make widget` first."),
        ("no notices", "The widget is not built; run `make widget` first."),
        ("old", "The widget is older than its sources; run `make widget` first."),
    ],
)
def test_nothing_is_made_without_the_widget_of_its_sources(
    dist: Path, tmp_path: Path, fault: str, message: str, made: str
) -> None:
    shutil.unpack_archive(next(dist.glob("scholiast-*.tar.gz")), tmp_path, filter="data")
    project = tmp_path / f"scholiast-{VERSION}"
    folder = project / "quart_app" / "static" / "widget"
    if fault == "old":
        (project / "widget" / "src" / "widget.ts").touch()
    lost = {"no script": "widget.js", "no math": "math-*.js", "no notices": "NOTICES.txt"}
    for file in folder.glob(lost.get(fault, "none")):
        file.unlink()
    done = build(project, tmp_path / "dist", made)
    assert done.returncode != 0
    assert f"scholiast: {message}\n" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "dist").glob("scholiast-*"))


def test_wheel_holds_nothing_but_the_packages_and_prompts(wheel: Path) -> None:
    roots = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    metadata = f"scholiast-{VERSION}.dist-info"
    assert roots == {"chains", "ingestion", "prompts", "quart_app", metadata}


def test_installed_command_prints_its_version(scholiast: Path, tmp_path: Path) -> None:
    assert VERSION in run(scholiast, "--version", folder=tmp_path)


def test_installed_command_ingests_a_book_and_answers_from_it(
    scholiast: Path, tmp_path: Path
) -> None:
    book = tmp_path / "book"
    book.mkdir()
    (book / "balance.md").write_text(PAGE, encoding="utf-8")
    run(scholiast, "ingest", str(book), folder=tmp_path)
    answer = json.loads(
        run(scholiast, "ask", "What is the zero moment point?", "--json", folder=tmp_path)
    )
    assert "sum of the tipping moments" in answer["answer"]
    assert "[1]" in answer["answer"]
    assert answer["sources"][0]["section"] == "Balance > Zero moment point"
