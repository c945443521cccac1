"""A prompt as it is named on the command line: NAME, FILE.md, or NAME@VERSION of git."""

from __future__ import annotations

from pathlib import Path

from chains.prompts.checks import load_checked
from chains.prompts.prompt import Prompt, find_prompt
from chains.prompts.prompt_file import FOLDER
from chains.prompts.purposes import purpose_of
from chains.settings import Settings
from quart_app.commands.prompting.history import find_version


def choose_file(named: str, settings: Settings) -> Path:
    """The file of a NAME or FILE.md. Raises SettingError."""
    if named.endswith(".md"):
        return Path(named)
    return find_prompt(named, settings.prompts or FOLDER)


def choose_prompt(named: str, settings: Settings) -> Prompt:
    """The prompt of a NAME, FILE.md or NAME@VERSION. Raises SettingError."""
    name, _, version = named.partition("@")
    file = choose_file(name, settings)
    read = find_version(file, version).read if version else Path.read_bytes
    return load_checked(file, purpose_of(file.stem), read)[0]
