"""Programs of the machine that tests run."""

from __future__ import annotations

import os
import shutil

import pytest

PLACES = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
"""Debian has some where only the administrator looks."""


def find_program(*names: str) -> str:
    """The path of the first that is installed; the first name is also that of Debian's package.

    Without any of them the test is skipped, and fails in CI, which installs them.
    """
    for name in names:
        if found := shutil.which(name, path=PLACES):
            return found
    reason = f"there is no {names[0]} on PATH; on Debian: apt-get install {names[0]}"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
