"""What the docs point to is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
TESTS = {
    name
    for file in (ROOT / "tests").rglob("*.py")
    for name in re.findall(r"^(?:async )?def (test_\w+)\(", file.read_text("utf-8"), re.MULTILINE)
}
FOLDERS = {".github", "benchmarks", "chains", "deploy", "docs", "examples", "ingestion"}
FOLDERS |= {"prompts", "quart_app", "tests", "widget"}


def test_every_fault_in_the_docs_has_its_test() -> None:
    operating = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    table = operating.partition("## Faults")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (?!fault|---|\*\*).*\|$", table, re.MULTILINE)
    assert len(rows) > 30
    assert [row for row in rows if not re.search(r"`test_\w+` \|$", row)] == []


def test_every_threat_in_the_docs_has_its_test() -> None:
    threats = (ROOT / "docs" / "threats.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (?!way).*\|$", threats, re.MULTILINE)
    assert len(rows) > 30
    assert [row for row in rows if not re.search(r"\| `test_[^|]*` \|$", row)] == []
    _, *parts = threats.split("\n## ")
    assert [part for part in parts if "\nLeft to the operator: " not in part] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_every_test_that_a_document_names_is_there(document: Path) -> None:
    named = set(re.findall(r"`(test_\w+)`", document.read_text(encoding="utf-8")))
    assert sorted(name for name in named if name not in TESTS) == []


def test_every_link_between_documents_leads_to_a_file() -> None:
    assert {"README.md", "CONTRIBUTING.md", "SECURITY.md"} <= {path.name for path in DOCUMENTS}
    broken = [
        f"{document.name}: {target}"
        for document in DOCUMENTS
        for line in document.read_text(encoding="utf-8").splitlines()
        if not line.startswith(">")  # quoted: an answer, whose links are those of its book
        for target in re.findall(r"\]\(([^)#\s]+)", line)
        if "://" not in target and not (document.parent / target).exists()
    ]
    assert broken == []


def paths_in(text: str) -> set[str]:
    """What a document names in backticks that is a path of the repository by its looks: it begins
    with one of its folders, or is a Python or TypeScript file."""
    named = re.findall(r"`([\w./-]+)`", text)
    return {
        name
        for name in named
        if (name.partition("/")[0] in FOLDERS and "/" in name) or name.endswith((".py", ".ts"))
    }


def exists(name: str) -> bool:
    """Whether the repository has that path, or, for a bare name, a file of that name."""
    if "/" in name:
        return (ROOT / name).exists()
    return any(
        "node_modules" not in file.parts
        for folder in FOLDERS
        for file in (ROOT / folder).rglob(name)
    )


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_every_path_that_a_document_names_is_there(document: Path) -> None:
    named = paths_in(document.read_text(encoding="utf-8"))
    assert sorted(name for name in named if not exists(name)) == []
