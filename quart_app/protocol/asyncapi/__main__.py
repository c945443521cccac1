"""Writes the document to the path that is given: ``python -m quart_app.protocol.asyncapi PATH``."""

from __future__ import annotations

import sys
from pathlib import Path

from quart_app.protocol.asyncapi.document import text

if len(sys.argv) != 2:
    sys.exit("Name the file to write: python -m quart_app.protocol.asyncapi docs/asyncapi.json")
Path(sys.argv[1]).write_text(text(), encoding="utf-8", newline="\n")
