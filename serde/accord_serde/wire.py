"""The header that tells which schema a message was written with.

    0x00 | schema id, uint32 big-endian | payload                          Avro, JSON Schema
    0x00 | schema id, uint32 big-endian | message indexes | payload        Protobuf
    0x01 | GUID, 16 bytes               [ | message indexes ]              in a record header

Message indexes are the path to the message type inside its file: a count, then that many indexes,
all zigzag varints. The path (0,), by far the commonest, is written as the single byte 0.
Record headers carry the GUID form under `KEY_HEADER` or `VALUE_HEADER`; the record's own bytes
are then the bare payload. Readers accept either form in either place, as Confluent's do.
"""

from __future__ import annotations

import struct
import uuid
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "KEY_HEADER",
    "MAX_DEPTH",
    "MAX_INDEX",
    "MAX_SCHEMA_ID",
    "VALUE_HEADER",
    "Header",
    "MessageIndexError",
    "SchemaIdError",
    "ShortHeaderError",
    "WireError",
    "WrongMagicByteError",
    "decode",
    "decode_indexes",
    "encode_guid",
    "encode_id",
    "encode_indexes",
]

KEY_HEADER = "__key_schema_id"
VALUE_HEADER = "__value_schema_id"

MAX_SCHEMA_ID = 2**31 - 1  # Java clients read the id as a signed int
MAX_INDEX = 2**63 - 1
MAX_DEPTH = 100  # protoc stops at 32 nested messages; this caps what a message makes us allocate

_ID_MAGIC = 0
_GUID_MAGIC = 1
_ID_HEADER = struct.Struct(">BI")
_GUID_HEADER = struct.Struct(">B16s")
_VARINT_SIZE = 10  # bytes of the longest 64-bit varint
_SEVEN_BITS = 0x7F
_MORE = 0x80


class Header(NamedTuple):
    """What a message says about its schema; the payload starts at `size`.

    One of `schema_id` and `guid` is None; `message_indexes` is None unless they were asked for.
    """

    schema_id: int | None
    guid: uuid.UUID | None
    message_indexes: tuple[int, ...] | None
    size: int


class WireError(ValueError):
    """The bytes are not a header, or the values cannot be written as one.

    `schema_id` and `guid` hold what was read before the fault was met.
    """

    schema_id: int | None = None
    guid: uuid.UUID | None = None


class WrongMagicByteError(WireError):
    """The first byte is neither 0 nor 1: another producer wrote this message."""

    def __init__(self, magic: int) -> None:
        super().__init__(magic)
        self.magic = magic

    def __str__(self) -> str:
        return f"magic byte is 0x{self.magic:02x}, not 0x00 or 0x01"


class ShortHeaderError(WireError):
    """The bytes end inside the header; `needed` counts from their start."""

    def __init__(self, *, needed: int, available: int) -> None:
        super().__init__(needed, available)
        self.needed = needed
        self.available = available

    def __str__(self) -> str:
        return f"header needs at least {self.needed} bytes, there are {self.available}"


class MessageIndexError(WireError):
    """The message indexes, or one of them, are out of range."""

    def __init__(self, what: str, number: int) -> None:
        super().__init__(what, number)
        self.what = what
        self.number = number

    def __str__(self) -> str:
        return f"{self.what} of message indexes is {self.number}"


class SchemaIdError(WireError):
    """The id cannot be written; it is in `schema_id`."""

    def __init__(self, schema_id: int) -> None:
        super().__init__(schema_id)
        self.schema_id = schema_id

    def __str__(self) -> str:
        return f"schema id {self.schema_id} is not in 0..{MAX_SCHEMA_ID}"


def encode_id(schema_id: int, message_indexes: Sequence[int] | None = None) -> bytes:
    """Return the header that stands before the payload.

    Raises SchemaIdError, MessageIndexError.
    """
    if not 0 <= schema_id <= MAX_SCHEMA_ID:
        raise SchemaIdError(schema_id)
    header = _ID_HEADER.pack(_ID_MAGIC, schema_id)
    return header if message_indexes is None else header + encode_indexes(message_indexes)


