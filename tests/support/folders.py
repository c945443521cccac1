"""Copies of data folders."""

import shutil
from pathlib import Path

ZEROS = bytes(1 << 16)


def copy_folder(source: Path, target: Path) -> None:
    """Copy a folder; what is empty in its files takes no room on the disk.

    An index of a few pages has files of 244 MB, nearly all of them zeros. Copies that wrote them
    out took 20 GB of disk in one run of the tests.
    """
    shutil.copytree(source, target, copy_function=_copy_file)


def _copy_file(source: str, target: str) -> None:
    with Path(source).open("rb") as old, Path(target).open("wb") as new:
        while block := old.read(len(ZEROS)):
            if block == ZEROS[: len(block)]:
                new.seek(len(block), 1)
            else:
                new.write(block)
        new.truncate()
    shutil.copystat(source, target)
