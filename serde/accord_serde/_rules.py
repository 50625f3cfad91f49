"""Metadata and rule sets: what a schema carries besides its text."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from accord_serde import _json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self


class RuleKind(StrEnum):
    CONDITION = "CONDITION"
    TRANSFORM = "TRANSFORM"


class RuleMode(StrEnum):
    UPGRADE = "UPGRADE"
    DOWNGRADE = "DOWNGRADE"
    UPDOWN = "UPDOWN"
    READ = "READ"
    WRITE = "WRITE"
    WRITEREAD = "WRITEREAD"


@dataclass(slots=True)
class RuleParams:
    params: dict[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return dict(self.params)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        return cls(_json.entries(src_dict, str, "params"))

    def __hash__(self) -> int:
        return hash(frozenset(self.params.items()))


@dataclass(frozen=True, slots=True)
class Rule:
    name: str | None = None
    doc: str | None = None
    kind: RuleKind | None = None
    mode: RuleMode | None = None
    type: str | None = None
    tags: list[str] | None = field(default=None, hash=False)
    params: RuleParams | None = None
    expr: str | None = None
    on_success: str | None = None
    on_failure: str | None = None
    disabled: bool | None = None

    def to_dict(self) -> dict[str, Any]:
        return _json.given(
            name=self.name,
            doc=self.doc,
            kind=self.kind and self.kind.value,
            mode=self.mode and self.mode.value,
            type=self.type,
            tags=self.tags,
            params=None if self.params is None else self.params.to_dict(),
            expr=self.expr,
            onSuccess=self.on_success,
            onFailure=self.on_failure,
            disabled=self.disabled,
        )

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        kind = _json.optional(src_dict, "kind", str)
        mode = _json.optional(src_dict, "mode", str)
        params = _json.optional(src_dict, "params", dict)
        return cls(
            name=_json.optional(src_dict, "name", str),
            doc=_json.optional(src_dict, "doc", str),
            kind=None if kind is None else RuleKind(kind),
            mode=None if mode is None else RuleMode(mode),
            type=_json.optional(src_dict, "type", str),
            tags=_json.optional_list(src_dict, "tags", str),
            params=None if params is None else RuleParams.from_dict(params),
            expr=_json.optional(src_dict, "expr", str),
            on_success=_json.optional(src_dict, "onSuccess", str),
            on_failure=_json.optional(src_dict, "onFailure", str),
            disabled=_json.optional(src_dict, "disabled", bool),
        )


@dataclass(slots=True)
class RuleSet:
    migration_rules: list[Rule] | None = None
    domain_rules: list[Rule] | None = None
    encoding_rules: list[Rule] | None = None
    enable_at: str | None = None

    def to_dict(self) -> dict[str, Any]:
        return _json.given(
            migrationRules=_documents(self.migration_rules),
            domainRules=_documents(self.domain_rules),
            encodingRules=_documents(self.encoding_rules),
            enableAt=self.enable_at,
        )

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        return cls(
            migration_rules=_rules(src_dict, "migrationRules"),
            domain_rules=_rules(src_dict, "domainRules"),
            encoding_rules=_rules(src_dict, "encodingRules"),
            enable_at=_json.optional(src_dict, "enableAt", str),
        )

    def __hash__(self) -> int:
        phases = (self.migration_rules, self.domain_rules, self.encoding_rules)
        return hash((tuple(tuple(rules or ()) for rules in phases), self.enable_at))


def _documents(rules: list[Rule] | None) -> list[dict[str, Any]] | None:
    return None if rules is None else [rule.to_dict() for rule in rules]


def _rules(source: Mapping[str, Any], name: str) -> list[Rule]:
    return [Rule.from_dict(rule) for rule in _json.optional_list(source, name, dict) or []]


@dataclass(slots=True)
class MetadataTags:
    """Tags by path pattern."""

    tags: dict[str, list[str]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return dict(self.tags)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        return cls({path: _json.elements(tags, str, path) for path, tags in src_dict.items()})

    def __hash__(self) -> int:
        return hash(frozenset((path, tuple(tags)) for path, tags in self.tags.items()))


@dataclass(slots=True)
class MetadataProperties:
    properties: dict[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return dict(self.properties)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        return cls(_json.entries(src_dict, str, "properties"))

    def __hash__(self) -> int:
        return hash(frozenset(self.properties.items()))


@dataclass(frozen=True, slots=True)
class Metadata:
    tags: MetadataTags | None = None
    properties: MetadataProperties | None = None
    sensitive: list[str] | None = field(default=None, hash=False)

    def to_dict(self) -> dict[str, Any]:
        return _json.given(
            tags=None if self.tags is None else self.tags.to_dict(),
            properties=None if self.properties is None else self.properties.to_dict(),
            sensitive=None if self.sensitive is None else list(self.sensitive),
        )

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        tags = _json.optional(src_dict, "tags", dict)
        properties = _json.optional(src_dict, "properties", dict)
        return cls(
            tags=None if tags is None else MetadataTags.from_dict(tags),
            properties=None if properties is None else MetadataProperties.from_dict(properties),
            sensitive=_json.optional_list(src_dict, "sensitive", str) or [],
        )


def metadata_of(source: Mapping[str, Any], name: str) -> Metadata | None:
    found = _json.optional(source, name, dict)
    return None if found is None else Metadata.from_dict(found)


def rule_set_of(source: Mapping[str, Any], name: str) -> RuleSet | None:
    found = _json.optional(source, name, dict)
    return None if found is None else RuleSet.from_dict(found)
