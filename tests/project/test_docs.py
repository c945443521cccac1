"""What the docs point to is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_fault_in_the_docs_has_its_test() -> None:
    operating = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    table = operating.partition("## Faults")[2].partition("\n## ")[0]
    named = set(re.findall(r"`(test_\w+)` \|$", table, re.MULTILINE))
    tests = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "tests").rglob("*.py"))
    assert len(named) > 30
    assert sorted(name for name in named if f"def {name}(" not in tests) == []


def test_every_link_between_documents_leads_to_a_file() -> None:
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    assert {"README.md", "CONTRIBUTING.md", "SECURITY.md"} <= {path.name for path in documents}
    broken = [
        f"{document.name}: {target}"
        for document in documents
        for target in re.findall(r"\]\(([^)#\s]+)", document.read_text(encoding="utf-8"))
        if "://" not in target and not (document.parent / target).exists()
    ]
    assert broken == []
