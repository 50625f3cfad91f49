"""What members of a group of consumers tell each other through the coordinator.

subscription = version:i16 topics... data:bytes (v1: owned...)
assignment   = version:i16 assigned... data:bytes
topics       = count:i32 name*                  owned, assigned = count:i32 (name partitions)*
partitions   = count:i32 i32*                   name = length:i16 utf-8
bytes        = length:i32 (-1 for none) content

Later versions only add at the end. The sticky assignor of the Java clients has data of its own:
previous = assigned... generation:i32.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    from accord_log.kafka.fields import Buffer

    Place: TypeAlias = tuple[str, int]

SUBSCRIPTION_VERSION = 1
ASSIGNMENT_VERSION = 0
FIRST_VERSION_WITH_OWNED = 1
NO_GENERATION = -1
_INT16 = struct.Struct(">h")
_INT32 = struct.Struct(">i")


class Malformed(Exception):
    """What another member said cannot be read."""


@dataclass(slots=True)
class Subscription:
    """What a member wants, and what it has."""

    topics: frozenset[str]
    owned: frozenset[Place] = field(default_factory=frozenset)


class Reader:
    """Reads fields in a row. Raises Malformed."""

    def __init__(self, data: Buffer) -> None:
        self._data = bytes(data)
        self._position = 0

    @property
    def is_at_end(self) -> bool:
        return self._position >= len(self._data)

    def int16(self) -> int:
        return self._number(_INT16)

    def int32(self) -> int:
        return self._number(_INT32)

    def count(self) -> int:
        """Return the number of elements, each of which has at least a byte or two."""
        count = self.int32()
        if count > len(self._data) - self._position:
            raise Malformed(f"{count} elements")
        return max(0, count)

    def name(self) -> str:
        try:
            return self._take(self.int16()).decode()
        except UnicodeDecodeError as error:
            raise Malformed(str(error)) from error

    def content(self) -> bytes | None:
        length = self.int32()
        return None if length < 0 else self._take(length)

    def names(self) -> list[str]:
        return [self.name() for _ in range(self.count())]

    def places(self) -> list[Place]:
        return [
            (name, index)
            for _ in range(self.count())
            for name in [self.name()]
            for index in [self.int32() for _ in range(self.count())]
        ]

    def _number(self, kind: struct.Struct) -> int:
        (number,) = kind.unpack(self._take(kind.size))
        return int(number)

    def _take(self, length: int) -> bytes:
        end = self._position + length
        if length < 0 or end > len(self._data):
            raise Malformed(f"{length} bytes at {self._position} of {len(self._data)}")
        taken = self._data[self._position : end]
        self._position = end
        return taken


def write_subscription(subscription: Subscription, data: bytes | None = None) -> bytes:
    """Return what a member tells when it joins."""
    names = sorted(subscription.topics)
    parts = [_INT16.pack(SUBSCRIPTION_VERSION), _INT32.pack(len(names)), *map(_name, names)]
    return b"".join([*parts, _content(data), _places(subscription.owned)])


def read_subscription(metadata: Buffer) -> tuple[Subscription, bytes | None]:
    """Return what a member told, and its assignor's own data. Raises Malformed."""
    reader = Reader(metadata)
    version = reader.int16()
    topics, data = frozenset(reader.names()), reader.content()
    has_owned = version >= FIRST_VERSION_WITH_OWNED and not reader.is_at_end
    return Subscription(topics, frozenset(reader.places() if has_owned else ())), data


def write_assignment(places: Iterable[Place]) -> bytes:
    """Return what the leader tells a member."""
    return b"".join([_INT16.pack(ASSIGNMENT_VERSION), _places(places), _content(None)])


def read_assignment(assignment: Buffer) -> frozenset[Place]:
    """Return what the leader told; nothing when it said nothing. Raises Malformed."""
    if not assignment:
        return frozenset()
    reader = Reader(assignment)
    reader.int16()
    return frozenset(reader.places())


def write_previous(places: Iterable[Place], generation: int) -> bytes:
    """Return what a member of the sticky assignor says that it had."""
    return _places(places) + _INT32.pack(generation)


def read_previous(data: bytes) -> tuple[frozenset[Place], int]:
    """Return what a member had, and in which generation. Raises Malformed."""
    reader = Reader(data)
    places = frozenset(reader.places())
    return places, NO_GENERATION if reader.is_at_end else reader.int32()


def _name(name: str) -> bytes:
    encoded = name.encode()
    return _INT16.pack(len(encoded)) + encoded


def _content(data: bytes | None) -> bytes:
    return _INT32.pack(-1) if data is None else _INT32.pack(len(data)) + data


def _places(places: Iterable[Place]) -> bytes:
    by_topic: dict[str, list[int]] = {}
    for topic, index in sorted(places):
        by_topic.setdefault(topic, []).append(index)
    parts = [_INT32.pack(len(by_topic))]
    for topic, indexes in by_topic.items():
        parts += [_name(topic), _INT32.pack(len(indexes)), *map(_INT32.pack, indexes)]
    return b"".join(parts)
