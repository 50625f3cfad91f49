"""The domain's values as JSON documents, in the field order and with the omissions of the contract.

The same documents stand in the database, in the journal and in answers. Empty parts are left out,
booleans and zeros are kept (Confluent 8.3: NON_EMPTY).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from registry.model import (
    Config,
    EnableAt,
    Metadata,
    Reference,
    Rule,
    RuleKind,
    RuleMode,
    RuleSet,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Document = dict[str, Any]


def without_empty(document: Mapping[str, Any]) -> Document:
    """Leave out nulls, empty texts, lists and maps."""
    return {key: value for key, value in document.items() if value not in (None, "", [], {})}


def references_document(references: Iterable[Reference]) -> list[Document]:
    return [{"name": r.name, "subject": r.subject, "version": r.version} for r in references]


def references_from(documents: Iterable[Mapping[str, Any]] | None) -> tuple[Reference, ...]:
    return tuple(Reference(d["name"], d["subject"], d["version"]) for d in documents or ())


def metadata_document(metadata: Metadata | None) -> Document | None:
    if metadata is None:
        return None
    return without_empty(
        {
            "tags": {path: sorted(metadata.tags[path]) for path in sorted(metadata.tags)},
            "properties": {key: metadata.properties[key] for key in sorted(metadata.properties)},
            "sensitive": sorted(metadata.sensitive),
        }
    )


def metadata_from(document: Mapping[str, Any] | None) -> Metadata | None:
    if document is None:
        return None
    return Metadata(
        tags={path: frozenset(tags) for path, tags in (document.get("tags") or {}).items()},
        properties=dict(document.get("properties") or {}),
        sensitive=frozenset(document.get("sensitive") or ()),
    )


def rule_document(rule: Rule) -> Document:
    document = without_empty(
        {
            "name": rule.name,
            "doc": rule.doc,
            "kind": rule.kind.value,
            "mode": rule.mode.value,
            "type": rule.type,
            "tags": sorted(rule.tags),
            "params": {key: rule.params[key] for key in sorted(rule.params)},
            "expr": rule.expr,
            "onSuccess": rule.on_success,
            "onFailure": rule.on_failure,
        }
    )
    return {**document, "disabled": rule.disabled}


def rule_from(document: Mapping[str, Any]) -> Rule:
    return Rule(
        name=document.get("name"),
        doc=document.get("doc"),
        kind=RuleKind(document.get("kind") or RuleKind.TRANSFORM),
        mode=RuleMode(document.get("mode") or RuleMode.WRITEREAD),
        type=document.get("type"),
        tags=frozenset(document.get("tags") or ()),
        params=dict(document.get("params") or {}),
        expr=document.get("expr"),
        on_success=document.get("onSuccess"),
        on_failure=document.get("onFailure"),
        disabled=bool(document.get("disabled")),
    )


def rule_set_document(rule_set: RuleSet | None) -> Document | None:
    if rule_set is None:
        return None
    return without_empty(
        {
            "migrationRules": [rule_document(rule) for rule in rule_set.migration_rules],
            "domainRules": [rule_document(rule) for rule in rule_set.domain_rules],
            "encodingRules": [rule_document(rule) for rule in rule_set.encoding_rules],
            "enableAt": None if rule_set.enable_at is None else rule_set.enable_at.value,
        }
    )


def rule_set_from(document: Mapping[str, Any] | None) -> RuleSet | None:
    if document is None:
        return None
    enable_at = document.get("enableAt")
    return RuleSet(
        migration_rules=tuple(rule_from(d) for d in document.get("migrationRules") or ()),
        domain_rules=tuple(rule_from(d) for d in document.get("domainRules") or ()),
        encoding_rules=tuple(rule_from(d) for d in document.get("encodingRules") or ()),
        enable_at=None if enable_at is None else EnableAt(enable_at),
    )


def config_document(config: Config, *, level_key: str = "compatibilityLevel") -> Document:
    """Return the settings that are set; a PUT answer names the level `compatibility`."""
    document = {
        "alias": config.alias,
        "aliasForDeks": config.alias_for_deks,
        "normalize": config.normalize,
        "validateFields": config.validate_fields,
        "validateNewSchemas": config.validate_new_schemas,
        "validateRules": config.validate_rules,
        level_key: config.compatibility_level,
        "compatibilityPolicy": config.compatibility_policy,
        "compatibilityGroup": config.compatibility_group,
        "defaultMetadata": metadata_document(config.default_metadata),
        "overrideMetadata": metadata_document(config.override_metadata),
        "defaultRuleSet": rule_set_document(config.default_rule_set),
        "overrideRuleSet": rule_set_document(config.override_rule_set),
    }
    return {key: value for key, value in document.items() if value is not None}


def config_from(document: Mapping[str, Any]) -> Config:
    return Config(
        compatibility_level=document.get("compatibilityLevel"),
        compatibility_policy=document.get("compatibilityPolicy"),
        compatibility_group=document.get("compatibilityGroup"),
        normalize=document.get("normalize"),
        validate_fields=document.get("validateFields"),
        validate_new_schemas=document.get("validateNewSchemas"),
        validate_rules=document.get("validateRules"),
        alias=document.get("alias"),
        alias_for_deks=document.get("aliasForDeks"),
        default_metadata=metadata_from(document.get("defaultMetadata")),
        override_metadata=metadata_from(document.get("overrideMetadata")),
        default_rule_set=rule_set_from(document.get("defaultRuleSet")),
        override_rule_set=rule_set_from(document.get("overrideRuleSet")),
    )
