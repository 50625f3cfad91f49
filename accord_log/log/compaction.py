"""Compaction: a log that keeps the last record of each key, beside appends and reads.

A pass goes over the closed segments twice: over those it has not seen, for the last offset of each
key, and over all, to write what is kept to new files. Offsets, and the order, stay what they were.
The active segment is left alone, and so is everything that an open transaction could still undo.

An aborted transaction is reported to readers for some time after its records are gone, and its
marker stays for at least a pass more: a reader who asked for records before a pass, and for what
is aborted of them after it, or the other way round, is not misled.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from accord_log.kafka.errors import KafkaError
from accord_log.kafka.records import read_header
from accord_log.log.chain import storage_error
from accord_log.log.cleaned import (
    Pass,
    end_of,
    load_passes,
    save_passes,
    settled_before,
    with_pass,
)
from accord_log.log.cleaner import AbortedRecords, Cleaner, LatestOffsets, Rules
from accord_log.log.index import SparseIndex, Summary
from accord_log.log.segment import MAX_RELATIVE_OFFSET, Rewritten
from accord_log.log.swap import swap_path
from accord_log.log.walk import walk_batches

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from accord_log.kafka.fields import Buffer
    from accord_log.kafka.records import BatchHeader
    from accord_log.log.chain import Chain
    from accord_log.log.files import File
    from accord_log.log.log_config import LogConfig
    from accord_log.log.producers import ProducerStates
    from accord_log.log.segment import Segment

CHUNK = 1 << 20  # bytes read and written at once
READERS_MS = 60_000  # after which a reader has got the answer that he asked for


class Stopped(Exception):
    """The log does not want the pass to go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One pass: over which segments, each with its end, and by which rules."""

    segments: tuple[tuple[Segment, int], ...]
    begin: int  # below it, passes have been before
    end: int
    rules: Rules
    config: LogConfig
    now_ms: int


class Compactor:
    """Compacts one log, one pass at a time.

    Below `reported_from`, no aborted transaction has records left, or a reader who has them.
    """

    def __init__(self, chain: Chain) -> None:
        self.lock = threading.Lock()
        self._chain = chain
        self._passes = load_passes(chain.folder)
        self.reported_from = end_of(self._passes)

    def plan(
        self, config: LogConfig, producers: ProducerStates, *, stable: int, now_ms: int
    ) -> Plan | None:
        """Return the pass that is due, if one is. Raises KafkaError, OSError."""
        begin = end_of(self._passes)
        markers_before = self.reported_from
        unread = settled_before(self._passes, now_ms, READERS_MS)
        self.reported_from = max(markers_before, unread)
        segments = tuple(_cleanable(self._chain.segments, config, stable=stable, now_ms=now_ms))
        if not _is_due(segments, config, begin=begin, now_ms=now_ms):
            return None
        end = segments[-1][1]
        settled = settled_before(self._passes, now_ms, config.delete_retention_ms)
        rules = Rules(
            aborted=tuple(producers.aborted(begin, end - 1)),
            last_batches=frozenset(p.batches[-1].base_offset for _, p in producers if p.batches),
            tombstones_before=settled,
            markers_before=min(settled, markers_before),
        )
        return Plan(
            segments=segments, begin=begin, end=end, rules=rules, config=config, now_ms=now_ms
        )

    def run(self, plan: Plan) -> int:
        """Make a pass; return how many bytes are gone. Raises KafkaError.

        Where it fails, or the log is closed, what was done stays, and the next pass does the rest.
        """
        before = self._chain.size
        try:
            self._run(plan)
        except (Stopped, FileNotFoundError):
            return 0  # the log is closed, or segments were removed while they were read
        except OSError as error:
            raise storage_error(error) from error
        return before - self._chain.size

    def _run(self, plan: Plan) -> None:
        latest, end = self._find_latest(plan)
        # A recovery must not take what will be missing for damage.
        self._chain.checkpoint.move(gaps=end)
        cleaner = Cleaner(plan.rules, latest)
        for group in _groups(plan, end):
            self._rewrite(group, cleaner, end, plan.config)
        retention = max(plan.config.delete_retention_ms, READERS_MS)
        passes = with_pass(self._passes, Pass(end, plan.now_ms), retention)
        save_passes(self._chain.folder, passes)
        self._passes = passes

    def _find_latest(self, plan: Plan) -> tuple[LatestOffsets, int]:
        """Return the last offset of each key from the plan's begin on, and where that ends.

        That is the plan's end, or where there would be too many keys for the memory.
        """
        latest = LatestOffsets()
        aborted = AbortedRecords(plan.rules.aborted)
        for segment, after in plan.segments:
            if after <= plan.begin:
                continue
            for header, batch in self._batches(segment):
                if header.base_offset < plan.begin:
                    continue
                if len(latest) >= plan.config.most_keys_compacted:
                    return latest, header.base_offset
                if header.is_control:
                    aborted.end(header.producer_id)
                elif not aborted.has(header):
                    with suppress(KafkaError):  # what cannot be read is kept as it is
                        latest.note(batch)
        return latest, plan.end

    def _batches(self, segment: Segment) -> Iterator[tuple[BatchHeader, memoryview]]:
        for _, header, batch in walk_batches(segment.file, segment.stretch(), chunk=CHUNK):
            if self._chain.is_closed:
                raise Stopped
            yield header, batch

    def _rewrite(
        self,
        group: Sequence[tuple[Segment, int]],
        cleaner: Cleaner,
        end: int,
        config: LogConfig,
    ) -> None:
        folder = self._chain.folder
        sources, ends = zip(*group, strict=True)
        base = sources[0].base_offset
        path = swap_path(folder, first=base, end=ends[-1], is_finished=False)
        folder.files.remove(path)
        file = folder.files.open(path)
        try:
            output = Output(file, base, config.index_interval_bytes)
            is_changed = len(group) > 1
            for source in sources:
                for header, batch in self._batches(source):
                    kept = batch if header.base_offset >= end else cleaner.clean(header, batch)
                    is_changed = is_changed or kept is not batch
                    if kept is not None:
                        output.add(kept)
            if is_changed:
                new = output.finish()
                self._chain.replace(sources, ends[-1], new)
        finally:
            if all(segment.file is not file for segment in self._chain.segments):
                file.close()
                with suppress(OSError):
                    folder.files.remove(path)


class Output:
    """A new segment, written in large pieces. Raises OSError."""

    def __init__(self, file: File, base_offset: int, interval: int) -> None:
        self._file = file
        self._base_offset = base_offset
        self._interval = interval
        self._summary = Summary(0, base_offset)
        self._index = SparseIndex()
        self._pending = bytearray()

    def add(self, batch: Buffer) -> None:
        """Write a batch behind the others."""
        header = read_header(batch)
        self._index.note(self._summary, header, self._base_offset, self._interval)
        self._summary = self._summary.after(header)
        self._pending += batch
        if len(self._pending) >= CHUNK:
            self._write()

    def _write(self) -> None:
        self._file.append(self._pending)
        self._pending = bytearray()

    def finish(self) -> Rewritten:
        """Make everything durable."""
        self._write()
        self._file.sync()
        return Rewritten(self._file, self._summary, self._index)


def _cleanable(
    segments: Sequence[Segment], config: LogConfig, *, stable: int, now_ms: int
) -> Iterator[tuple[Segment, int]]:
    """Yield the segments that may be compacted, with their ends: all closed ones up to a limit."""
    for segment, after in pairwise(segments):
        lag = config.min_compaction_lag_ms
        is_young = lag > 0 and now_ms - segment.summary.max_timestamp < lag
        if after.base_offset > stable or is_young:
            return
        yield segment, after.base_offset


def _is_due(
    segments: Sequence[tuple[Segment, int]], config: LogConfig, *, begin: int, now_ms: int
) -> bool:
    """Tell whether enough is new, or something has waited for long enough."""
    new = [segment for segment, end in segments if end > begin and segment.size]
    if not new:
        return False
    size = sum(segment.size for segment, _ in segments)
    share = sum(segment.size for segment in new) / size
    age = now_ms - new[0].summary.first_timestamp
    return share > config.min_cleanable_dirty_ratio or age >= config.max_compaction_lag_ms


def _groups(plan: Plan, end: int) -> Iterator[list[tuple[Segment, int]]]:
    """Yield runs of segments that fit into one, those that begin below the end of the pass."""
    group: list[tuple[Segment, int]] = []
    size = 0
    for segment, after in plan.segments:
        if segment.base_offset >= end:
            break
        span = after - group[0][0].base_offset if group else 0
        is_full = size + segment.size > plan.config.segment_bytes or span > MAX_RELATIVE_OFFSET
        if group and is_full:
            yield group
            group, size = [], 0
        group.append((segment, after))
        size += segment.size
    if group:
        yield group
