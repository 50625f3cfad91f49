"""A flusher that a test drives."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from accord_log.log.files import Syncable


class HandFlusher:
    """Makes nothing durable until it is told to."""

    def __init__(self) -> None:
        self.waiting: list[tuple[list[Syncable], Callable[[Exception | None], object]]] = []

    def settle(
        self, files: Iterable[Syncable], callback: Callable[[Exception | None], object]
    ) -> None:
        self.waiting.append((list(files), callback))

    def round(self, most: int | None = None) -> int:
        """Sync for those who have waited longest, and answer them; return how many."""
        taken = self.waiting[:most]
        del self.waiting[:most]
        for files, callback in taken:
            error: OSError | None = None
            for file in files:
                try:
                    file.sync()
                except OSError as refusal:
                    error = refusal
            callback(error)
        return len(taken)
