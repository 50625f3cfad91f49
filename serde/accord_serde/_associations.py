"""Ties between subjects and resources such as topics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from accord_serde import _json
from accord_serde._schemas import Schema, schema_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self


def _is_frozen(source: Mapping[str, Any]) -> bool:
    """Read `frozen`, which a registry omits where it follows from the lifecycle."""
    frozen = _json.optional(source, "frozen", bool)
    return source.get("lifecycle") == "STRONG" if frozen is None else frozen


@dataclass(frozen=True, slots=True)
class Association:
    """One association; `lifecycle` is unknown to Confluent's class of this name."""

    subject: str | None
    guid: str | None
    resource_name: str | None
    resource_namespace: str | None
    resource_id: str | None
    resource_type: str | None
    association_type: str | None
    frozen: bool = False
    lifecycle: str | None = None

    def to_dict(self) -> dict[str, Any]:
        return _json.given(
            subject=self.subject,
            guid=self.guid,
            resourceName=self.resource_name,
            resourceNamespace=self.resource_namespace,
            resourceId=self.resource_id,
            resourceType=self.resource_type,
            associationType=self.association_type,
            lifecycle=self.lifecycle,
            frozen=self.frozen,
        )

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        return cls(
            subject=_json.optional(src_dict, "subject", str),
            guid=_json.optional(src_dict, "guid", str),
            resource_name=_json.optional(src_dict, "resourceName", str),
            resource_namespace=_json.optional(src_dict, "resourceNamespace", str),
            resource_id=_json.optional(src_dict, "resourceId", str),
            resource_type=_json.optional(src_dict, "resourceType", str),
            association_type=_json.optional(src_dict, "associationType", str),
            frozen=_is_frozen(src_dict),
            lifecycle=_json.optional(src_dict, "lifecycle", str),
        )


@dataclass(slots=True)
class AssociationInfo:
    """One association in the answer to a change."""

    subject: str | None = None
    association_type: str | None = None
    lifecycle: str | None = None
    frozen: bool = False
    schema: Schema | None = None

    def to_dict(self) -> dict[str, Any]:
        return _json.given(
            subject=self.subject,
            associationType=self.association_type,
            lifecycle=self.lifecycle,
            frozen=self.frozen,
            schema=None if self.schema is None else self.schema.to_dict(),
        )

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        return cls(
            subject=_json.optional(src_dict, "subject", str),
            association_type=_json.optional(src_dict, "associationType", str),
            lifecycle=_json.optional(src_dict, "lifecycle", str),
            frozen=_is_frozen(src_dict),
            schema=schema_of(src_dict, "schema"),
        )


@dataclass(slots=True)
class AssociationCreateOrUpdateInfo:
    """One association to create or change."""

    subject: str | None = None
    association_type: str | None = None
    lifecycle: str | None = None
    frozen: bool | None = None
    schema: Schema | None = None
    normalize: bool | None = None

    def to_dict(self) -> dict[str, Any]:
        return _json.given(
            subject=self.subject,
            associationType=self.association_type,
            lifecycle=self.lifecycle,
            frozen=self.frozen,
            schema=None if self.schema is None else self.schema.to_dict(),
            normalize=self.normalize,
        )

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        return cls(
            subject=_json.optional(src_dict, "subject", str),
            association_type=_json.optional(src_dict, "associationType", str),
            lifecycle=_json.optional(src_dict, "lifecycle", str),
            frozen=_json.optional(src_dict, "frozen", bool),
            schema=schema_of(src_dict, "schema"),
            normalize=_json.optional(src_dict, "normalize", bool),
        )


def _resource(source: Mapping[str, Any]) -> dict[str, str | None]:
    return {
        "resource_name": _json.optional(source, "resourceName", str),
        "resource_namespace": _json.optional(source, "resourceNamespace", str),
        "resource_id": _json.optional(source, "resourceId", str),
        "resource_type": _json.optional(source, "resourceType", str),
    }


@dataclass(slots=True)
class AssociationCreateOrUpdateRequest:
    """The associations one resource shall have."""

    resource_name: str | None = None
    resource_namespace: str | None = None
    resource_id: str | None = None
    resource_type: str | None = None
    associations: list[AssociationCreateOrUpdateInfo] | None = None

    def to_dict(self) -> dict[str, Any]:
        wanted = self.associations
        return _json.given(
            resourceName=self.resource_name,
            resourceNamespace=self.resource_namespace,
            resourceId=self.resource_id,
            resourceType=self.resource_type,
            associations=None if wanted is None else [each.to_dict() for each in wanted],
        )

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        wanted = _json.optional_list(src_dict, "associations", dict)
        infos = [AssociationCreateOrUpdateInfo.from_dict(each) for each in wanted or []]
        return cls(**_resource(src_dict), associations=infos or None)


@dataclass(slots=True)
class AssociationResponse:
    """The associations one resource has after a change."""

    resource_name: str | None = None
    resource_namespace: str | None = None
    resource_id: str | None = None
    resource_type: str | None = None
    associations: list[AssociationInfo] | None = None

    def to_dict(self) -> dict[str, Any]:
        made = self.associations
        return _json.given(
            resourceName=self.resource_name,
            resourceNamespace=self.resource_namespace,
            resourceId=self.resource_id,
            resourceType=self.resource_type,
            associations=None if made is None else [each.to_dict() for each in made],
        )

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        made = _json.optional_list(src_dict, "associations", dict)
        infos = [AssociationInfo.from_dict(each) for each in made or []]
        return cls(**_resource(src_dict), associations=infos or None)
