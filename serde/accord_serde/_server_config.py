"""The settings a registry keeps for everything or for one subject."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from accord_serde import _json
from accord_serde._rules import Metadata, RuleSet, metadata_of, rule_set_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self


class ConfigCompatibilityLevel(StrEnum):
    BACKWARD = "BACKWARD"
    BACKWARD_TRANSITIVE = "BACKWARD_TRANSITIVE"
    FORWARD = "FORWARD"
    FORWARD_TRANSITIVE = "FORWARD_TRANSITIVE"
    FULL = "FULL"
    FULL_TRANSITIVE = "FULL_TRANSITIVE"
    NONE = "NONE"


@dataclass(slots=True)
class ServerConfig:
    """What GET /config answers and PUT /config takes; None leaves a setting as it is.

    The settings behind `override_rule_set` are unknown to Confluent's class of this name; without
    them, reading a configuration and writing it back would lose them.
    """

    compatibility: ConfigCompatibilityLevel | None = None
    compatibility_level: ConfigCompatibilityLevel | None = None
    compatibility_group: str | None = None
    default_metadata: Metadata | None = None
    override_metadata: Metadata | None = None
    default_rule_set: RuleSet | None = None
    override_rule_set: RuleSet | None = None
    compatibility_policy: str | None = None
    alias: str | None = None
    alias_for_deks: str | None = None
    normalize: bool | None = None
    validate_fields: bool | None = None
    validate_new_schemas: bool | None = None
    validate_rules: bool | None = None

    def to_dict(self) -> dict[str, Any]:
        return _json.given(
            compatibility=self.compatibility and self.compatibility.value,
            compatibilityLevel=self.compatibility_level and self.compatibility_level.value,
            compatibilityGroup=self.compatibility_group,
            defaultMetadata=_document(self.default_metadata),
            overrideMetadata=_document(self.override_metadata),
            defaultRuleSet=_document(self.default_rule_set),
            overrideRuleSet=_document(self.override_rule_set),
            compatibilityPolicy=self.compatibility_policy,
            alias=self.alias,
            aliasForDeks=self.alias_for_deks,
            normalize=self.normalize,
            validateFields=self.validate_fields,
            validateNewSchemas=self.validate_new_schemas,
            validateRules=self.validate_rules,
        )

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        return cls(
            compatibility=_level(src_dict, "compatibility"),
            compatibility_level=_level(src_dict, "compatibilityLevel"),
            compatibility_group=_json.optional(src_dict, "compatibilityGroup", str),
            default_metadata=metadata_of(src_dict, "defaultMetadata"),
            override_metadata=metadata_of(src_dict, "overrideMetadata"),
            default_rule_set=rule_set_of(src_dict, "defaultRuleSet"),
            override_rule_set=rule_set_of(src_dict, "overrideRuleSet"),
            compatibility_policy=_json.optional(src_dict, "compatibilityPolicy", str),
            alias=_json.optional(src_dict, "alias", str),
            alias_for_deks=_json.optional(src_dict, "aliasForDeks", str),
            normalize=_json.optional(src_dict, "normalize", bool),
            validate_fields=_json.optional(src_dict, "validateFields", bool),
            validate_new_schemas=_json.optional(src_dict, "validateNewSchemas", bool),
            validate_rules=_json.optional(src_dict, "validateRules", bool),
        )


def _document(part: Metadata | RuleSet | None) -> dict[str, Any] | None:
    return None if part is None else part.to_dict()


def _level(source: Mapping[str, Any], name: str) -> ConfigCompatibilityLevel | None:
    found = _json.optional(source, name, str)
    return None if found is None else ConfigCompatibilityLevel(found)
