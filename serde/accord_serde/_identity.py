"""Whether two schemas are the very same, however they are written down."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from accord_serde._schemas import Schema

FILE_NAME = 1  # FileDescriptorProto.name
LONGEST_SHIFT = 63  # of the tenth and last byte of a varint


def identity(schema: Schema) -> str:
    """Return a text that the very same schemas share.

    JSON is compared as such; Protobuf letter by letter, which takes no compiler, and a serialized
    file without its name, which a registry does not keep.
    """
    document: dict[str, Any] = {
        "type": schema.schema_type or "AVRO",
        "references": sorted(str(reference) for reference in schema.references or []),
        "metadata": None if schema.metadata is None else _given(schema.metadata.to_dict()),
        "rules": None if schema.rule_set is None else _given(schema.rule_set.to_dict()),
    }
    text = schema.schema_str or ""
    document["text"] = _file(text) if document["type"] == "PROTOBUF" else _canonical(text)
    return _dump(_given(document))


def _canonical(text: str) -> str:
    try:
        return _dump(json.loads(text))
    except (ValueError, RecursionError):
        return text


def _dump(document: object) -> str:
    return json.dumps(document, sort_keys=True)


def _given(document: Any) -> Any:
    """Leave out what is null, empty or false: to a registry it is the same as absent."""
    match document:
        case dict():
            found = {name: _given(value) for name, value in document.items()}
            return {name: value for name, value in found.items() if value}
        case list():
            return [_given(value) for value in document]
        case _:
            return document


def _file(text: str) -> str:
    try:
        return repr(_fields(base64.b64decode(text, validate=True)))
    except (binascii.Error, ValueError, IndexError):  # no serialized file
        return text


def _fields(data: bytes) -> list[tuple[int, bytes]]:
    """Return the fields of a serialized file by number, without its name.

    Raises ValueError, IndexError.
    """
    fields, position = [], 0
    while position < len(data):
        key, start = _varint(data, position)
        position = _end(data, start, key & 7)
        if key >> 3 != FILE_NAME:
            fields.append((key >> 3, data[start:position]))
    if position > len(data):
        raise IndexError(position)
    return sorted(fields, key=lambda field: field[0])


def _end(data: bytes, start: int, wire_type: int) -> int:
    match wire_type:
        case 0:
            return _varint(data, start)[1]
        case 1:
            return start + 8
        case 2:
            size, begin = _varint(data, start)
            return begin + size
        case 5:
            return start + 4
        case _:
            raise ValueError(f"no field has the wire type {wire_type}")


def _varint(data: bytes, position: int) -> tuple[int, int]:
    """Return a number and where it ends. Raises ValueError, IndexError."""
    value = 0
    for shift in range(0, LONGEST_SHIFT + 1, 7):
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - the last byte has no continuation bit
            return value, position
    raise ValueError("a varint has at most ten bytes")
