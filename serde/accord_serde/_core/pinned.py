"""Fetching the registered version that settings or a message name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_serde._core.asks import Ask
from accord_serde._schemas import RegisteredSchema
from accord_serde.error import SchemaRegistryError
from accord_serde.serialization import SchemaNotFoundError

if TYPE_CHECKING:
    import uuid

    from accord_serde._core.asks import Steps
    from accord_serde._core.settings import Pinned
    from accord_serde._schemas import Schema

_NOT_FOUND = 404


def pinned_version(pinned: Pinned, subject: str, fmt: str | None) -> Steps[RegisteredSchema | None]:
    """Return the version the settings name, None where they name none.

    An id wins over metadata, metadata over the latest version.
    """
    registered: RegisteredSchema | None = None
    if pinned.schema_id is not None:
        registered = yield from _by_id(pinned.schema_id, subject, fmt)
    elif pinned.metadata is not None:
        registered = yield Ask(
            "get_latest_with_metadata", (subject, pinned.metadata), {"deleted": True, "fmt": fmt}
        )
    elif pinned.latest:
        registered = yield Ask("get_latest_version", (subject, fmt))
    return registered


def _by_id(schema_id: int, subject: str, fmt: str | None) -> Steps[RegisteredSchema]:
    schema: Schema = yield Ask("get_schema", (schema_id, subject, fmt))
    found: RegisteredSchema = yield Ask(
        "lookup_schema", (subject, schema), {"normalize_schemas": False, "deleted": True}
    )
    return RegisteredSchema(found.subject, found.version, schema_id, found.guid, schema)


def content(
    *, schema_id: int | None, guid: uuid.UUID | None, subject: str | None, fmt: str | None
) -> Steps[Schema]:
    """Return the schema a message names. Raises SchemaNotFoundError."""
    schema: Schema
    try:
        if schema_id is not None:
            schema = yield Ask("get_schema", (schema_id, subject, fmt))
        else:
            schema = yield Ask("get_schema_by_guid", (str(guid), fmt))
    except SchemaRegistryError as error:
        if error.http_status_code != _NOT_FOUND:
            raise
        raise SchemaNotFoundError(error).at(None, schema_id=schema_id, guid=guid) from error
    return schema
