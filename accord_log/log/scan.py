"""A segment read whole, to learn again what its index said."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from accord_log.log.index import SparseIndex, Summary
from accord_log.log.walk import DamagedBatch, Stretch, walk_batches, walk_headers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accord_log.log.files import File


class Scan:
    """What the batches of a stretch, which is a whole segment, come to. Raises OSError."""

    def __init__(self, file: File, stretch: Stretch, interval: int) -> None:
        self.summary = Summary(0, stretch.offset)
        self.index = SparseIndex()
        self._file = file
        self._stretch = stretch
        self._interval = interval

    def read(self) -> DamagedBatch | None:
        """Read up to the first batch that is not good, which is returned."""
        return self._read(self._stretch)

    def read_past_damage(self) -> Iterator[DamagedBatch]:
        """Read all batches that are good, and yield those that are not."""
        stretch: Stretch | None = self._stretch
        while stretch is not None:
            damage = self._read(stretch)
            if damage is None:
                return
            yield damage
            stretch = self._beyond(damage.position)

    def _read(self, stretch: Stretch) -> DamagedBatch | None:
        base = self._stretch.offset
        try:
            for position, header, _ in walk_batches(self._file, stretch):
                known = self.summary._replace(size=position)
                self.index.note(known, header, base, self._interval)
                self.summary = known.after(header)
        except DamagedBatch as error:
            return error
        return None

    def _beyond(self, position: int) -> Stretch | None:
        """Return what follows a damaged batch, if it tells rightly where it ends."""
        damaged = self._stretch._replace(start=position, offset=self.summary.end_offset)
        with suppress(DamagedBatch):
            _, header = next(walk_headers(self._file, damaged))
            after = damaged._replace(start=position + header.size, offset=header.next_offset)
            next(walk_batches(self._file, after), None)
            return after
        return None
