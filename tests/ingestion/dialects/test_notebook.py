"""Notebooks as Markdown."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ingestion.dialects.scientific.notebook import BadNotebook, notebook_markdown


def notebook(*cells: dict[str, Any]) -> str:
    return json.dumps({"cells": cells, "metadata": {"language_info": {"name": "python"}}})


def cell(kind: str, source: str | list[str], **metadata: Any) -> dict[str, Any]:
    outputs = [{"data": {"image/png": "A" * 100}}]
    return {"cell_type": kind, "source": source, "metadata": metadata, "outputs": outputs}


def test_a_notebook_is_its_text_and_code_without_outputs() -> None:
    text = notebook(
        cell("markdown", ["# Orbits\n", "Slow.\n", "![x](attachment:x.png)"]),
        cell("code", "turn()"),
        cell("code", "hidden()", tags=["remove-input"]),
        cell("raw", "\\hfill"),
        cell("code", "x = 1\n### BEGIN SOLUTION\nx\n### END SOLUTION"),
    )
    markdown = notebook_markdown(text)
    assert markdown.startswith("# Orbits\nSlow.\n\n\n```python\nturn()\n```\n\n\n:::solution")
    assert "hidden" not in markdown
    assert "AAA" not in markdown


@pytest.mark.parametrize("text", ["", "[1]", '{"cells": [', '{"cells": 3}', '{"cells": [1, {}]}'])
def test_what_is_no_notebook_is_named_or_empty(text: str) -> None:
    try:
        assert notebook_markdown(text).strip() == ""
    except BadNotebook as error:
        assert "is no notebook" in str(error)
