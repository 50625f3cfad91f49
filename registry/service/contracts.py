"""Data contracts: rules that are allowed, and how metadata and rule sets are merged."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from registry.errors import InvalidRuleSet
from registry.model import Metadata, RuleMode, RuleSet

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from registry.model import Config, Rule

VERSION_PROPERTY = "confluent:version"
MAX_RULE_NAME = 256
# Clients run every rule for every record, and every later version inherits them.
MAX_RULES = 1000

# category: (its name in messages, the modes it takes)
CATEGORIES: Mapping[str, tuple[str, tuple[RuleMode, ...]]] = {
    "migration_rules": ("Migration", (RuleMode.UPGRADE, RuleMode.DOWNGRADE, RuleMode.UPDOWN)),
    "domain_rules": ("Domain", (RuleMode.WRITE, RuleMode.READ, RuleMode.WRITEREAD)),
    "encoding_rules": ("Encoding", (RuleMode.WRITE, RuleMode.READ, RuleMode.WRITEREAD)),
}
TWO_SIDED = (RuleMode.WRITEREAD, RuleMode.UPDOWN)


def validate(rule_set: RuleSet | None) -> None:
    """Raise InvalidRuleSet for the first rule that breaks Confluent 8.3's conditions."""
    if rule_set is None:
        return
    if sum(len(getattr(rule_set, category)) for category in CATEGORIES) > MAX_RULES:
        msg = f"A rule set has more than {MAX_RULES} rules"
        raise InvalidRuleSet(msg)
    names: set[str] = set()
    for category, (word, modes) in CATEGORIES.items():
        for rule in getattr(rule_set, category):
            _validate_rule(rule)
            if rule.name in names:
                msg = f"Found rule with duplicate name '{rule.name}'"
                raise InvalidRuleSet(msg)
            names.add(rule.name)
            if rule.mode not in modes:
                msg = f"{word} rules can only be {', '.join(modes)}"
                raise InvalidRuleSet(msg)


def _validate_rule(rule: Rule) -> None:
    complaint = _name_complaint(rule.name)
    if complaint is not None:
        raise InvalidRuleSet(complaint)
    if not rule.type:
        msg = "Missing rule type"
        raise InvalidRuleSet(msg)
    several = any("," in (action or "") for action in (rule.on_success, rule.on_failure))
    if several and rule.mode not in TWO_SIDED:
        msg = "Multiple actions only valid with WRITEREAD and UPDOWN"
        raise InvalidRuleSet(msg)


def _name_complaint(name: str | None) -> str | None:
    if name is None:
        return "Missing rule name"
    if not name:
        return "Empty rule name"
    if len(name) > MAX_RULE_NAME:
        return "Rule name too long"
    if not (name[0].isalpha() or name[0] == "_"):
        return f"Illegal initial character in rule name: {name}"
    if not all(char.isalnum() or char in "_-" for char in name):
        return f"Illegal character in rule name: {name}"
    return None


def merge_metadata(*layers: Metadata | None) -> Metadata | None:
    """Merge from weakest to strongest: the later wins per key, sensitive names add up."""
    given = [layer for layer in layers if layer is not None]
    if not given:
        return None
    merged = given[0]
    for layer in given[1:]:
        merged = Metadata(
            tags={**merged.tags, **layer.tags},
            properties={**merged.properties, **layer.properties},
            sensitive=merged.sensitive | layer.sensitive,
        )
    return merged


def merge_rule_sets(*layers: RuleSet | None) -> RuleSet | None:
    """Merge from weakest to strongest: a later rule replaces the earlier one of its name."""
    given = [layer for layer in layers if layer is not None]
    if not given:
        return None
    merged = given[0]
    for layer in given[1:]:
        merged = RuleSet(
            migration_rules=_replaced(merged.migration_rules, layer.migration_rules),
            domain_rules=_replaced(merged.domain_rules, layer.domain_rules),
            encoding_rules=_replaced(merged.encoding_rules, layer.encoding_rules),
            enable_at=layer.enable_at or merged.enable_at,
        )
    return merged


def _replaced(earlier: Iterable[Rule], later: tuple[Rule, ...]) -> tuple[Rule, ...]:
    return (*_without(earlier, {rule.name for rule in later}), *later)


def _without(rules: Iterable[Rule], names: Collection[str | None]) -> tuple[Rule, ...]:
    return tuple(rule for rule in rules if rule.name not in names)


def without_rules(rule_set: RuleSet | None, names: Collection[str]) -> RuleSet | None:
    """Drop the named rules from all three lists."""
    if rule_set is None or not names:
        return rule_set
    return replace(
        rule_set,
        migration_rules=_without(rule_set.migration_rules, names),
        domain_rules=_without(rule_set.domain_rules, names),
        encoding_rules=_without(rule_set.encoding_rules, names),
    )


def with_config(
    metadata: Metadata | None, rule_set: RuleSet | None, config: Config
) -> tuple[Metadata | None, RuleSet | None]:
    """Put the config's defaults below and its overrides above what was given."""
    return (
        merge_metadata(config.default_metadata, metadata, config.override_metadata),
        merge_rule_sets(config.default_rule_set, rule_set, config.override_rule_set),
    )


def with_version(metadata: Metadata | None, version: int) -> Metadata:
    """Set the property that names the version."""
    base = metadata or Metadata()
    return replace(base, properties={**base.properties, VERSION_PROPERTY: str(version)})


def property_of(metadata: Metadata | None, name: str) -> str | None:
    return None if metadata is None else metadata.properties.get(name)


def same_contract(
    asked: tuple[Metadata | None, RuleSet | None], stored: tuple[Metadata | None, RuleSet | None]
) -> bool:
    """Tell whether two contracts are equal for a lookup.

    Absent and empty are equal, because clients spell empty parts out; a version property on one
    side only is ignored.
    """
    if asked == stored == (None, None):
        return True
    left, right = asked[0] or Metadata(), stored[0] or Metadata()
    if (VERSION_PROPERTY in left.properties) != (VERSION_PROPERTY in right.properties):
        left, right = _without_version(left), _without_version(right)
    return left == right and (asked[1] or RuleSet()) == (stored[1] or RuleSet())


def _without_version(metadata: Metadata) -> Metadata:
    kept = {key: value for key, value in metadata.properties.items() if key != VERSION_PROPERTY}
    return replace(metadata, properties=kept)
