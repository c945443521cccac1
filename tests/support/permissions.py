"""Permissions that hold for the administrator too, whom the system lets read everything."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

VERSION = 0x20080522
"""_LINUX_CAPABILITY_VERSION_3; see capget(2)."""
READ_ANYTHING = 1 << 1 | 1 << 2
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH."""


@contextmanager
def permissions_hold() -> Iterator[None]:
    """For this thread, the threads and forks that it makes, and as long as the block."""
    if sys.platform != "linux":
        pytest.skip("who runs this may read everything here")
    system = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(VERSION, 0)
    before = (ctypes.c_uint32 * 6)()  # effective, permitted and inheritable, of 32 each
    assert system.capget(header, before) == 0
    less = (ctypes.c_uint32 * 6)(*before)
    less[0] &= ~READ_ANYTHING
    assert system.capset(header, less) == 0
    try:
        yield
    finally:
        assert system.capset(header, before) == 0
