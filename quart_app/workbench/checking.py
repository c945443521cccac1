"""Everything that is to be said of a prompt: by its text, and for the model in use."""

from __future__ import annotations

from pathlib import Path

from chains.prompts.checks import check
from chains.prompts.findings import Finding
from chains.prompts.model_checks import Count, check_model_of
from chains.prompts.prompt import Prompt
from chains.prompts.prompt_file import Read
from chains.prompts.purposes import purpose_of


def check_file(
    file: Path, model: str, read: Read = Path.read_bytes, count: Count | None = None
) -> tuple[Prompt | None, list[Finding]]:
    """The prompt of a file, if it can be used, and all findings, by their lines.

    `model` is as SCHOLIAST_MODEL names it; `count` asks its tokenizer, where there is one.
    """
    prompt, findings = check(file, purpose_of(file.stem), read)
    if prompt is not None:
        findings += check_model_of(file, prompt, model, _window(model), read, count)
    return prompt, findings


def _window(model: str) -> int | None:
    """The tokens of the model's window, where it is known."""
    if model != "local":
        return None
    from chains.models.local import CONTEXT

    return CONTEXT
