"""Protobuf: .proto texts and descriptors, read, canonicalised, normalised."""

from compat.protobuf.schema import ProtobufSchema, parse

__all__ = ["ProtobufSchema", "parse"]
