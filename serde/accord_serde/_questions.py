"""What can be asked and remembered: the arguments of a method, its subject left out.

Fields are named as the arguments of the client's methods; bundles name them the same way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from accord_serde._schemas import Schema


@dataclass(frozen=True, slots=True)
class ById:
    """A question for content: it has a subject of its own, for content belongs to none."""

    schema_id: int
    subject_name: str | None
    fmt: str | None
    reference_format: str | None


@dataclass(frozen=True, slots=True)
class ByGuid:
    guid: str
    fmt: str | None


@dataclass(frozen=True, slots=True)
class Registration:
    schema: Schema
    normalize_schemas: bool


@dataclass(frozen=True, slots=True)
class Lookup:
    schema: Schema
    normalize_schemas: bool
    fmt: str | None
    deleted: bool


@dataclass(frozen=True, slots=True)
class OneVersion:
    version: int
    deleted: bool
    fmt: str | None


@dataclass(frozen=True, slots=True)
class Latest:
    fmt: str | None


@dataclass(frozen=True, slots=True)
class LatestWithMetadata:
    metadata: frozenset[tuple[str, str]]
    deleted: bool
    fmt: str | None


@dataclass(frozen=True, slots=True)
class OfResource:
    """A question for associations; offset and limit are as sent, None where they are not."""

    resource_name: str
    resource_namespace: str
    resource_type: str | None
    association_types: tuple[str, ...] | None
    offset: int | None
    limit: int | None


Question: TypeAlias = (
    ById | ByGuid | Registration | Lookup | OneVersion | Latest | LatestWithMetadata | OfResource
)
