"""Memory that the C library keeps for this process."""

from __future__ import annotations

import ctypes
import sys


def give_memory_back() -> None:
    """Give what was freed back to the system, where glibc would keep it for this process."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:  # other C libraries have none
            trim(0)
