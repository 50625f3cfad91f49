"""Whether two schemas say the same about data, whatever they say to people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compat.json_schema.documents import Document
from compat.json_text import read, write

if TYPE_CHECKING:
    from compat.json_schema.schema import JsonSchema

ANNOTATIONS = frozenset({"title", "description", "$comment", "examples"})


def is_same_data(new: JsonSchema, old: JsonSchema) -> bool:
    """Tell whether two schemas are written alike, annotations and the order of keys aside."""
    if [each.text for each in new.references] != [each.text for each in old.references]:
        return False
    return without_annotations(new) == without_annotations(old)


def without_annotations(schema: JsonSchema) -> str:
    value = read(schema.text, allow_non_finite=True)
    for location in Document(value).locations.values():
        if isinstance(location.schema, dict):
            for keyword in ANNOTATIONS.intersection(location.schema):
                del location.schema[keyword]
    return write(value, sort_keys=True)
