"""How fastavro finds what of a reader's schema stands for what of the writer's.

The rules are fastavro's, with what it takes and refuses beyond the specification.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_serde._avro.schema_types import COMPLEX, PRIMITIVES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accord_serde._avro.schema import Json

NAMED = frozenset({"record", "enum", "fixed"})
KNOWN = PRIMITIVES | COMPLEX
PROMOTIONS = frozenset(
    {
        ("int", "long"),
        ("int", "float"),
        ("int", "double"),
        ("long", "float"),
        ("long", "double"),
        ("float", "double"),
        ("string", "bytes"),
        ("bytes", "string"),
    }
)


class Resolution:
    """Two schemas, by their named types."""

    def __init__(self, *, writer: Mapping[str, Json], reader: Mapping[str, Json]) -> None:
        self.writer = writer
        self.reader = reader

    def matched(self, writer: Json, reader: Json) -> Json:
        """Return the part of the reader's schema, or its name; None if there is none."""
        if isinstance(writer, list):
            return reader  # the data will tell which branch it is
        if isinstance(reader, list):
            return next((each for each in reader if self.are_alike(writer, each)), None)
        return self._single(writer, reader)

    def are_alike(self, writer: Json, reader: Json) -> bool:
        if isinstance(writer, list) or isinstance(reader, list):
            return True
        if isinstance(writer, dict) or isinstance(reader, dict):
            return self.matched(writer, reader) is not None
        if writer == reader or (writer, reader) in PROMOTIONS:
            return True
        if writer not in self.writer or reader not in self.reader:
            return False
        return self.are_alike(self.writer[writer], self.reader[reader])

    def _single(self, writer: Json, reader: Json) -> Json:
        wrote, reads = type_of(writer), type_of(reader)
        if wrote == reads and wrote in {"array", "map"}:
            inside = "items" if wrote == "array" else "values"
            return reader if self.are_alike(writer[inside], reader[inside]) else None
        if wrote in NAMED and reads in NAMED:
            return reader if have_the_same_name(writer, reader) else None
        if wrote not in KNOWN and reads in NAMED:
            return reader["name"] if self.are_alike(wrote, reader["name"]) else None
        if wrote in NAMED and reads not in KNOWN:
            definition = self.reader.get(reads)
            is_alike = definition is not None and self.are_alike(writer, definition)
            return definition if is_alike else None
        return reader if self.are_alike(wrote, reads) else None


def type_of(node: Json) -> Json:
    return node["type"] if isinstance(node, dict) else node


def have_the_same_name(writer: Json, reader: Json) -> bool:
    """Compare names without their namespaces, and the writer's to the reader's aliases."""
    if type_of(writer) == type_of(reader) == "fixed" and writer["size"] != reader["size"]:
        return False
    simple = writer["name"].split(".")[-1]
    aliases = reader.get("aliases", [])
    is_alias = writer["name"] in aliases or simple in aliases
    return is_alias or simple == reader["name"].split(".")[-1]
