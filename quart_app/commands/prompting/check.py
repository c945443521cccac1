"""`scholiast prompts check`: what is wrong with the prompts, with line and fix, without a model."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from quart_app.commands.console import errors_as_one_line, show_json, show_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chains.prompts.findings import Finding
    from chains.prompts.model_checks import Count
    from chains.settings import Settings

COLORS = {"error": "red", "warning": "yellow", "note": "cyan"}


@click.command("check")
@click.argument("names", metavar="[NAME|FILE]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--sarif", "as_sarif", is_flag=True, help="Print SARIF 2.1.0, for review tools.")
def check_prompts(names: tuple[str, ...], as_json: bool, as_sarif: bool) -> None:
    """Check prompts by NAME or FILE, or all of the folder.

    The exit code is 1 if there is an error or a warning; notes alone are fine.
    """
    if as_json and as_sarif:
        raise click.UsageError("--json cannot be used with --sarif.")
    with errors_as_one_line():
        from chains.settings import Settings
        from quart_app.workbench.checking import check_file

        settings = Settings.read()
        files = _files(names, settings)
        findings = [
            finding
            for file in files
            for finding in check_file(file, settings.model, count=_tokenizer(settings))[1]
        ]
    if as_sarif:
        from quart_app.commands.prompting.sarif import sarif_of

        show_json(sarif_of(findings))
    elif as_json:
        show_json({"files": [str(file) for file in files], "findings": list(map(_json, findings))})
    else:
        _show(files, findings)
    sys.exit(1 if any(finding.level != "note" for finding in findings) else 0)


def _tokenizer(settings: Settings) -> Count | None:
    """That of the local model, which is opened at the first prompt that might not fit."""
    if settings.model != "local":
        return None

    async def count(texts: Sequence[str]) -> int:
        from chains.models.local import count_tokens, open_local

        async with open_local(settings.gguf) as local:
            return sum(await count_tokens(local, texts))

    return lambda texts: asyncio.run(count(texts))


def _files(names: tuple[str, ...], settings: Settings) -> list[Path]:
    """The files of these names, each once; all of the folder where there are none."""
    from chains.errors import SettingError
    from chains.prompts.prompt import find_prompt
    from chains.prompts.prompt_file import FOLDER, PARTS

    folder = settings.prompts or FOLDER
    given = [Path(name) for name in names]
    if not given or any(path.parent.name == PARTS for path in given):
        files = list(map(_short, sorted(folder.glob("*.md"))))
        if not files:
            raise SettingError(f"{folder}: holds no prompts; see SCHOLIAST_PROMPTS")
        return files
    paths = (
        path if path.suffix or len(path.parts) > 1 else _short(find_prompt(str(path), folder))
        for path in given
    )
    return list(dict.fromkeys(paths))


def _short(file: Path) -> Path:
    """The path from the working folder, where the file is in it."""
    return file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file


def _json(finding: Finding) -> dict[str, object]:
    return {
        "file": str(finding.file),
        "line": finding.line,
        "rule": finding.rule,
        "level": finding.level,
        "message": finding.message,
        "fix": finding.fix,
    }


def _show(files: list[Path], findings: list[Finding]) -> None:
    for found in findings:
        place = f"{found.file}:{found.line}: {found.level}: {found.message}"
        show_line(place, fg=COLORS[found.level])
        show_line(f"    {found.fix}")
    bad = {found.file for found in findings if found.level != "note"}
    prompts = "1 prompt" if len(files) == 1 else f"{len(files)} prompts"
    show_line(f"{prompts} checked, {len(bad) or 'none'} with something to mend", bold=True)
