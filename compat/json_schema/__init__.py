"""JSON Schema: read, check, canonicalise, tag, compare, explain."""

from __future__ import annotations

from compat.json_schema.advice import advice
from compat.json_schema.differ import differences
from compat.json_schema.fragments import shown
from compat.json_schema.kinds import BREAKING, NOTES, Kind, contract_name
from compat.json_schema.likeness import is_same_data
from compat.json_schema.messages import message
from compat.json_schema.schema import JsonSchema, parse
from compat.json_schema.witness import witness

__all__ = [
    "BREAKING",
    "NOTES",
    "JsonSchema",
    "Kind",
    "advice",
    "contract_name",
    "differences",
    "is_same_data",
    "message",
    "parse",
    "shown",
    "witness",
]
