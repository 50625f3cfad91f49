"""JSON Schema: read, check, canonicalise, tag."""

from __future__ import annotations

from compat.json_schema.schema import JsonSchema, parse

__all__ = ["JsonSchema", "parse"]
