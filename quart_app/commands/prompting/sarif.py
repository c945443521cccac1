"""Findings in SARIF 2.1.0, the format of OASIS that review tools read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chains.prompts.findings import Finding

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
RULES = {
    "cite": "A prompt for answers says that the model cites its sources by number.",
    "empty": "A prompt has a text.",
    "example": "Each input has an example like what the tutor fills in.",
    "fence": "Text of the book and of readers stands in a fence.",
    "front-matter": "The front matter is YAML with the known settings.",
    "include": "A prompt includes parts that exist.",
    "input": "A prompt names only inputs that are filled in.",
    "model": "The model in use heeds the prompt.",
    "rendering": "A prompt can be rendered with all inputs.",
    "role": "The roles are system, history and user, in this order.",
    "template": "A template uses the allowed part of Jinja2.",
    "temperature": "The model takes the temperature.",
    "too-long": "A prompt is of a size that can be read.",
    "unreadable": "A prompt is a file of UTF-8 text.",
    "unused": "The inputs that matter are used.",
    "window": "The prompt fits the model's window.",
}


def sarif_of(findings: Sequence[Finding]) -> dict[str, Any]:
    """One run with a result for each finding; paths as they are from the working folder."""
    rules = [{"id": rule, "shortDescription": {"text": text}} for rule, text in RULES.items()]
    driver = {"name": "scholiast prompts check", "rules": rules}
    results = list(map(_result, findings))
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }


def _result(finding: Finding) -> dict[str, Any]:
    place = {
        "artifactLocation": {"uri": _uri(finding.file)},
        "region": {"startLine": finding.line},
    }
    return {
        "ruleId": finding.rule,
        "ruleIndex": list(RULES).index(finding.rule),
        "level": finding.level,
        "message": {"text": f"{finding.message}; {finding.fix}"},
        "locations": [{"physicalLocation": place}],
    }


def _uri(file: Path) -> str:
    """Relative to the working folder where the file is in it, as review tools want it."""
    absolute = file.absolute()
    here = Path.cwd()
    if absolute.is_relative_to(here):
        return absolute.relative_to(here).as_posix()
    return absolute.as_uri()
