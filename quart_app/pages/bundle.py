"""The widget as it was built, and the names by which browsers know it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256, sha384
from importlib.metadata import version
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "static" / "widget"
WIDGET = "widget.js"
NOTICES = "NOTICES.txt"
NOT_BUILT = "The widget is not built; run `make widget` and start the server again."


@dataclass(frozen=True)
class Bundle:
    """The script that pages load, and by their names those that it loads when they are needed."""

    widget: bytes
    later: Mapping[str, bytes]
    """Draw formulas, have the words of other languages, or do what is seldom asked for."""
    notices: bytes = b""
    """The licences of other people's work in the scripts, as UTF-8."""

    @cached_property
    def version(self) -> str:
        """That of Scholiast with a digest of the script: no two scripts share one."""
        return f"{version('scholiast')}-{sha256(self.widget).hexdigest()[:8]}"

    @cached_property
    def integrity(self) -> str:
        """What a page may ask the script to be (Subresource Integrity)."""
        return f"sha384-{b64encode(sha384(self.widget).digest()).decode()}"

    @property
    def path(self) -> str:
        """The address of this very script, below that of the server."""
        return f"widget/{self.version}.js"


def read_bundle(folder: Path = FOLDER) -> Bundle | None:
    """The widget in `folder`; None where it is not built."""
    try:
        widget = (folder / WIDGET).read_bytes()
        notices = (folder / NOTICES).read_bytes() if (folder / NOTICES).exists() else b""
        later = {file.name: file.read_bytes() for file in folder.glob("*-*.js")}
    except FileNotFoundError:  # also while it is being built
        return None
    return Bundle(widget, later, notices) if later else None
