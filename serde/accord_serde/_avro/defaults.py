"""What fastavro writes for a field that a datum does not have."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from fastavro import schemaless_writer
from fastavro.validation import validate

from accord_serde._avro.schema_types import kind, parts

if TYPE_CHECKING:
    from accord_serde._avro.schema import Json
    from accord_serde._avro.schema_types import Types


class Defaults:
    """Asks fastavro once, by way of a record of one field."""

    def __init__(self, types: Types, *, strict_allow_default: bool) -> None:
        self._types = types
        self._strict_allow_default = strict_allow_default

    def written(self, field: Json, *, checked: bool) -> bytes | None:
        """Return the bytes for a missing field; None where the datum is not to be written."""
        if self._may_be_endless(field["type"], field.get("default")):
            return None  # with one without an end fastavro does not come back
        record = {
            "type": "record",
            "name": "datum",
            "fields": [field],
            "__fastavro_parsed": True,
            "__named_schemas": self._types.named,
        }
        try:
            if checked and not validate({}, record, raise_errors=False):
                return None
            out = BytesIO()
            schemaless_writer(out, record, {}, strict_allow_default=self._strict_allow_default)
        except Exception:  # noqa: BLE001 - whatever it is, fastavro will say it again
            return None
        return out.getvalue()

    def _may_be_endless(self, node: Json, default: Json) -> bool:
        if not isinstance(default, dict | list):
            return False
        is_empty = not default and kind(self._types.resolved(node)) in {"array", "map"}
        return not is_empty and self._reaches_recursion(node)

    def _reaches_recursion(self, node: Json) -> bool:
        waiting, seen = [node], set()
        while waiting:
            part = self._types.resolved(waiting.pop())
            if kind(part) == "record":
                if part["name"] in self._types.recursive:
                    return True
                if part["name"] in seen:
                    continue
                seen.add(part["name"])
            waiting += parts(part)
        return False
