"""A message for a finding: its writer takes it, and its reader cannot read it or takes it wrongly.

Each one is tried with fastavro before it is shown, with all of the reader schema and with no more
of it than leads to the finding, so that no other finding can be what fails.
"""

from __future__ import annotations

from datetime import date, time
from itertools import islice
from typing import TYPE_CHECKING

from compat.avro.data import NoMessage, json_text, spelt
from compat.avro.kinds import MISREAD, UNREADABLE, Kind
from compat.avro.logical import logical_type
from compat.avro.model import Enum, Field, Fixed, Primitive, Record, TypeName
from compat.avro.oracle import Unreadable, decoded, encoded, parsed, prepared
from compat.avro.places import fragment_of
from compat.avro.routes import Routes
from compat.finding import Witness
from compat.json_text import quoted

if TYPE_CHECKING:
    from compat.avro.data import Datum
    from compat.avro.logical import LogicalType
    from compat.avro.model import Node
    from compat.avro.oracle import Schema
    from compat.avro.routes import Stop
    from compat.avro.schema import AvroSchema
    from compat.finding import Finding

MAX_TRIES = 8
MAX_DIGITS = 100
MAX_BYTES = 1000
A_UUID = "5f0c2a1e-8d4b-4c3a-9e77-1b2c3d4e5f60"

REFUSED_ITSELF = "Avro Java refuses the two schemas themselves, before it looks at any message"
HARMLESS = "every message can be read"
TOLERANT = "fastavro reads every message that was tried: the rule is Avro Java's"
LOGICAL_ALIKE = "fastavro does not know the logical type, so only a program that does would notice"
TYPES_CLASH = "the types clash as well, so nothing is read that could mean something else"
NOT_REACHED = "no message of the writer schema gets to this place"


def witness(finding: Finding, *, reader: AvroSchema, writer: AvroSchema) -> Witness | str:
    """Return a message that shows a finding between two schemas, or the reason there is none."""
    kind = Kind(finding.kind)
    if kind is Kind.AMBIGUOUS_FIELD:
        return REFUSED_ITSELF
    if kind not in UNREADABLE | MISREAD:
        return HARMLESS
    try:
        routes = Routes(reader=reader, writer=writer)
        if kind in MISREAD:
            return misread(finding, routes, reader=reader.root, writer=writer.root)
        return unreadable(finding, routes, reader=reader.root, writer=writer.root)
    except (NoMessage, Unreadable) as error:
        return str(error)


def unreadable(finding: Finding, routes: Routes, *, reader: Node, writer: Node) -> Witness | str:
    whole_writer, whole_reader = prepared(writer), prepared(reader)
    reason = NOT_REACHED
    for cause, stop in islice(routes.ends(finding), MAX_TRIES):
        reason = TOLERANT
        message = routes.message(stop, failing_value(cause, stop, routes))
        data = encoded(whole_writer, message)
        failure = failure_of(data, writer=whole_writer, reader=cut_down(reader, cause, stop))
        if failure and failure_of(data, writer=whole_writer, reader=whole_reader):
            return Witness(json_text(writer, message), f"fastavro: {failure}", data)
    return reason


def failing_value(cause: Finding, stop: Stop, routes: Routes) -> Datum:
    if cause.kind is Kind.MISSING_ENUM_SYMBOLS:
        assert isinstance(stop.reader, Enum), "the finding is about enums"
        assert isinstance(stop.writer, Enum), "the finding is about enums"
        known = frozenset(stop.reader.symbols)
        return next(each for each in stop.writer.symbols if each not in known)
    return routes.value(stop.writer)


def failure_of(data: bytes, *, writer: Schema, reader: Schema) -> str:
    try:
        decoded(data, writer=writer, reader=reader)
    except Unreadable as error:
        return str(error)
    return ""


