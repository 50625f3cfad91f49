"""Decoders: fastavro's datum and errors for all bytes, from a function made for the schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_serde._avro.decoder_source import DecoderSource
from accord_serde._avro.encoder import WARM_UP
from accord_serde._avro.fallback import fallback_decode, has_mutable_default
from accord_serde._avro.schema_types import (
    Types,
    has_items,
    is_blind,
    is_bytes,
    is_empty,
    is_recursive,
)
from accord_serde._avro.source import Uncompilable

if TYPE_CHECKING:
    from accord_serde._avro.decoder_source import Decode
    from accord_serde._avro.schema import AvroSchema


class Decoder:
    """Decodes with `decode`, an attribute that is replaced by a faster function in time."""

    __slots__ = ("decode",)

    decode: Decode

    def __call__(self, data: bytes, start: int) -> object:
        return self.decode(data, start)


def decoder(
    writer: AvroSchema,
    reader: AvroSchema | None = None,
    *,
    return_record_name: bool = False,
    warm_up: int = WARM_UP,
) -> Decoder:
    """Return what reads a datum at an offset; raises what fastavro raises.

    The first `warm_up` messages are left to fastavro.
    """
    result = Decoder()
    if is_bytes(writer.parsed):
        result.decode = lambda data, start: data[start:]
        return result
    if reader is not None and reader.parsed == writer.parsed:
        reader = None
    slow = fallback_decode(writer, reader, return_record_name=return_record_name)
    left = 0 if _is_unsafe(writer, reader) or has_mutable_default(reader) else warm_up

    def decode(data: bytes, start: int) -> object:
        nonlocal left
        left -= 1
        if left >= 0:
            return slow(data, start)
        if result.decode is decode:
            fast = compiled_decode(writer, reader, slow, return_record_name=return_record_name)
            result.decode = fast or slow
        return result.decode(data, start)

    result.decode = decode
    return result


def _is_unsafe(writer: AvroSchema, reader: AvroSchema | None) -> bool:
    """Tell whether a few bytes can make fastavro run out of stack, out of memory, or for ever."""
    return (
        is_recursive(writer.parsed)
        or has_items(writer.parsed, is_empty)
        or (reader is not None and has_items(writer.parsed, is_blind))
    )


def compiled_decode(
    writer: AvroSchema, reader: AvroSchema | None, fallback: Decode, *, return_record_name: bool
) -> Decode | None:
    """Return the function for the schemas; None if they are to have none."""
    try:
        source = DecoderSource(
            Types(writer.parsed),
            None if reader is None else Types(reader.parsed),
            return_record_name=return_record_name,
        )
        return source.compiled(fallback)
    except (Uncompilable, RecursionError, SyntaxError):
        return None  # too large, too deep for Python's own parser, or odd
