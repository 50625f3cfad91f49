"""One file of batches, and what is known of it.

A segment is written by one thread at its end, and read by any. What readers may see of it is its
summary, which is replaced when a batch is whole.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from accord_log.log.folder import INDEX, LOG
from accord_log.log.index import (
    HEAD_SIZE,
    LoadedIndexes,
    SparseIndex,
    Summary,
    read_index,
    read_summary,
    size_in,
    write_index,
)
from accord_log.log.scan import Scan
from accord_log.log.walk import DamagedBatch, Place, Stretch, find_batch, walk_headers, whole_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from accord_log.kafka.fields import Writable
    from accord_log.kafka.records import BatchHeader
    from accord_log.log.files import File
    from accord_log.log.folder import Folder

MAX_RELATIVE_OFFSET = 2**31 - 1  # of a record from its segment's first
RECENT_BATCHES = 64  # at the end of a log, where most readers are, found without a walk
INTERVAL = 4096  # bytes between rows of an index that is made anew


class CannotRepair(OSError):
    """Something half-written could not be taken away again."""


class Rewritten(NamedTuple):
    """A file of batches that were chosen from segments, and what is known of it."""

    file: File
    summary: Summary
    rows: SparseIndex


class Segment:
    """Batches from `base_offset` on; `is_dense` tells that they leave no offset out.

    `damage` says of positions what is wrong there.
    """

    __slots__ = (
        "_folder",
        "_index",
        "_loaded",
        "_recent",
        "_summary",
        "base_offset",
        "damage",
        "file",
        "is_dense",
    )

    def __init__(
        self,
        folder: Folder,
        base_offset: int,
        file: File,
        *,
        is_dense: bool,
        loaded: LoadedIndexes,
    ) -> None:
        self.base_offset = base_offset
        self.file = file
        self.is_dense = is_dense
        self.damage: dict[int, str] = {}
        self._folder = folder
        self._loaded = loaded
        self._summary: Summary | None = None
        self._index: SparseIndex | None = None
        self._recent: dict[int, Place] = {}

    @classmethod
    def begin(cls, folder: Folder, base_offset: int, loaded: LoadedIndexes) -> Segment:
        """Return a new segment at the end of a log. Raises OSError."""
        file = folder.files.open(folder.at(base_offset, LOG))
        if file.size:
            file.truncate(0)
        segment = cls(folder, base_offset, file, is_dense=True, loaded=loaded)
        segment._summary, segment._index = Summary(0, base_offset), SparseIndex()
        return segment

    @classmethod
    def rewritten(
        cls, folder: Folder, base_offset: int, new: Rewritten, loaded: LoadedIndexes
    ) -> Segment:
        """Return a closed segment that may leave offsets out."""
        segment = cls(folder, base_offset, new.file, is_dense=False, loaded=loaded)
        segment._summary, segment._index = new.summary, new.rows
        return segment

    def __repr__(self) -> str:
        return f"<Segment {self.file.path}>"

    # what is known

    @property
    def size(self) -> int:
        """Return the bytes of all batches."""
        return self.file.size if self._summary is None else self._summary.size

    @property
    def summary(self) -> Summary:
        """Return sizes and times; of a closed segment they are read when first asked for."""
        if self._summary is None:
            head = self._folder.load(self._index_path, HEAD_SIZE)
            found = read_summary(head, self.base_offset, self.file.size)
            self._summary = found or self._rebuild()[0]
        return self._summary

    @property
    def index(self) -> SparseIndex:
        """Return the index; of a closed segment it is loaded, and for some time kept."""
        index = self._index
        if index is None:
            index = self._loaded.get(self)
        if index is None:
            index = self._load()
            self._loaded.put(self, index)
        return index

    @property
    def _index_path(self) -> Path:
        return self._folder.at(self.base_offset, INDEX)

    def _load(self) -> SparseIndex:
        data = self._folder.load(self._index_path)
        found = read_index(data, self.base_offset, self.file.size) or self._rebuild()
        self._summary, index = found
        return index

    # writing

    def write(self, batch: Writable) -> None:
        """Write a batch that readers do not see before it is published.

        Raises OSError, and then nothing of it stays, or `CannotRepair` when some of it may.
        """
        size = self.file.size
        try:
            self.file.append(batch)
        except OSError as error:
            try:
                self.file.truncate(size)
            except OSError as second:
                raise CannotRepair(*second.args) from error
            raise

    def publish(self, header: BatchHeader, interval: int) -> None:
        """Let readers see the batch that was written."""
        assert self._summary is not None
        assert self._index is not None
        self._index.note(self._summary, header, self.base_offset, interval)
        offset = header.base_offset
        self._recent[offset] = Place(self._summary.size, offset, header.size)
        if len(self._recent) > RECENT_BATCHES:
            del self._recent[next(iter(self._recent))]
        self._summary = self._summary.after(header)

    def keep_index(self) -> None:
        """Write the index to its file; if there is room, memory does not need it any more."""
        assert self._summary is not None
        assert self._index is not None
        if self._save(self._summary, self._index):
            self._loaded.put(self, self._index)
            self._index = None
        self._recent = {}

    def _save(self, summary: Summary, index: SparseIndex) -> bool:
        data = write_index(self.base_offset, summary, index)
        try:
            self._folder.save(self._index_path, data, durable=False)
        except OSError:
            self.drop_index()
            return False
        return True

    def drop_index(self) -> bool:
        """Remove an index file that may be of other bytes; tell whether there was one."""
        with suppress(OSError):
            return self._folder.files.remove(self._index_path)
        return False

    # reading

    def stretch(self, start: int = 0, offset: int | None = None) -> Stretch:
        """Return what there is from a position on, where a batch with the offset begins."""
        return Stretch(
            start, self.size, self.base_offset if offset is None else offset, self.is_dense
        )

    def headers(self, offset: int) -> Iterator[tuple[int, BatchHeader]]:
        """Yield position and header of the batch that holds the offset, and of those after it.

        Raises DamagedBatch, OSError.
        """
        relative, position = self.index.before(offset - self.base_offset)
        stretch = self.stretch(position, self.base_offset + relative)
        try:
            for found, header in walk_headers(self.file, stretch, chunk=INTERVAL):
                if header.next_offset > offset:
                    yield found, header
        except DamagedBatch as error:
            self._note_damage(error)
            raise

    def read(self, offset: int, max_bytes: int, *, below: int) -> bytes:
        """Return whole batches from the one that holds the offset, none that begins at `below`.

        At least one, if there is one. Raises DamagedBatch, OSError.
        """
        try:
            found = self._recent.get(offset) or self._find(offset)
            if found is None or found.base_offset >= below:
                return b""
            stretch = self.stretch(found.position, found.base_offset)
            size = max(found.size, min(max_bytes, stretch.end - found.position))
            data = self.file.read(found.position, size)
            good = whole_bytes(self.file, stretch, data, below=below)
        except DamagedBatch as error:
            self._note_damage(error)
            raise
        return data if good == len(data) else data[:good]

    def _find(self, offset: int) -> Place | None:
        relative, position = self.index.before(offset - self.base_offset)
        stretch = self.stretch(position, self.base_offset + relative)
        return find_batch(self.file, stretch, offset, chunk=INTERVAL)

    def modified_ms(self) -> int:
        """Return when the file was written last. Raises OSError."""
        return self._folder.files.modified_ms(self._folder.at(self.base_offset, LOG))

    def remove(self) -> None:
        """Remove the segment; who reads in it meets a FileNotFoundError. Raises OSError."""
        self._folder.files.remove(self._folder.at(self.base_offset, LOG))
        self.file.close()
        self.drop_index()

    # making anew what is known

    def has_longer_index(self) -> bool:
        """Tell whether the index file is of more than there is, so that it may fit again later."""
        head = self._folder.load(self._index_path, HEAD_SIZE)
        return head is not None and size_in(head) > self.size

    def recover(self, interval: int) -> DamagedBatch | None:
        """Read the last segment of a log up to the first batch that is not good, which is told.

        Raises OSError.
        """
        scan = Scan(self.file, self._everything(), interval)
        damage = scan.read()
        self._summary, self._index = scan.summary, scan.index
        return damage

    def adopt(self) -> bool:
        """Trust the index file of the last segment of a log; tell whether there is a right one."""
        data = self._folder.load(self._index_path)
        found = read_index(data, self.base_offset, self.file.size)
        if found is not None:
            self._summary, self._index = found
        return found is not None

    def _everything(self) -> Stretch:
        return Stretch(0, self.file.size, self.base_offset, self.is_dense)

    def _rebuild(self) -> tuple[Summary, SparseIndex]:
        """Read a closed segment, past single damaged batches.

        The size is that of the file, whatever is in it, so that readers meet the damage.
        """
        scan = Scan(self.file, self._everything(), INTERVAL)
        for error in scan.read_past_damage():
            self._note_damage(error)
        summary = scan.summary._replace(size=self.file.size)
        if not self.damage:
            self._save(summary, scan.index)
        return summary, scan.index

    def _note_damage(self, error: DamagedBatch) -> None:
        self.damage.setdefault(error.position, str(error))