def cut_down(reader: Node, cause: Finding, stop: Stop) -> Schema:
    """Return the reader schema with no fields in the records on the way but those on the way."""
    kept: dict[int, set[str]] = {}
    if isinstance(stop.reader, Record):
        kept[id(stop.reader)] = set()
    if cause.writer is None and cause.reader is not None:
        field = fragment_of(cause.reader).node
        assert isinstance(field, Field), "only fields can be missing"
        kept[id(stop.reader)].add(field.name)
    while stop.before is not None:
        if stop.fields is not None:
            kept.setdefault(id(stop.before.reader), set()).add(stop.fields[0].name)
        stop = stop.before
    return prepared(reader, kept)


def misread(finding: Finding, routes: Routes, *, reader: Node, writer: Node) -> Witness | str:
    whole_writer = prepared(writer)
    for cause, stop in routes.ends(finding):
        value = telling_value(Kind(finding.kind), stop.writer)
        message = routes.message(stop, value)
        data = encoded(whole_writer, message)
        if failure_of(data, writer=whole_writer, reader=cut_down(reader, cause, stop)):
            return TYPES_CLASH
        written, read = meanings(stop, value)
        if type(written) is type(read) and written == read:
            return LOGICAL_ALIKE
        return Witness(
            json_text(writer, message),
            f"{label_of(cause)} is written as {told(written)} and read as {told(read)}",
            data,
        )
    return NOT_REACHED


def label_of(finding: Finding) -> str:
    assert finding.reader is not None, "there is always something that cannot read"
    return fragment_of(finding.reader).label


def telling_value(kind: Kind, node: Node) -> Datum:
    """Return a value that comes out as another one where the logical types differ."""
    logical = logical_type(node)
    match node:
        case Fixed():
            return in_fixed(number_of(kind, logical), node.size)
        case Primitive() if node.type is TypeName.BYTES:
            number = number_of(kind, logical)
            return number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True)
        case Primitive() if node.type is TypeName.STRING:
            return A_UUID if logical is not None else "text"
        case _:
            return 1


def in_fixed(number: int, size: int) -> bytes:
    if not 0 < size <= MAX_BYTES:
        raise NoMessage(f"there is no telling value of {size} bytes")
    return number.to_bytes(size, "big", signed=True)


def number_of(kind: Kind, logical: LogicalType | None) -> int:
    """Return a number that fills a decimal, where its digits are what matters, else the first."""
    if kind is not Kind.DECIMAL_PRECISION_DECREASED or logical is None:
        return 1
    if logical.precision > MAX_DIGITS:
        raise NoMessage(f"a number of {logical.precision} digits is too large to be shown")
    return int(10**logical.precision) - 1


def meanings(stop: Stop, value: Datum) -> tuple[object, object]:
    """Return what a value means to a program with the writer schema, and to one with the reader's.

    fastavro follows the writer's logical type; other libraries give the value, once it is read,
    the meaning that the reader schema has for it. So the value is read, and then taken for that.
    """
    writer, reader = prepared(stop.writer), prepared(stop.reader)
    data = encoded(writer, value)
    written = decoded(data, writer=meant(stop.writer), reader=None)
    read = decoded(data, writer=writer, reader=reader)
    return written, taken(encoded(reader, read), stop.reader)


def taken(data: bytes, reader: Node) -> object:
    try:
        return decoded(data, writer=meant(reader), reader=None)
    except Unreadable as error:
        return error


def meant(node: Node) -> Schema:
    """Return a type with its logical type, for fastavro."""
    assert isinstance(node, Primitive | Fixed), "only these have logical types"
    schema: Schema = {"type": str(node.type)}
    if isinstance(node, Fixed):
        schema |= {"name": spelt(node.name), "size": node.size}
    logical = logical_type(node)
    if logical is not None:
        schema["logicalType"] = logical.name
    if logical is not None and logical.precision:
        schema |= {"precision": logical.precision, "scale": logical.scale}
    return parsed(schema)


def told(value: object) -> str:
    match value:
        case date() | time():
            return value.isoformat()
        case str():
            return quoted(value)
        case Unreadable():
            return f"no value at all ({value})"
        case _:
            return str(value)
