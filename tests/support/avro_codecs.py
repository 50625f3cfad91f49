"""The compiled functions of accord_serde beside fastavro, and how two outcomes are compared."""

from __future__ import annotations

import json
import struct
from io import BytesIO
from typing import TYPE_CHECKING, Any

from fastavro import schemaless_reader, schemaless_writer

from accord_serde._avro import load
from accord_serde._avro.decoder import compiled_decode
from accord_serde._avro.encoder import compiled_encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord_serde._avro import AvroSchema

PREFIX = b"\x00\x00\x00\x00\x07"


class HandedOver(Exception):
    """The compiled function left it to fastavro."""


def hand_over(*_: Any) -> Any:
    raise HandedOver


def schema_of(raw: Any) -> AvroSchema:
    return load(json.dumps(raw), {})


def fast_encode(raw: Any, **options: bool) -> Callable[[Any], bytes]:
    """Return the compiled function alone; it raises HandedOver where fastavro would decide."""
    options = {"strict": False, "strict_allow_default": False} | options
    encode = compiled_encode(schema_of(raw), PREFIX, hand_over, **options)
    assert encode is not None
    return encode


def fast_decode(
    writer: Any, reader: Any = None, *, return_record_name: bool = False
) -> Callable[[bytes, int], Any]:
    read = None if reader is None else schema_of(reader)
    decode = compiled_decode(
        schema_of(writer), read, hand_over, return_record_name=return_record_name
    )
    assert decode is not None
    return decode


def plain_encode(raw: Any, datum: Any, **options: bool) -> bytes:
    """Return what fastavro writes, behind the prefix."""
    out = BytesIO()
    out.write(PREFIX)
    schemaless_writer(out, schema_of(raw).parsed, datum, **options)
    return out.getvalue()


def plain_decode(
    writer: Any, data: bytes, reader: Any = None, *, return_record_name: bool = False
) -> Any:
    """Return what fastavro reads behind the prefix."""
    source = BytesIO(data)
    source.seek(len(PREFIX))
    read = None if reader is None else schema_of(reader).parsed
    return schemaless_reader(source, schema_of(writer).parsed, read, return_record_name)


def outcome(function: Callable[..., Any], *arguments: Any, **options: Any) -> tuple[Any, Any]:
    """Return the result, or the type and the text of the error."""
    try:
        return None, function(*arguments, **options)
    except Exception as error:  # noqa: BLE001 - whatever it is, both have to raise it
        return type(error), str(error)


def is_same(one: Any, other: Any) -> bool:
    """Compare the types too, the bits of floats, and the order of keys."""
    if type(one) is not type(other):
        return False
    match one:
        case dict():
            return list(one) == list(other) and all(map(is_same, one.values(), other.values()))
        case list() | tuple():
            return len(one) == len(other) and all(map(is_same, one, other))
        case float():
            return struct.pack("<d", one) == struct.pack("<d", other)
        case _:
            return bool(one == other) and str(one) == str(other)
