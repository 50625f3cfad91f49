"""The domain's values: what is stored, without a word on where or how it is served."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from registry.names import Subject

MAX_ID = 2**31 - 1
LATEST = -1


class RuleKind(StrEnum):
    CONDITION = "CONDITION"
    TRANSFORM = "TRANSFORM"


class RuleMode(StrEnum):
    UPGRADE = "UPGRADE"
    DOWNGRADE = "DOWNGRADE"
    UPDOWN = "UPDOWN"
    WRITE = "WRITE"
    READ = "READ"
    WRITEREAD = "WRITEREAD"


class EnableAt(StrEnum):
    ALL = "ALL"
    CLIENT = "CLIENT"
    GATEWAY = "GATEWAY"
    SERVER = "SERVER"
    NONE = "NONE"


class Mode(StrEnum):
    READWRITE = "READWRITE"
    READONLY = "READONLY"
    READONLY_OVERRIDE = "READONLY_OVERRIDE"
    IMPORT = "IMPORT"
    FORWARD = "FORWARD"

    @property
    def is_readonly(self) -> bool:
        return self in {Mode.READONLY, Mode.READONLY_OVERRIDE}

    @property
    def takes_ids(self) -> bool:
        """Tell whether registrations bring their own ids and skip the checks."""
        return self in {Mode.IMPORT, Mode.FORWARD}


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference as the client wrote it; `version` may be LATEST until it is registered."""

    name: str
    subject: str
    version: int


@dataclass(frozen=True, slots=True)
class Metadata:
    """Tags by path pattern, free properties, and the names of the properties to keep secret."""

    tags: Mapping[str, frozenset[str]] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    sensitive: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.tags or self.properties or self.sensitive)


@dataclass(frozen=True, slots=True)
class Rule:
    name: str | None = None
    doc: str | None = None
    kind: RuleKind = RuleKind.TRANSFORM
    mode: RuleMode = RuleMode.WRITEREAD
    type: str | None = None
    tags: frozenset[str] = frozenset()
    params: Mapping[str, str] = field(default_factory=dict)
    expr: str | None = None
    on_success: str | None = None
    on_failure: str | None = None
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class RuleSet:
    migration_rules: tuple[Rule, ...] = ()
    domain_rules: tuple[Rule, ...] = ()
    encoding_rules: tuple[Rule, ...] = ()
    enable_at: EnableAt | None = None

    def __bool__(self) -> bool:
        return bool(self.migration_rules or self.domain_rules or self.encoding_rules) or (
            self.enable_at is not None
        )


@dataclass(frozen=True, slots=True)
class Content:
    """What an id stands for: everything that makes two schemas the same or not."""

    type: str
    text: str
    references: tuple[Reference, ...] = ()
    metadata: Metadata | None = None
    rule_set: RuleSet | None = None

    def guid(self) -> str:
        """Return the identity of the content (Confluent 8.3: MD5 written as a UUID).

        The type is not part of it: the same text of another type has the same identity.
        """
        digest = hashlib.md5(usedforsecurity=False)
        digest.update(self.text.encode())
        for reference in self.references:
            digest.update(reference.name.encode())
            digest.update(reference.subject.encode())
            digest.update(reference.version.to_bytes(4, "big", signed=True))
        for part in _metadata_parts(self.metadata):
            digest.update(part)
        for part in _rule_set_parts(self.rule_set):
            digest.update(part)
        digits = digest.hexdigest()
        parts = digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]
        return "-".join(parts)


def _metadata_parts(metadata: Metadata | None) -> list[bytes]:
    if metadata is None:
        return []
    texts: list[str] = []
    for path in sorted(metadata.tags):
        texts += [path, *sorted(metadata.tags[path])]
    for key in sorted(metadata.properties):
        texts += [key, metadata.properties[key]]
    texts += sorted(metadata.sensitive)
    return [b"\x01", *(text.encode() for text in texts)]


