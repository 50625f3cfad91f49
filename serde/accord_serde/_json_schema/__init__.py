"""JSON Schema: checking messages with compiled validators, and walking them for rules."""

from __future__ import annotations

try:
    import jsonschema_rs  # noqa: F401 - are they there?
    import orjson  # noqa: F401 - likewise
except ImportError as error:
    raise ImportError("JSON Schema needs `accord-serde[json]` (jsonschema-rs, orjson)") from error
