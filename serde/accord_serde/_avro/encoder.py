"""Encoders: fastavro's bytes and errors for every datum, from a function made for the schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_serde._avro.encoder_source import EncoderSource
from accord_serde._avro.fallback import fallback_encode
from accord_serde._avro.schema_types import Types, is_bytes, is_recursive
from accord_serde._avro.source import Uncompilable

if TYPE_CHECKING:
    from accord_serde._avro.encoder_source import Encode
    from accord_serde._avro.schema import AvroSchema, Json

# A function costs as much as hundreds of messages; what sends only a few does without.
WARM_UP = 16


class Encoder:
    """Encodes with `encode`, an attribute that is replaced by a faster function in time."""

    __slots__ = ("encode",)

    encode: Encode

    def __call__(self, datum: object) -> bytes:
        return self.encode(datum)


def encoder(
    schema: AvroSchema,
    *,
    prefix: bytes = b"",
    strict: bool = False,
    strict_allow_default: bool = False,
    warm_up: int = WARM_UP,
) -> Encoder:
    """Return what writes `prefix` and a datum; raises what fastavro raises.

    The first `warm_up` messages are left to fastavro.
    """
    result = Encoder()
    if is_bytes(schema.parsed):
        result.encode = _raw_encode(prefix)
        return result
    options = {"strict": strict, "strict_allow_default": strict_allow_default}
    slow = fallback_encode(schema.parsed, prefix, **options)
    # fastavro has no end of recursion but the end of the process.
    left = 0 if is_recursive(schema.parsed) else warm_up

    def encode(datum: Json) -> bytes:
        nonlocal left
        left -= 1
        if left >= 0:
            return slow(datum)
        if result.encode is encode:
            result.encode = compiled_encode(schema, prefix, slow, **options) or slow
        return result.encode(datum)

    result.encode = encode
    return result


def compiled_encode(
    schema: AvroSchema, prefix: bytes, fallback: Encode, *, strict: bool, strict_allow_default: bool
) -> Encode | None:
    """Return the function for a schema; None if it is to have none."""
    try:
        source = EncoderSource(
            Types(schema.parsed), strict=strict, strict_allow_default=strict_allow_default
        )
        return source.compiled(prefix, fallback)
    except (Uncompilable, RecursionError, SyntaxError):
        return None  # too large, too deep for Python's own parser, or odd


def _raw_encode(prefix: bytes) -> Encode:
    def encode(datum: Json) -> bytes:
        raw: bytes = datum if isinstance(datum, bytes) else datum.encode()
        return prefix + raw

    return encode
