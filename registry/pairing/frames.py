"""Which schema a record says that it was written with.

    payload                                 0x00, id: 4 bytes, big-endian
    payload, or a header's value            0x01, GUID: 16 bytes

What follows is for Protobuf the path to the message inside its file, as zigzag varints: their
count, then each; a count of nought stands for the first message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    from accord_log.kafka.records import Record

Path: TypeAlias = tuple[int, ...]

BY_ID, BY_GUID = 0, 1
SIZES = {BY_ID: 5, BY_GUID: 17}
HEADERS = {"key": "__key_schema_id", "value": "__value_schema_id"}
FIRST: Path = (0,)
# Messages are nested, and numbered, far less.
MAX_PATH = 64
MAX_VARINT_BYTES = 5
MORE = 0x80  # the bit of a byte that says that another follows


class Claim(NamedTuple):
    """A schema that is named, `identity`, and what follows the name."""

    identity: bytes
    rest: bytes

    @property
    def is_whole(self) -> bool:
        return bool(self.identity) and len(self.identity) == SIZES.get(self.identity[0])

    def __str__(self) -> str:
        number = self.identity[1:]
        if self.identity[0] == BY_ID:
            return f"schema {int.from_bytes(number, 'big')}"
        return f"schema {guid_of(self.identity)}"


def guid_of(identity: bytes) -> str:
    """Return the GUID as REST writes it."""
    digits = identity[1:].hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def claim_of(text: bytes) -> Claim:
    """Return what stands at the beginning; it may be no name of a schema at all."""
    size = SIZES.get(text[0], 0) if text else 0
    return Claim(bytes(text[:size]), bytes(text[size:]))


def claims_of(record: Record, side: str) -> Sequence[Claim]:
    """Return what a record says of its key or value: in headers, or else in the payload.

    Readers differ in which header they take where there are several, so all of them count.
    """
    name = HEADERS[side]
    named = [value for key, value in record.headers if key == name] if record.headers else []
    if named:
        return [claim_of(value or b"") for value in named]
    payload = record.key if side == "key" else record.value
    return [claim_of(payload or b"")]


def split_path(rest: bytes) -> tuple[Path, bytes] | None:
    """Return the path to a Protobuf message and what follows it, None when there is no path."""
    values = _Varints(rest)
    count = values.next()
    if count is None or not 0 <= count <= MAX_PATH:
        return None
    path: list[int] = []
    for _ in range(count):
        index = values.next()
        if index is None or index < 0:
            return None
        path.append(index)
    return tuple(path) or FIRST, rest[values.position :]


def message_name(file: FileDescriptorProto, path: Path) -> str | None:
    """Return the full name of the message at a path, None when there is none."""
    names = [file.package] if file.package else []
    level = file.message_type
    for index in path:
        if index >= len(level):
            return None
        names.append(level[index].name)
        level = level[index].nested_type
    return ".".join(names)


class _Varints:
    """Zigzag varints in a row."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.position = 0

    def next(self) -> int | None:
        """Return the next number, None when there is no whole one."""
        value = 0
        for place in range(MAX_VARINT_BYTES):
            if self.position >= len(self._content):
                return None
            byte = self._content[self.position]
            self.position += 1
            value |= (byte & ~MORE) << (7 * place)
            if not byte & MORE:
                return (value >> 1) ^ -(value & 1)
        return None
