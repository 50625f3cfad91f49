"""Committed offsets, and those that transactions have staged, durable in a ledger.

What is committed is in memory as soon as it is written, and its writer is answered once it is
durable. Readers are answered once everything written before is durable too (`when_durable`), so
that nobody is told of an offset that a power cut takes back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.broker.offsets_record import (
    GROUP,
    NO_TIME,
    OFFSET,
    CommittedOffset,
    Entry,
    GroupRecord,
    group_key,
    offset_key,
    read_entry,
    read_group,
    read_group_key,
    read_offset_key,
    read_staged_key,
    staged_key,
    write_entry,
    write_group,
)
from accord_log.broker.promise import Promise, resolved
from accord_log.kafka.errors import KafkaError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import TypeAlias

    from accord_log.broker.offsets_record import TopicPartition
    from accord_log.broker.services import Services
    from accord_log.log.ledger import Ledger

    Settled: TypeAlias = Callable[[Exception | None], object]
    Entries: TypeAlias = dict[TopicPartition, Entry]

__all__ = ["CommittedOffset", "Offsets"]


def _ignore(_: Exception | None) -> None:
    """Leave it: nobody waits for this."""


class Offsets:
    """The offsets of all groups. Every method may be called by any thread."""

    def __init__(self, services: Services, ledger: Ledger) -> None:
        self._lock = services.lock
        self._clock = services.clock
        self._ledger = ledger
        self._sequence = 0
        self._committed: dict[str, Entries] = {}
        self._staged: dict[str, dict[int, Entries]] = {}  # by group and producer id
        self._latest: Promise[Exception | None] = resolved(None)  # of all writes
        self._load()

    def _load(self) -> None:
        for key, value in self._ledger.items():
            kind = key[:1]
            if kind == GROUP:
                continue
            entry = read_entry(value)
            self._sequence = max(self._sequence, entry.sequence)
            if kind == OFFSET:
                place = read_offset_key(key)
                self._committed.setdefault(place.group, {})[place[1:]] = entry
            else:
                producer_id, place = read_staged_key(key)
                self._staged_by(producer_id, place.group)[place[1:]] = entry

    def _staged_by(self, producer_id: int, group: str) -> Entries:
        return self._staged.setdefault(group, {}).setdefault(producer_id, {})

    # reading

    def __contains__(self, group: str) -> bool:
        """Tell whether anything is committed or staged for a group."""
        return group in self._committed or group in self._staged

    def __len__(self) -> int:
        """Return how many groups have committed offsets."""
        return len(self._committed)

    def groups(self) -> set[str]:
        """Return the groups that have committed offsets."""
        with self._lock:
            return set(self._committed)

    def of(self, group: str) -> dict[TopicPartition, CommittedOffset]:
        """Return what a group has committed."""
        with self._lock:
            entries = self._committed.get(group, {})
            return {where: entry.committed for where, entry in entries.items()}

    def unstable(self, group: str) -> set[TopicPartition]:
        """Return where open transactions have staged offsets."""
        with self._lock:
            return {where for staged in self._staged.get(group, {}).values() for where in staged}

    def staged(self) -> list[tuple[int, str]]:
        """Return every producer id with each group for which it has staged offsets."""
        with self._lock:
            return [
                (producer_id, group)
                for group, by_producer in self._staged.items()
                for producer_id in by_producer
            ]

    def has_transactions(self, group: str) -> bool:
        return group in self._staged

    def when_durable(self, callback: Callable[[], object]) -> None:
        """Call back once all that can be read now is durable, or has failed to become so."""
        with self._lock:
            latest = self._latest
        latest.then(lambda _: callback())

    # committing

    def commit(
        self, group: str, offsets: Mapping[TopicPartition, CommittedOffset], callback: Settled
    ) -> None:
        """Set offsets of a group, all or none."""
        with self._lock:
            entries = self._numbered(offsets)
            changes = {
                offset_key(group, where): write_entry(entry) for where, entry in entries.items()
            }
            if self._write(changes, callback) and entries:
                self._committed.setdefault(group, {}).update(entries)

    def stage(
        self,
        producer_id: int,
        group: str,
        offsets: Mapping[TopicPartition, CommittedOffset],
        callback: Settled,
    ) -> None:
        """Keep offsets that count once the producer's transaction is committed."""
        with self._lock:
            entries = self._numbered(offsets)
            changes = {
                staged_key(producer_id, group, where): write_entry(entry)
                for where, entry in entries.items()
            }
            if self._write(changes, callback) and entries:
                self._staged_by(producer_id, group).update(entries)

    def finish(
        self, producer_id: int, groups: Iterable[str], *, commit: bool, callback: Settled
    ) -> None:
        """End a transaction: what it staged counts now, or never; doing it again has no effect.

        An offset that was committed after the transaction had staged its own stays.
        """
        with self._lock:
            changes: dict[bytes, bytes | None] = {}
            counting: dict[str, Entries] = {}
            ending = [group for group in set(groups) if producer_id in self._staged.get(group, {})]
            for group in ending:
                staged = self._staged[group][producer_id]
                newer = self._newer(group, staged) if commit else {}
                counting[group] = newer
                changes |= {staged_key(producer_id, group, where): None for where in staged}
                changes |= {offset_key(group, at): write_entry(newer[at]) for at in newer}
            if not self._write(changes, callback):
                return
            for group in ending:
                if counting[group]:
                    self._committed.setdefault(group, {}).update(counting[group])
                self._drop_staged(group, producer_id)

    def _newer(self, group: str, staged: Entries) -> Entries:
        committed = self._committed.get(group, {})
        return {
            where: entry
            for where, entry in staged.items()
            if where not in committed or committed[where].sequence < entry.sequence
        }

    def _drop_staged(self, group: str, producer_id: int) -> None:
        del self._staged[group][producer_id]
        if not self._staged[group]:
            del self._staged[group]

    def _numbered(self, offsets: Mapping[TopicPartition, CommittedOffset]) -> Entries:
        now = self._clock()
        self._sequence += 1
        return {
            where: Entry(self._sequence, _dated(committed, now))
            for where, committed in offsets.items()
        }

    # forgetting

    def forget(self, group: str, places: Iterable[TopicPartition], callback: Settled) -> None:
        """Drop some offsets of a group, and what is staged for the same partitions."""
        with self._lock:
            gone = set(places)
            keys = self._keys(group, gone)
            if self._write(dict.fromkeys(keys), callback):
                self._drop(group, gone)

    def forget_group(self, group: str, callback: Settled) -> bool:
        """Drop a group with all its offsets; return False when that cannot be written."""
        with self._lock:
            everywhere = set(self._committed.get(group, {})) | self.unstable(group)
            keys = self._keys(group, everywhere)
            if group_key(group) in self._ledger:
                keys.append(group_key(group))
            if not self._write(dict.fromkeys(keys), callback):
                return False
            self._drop(group, everywhere)
            return True

    def forget_topic(self, topic: str) -> None:
        """Drop the offsets of a topic that is deleted."""
        self.forget_missing(lambda name: name != topic)

    def forget_missing(self, exists: Callable[[str], bool]) -> None:
        """Drop the offsets of all topics that do not exist, as when a deletion was cut short."""
        with self._lock:
            for group in set(self._committed) | set(self._staged):
                everywhere = set(self._committed.get(group, {})) | self.unstable(group)
                gone = [where for where in everywhere if not exists(where[0])]
                if gone:
                    self.forget(group, gone, _ignore)

    def _keys(self, group: str, places: set[TopicPartition]) -> list[bytes]:
        committed = places & self._committed.get(group, {}).keys()
        keys = [offset_key(group, where) for where in committed]
        for producer_id, staged in self._staged.get(group, {}).items():
            keys += [staged_key(producer_id, group, where) for where in places & staged.keys()]
        return keys

    def _drop(self, group: str, places: set[TopicPartition]) -> None:
        committed = self._committed.get(group, {})
        _remove(committed, places)
        if not committed:
            self._committed.pop(group, None)
        for producer_id, staged in tuple(self._staged.get(group, {}).items()):
            _remove(staged, places)
            if not staged:
                self._drop_staged(group, producer_id)

    # groups

    def group_records(self) -> dict[str, GroupRecord]:
        """Return what is known of groups that have had members."""
        with self._lock:
            return {
                read_group_key(key): read_group(value)
                for key, value in self._ledger.items()
                if key[:1] == GROUP
            }

    def keep_groups(self, records: Mapping[str, GroupRecord]) -> None:
        """Write down what is to be known of groups after a restart.

        Nobody waits for it. It stands in the ledger before any commit of that generation, so a
        commit that was acknowledged is never of a generation that is given again.
        """
        with self._lock:
            changes = {group_key(group): write_group(records[group]) for group in records}
            self._write(changes, _ignore)

    def _write(self, changes: Mapping[bytes, bytes | None], callback: Settled) -> bool:
        """Have the changes written; return False when they are not, and do not count."""
        promise: Promise[Exception | None] = Promise()
        try:
            self._ledger.put_many(changes, promise.resolve)
        except KafkaError as error:
            callback(error)
            return False
        self._latest = promise
        promise.then(callback)
        return True


def _dated(committed: CommittedOffset, now_ms: int) -> CommittedOffset:
    if committed.commit_timestamp_ms != NO_TIME:
        return committed
    return committed._replace(commit_timestamp_ms=now_ms)


def _remove(entries: Entries, places: set[TopicPartition]) -> None:
    for where in places & entries.keys():
        del entries[where]
