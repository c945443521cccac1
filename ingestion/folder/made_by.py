"""Made by: the state of the code that makes something which is kept from one run to the next."""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path


@cache
def made_by(sources: tuple[str, ...], packages: tuple[str, ...] = ()) -> bytes:
    """A digest of Python, of files and folders of ours such as "chains/language", and of the
    versions of installed packages. What another state of them has made is made anew.

    Raises PackageNotFoundError for a package that is not installed.
    """
    digest = hashlib.sha256(sys.version.encode())
    for package in packages:
        digest.update(version(package).encode())
    home = Path(__file__).parents[2]
    for source in sources:
        place = home / source
        for file in sorted(place.rglob("*.*")) if place.is_dir() else [place]:
            if file.is_file() and file.suffix != ".pyc":
                digest.update(file.read_bytes())
    return digest.digest()