def encode_guid(guid: uuid.UUID, message_indexes: Sequence[int] | None = None) -> bytes:
    """Return the value of the record header that stands in for a prefix.

    Raises MessageIndexError.
    """
    header = _GUID_HEADER.pack(_GUID_MAGIC, guid.bytes)
    return header if message_indexes is None else header + encode_indexes(message_indexes)


def decode(data: bytes | bytearray | memoryview, *, indexed: bool = False) -> Header:
    """Read the header at the start of `data`, with message indexes if `indexed` (Protobuf).

    The id is read unsigned. Raises WrongMagicByteError, ShortHeaderError, MessageIndexError.
    """
    if not data:
        raise ShortHeaderError(needed=_ID_HEADER.size, available=0)
    schema_id, guid, size = _identity(data)
    if not indexed:
        return Header(schema_id, guid, None, size)
    try:
        indexes, size = decode_indexes(data, size)
    except WireError as error:
        error.schema_id, error.guid = schema_id, guid
        raise
    return Header(schema_id, guid, indexes, size)


def _identity(data: bytes | bytearray | memoryview) -> tuple[int | None, uuid.UUID | None, int]:
    magic = data[0]
    if magic not in (_ID_MAGIC, _GUID_MAGIC):
        raise WrongMagicByteError(magic)
    layout = _ID_HEADER if magic == _ID_MAGIC else _GUID_HEADER
    if len(data) < layout.size:
        raise ShortHeaderError(needed=layout.size, available=len(data))
    _, identity = layout.unpack_from(data)
    if magic == _ID_MAGIC:
        return identity, None, layout.size
    return None, uuid.UUID(bytes=identity), layout.size


def encode_indexes(message_indexes: Sequence[int], *, zigzag: bool = True) -> bytes:
    """Return the bytes of a path of message indexes.

    `zigzag=False` is the encoding of clients that set `use.deprecated.format`.
    Raises MessageIndexError: empty, deeper than MAX_DEPTH, or an index not in 0..MAX_INDEX.
    """
    if not 1 <= len(message_indexes) <= MAX_DEPTH:
        raise MessageIndexError("count", len(message_indexes))
    for index in message_indexes:
        if not 0 <= index <= MAX_INDEX:
            raise MessageIndexError("element", index)
    if len(message_indexes) == 1 and message_indexes[0] == 0:
        return b"\x00"
    shift = 1 if zigzag else 0  # zigzag of a non-negative number is its double
    numbers = (len(message_indexes), *message_indexes)
    return b"".join(_varint(number << shift) for number in numbers)


def decode_indexes(
    data: bytes | bytearray | memoryview,
    position: int = 0,
    *,
    max_count: int = MAX_DEPTH,
    zigzag: bool = True,
) -> tuple[tuple[int, ...], int]:
    """Read message indexes at `position`; return them and the position behind them.

    Raises ShortHeaderError, MessageIndexError.
    """
    count, position = _read_number(data, position, zigzag=zigzag)
    if count == 0:
        return (0,), position
    if not 0 < count <= max_count:
        raise MessageIndexError("count", count)
    indexes = []
    for _ in range(count):
        index, position = _read_number(data, position, zigzag=zigzag)
        if not 0 <= index <= MAX_INDEX:
            raise MessageIndexError("element", index)
        indexes.append(index)
    return tuple(indexes), position


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > _SEVEN_BITS:
        out.append(number & _SEVEN_BITS | _MORE)
        number >>= 7
    out.append(number)
    return bytes(out)


def _read_number(
    data: bytes | bytearray | memoryview, position: int, *, zigzag: bool
) -> tuple[int, int]:
    value = 0
    for place, byte in enumerate(data[position : position + _VARINT_SIZE]):
        value |= (byte & _SEVEN_BITS) << 7 * place
        if byte < _MORE:
            number = value >> 1 ^ -(value & 1) if zigzag else value
            return number, position + place + 1
    if len(data) >= position + _VARINT_SIZE:
        raise MessageIndexError("varint", value)
    raise ShortHeaderError(needed=len(data) + 1, available=len(data))
