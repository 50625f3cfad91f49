"""Avro: read, canonicalise, normalise, fingerprint, compare, explain."""

from compat.avro.advice import advice
from compat.avro.changes import differences
from compat.avro.differ import incompatibilities
from compat.avro.fragments import shown
from compat.avro.kinds import BREAKING, Kind
from compat.avro.messages import message
from compat.avro.schema import AvroSchema, parse
from compat.avro.witness import witness

__all__ = [
    "BREAKING",
    "AvroSchema",
    "Kind",
    "advice",
    "differences",
    "incompatibilities",
    "message",
    "parse",
    "shown",
    "witness",
]
