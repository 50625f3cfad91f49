"""What a group's ledger holds: groups, committed offsets, and offsets staged by transactions.

key   = "g" group                                    -> generation, and since when it is empty
      | "o" place                                    -> a committed offset
      | "t" producer_id:i64 place                    -> an offset staged by a transaction
place = group length:u16 group topic length:u16 topic partition:i32

Each value begins with a version byte; texts are UTF-8.
"""

from __future__ import annotations

import struct
from typing import NamedTuple, TypeAlias

VERSION = 1
GROUP, OFFSET, STAGED = b"g", b"o", b"t"
NO_TIME = -1

_LENGTH = struct.Struct(">H")
_PARTITION = struct.Struct(">i")
_PRODUCER = struct.Struct(">q")
_OFFSET_VALUE = struct.Struct(">Bqqiqq")
_GROUP_VALUE = struct.Struct(">Biq")

TopicPartition: TypeAlias = tuple[str, int]


class NewerRecord(Exception):
    """A record is of a version that this program does not know."""


class CommittedOffset(NamedTuple):
    """Where a group goes on reading; times in milliseconds, -1 where there is none.

    `commit_timestamp_ms` is given when the offset is committed, unless it is set.
    """

    offset: int
    leader_epoch: int = -1
    metadata: str = ""
    commit_timestamp_ms: int = NO_TIME
    expire_timestamp_ms: int = NO_TIME


class Entry(NamedTuple):
    """An offset, and which write it came with: of two, the later write is the one that counts."""

    sequence: int
    committed: CommittedOffset


class GroupRecord(NamedTuple):
    """What is left of a group when its members are gone."""

    generation: int
    empty_since_ms: int
    protocol_type: str


class Place(NamedTuple):
    group: str
    topic: str
    partition: int


def group_key(group: str) -> bytes:
    return GROUP + group.encode()


def offset_key(group: str, where: TopicPartition) -> bytes:
    return OFFSET + _write_place(group, where)


def staged_key(producer_id: int, group: str, where: TopicPartition) -> bytes:
    return STAGED + _PRODUCER.pack(producer_id) + _write_place(group, where)


def read_group_key(key: bytes) -> str:
    return key[1:].decode()


def read_offset_key(key: bytes) -> Place:
    return _read_place(key, 1)


def read_staged_key(key: bytes) -> tuple[int, Place]:
    """Return the producer id, and what it staged."""
    (producer_id,) = _PRODUCER.unpack_from(key, 1)
    return producer_id, _read_place(key, 1 + _PRODUCER.size)


def _write_place(group: str, where: TopicPartition) -> bytes:
    topic, partition = where
    parts = [part for text in (group, topic) for part in _write_text(text)]
    return b"".join((*parts, _PARTITION.pack(partition)))


def _write_text(text: str) -> tuple[bytes, bytes]:
    data = text.encode()
    return _LENGTH.pack(len(data)), data


def _read_place(key: bytes, position: int) -> Place:
    group, position = _read_text(key, position)
    topic, position = _read_text(key, position)
    (partition,) = _PARTITION.unpack_from(key, position)
    return Place(group, topic, partition)


def _read_text(key: bytes, position: int) -> tuple[str, int]:
    (length,) = _LENGTH.unpack_from(key, position)
    start = position + _LENGTH.size
    return key[start : start + length].decode(), start + length


def write_entry(entry: Entry) -> bytes:
    committed = entry.committed
    fixed = _OFFSET_VALUE.pack(
        VERSION,
        entry.sequence,
        committed.offset,
        committed.leader_epoch,
        committed.commit_timestamp_ms,
        committed.expire_timestamp_ms,
    )
    return fixed + committed.metadata.encode()


def read_entry(value: bytes) -> Entry:
    """Read an offset. Raises NewerRecord."""
    _check_version(value)
    _, sequence, offset, leader_epoch, committed_ms, expire_ms = _OFFSET_VALUE.unpack_from(value)
    metadata = value[_OFFSET_VALUE.size :].decode()
    committed = CommittedOffset(offset, leader_epoch, metadata, committed_ms, expire_ms)
    return Entry(sequence, committed)


def write_group(record: GroupRecord) -> bytes:
    fixed = _GROUP_VALUE.pack(VERSION, record.generation, record.empty_since_ms)
    return fixed + record.protocol_type.encode()


def read_group(value: bytes) -> GroupRecord:
    """Read what is known of a group. Raises NewerRecord."""
    _check_version(value)
    _, generation, empty_since_ms = _GROUP_VALUE.unpack_from(value)
    return GroupRecord(generation, empty_since_ms, value[_GROUP_VALUE.size :].decode())


def _check_version(value: bytes) -> None:
    if value[0] != VERSION:
        text = f"version {value[0]} of a group's record is not known, only {VERSION}"
        raise NewerRecord(text)
