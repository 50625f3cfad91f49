"""What of a reader's record or enum stands for what of the writer's."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from accord_serde._avro.scalar_reads import PACKED
from accord_serde._avro.schema_types import kind
from accord_serde._avro.source import Uncompilable

if TYPE_CHECKING:
    from accord_serde._avro.schema import Json


class ReadField(NamedTuple):
    """A field as it comes in the data; without a name the reader does not want it."""

    name: str | None
    writer: Json
    reader: Json


def is_packable(field: ReadField) -> bool:
    """Tell whether a field may be read together with its neighbours, as of a fixed size."""
    if field.name is None or not isinstance(field.writer, str):
        return False
    return field.writer in PACKED and (field.reader is None or field.reader == field.writer)


class ReadFields(NamedTuple):
    """With `misfit` the fields are read, and then the record cannot be made of them."""

    read: list[ReadField]
    defaults: list[tuple[str, Json]]
    misfit: bool = False


def resolved_fields(writer: Json, reader: Json) -> ReadFields | None:
    """Return the fields in the order of the data; None where fastavro cannot read any."""
    for field in writer["fields"]:
        if not isinstance(field["name"], str):
            raise Uncompilable
    if reader is None:
        plain = [ReadField(field["name"], field["type"], None) for field in writer["fields"]]
        return ReadFields(plain, [])
    if not isinstance(reader, dict) or kind(reader) != "record":
        return None
    return _resolved(writer, reader)


def _resolved(writer: Json, reader: Json) -> ReadFields:
    wanted = {field["name"]: field for field in reader["fields"]}
    aliases = {alias: field for field in reader["fields"] for alias in field.get("aliases", ())}
    read = []
    for field in writer["fields"]:
        taken = wanted.get(field["name"], aliases.get(field["name"]))
        if not taken:
            read.append(ReadField(None, field["type"], None))
            continue
        read.append(ReadField(taken["name"], field["type"], taken["type"]))
        if wanted.pop(taken["name"], None) is None:
            return ReadFields(read, [], misfit=True)  # two of the writer's for one of the reader's
    if any("default" not in field for field in wanted.values()):
        return ReadFields(read, [], misfit=True)
    return ReadFields(read, [(name, field["default"]) for name, field in wanted.items()])


def fresh(value: Json) -> Json:
    """Return a copy of a default that nobody else has."""
    match value:
        case dict():
            return {key: fresh(each) for key, each in value.items()}
        case list():
            return [fresh(each) for each in value]
        case _:
            return value


def symbols_by_index(writer: Json, reader: Json) -> dict[int, Json] | None:
    """Return what the indexes of an enum stand for; None where fastavro has no answer."""
    symbols = dict(enumerate(writer["symbols"]))
    if reader is None:
        return symbols
    if not isinstance(reader, dict) or kind(reader) != "enum":
        return None
    known, default = set(reader["symbols"]), reader.get("default")
    read = {index: symbol if symbol in known else default for index, symbol in symbols.items()}
    return {index: symbol for index, symbol in read.items() if symbol}
