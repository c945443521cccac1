"""`python -m quart_app` is the command `scholiast`."""

from quart_app.commands.cli import main

main(prog_name="scholiast")
