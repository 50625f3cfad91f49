"""What a partition's directory comes to when it is opened.

After a clean stop nothing is read but what is needed. Otherwise the last segment is read whole,
and cut off at the first batch that is not good: a write that was under way leaves such a tail.

A power cut may also have taken from segments that were closed, but not synced; these are read
likewise, and where one is cut off, those after it are removed, as they were begun later. Damage
elsewhere in a closed segment is something else, and is left to those who come to read there.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise
from typing import TYPE_CHECKING

from accord_log.kafka.errors import KafkaError
from accord_log.kafka.records import read_marker
from accord_log.log.boot import is_same_boot, note_boot
from accord_log.log.checkpoint import Checkpoint
from accord_log.log.folder import INDEX, LOG, offsets_in
from accord_log.log.index import LoadedIndexes
from accord_log.log.segment import Segment
from accord_log.log.snapshots import drop_snapshots, load_snapshot, save_snapshot
from accord_log.log.swap import tidy
from accord_log.log.walk import DamagedBatch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accord_log.kafka.records import BatchHeader, Marker
    from accord_log.log.folder import Folder
    from accord_log.log.producers import ProducerStates


class Recovery:
    """Opens a partition's directory. Raises OSError where the disk refuses."""

    def __init__(self, folder: Folder, *, interval: int, now_ms: int, clean: bool) -> None:
        self.folder = folder
        self.loaded = LoadedIndexes()
        self.cut: list[str] = []  # what was cut off, in words
        self._interval = interval
        names = tidy(folder)
        self.checkpoint = Checkpoint(folder)
        self.segments = self._find(names)
        self.is_kept = clean and bool(self.segments) and self.segments[-1].adopt()
        if self.segments and not self.is_kept:
            self._recover(clean=clean)
        self._begin_if_empty()
        self.start_offset = max(self.checkpoint.offsets.start, self.segments[0].base_offset)
        self.producers = self._producers(now_ms)

    @property
    def end_offset(self) -> int:
        return self.segments[-1].summary.end_offset

    def unsynced(self) -> list[Segment]:
        """Return the closed segments that may not be durable."""
        first = len(self.segments) - 1 if self.is_kept else self._first_unsynced()
        return self.segments[first:-1]

    def _find(self, names: Mapping[str, int]) -> list[Segment]:
        """Return the segments, without those that are wholly below the start."""
        start, _, gaps = self.checkpoint.offsets
        sizes = offsets_in(names, LOG)
        offsets = list(sizes)
        gone = [offset for offset, after in pairwise(offsets) if after <= start]
        for offset in gone:
            self.folder.files.remove(self.folder.at(offset, LOG))
        kept = offsets[len(gone) :]
        for offset in offsets_in(names, INDEX).keys() - set(kept):
            self.folder.files.remove(self.folder.at(offset, INDEX))
        return [self._segment(o, sizes[o], is_dense=o >= gaps) for o in kept]

    def _segment(self, offset: int, size: int, *, is_dense: bool) -> Segment:
        file = self.folder.files.existing(self.folder.at(offset, LOG), size)
        return Segment(self.folder, offset, file, is_dense=is_dense, loaded=self.loaded)

    def _recover(self, *, clean: bool) -> None:
        last = len(self.segments) - 1
        is_sure = clean or is_same_boot(self.folder)
        for index in range(last if is_sure else self._first_unsynced(), last + 1):
            segment = self.segments[index]
            damage = segment.recover(self._interval)
            if damage is not None or not (index == last or self._is_followed(index)):
                self._cut_off(index, damage)
                break
            if index < last:
                segment.keep_index()
        self._drop_stale()
        if last:
            note_boot(self.folder)

    def _first_unsynced(self) -> int:
        synced = self.checkpoint.offsets.synced
        ends = [segment.base_offset for segment in self.segments[1:]]
        return next((index for index, end in enumerate(ends) if end > synced), len(ends))

    def _is_followed(self, index: int) -> bool:
        """Tell whether the next segment begins where this one ends."""
        segment, after = self.segments[index : index + 2]
        return not segment.is_dense or segment.summary.end_offset == after.base_offset

    def _cut_off(self, index: int, damage: DamagedBatch | None) -> None:
        segment = self.segments[index]
        good = segment.summary.size
        lost = segment.file.size - good
        reason = f"{segment.file.path}: its end is missing" if damage is None else str(damage)
        self.cut.append(f"{reason}; {lost} bytes from there on are cut off")
        for later in self.segments[index + 1 :]:
            self.cut.append(f"{later.file.path}: removed, as what comes before it is missing")
            later.remove()
        del self.segments[index + 1 :]
        segment.file.truncate(good)
        segment.file.sync()

    def _drop_stale(self) -> None:
        """Remove what was kept of the log as it was, before it is as long again."""
        has_snapshots = drop_snapshots(self.folder, self.end_offset)
        has_index = self.segments[-1].has_longer_index()
        if has_index:
            self.segments[-1].drop_index()
        if has_snapshots or has_index or self.cut:
            self.folder.sync()

    def _begin_if_empty(self) -> None:
        """Begin a segment where there is none that reaches up to the start of the log."""
        start, synced, _ = self.checkpoint.offsets
        if self.segments and self.end_offset >= start:
            return
        for segment in self.segments:
            segment.remove()
        self.is_kept = False
        self.segments = [Segment.begin(self.folder, max(start, synced), self.loaded)]
        drop_snapshots(self.folder, self.end_offset)
        self.folder.sync()

    # producers

    def _producers(self, now_ms: int) -> ProducerStates:
        producers, offset = load_snapshot(self.folder, self.end_offset)
        ends = [*(segment.base_offset for segment in self.segments[1:]), self.end_offset]
        for segment, end in zip(self.segments, ends, strict=True):
            if segment is self.segments[-1] and segment.base_offset > offset:
                save_snapshot(self.folder, segment.base_offset, producers)  # for the next time
            if end > offset:
                with suppress(DamagedBatch):
                    _replay(segment, max(offset, segment.base_offset), producers, now_ms)
        producers.forget_before(self.start_offset)
        return producers


def _replay(segment: Segment, offset: int, producers: ProducerStates, now_ms: int) -> None:
    for position, header in segment.headers(offset):
        if header.base_offset >= offset and header.producer_id >= 0:
            producers.note(header, _marker_at(segment, position, header), now_ms=now_ms)


def _marker_at(segment: Segment, position: int, header: BatchHeader) -> Marker | None:
    if header.is_control:
        with suppress(KafkaError):
            return read_marker(segment.file.read(position, header.size))
    return None