def _rule_set_parts(rule_set: RuleSet | None) -> list[bytes]:
    if rule_set is None:
        return []
    parts = [b"\x01"]
    for rules in (rule_set.migration_rules, rule_set.domain_rules, rule_set.encoding_rules):
        for rule in rules:
            parts += _rule_parts(rule)
    if rule_set.enable_at is not None:
        parts.append(rule_set.enable_at.value.encode())
    return parts


def _rule_parts(rule: Rule) -> list[bytes]:
    texts = [rule.name, rule.doc, rule.kind.value, rule.mode.value, rule.type, *sorted(rule.tags)]
    for key in sorted(rule.params):
        texts += [key, rule.params[key]]
    texts += [rule.expr, rule.on_success, rule.on_failure]
    parts = [text.encode() for text in texts if text is not None]
    return [*parts, b"\x01"] if rule.disabled else parts


@dataclass(frozen=True, slots=True)
class StoredSchema:
    """A content under its id in a context."""

    context: str
    id: int
    guid: str
    content: Content


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a subject, its content left out."""

    subject: Subject
    version: int
    schema_id: int
    guid: str
    deleted: bool
    created_ms: int


@dataclass(frozen=True, slots=True)
class SubjectVersion:
    """One version of a subject with its content."""

    row: Version
    content: Content


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one scope; None where the scope leaves a setting to the next one."""

    compatibility_level: str | None = None
    compatibility_policy: str | None = None
    compatibility_group: str | None = None
    normalize: bool | None = None
    validate_fields: bool | None = None
    validate_new_schemas: bool | None = None
    validate_rules: bool | None = None
    alias: str | None = None
    alias_for_deks: str | None = None
    default_metadata: Metadata | None = None
    override_metadata: Metadata | None = None
    default_rule_set: RuleSet | None = None
    override_rule_set: RuleSet | None = None


@dataclass(frozen=True, slots=True)
class ScopeSettings:
    """What one scope has set for itself."""

    config: Config | None = None
    mode: Mode | None = None


class Lifecycle(StrEnum):
    STRONG = "STRONG"
    WEAK = "WEAK"


@dataclass(frozen=True, slots=True)
class Association:
    """The tie between a subject and a resource such as a topic."""

    subject: Subject
    guid: str
    resource_name: str
    resource_namespace: str
    resource_id: str
    resource_type: str
    association_type: str
    lifecycle: Lifecycle
    frozen: bool
    created_ms: int
    updated_ms: int


@dataclass(frozen=True, slots=True)
class AssociationQuery:
    """Criteria for associations; None and empty mean any."""

    subject: Subject | None = None
    resource_namespace: str | None = None
    resource_name: str | None = None
    resource_id: str | None = None
    resource_type: str | None = None
    association_types: Collection[str] = ()
    lifecycle: Lifecycle | None = None


class ChangeKind(StrEnum):
    """What a row of the journal says happened."""

    SCHEMA_REGISTERED = "SCHEMA_REGISTERED"
    VERSION_SOFT_DELETED = "VERSION_SOFT_DELETED"
    VERSION_RESTORED = "VERSION_RESTORED"
    VERSION_DELETED = "VERSION_DELETED"
    CONFIG_SET = "CONFIG_SET"
    CONFIG_DELETED = "CONFIG_DELETED"
    MODE_SET = "MODE_SET"
    MODE_DELETED = "MODE_DELETED"
    CONTEXT_CREATED = "CONTEXT_CREATED"
    CONTEXT_DELETED = "CONTEXT_DELETED"
    ASSOCIATION_SET = "ASSOCIATION_SET"
    ASSOCIATION_DELETED = "ASSOCIATION_DELETED"


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the journal; `key`, `before` and `after` are JSON documents."""

    sequence: int
    at_ms: int
    principal: str
    kind: ChangeKind
    key: Mapping[str, object]
    before: Mapping[str, object] | None
    after: Mapping[str, object] | None
