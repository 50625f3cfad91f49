"""Memory that is kept for the next request of a megabyte instead of given back after each.

By default glibc returns it to the system at once, and the kernel clears every page of it again for
the next: three quarters of what a large batch cost.
"""

from __future__ import annotations

import ctypes

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of mallopt(3)
KEPT_BYTES = 64 * 1024 * 1024
# The most that glibc takes: what is larger comes from the system and goes back there.
LARGEST_BYTES = 32 * 1024 * 1024


def keep_freed_memory() -> None:
    """Have the process keep some of what it frees; does nothing where the C library is another."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, LARGEST_BYTES)
        mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)
