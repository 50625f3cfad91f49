"""Two numbers in memory that every process over one SQLite file shares.

    8 bytes  begun   commits that have begun, counted by the writer while it holds the write lock
    8 bytes  ended   the last of them that is over, committed or not

A reader that finds `begun` where it was knows that nothing was committed since, for a commit is
counted before it is made. A `begun` that is ahead of `ended` says that a commit is under way, or
that its process was killed in the middle: such a number vouches for nothing, and the next commit
puts both right. Writers end in any order, so `ended` only grows.
"""

from __future__ import annotations

import mmap
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIZE = 16
BEGUN, ENDED = 0, 1


class Marks:
    """The numbers beside one database file; they start at zero when the file is new.

    Raises OSError when there is no file and none can be made.
    """

    def __init__(self, path: Path) -> None:
        with path.open("ab") as file:
            if file.tell() < SIZE:
                # Not truncate: where no block is behind a mapped page and the disk is full, the
                # first number written would end the process.
                file.write(bytes(SIZE))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), SIZE)
        # Aligned items of eight bytes are read and written in one step.
        self._numbers = memoryview(self._map).cast("Q")

    @property
    def begun(self) -> int:
        return self._numbers[BEGUN]

    def settled(self) -> int | None:
        """Return `begun` when every commit counted in it is over, else None."""
        begun = self._numbers[BEGUN]
        return begun if self._numbers[ENDED] == begun else None

    @contextmanager
    def committing(self) -> Iterator[None]:
        """Count the commit made inside the block; the caller holds the write lock."""
        number = self._numbers[BEGUN] + 1
        self._numbers[BEGUN] = number
        try:
            yield
        finally:
            self._numbers[ENDED] = max(self._numbers[ENDED], number)

    def close(self) -> None:
        self._numbers.release()
        self._map.close()
