"""Schemas, registered or not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from accord_serde import _json
from accord_serde._rules import Metadata, RuleSet, metadata_of, rule_set_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self


@dataclass(frozen=True, slots=True)
class SchemaVersion:
    subject: str | None
    version: int | None

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        return cls(
            subject=_json.optional(src_dict, "subject", str),
            version=_json.optional(src_dict, "version", int),
        )


@dataclass(frozen=True, slots=True)
class SchemaReference:
    name: str | None
    subject: str | None
    version: int | None

    def to_dict(self) -> dict[str, Any]:
        return _json.given(name=self.name, subject=self.subject, version=self.version)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        return cls(
            name=_json.optional(src_dict, "name", str),
            subject=_json.optional(src_dict, "subject", str),
            version=_json.optional(src_dict, "version", int),
        )


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema on its own, wherever it is registered or not."""

    schema_str: str | None
    schema_type: str | None = "AVRO"
    references: list[SchemaReference] | None = field(default_factory=list, hash=False)
    metadata: Metadata | None = None
    rule_set: RuleSet | None = None

    def to_dict(self) -> dict[str, Any]:
        return _json.given(
            schema=self.schema_str,
            schemaType=self.schema_type,
            references=[reference.to_dict() for reference in self.references or []],
            metadata=None if self.metadata is None else self.metadata.to_dict(),
            ruleSet=None if self.rule_set is None else self.rule_set.to_dict(),
        )

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        references = _json.optional_list(src_dict, "references", dict) or []
        return cls(
            schema_str=_json.optional(src_dict, "schema", str),
            schema_type=_json.optional(src_dict, "schemaType", str) or "AVRO",
            references=[SchemaReference.from_dict(reference) for reference in references],
            metadata=metadata_of(src_dict, "metadata"),
            rule_set=rule_set_of(src_dict, "ruleSet"),
        )


@dataclass(frozen=True, slots=True)
class RegisteredSchema:
    """A schema as one version of a subject; None where the registry left a part out."""

    subject: str | None
    version: int | None
    schema_id: int | None
    guid: str | None
    schema: Schema

    def to_dict(self) -> dict[str, Any]:
        place = _json.given(
            id=self.schema_id, guid=self.guid, subject=self.subject, version=self.version
        )
        return self.schema.to_dict() | place

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        return cls(
            subject=_json.optional(src_dict, "subject", str),
            version=_json.optional(src_dict, "version", int),
            schema_id=_json.optional(src_dict, "id", int),
            guid=_json.optional(src_dict, "guid", str),
            schema=Schema.from_dict(src_dict),
        )


def schema_of(source: Mapping[str, Any], name: str) -> Schema | None:
    found = _json.optional(source, name, dict)
    return Schema.from_dict(found) if found else None
