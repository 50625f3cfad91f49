"""Dataclasses, pydantic models and TypedDicts in and out of the serializers, with their schemas.

@dataclass
class Order:
    id: int
    price: Annotated[Decimal, Digits(10, 2)]

AvroSerializer(client, avro_schema(Order), to_dict(Order))
AvroDeserializer(client, avro_schema(Order), from_dict(Order))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from accord_serde._typed import avro_schema as _avro
from accord_serde._typed import json_schema as _json
from accord_serde._typed.classes import record_of
from accord_serde._typed.markers import (
    Digits,
    Doc,
    Fixed,
    Float32,
    Int32,
    LocalTimestamp,
    Name,
    TimeMillis,
    TimestampMillis,
    named,
)
from accord_serde._typed.readers import reader
from accord_serde._typed.writers import writer

__all__ = [
    "Digits",
    "Doc",
    "Fixed",
    "Float32",
    "FromDict",
    "Int32",
    "LocalTimestamp",
    "Name",
    "TimeMillis",
    "TimestampMillis",
    "ToDict",
    "avro_schema",
    "from_dict",
    "json_schema",
    "named",
    "to_dict",
]

if TYPE_CHECKING:
    from accord_serde._typed.json_schema import Dialect
    from accord_serde._typed.shapes import Form

_T = TypeVar("_T")
_In_contra = TypeVar("_In_contra", contravariant=True)
_Out_co = TypeVar("_Out_co", covariant=True)


class ToDict(Protocol[_In_contra]):
    """What a serializer takes as `to_dict`; the context may be left out."""

    def __call__(self, obj: _In_contra, ctx: object = None, /) -> dict[str, Any]: ...


class FromDict(Protocol[_Out_co]):
    """What a deserializer takes as `from_dict`; the context may be left out."""

    def __call__(self, values: dict[str, Any], ctx: object = None, /) -> _Out_co: ...


def avro_schema(cls: type[object], *, namespace: str | None = None) -> str:
    """Return the Avro schema of a class as JSON text; the same class gives the same text.

    `namespace` is that of every type which `named` gives none. Raises TypeError naming class and
    field for what Avro cannot express.
    """
    return _avro.schema_text(record_of(cls), namespace)


def json_schema(cls: type[object], *, dialect: Dialect = "draft-07") -> str:
    """Return the JSON Schema of a class as JSON text; the same class gives the same text.

    draft-07 is what Confluent's tools take a schema for that does not say. Of pydantic models too
    it is derived here, so that the same annotation gives the same schema in any class. Raises
    TypeError naming class and field for what JSON cannot tell apart.
    """
    return _json.schema_text(record_of(cls), dialect)


def to_dict(cls: type[_T], *, form: Form = "avro", namespace: str | None = None) -> ToDict[_T]:
    """Return the function from an instance to a dict, compiled once: keep it.

    In the form "avro" dates, decimals and UUIDs stay what they are, for the logical types, and a
    value of a union of several types is a pair of its Avro name and itself; `namespace` is the one
    given to `avro_schema`. In the form "json" every value is one that JSON has.

    The function raises ValueError naming the field that holds what its annotation does not say.
    Custom serializers of pydantic models are not run: data and schema both follow the annotations.
    """
    record = record_of(cls)
    (_avro.check if form == "avro" else _json.check)(record)
    return writer(record, form, _avro.AvroNames(record, namespace))


def from_dict(cls: type[_T], *, form: Form = "avro") -> FromDict[_T]:
    """Return the function from a dict to an instance, compiled once: keep it.

    Unknown keys are left out; a field without its key is looked for under its aliases, and then
    has the default of its class. Types are the business of whoever decoded or validated the dict;
    pydantic models are validated by pydantic. The function raises ValueError naming the field, or
    pydantic's ValidationError.
    """
    record = record_of(cls)
    (_avro.check if form == "avro" else _json.check)(record)
    return cast("FromDict[_T]", reader(record, form))
