"""Protobuf: .proto texts and descriptors, read, canonicalised, normalised, compared."""

from compat.protobuf.advice import advice
from compat.protobuf.differ import differences
from compat.protobuf.fragments import shown
from compat.protobuf.kinds import ABOUT_NEXT_VERSION, BREAKING, Kind
from compat.protobuf.messages import message
from compat.protobuf.schema import ProtobufSchema, parse
from compat.protobuf.witness import witness

__all__ = [
    "ABOUT_NEXT_VERSION",
    "BREAKING",
    "Kind",
    "ProtobufSchema",
    "advice",
    "differences",
    "message",
    "parse",
    "shown",
    "witness",
]
