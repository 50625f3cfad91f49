"""The entities that routes answer with, in the contract's field order."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

from contract.case import ANY

VERSION_FIELDS = (
    "subject",
    "version",
    "id",
    "guid",
    "schemaType",
    "references",
    "metadata",
    "schema",
    "schemaTags",
    "ts",
    "deleted",
    "ruleSet",
    "aliases",
    "associations",
)
STRING_FIELDS = (
    "subject",
    "version",
    "guid",
    "schemaType",
    "schema",
    "references",
    "metadata",
    "ruleSet",
    "schemaTags",
    "maxId",
    "ts",
    "deleted",
)
YEAR_2020 = 1_577_836_800_000


class Ordered(dict[str, Any]):
    """An object that equals only one with the same fields in the same order."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, dict) and list(self) == list(other) and dict.__eq__(self, other)

    __hash__ = None  # type: ignore[assignment]  # as a dict has none


class Millis:
    """A time of our days in milliseconds."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, int) and other > YEAR_2020

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return "milliseconds"


MILLIS = Millis()


def guid_of(text: str) -> str:
    """The identity of a content that is nothing but a text."""
    return str(uuid.UUID(bytes=hashlib.md5(text.encode(), usedforsecurity=False).digest()))


def version(subject: str, number: int, schema_id: int, schema: str, **more: Any) -> Ordered:
    """The entity of a version; fields given as None are left out."""
    fields: dict[str, Any] = {
        "subject": subject,
        "version": number,
        "id": schema_id,
        "schema": schema,
        "ts": MILLIS,
        "deleted": False,
    }
    return _ordered(VERSION_FIELDS, fields | _identity(schema, more) | more)


def known(subject: str, number: int, schema_id: int, schema: str, **more: Any) -> Ordered:
    """The entity of a version found by its identity, which has no time and no deletion mark."""
    return version(subject, number, schema_id, schema, **{"ts": None, "deleted": None} | more)


def by_id(subject: str | None, number: int | None, schema: str | None, **more: Any) -> Ordered:
    """The entity of a schema by id, or by GUID without subject and number."""
    fields: dict[str, Any] = {
        "subject": subject,
        "version": number,
        "schema": schema,
        "ts": MILLIS,
        "deleted": False,
    }
    return _ordered(STRING_FIELDS, fields | _identity(schema, more) | more)


def full(schema_id: int, number: int, guid: str) -> Ordered:
    """The answer to a registration for clients that take properties they do not know."""
    return Ordered(id=schema_id, version=number, guid=guid)


def _identity(schema: str | None, more: dict[str, Any]) -> dict[str, Any]:
    is_text_alone = not more.keys() & {"guid", "references", "metadata", "ruleSet"}
    return {"schemaType": "AVRO", "guid": guid_of(schema or "") if is_text_alone else ANY}


def _ordered(names: tuple[str, ...], fields: dict[str, Any]) -> Ordered:
    assert fields.keys() <= set(names)
    return Ordered((name, fields[name]) for name in names if fields.get(name) is not None)
