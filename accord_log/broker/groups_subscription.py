"""Which topics a consumer subscribes to, as its assignor's metadata tells.

subscription = version:i16 topics... ; topics = count:i32 (length:i16 name)*
Later versions only add at the end.
"""

from __future__ import annotations

import struct

_HEAD = struct.Struct(">hi")
_LENGTH = struct.Struct(">h")


def read_topics(metadata: bytes) -> frozenset[str] | None:
    """Return the names; None when this is not a subscription."""
    try:
        version, count = _HEAD.unpack_from(metadata)
        if version < 0 or not 0 <= count <= len(metadata):
            return None
        return _read_names(metadata, count)
    except (struct.error, UnicodeDecodeError):
        return None


def _read_names(metadata: bytes, count: int) -> frozenset[str] | None:
    names: set[str] = set()
    position = _HEAD.size
    for _ in range(count):
        (length,) = _LENGTH.unpack_from(metadata, position)
        position += _LENGTH.size
        if length < 0 or position + length > len(metadata):
            return None
        names.add(metadata[position : position + length].decode())
        position += length
    return frozenset(names)
