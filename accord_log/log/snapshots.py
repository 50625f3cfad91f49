"""The producers of a partition as files, so that not all headers are read again at a start."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from accord_log.log.folder import SNAPSHOT
from accord_log.log.producer_snapshot import CorruptSnapshot
from accord_log.log.producers import ProducerStates

if TYPE_CHECKING:
    from accord_log.log.folder import Folder

KEPT = 2  # the newest may have been lost in a power cut


def save_snapshot(folder: Folder, offset: int, producers: ProducerStates) -> None:
    """Keep the state before an offset. Does nothing where there is no room."""
    with suppress(OSError):
        folder.save(folder.at(offset, SNAPSHOT), producers.to_bytes(), durable=False)
        for old in tuple(folder.offsets(SNAPSHOT))[:-KEPT]:
            folder.files.remove(folder.at(old, SNAPSHOT))


def load_snapshot(folder: Folder, end: int) -> tuple[ProducerStates, int]:
    """Return the newest state that is of no batch beyond the end, and its offset."""
    producers = _read(folder, end)  # where a clean stop has left it
    if producers is not None:
        return producers, end
    for offset in reversed(folder.offsets(SNAPSHOT)):
        producers = _read(folder, offset) if offset < end else None
        if producers is not None:
            return producers, offset
    return ProducerStates(), 0


def _read(folder: Folder, offset: int) -> ProducerStates | None:
    data = folder.load(folder.at(offset, SNAPSHOT))
    if data is not None:
        with suppress(CorruptSnapshot):
            return ProducerStates.from_bytes(data)
    return None


def drop_snapshots(folder: Folder, end: int) -> bool:
    """Remove what tells of batches that are gone; tell whether there was any. Raises OSError."""
    stale = [offset for offset in folder.offsets(SNAPSHOT) if offset > end]
    for offset in stale:
        folder.files.remove(folder.at(offset, SNAPSHOT))
    return bool(stale)
