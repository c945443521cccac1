"""Lessons of the Carpentries before their Workbench: what their layout shows of a page's front
matter. https://carpentries.github.io/lesson-example/
"""

from __future__ import annotations

from ingestion.dialects.boxes import box
from ingestion.formats.configurations import NOT_YAML, load_yaml, texts_at

ABOVE = (("questions", "Questions"), ("objectives", "Objectives"))
BELOW = (("keypoints", "Key Points"),)


def with_lesson_boxes(front: str, body: str) -> str:
    """The body of a page with the questions, objectives and key points of its front matter."""
    if not any(f"\n{key}:" in front for key, _ in (*ABOVE, *BELOW)):
        return body
    try:
        values = load_yaml(front.strip().strip("-"))
    except NOT_YAML:
        return body
    above, below = (
        "\n".join(
            line
            for key, title in keys
            if (texts := texts_at(values, key))
            for line in box("note", title, [f"- {' '.join(text.split())}" for text in texts])
        )
        for keys in (ABOVE, BELOW)
    )
    return f"{above}\n{body}\n{below}"
