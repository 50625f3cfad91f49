"""Avro: read, canonicalise, normalise, fingerprint, compare."""

from compat.avro.differ import differences
from compat.avro.kinds import BREAKING, Kind
from compat.avro.messages import message
from compat.avro.schema import AvroSchema, parse

__all__ = ["BREAKING", "AvroSchema", "Kind", "differences", "message", "parse"]
