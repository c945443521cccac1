"""The command `scholiast`, which is `python -m quart_app`, too."""

import os
import signal
import sys
from threading import Timer
from typing import Any


def run() -> None:
    """Ctrl-C ends it without a stack trace even while it is still being loaded."""
    sys.unraisablehook = _raise_again
    try:
        from quart_app.commands.cli import main
    except KeyboardInterrupt:
        sys.stderr.write("scholiast: Stopped.\n")
        sys.exit(130)
    main(prog_name="scholiast")


def _raise_again(lost: Any) -> None:
    """Python drops what is raised within a `__del__`, as regular expressions have when they are
    compiled; Ctrl-C must not be lost there."""
    if lost.exc_type is KeyboardInterrupt:
        Timer(0.01, os.kill, (os.getpid(), signal.SIGINT)).start()  # when the `__del__` has ended
    else:
        sys.__unraisablehook__(lost)


if __name__ == "__main__":
    run()
