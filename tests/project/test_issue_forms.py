"""The forms of new issues: have what GitHub asks of one."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

TEMPLATES = Path(__file__).parents[2] / ".github" / "ISSUE_TEMPLATE"
FORMS = sorted(file for file in TEMPLATES.glob("*.yml") if file.stem != "config")


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.stem)
def test_an_issue_form_is_one(form: Path) -> None:
    content = yaml.safe_load(form.read_text(encoding="utf-8"))
    assert {"name", "description", "body"} <= set(content)
    asked = [field for field in content["body"] if field["type"] != "markdown"]
    assert {field["type"] for field in asked} <= {"input", "textarea", "dropdown", "checkboxes"}
    assert all(field["attributes"]["label"] for field in asked)
    ids = [field["id"] for field in asked]
    assert len(ids) == len(set(ids)) > 0


def test_there_are_forms_for_bugs_books_and_questions() -> None:
    assert [form.stem for form in FORMS] == ["book", "bug", "question"]
