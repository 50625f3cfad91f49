"""Payloads of the three formats as JSON values, and back."""

from __future__ import annotations

import base64
import io
import json
import struct
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol, cast

import fastavro
import jsonschema_rs
import orjson
from google.protobuf import json_format
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass

from compat.errors import InvalidSchema
from compat.protobuf.descriptor import decode_base64
from compat.protobuf.descriptor_compilation import build_pool, dependencies
from compat.protobuf.descriptor_library import Library
from compat.schema import SchemaType
from registry.pairing.frames import FIRST, message_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from google.protobuf.message import Message

    from compat.protobuf.schema import ProtobufSchema
    from compat.schema import ParsedSchema
    from registry.pairing.frames import Path

# What fastavro stumbles over in a payload, or a value, that is not of the schema.
STUMBLES = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    StopIteration,
    TypeError,
    ValueError,
    struct.error,
)


class Mismatch(Exception):
    """A payload, or a JSON value, is none of the schema; says why in one line."""


class Format(Protocol):
    """What one schema makes of payloads. `path` is that of a Protobuf message in its file."""

    has_path: bool

    def decoded(self, payload: bytes, path: Path) -> object:
        """Return what JSON can hold, and `jsonable` can make so; raises Mismatch."""

    def encoded(self, text: bytes) -> bytes:
        """Return the payload, with the path in front of it, of a JSON text; raises Mismatch."""


def format_of(schema: ParsedSchema) -> Format:
    """Return the format of a schema; raises Mismatch for one that is not whole."""
    try:
        return FORMATS[schema.type](schema)
    except (InvalidSchema, fastavro.schema.SchemaParseException, ValueError) as error:
        raise Mismatch(f"the schema cannot be used: {_line(error)}") from error


def jsonable(value: object) -> object:
    """Make a value that JSON lacks one that it has: bytes as Avro writes them, decimals as text."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"no JSON for {type(value).__name__}")


def _line(error: Exception) -> str:
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__


def _json(text: bytes) -> Any:  # noqa: ANN401 - any JSON
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Mismatch(f"no JSON: {error}") from error


class AvroFormat:
    """Takes JSON as it is usually written, and as Avro's specification writes it."""

    has_path = False

    def __init__(self, schema: ParsedSchema) -> None:
        named: dict[str, Any] = {}
        for reference in schema.references:
            fastavro.parse_schema(json.loads(reference.text), named_schemas=named)
        self._schema = fastavro.parse_schema(json.loads(schema.text), named_schemas=named)

    def decoded(self, payload: bytes, path: Path) -> object:  # noqa: ARG002 - Protobuf's
        try:
            return fastavro.schemaless_reader(io.BytesIO(payload), self._schema, None)
        except STUMBLES as error:
            raise Mismatch(f"no message of the schema: {_line(error)}") from error

    def encoded(self, text: bytes) -> bytes:
        value = _json(text)
        try:
            return self._written(value)
        except STUMBLES as error:
            try:
                (value,) = fastavro.json_reader(io.StringIO(text.decode()), self._schema)
                return self._written(value)
            except STUMBLES:  # the first one is about the form that people write
                raise Mismatch(f"no message of the schema: {_line(error)}") from error

    def _written(self, value: Any) -> bytes:  # noqa: ANN401 - any JSON
        stream = io.BytesIO()
        fastavro.schemaless_writer(stream, self._schema, value, strict=True)
        return stream.getvalue()


class JsonFormat:
    has_path = False

    def __init__(self, schema: ParsedSchema) -> None:
        self._validator = jsonschema_rs.validator_for(orjson.loads(schema.rendered("bundled")))

    def decoded(self, payload: bytes, path: Path) -> object:  # noqa: ARG002 - Protobuf's
        return _json(payload)

    def encoded(self, text: bytes) -> bytes:
        value = _json(text)
        for error in self._validator.iter_errors(value):
            raise Mismatch(f"no message of the schema: {error.message}")
        return orjson.dumps(value)


class ProtobufFormat:
    has_path = True

    def __init__(self, schema: ParsedSchema) -> None:
        file = decode_base64(schema.rendered("serialized"))
        assert file is not None, "it was made just now"
        self._file = file
        library = Library(cast("ProtobufSchema", schema).imports)
        self._pool = build_pool([*dependencies(file.dependency, library), file])

    def decoded(self, payload: bytes, path: Path) -> object:
        message = self._message(path)
        try:
            message.ParseFromString(payload)
        except DecodeError as error:
            raise Mismatch(f"no message of the schema: {_line(error)}") from error
        try:
            return json_format.MessageToDict(
                message, preserving_proto_field_name=True, descriptor_pool=self._pool
            )
        except (ValueError, TypeError) as error:  # such as an Any of an unknown type
            raise Mismatch(f"no JSON for the message: {_line(error)}") from error

    def encoded(self, text: bytes) -> bytes:
        message = self._message(FIRST)
        try:
            json_format.Parse(text, message, descriptor_pool=self._pool)
        except json_format.ParseError as error:
            raise Mismatch(f"no message of the schema: {_line(error)}") from error
        return b"\0" + message.SerializeToString()

    def _message(self, path: Path) -> Message:
        name = message_name(self._file, path)
        if name is None:
            raise Mismatch("no message of the schema: there is none at that place")
        return GetMessageClass(self._pool.FindMessageTypeByName(name))()


FORMATS: Mapping[SchemaType, Callable[[ParsedSchema], Format]] = {
    SchemaType.AVRO: AvroFormat,
    SchemaType.JSON: JsonFormat,
    SchemaType.PROTOBUF: ProtobufFormat,
}


def shown(value: bytes | None) -> object:
    """Return bytes without a schema as JSON: text where they are text, else `{"base64": …}`."""
    if value is None:
        return None
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(value).decode()}
