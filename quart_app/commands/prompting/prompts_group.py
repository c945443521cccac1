"""`scholiast prompts` and its commands. Each imports what it needs when it runs."""

from __future__ import annotations

import click

from quart_app.commands.prompting.check import check_prompts
from quart_app.commands.prompting.compare_prompts import compare_prompts
from quart_app.commands.prompting.preview_prompt import preview_prompt
from quart_app.commands.prompting.show_prompt import show_prompt
from quart_app.commands.prompting.try_prompt import try_prompt


@click.group()
def prompts() -> None:
    """Check, see, try and compare the prompts of the tutor (see docs/prompts.md)."""


for command in (check_prompts, compare_prompts, preview_prompt, show_prompt, try_prompt):
    prompts.add_command(command)
