"""Where the schema id of a message stands: before the payload, or in a header of the record."""

from __future__ import annotations

import io
import uuid
from typing import TYPE_CHECKING

from accord_serde import wire
from accord_serde.serialization import MessageField, SerializationError, WireFormatError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accord_serde.serialization import Context

PROTOBUF = "PROTOBUF"
PREFIX_SIZE = 5  # bytes of magic byte and id, without message indexes


class SchemaId:
    """Identity of the schema of one message, with the path of its type where it is Protobuf."""

    __slots__ = ("guid", "id", "message_indexes", "schema_type")

    def __init__(
        self,
        schema_type: str,
        schema_id: int | None = None,
        guid: str | None = None,
        message_indexes: Sequence[int] | None = None,
    ) -> None:
        self.schema_type = schema_type
        self.id = schema_id
        self.guid = None if guid is None else uuid.UUID(guid)
        self.message_indexes = None if message_indexes is None else list(message_indexes)

    def __repr__(self) -> str:
        parts = [f"{name}={getattr(self, name)!r}" for name in self.__slots__]
        return f"<SchemaId {' '.join(parts)}>"

    def from_bytes(self, payload: io.BytesIO) -> io.BytesIO:
        """Read the identity and leave `payload` behind it. Raises WireFormatError."""
        start = payload.tell()
        header = read_header(payload.read(), indexed=self.schema_type == PROTOBUF)
        self.id, self.guid = header.schema_id, header.guid
        if header.message_indexes is not None:
            self.message_indexes = list(header.message_indexes)
        payload.seek(start + header.size)
        return payload

    def id_to_bytes(self) -> bytes:
        """Return what stands before the payload. Raises SerializationError: there is no id."""
        if self.id is None:
            raise SerializationError("Schema ID is not set")
        return wire.encode_id(self.id, self.message_indexes)

    def guid_to_bytes(self) -> bytes:
        """Return what stands in the header. Raises SerializationError: there is no GUID."""
        if self.guid is None:
            raise SerializationError(
                "Schema GUID is not set: the registry did not tell it at registration"
            )
        return wire.encode_guid(self.guid, self.message_indexes)


def read_header(data: bytes, *, indexed: bool) -> wire.Header:
    """Read the schema id of a message. Raises WireFormatError."""
    try:
        return wire.decode(data, indexed=indexed)
    except wire.WireError as error:
        raise _wire_format_error(error) from error


def _wire_format_error(error: wire.WireError) -> WireFormatError:
    known = {"schema_id": error.schema_id, "guid": error.guid}
    match error:
        case wire.WrongMagicByteError():
            text = f"Invalid magic byte: {error}; no schema registry serializer wrote this message"
        case wire.MessageIndexError():
            text = f"Invalid message indexes: {error}"
        case _:
            text = f"Message is too short: {error}; no schema registry serializer wrote it"
    return WireFormatError(text).at(None, **known)


def header_name(field: object) -> str:
    """Return the name of the record header that may hold the identity."""
    return wire.KEY_HEADER if field == MessageField.KEY else wire.VALUE_HEADER


def header_value(ctx: Context | None) -> bytes | None:
    """Return the first identity among the headers of a record, if there is one."""
    if ctx is None or not ctx.headers:
        return None
    headers = ctx.headers
    wanted = header_name(ctx.field)
    if isinstance(headers, dict):
        return headers.get(wanted)
    return next((value for name, value in headers if name == wanted), None)


def header_schema_id_serializer(payload: bytes, ctx: Context | None, schema_id: SchemaId) -> bytes:
    """Put the GUID into the headers and return the payload as it is.

    Raises SerializationError: there are no headers to put it into, or there is no GUID.
    """
    if ctx is None:
        raise SerializationError("SerializationContext is required for header_schema_id_serializer")
    name, value = header_name(ctx.field), schema_id.guid_to_bytes()
    match ctx.headers:
        case None:
            raise SerializationError("Missing headers")
        case list() as headers:
            headers.append((name, value))
        case dict() as headers:
            headers[name] = value
        case _:
            raise SerializationError("Invalid headers type")
    return payload


def prefix_schema_id_serializer(payload: bytes, ctx: Context | None, schema_id: SchemaId) -> bytes:  # noqa: ARG001
    """Put the id before the payload."""
    return schema_id.id_to_bytes() + payload


def dual_schema_id_deserializer(
    payload: bytes, ctx: Context | None, schema_id: SchemaId
) -> io.BytesIO:
    """Read the identity from the headers, else from before the payload. Raises WireFormatError."""
    value = header_value(ctx)
    if value is None:
        return schema_id.from_bytes(io.BytesIO(payload))
    schema_id.from_bytes(io.BytesIO(value))
    return io.BytesIO(payload)


def prefix_schema_id_deserializer(
    payload: bytes,
    ctx: Context | None,  # noqa: ARG001 - every deserializer of ids takes one
    schema_id: SchemaId,
) -> io.BytesIO:
    """Read the identity from before the payload. Raises WireFormatError."""
    return schema_id.from_bytes(io.BytesIO(payload))
