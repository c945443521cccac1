"""`scholiast prompts show`: a prompt as it stands or stood, and its versions."""

from __future__ import annotations

from pathlib import Path

import click

from quart_app.commands.console import errors_as_one_line, show, show_line


@click.command("show")
@click.argument("name", metavar="NAME|FILE")
@click.option("--version", metavar="V", help="As a version was; the first digits are enough.")
@click.option("--all", "every", is_flag=True, help="List all versions, newest first.")
def show_prompt(name: str, version: str | None, every: bool) -> None:
    """Print a prompt with the parts that it includes, or as git has it in an older version.

    Each answer carries the version of its prompt.
    """
    with errors_as_one_line():
        from chains.prompts.prompt_file import read_prompt_file
        from chains.settings import Settings
        from quart_app.commands.prompting.choosing_prompts import choose_file
        from quart_app.commands.prompting.history import find_version, versions

        file = choose_file(name, Settings.read())
        if every:
            for kept in versions(file):
                show_line(f"{kept.version}  {kept.commit or 'as it stands'}")
            return
        read = find_version(file, version).read if version else Path.read_bytes
        source = read_prompt_file(file, read)
        for path, text in zip(source.files, source.texts, strict=True):
            if path != file:
                show_line(f"# {path.relative_to(file.parent)}", bold=True)
            show(text.rstrip("\n"))
