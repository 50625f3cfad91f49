"""fastavro's own writer and reader, kept from what would end the process."""

from __future__ import annotations

from copy import deepcopy
from io import BytesIO
from typing import TYPE_CHECKING

from fastavro import _read_py, schemaless_reader, schemaless_writer

from accord_serde._avro.schema_types import is_recursive, nodes

if TYPE_CHECKING:
    from accord_serde._avro.decoder_source import Decode
    from accord_serde._avro.encoder_source import Encode
    from accord_serde._avro.schema import AvroSchema, Json

# fastavro's own recursion ends the process at about 3000 in a stack of 8 MB.
MAX_DEPTH = 1000


def fallback_encode(
    parsed: Json, prefix: bytes, *, strict: bool, strict_allow_default: bool
) -> Encode:
    """Make what writes with fastavro; raises RecursionError before fastavro is in danger."""
    recursive = is_recursive(parsed)

    def encode(datum: Json) -> bytes:
        if recursive and _is_deep(datum):
            raise RecursionError("the datum is nested too deeply")
        out = BytesIO()
        out.write(prefix)
        schemaless_writer(
            out, parsed, datum, strict=strict, strict_allow_default=strict_allow_default
        )
        return out.getvalue()

    return encode


def _is_deep(datum: Json) -> bool:
    """Tell whether dicts and lists are nested deeper than fastavro may go."""
    level = [datum]
    for _ in range(MAX_DEPTH):
        if not level:
            return False
        level = [inner for each in level for inner in _inside(each)]
    return True


def _inside(datum: Json) -> list[Json]:
    values = datum.values() if isinstance(datum, dict) else datum
    if not isinstance(datum, dict | list | tuple):
        return []
    return [each for each in values if isinstance(each, dict | list | tuple)]


def fallback_decode(
    writer: AvroSchema, reader: AvroSchema | None, *, return_record_name: bool
) -> Decode:
    """Make what reads with fastavro."""
    # The one in Python raises RecursionError where the one in C overflows the stack.
    read = _read_py.schemaless_reader if is_recursive(writer.parsed) else schemaless_reader
    copies = has_mutable_default(reader)

    def decode(data: bytes, start: int) -> object:
        source = BytesIO(data)
        source.seek(start)
        wanted = None if reader is None else reader.parsed
        if copies:
            # fastavro gives the defaults of the schema itself to whoever reads.
            wanted = deepcopy(wanted)
        return read(source, writer.parsed, wanted, return_record_name)

    return decode


def has_mutable_default(reader: AvroSchema | None) -> bool:
    if reader is None:
        return False
    return any(
        isinstance(field.get("default"), dict | list)
        for node in nodes(reader.parsed)
        if isinstance(node, dict)
        for field in node.get("fields", ())
    )
