"""The calls about schemas, subjects and their versions, and compatibility."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from accord_serde import _json
from accord_serde._call import Call, Forget, Memory, Slot, path, query
from accord_serde._questions import (
    ByGuid,
    ById,
    Latest,
    LatestWithMetadata,
    Lookup,
    OneVersion,
    Registration,
)
from accord_serde._schemas import RegisteredSchema, Schema, SchemaVersion

if TYPE_CHECKING:
    from collections.abc import Mapping

VersionNumber: TypeAlias = int | Literal["latest"]


def register(subject: str, schema: Schema, *, normalize: bool) -> Call[RegisteredSchema]:
    def parse(answer: Any) -> RegisteredSchema:
        """Fill in what the registry leaves out because the client knows it."""
        found = _registered(answer)
        return replace(
            found,
            subject=found.subject or subject,
            schema=schema if found.schema.schema_str is None else found.schema,
        )

    return Call(
        "POST",
        path("subjects", subject, "versions"),
        parse,
        query=query(normalize=normalize),
        body=schema.to_dict(),
        slot=Slot(Memory.PLACE, subject, Registration(schema, normalize)),
        forget=Forget(subject, (Memory.LATEST,)),
    )


def lookup(
    subject: str, schema: Schema, *, normalize: bool, fmt: str | None, deleted: bool
) -> Call[RegisteredSchema]:
    def parse(answer: Any) -> RegisteredSchema:
        return replace(_registered(answer), schema=schema)

    return Call(
        "POST",
        path("subjects", subject),
        parse,
        query=query(normalize=normalize, deleted=deleted, format=fmt),
        body=schema.to_dict(),
        slot=Slot(Memory.PLACE, subject, Lookup(schema, normalize, fmt, deleted)),
    )


def _registered(answer: Any) -> RegisteredSchema:
    _json.required(answer, "id", int)
    return RegisteredSchema.from_dict(answer)


def by_id(
    schema_id: int, *, subject: str | None, fmt: str | None, reference_format: str | None
) -> Call[Schema]:
    return Call(
        "GET",
        path("schemas", "ids", schema_id),
        _schema,
        query=query(subject=subject, format=fmt, referenceFormat=reference_format),
        slot=Slot(Memory.CONTENT, None, ById(schema_id, subject, fmt, reference_format)),
    )


def by_guid(guid: str, *, fmt: str | None) -> Call[Schema]:
    return Call(
        "GET",
        path("schemas", "guids", guid),
        _schema,
        query=query(format=fmt),
        slot=Slot(Memory.CONTENT, None, ByGuid(guid, fmt)),
    )


def _schema(answer: Any) -> Schema:
    _json.required(answer, "schema", str)
    return Schema.from_dict(answer)


def types() -> Call[list[str]]:
    return Call("GET", "schemas/types", _texts)


def _texts(answer: object) -> list[str]:
    return _json.elements(answer, str, "answer")


def _numbers(answer: object) -> list[int]:
    return _json.elements(answer, int, "answer")


def subjects_of_id(
    schema_id: int, *, subject: str | None, deleted: bool, offset: int, limit: int
) -> Call[list[str]]:
    return Call(
        "GET",
        path("schemas", "ids", schema_id, "subjects"),
        _texts,
        query=query(offset=offset, limit=limit, subject=subject, deleted=deleted or None),
    )


def versions_of_id(
    schema_id: int, *, subject: str | None, deleted: bool, offset: int, limit: int
) -> Call[list[SchemaVersion]]:
    def parse(answer: object) -> list[SchemaVersion]:
        return [SchemaVersion.from_dict(each) for each in _json.elements(answer, dict, "answer")]

    return Call(
        "GET",
        path("schemas", "ids", schema_id, "versions"),
        parse,
        query=query(offset=offset, limit=limit, subject=subject, deleted=deleted or None),
    )


def subjects(
    *, prefix: str | None, deleted: bool, deleted_only: bool, offset: int, limit: int
) -> Call[list[str]]:
    listing = _listing(deleted=deleted, deleted_only=deleted_only, offset=offset, limit=limit)
    return Call("GET", "subjects", _texts, query=listing + query(subjectPrefix=prefix))


def versions(
    subject: str, *, deleted: bool, deleted_only: bool, offset: int, limit: int
) -> Call[list[int]]:
    listing = _listing(deleted=deleted, deleted_only=deleted_only, offset=offset, limit=limit)
    return Call("GET", path("subjects", subject, "versions"), _numbers, query=listing)


def _listing(
    *, deleted: bool, deleted_only: bool, offset: int, limit: int
) -> tuple[tuple[str, str], ...]:
    return query(deleted=deleted, deletedOnly=deleted_only, offset=offset, limit=limit)


def delete_subject(subject: str, *, permanent: bool) -> Call[list[int]]:
    return Call(
        "DELETE",
        path("subjects", subject),
        _numbers,
        query=query(permanent=permanent or None),
        forget=Forget(subject, (Memory.PLACE, Memory.LATEST)),
    )


def delete_version(subject: str, version: int, *, permanent: bool) -> Call[int]:
    def parse(answer: object) -> int:
        return _json.typed(answer, int, "answer")

    return Call(
        "DELETE",
        path("subjects", subject, "versions", version),
        parse,
        query=query(permanent=permanent or None),
        forget=Forget(subject, (Memory.PLACE, Memory.LATEST)),
    )


def latest(subject: str, *, fmt: str | None) -> Call[RegisteredSchema]:
    return Call(
        "GET",
        path("subjects", subject, "versions", "latest"),
        _registered,
        query=query(format=fmt),
        slot=Slot(Memory.LATEST, subject, Latest(fmt)),
    )


def latest_with_metadata(
    subject: str, metadata: Mapping[str, str], *, deleted: bool, fmt: str | None
) -> Call[RegisteredSchema]:
    question = LatestWithMetadata(frozenset(metadata.items()), deleted, fmt)
    return Call(
        "GET",
        path("subjects", subject, "metadata"),
        _registered,
        query=query(
            deleted=deleted, format=fmt, key=tuple(metadata), value=tuple(metadata.values())
        ),
        slot=Slot(Memory.LATEST, subject, question),
    )


def version(
    subject: str, number: VersionNumber, *, deleted: bool, fmt: str | None
) -> Call[RegisteredSchema]:
    """Ask for one version; only a number is remembered, "latest" is asked for anew."""
    slot = None
    if number != "latest":
        slot = Slot(Memory.PLACE, subject, OneVersion(number, deleted, fmt))
    return Call(
        "GET",
        path("subjects", subject, "versions", number),
        _registered,
        query=query(deleted=deleted, format=fmt),
        slot=slot,
    )


def referenced_by(
    subject: str, number: VersionNumber, *, offset: int, limit: int
) -> Call[list[int]]:
    return Call(
        "GET",
        path("subjects", subject, "versions", number, "referencedby"),
        _numbers,
        query=query(offset=offset, limit=limit),
    )


def compatible(
    subject: str, number: int | str | None, schema: Schema, *, normalize: bool, verbose: bool
) -> Call[bool]:
    """Ask about one version, or with None about all the subject's level looks at."""
    segments = ("compatibility", "subjects", subject, "versions")
    return Call(
        "POST",
        path(*segments) if number is None else path(*segments, number),
        _is_compatible,
        query=query(normalize=normalize, verbose=verbose),
        body=schema.to_dict(),
    )


def _is_compatible(answer: object) -> bool:
    return _json.required(answer, "is_compatible", bool)
