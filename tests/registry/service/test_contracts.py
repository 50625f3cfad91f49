"""How metadata and rule sets are merged, as laws."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import InvalidRuleSet
from registry.model import Config, EnableAt, Metadata, Rule, RuleMode, RuleSet
from registry.service import contracts
from registry.service.contracts import VERSION_PROPERTY, merge_metadata, merge_rule_sets

CATEGORIES = ("migration_rules", "domain_rules", "encoding_rules")
KEYS = st.sampled_from(["a", "b", "c", VERSION_PROPERTY])
VALUES = st.sampled_from(["1", "2", "3"])
NAMES = st.frozensets(KEYS, max_size=3)
METADATA = st.builds(
    Metadata,
    tags=st.dictionaries(KEYS, NAMES, max_size=3),
    properties=st.dictionaries(KEYS, VALUES, max_size=3),
    sensitive=NAMES,
)


def rules(*modes: RuleMode) -> st.SearchStrategy[tuple[Rule, ...]]:
    rule = st.builds(
        Rule,
        name=st.sampled_from(["r", "s", "t"]),
        mode=st.sampled_from(modes),
        type=VALUES,
        expr=VALUES,
    )
    return st.lists(rule, max_size=3, unique_by=lambda one: one.name).map(tuple)


RULE_SETS = st.builds(
    RuleSet,
    migration_rules=rules(RuleMode.UPGRADE, RuleMode.UPDOWN),
    domain_rules=rules(RuleMode.WRITE, RuleMode.READ),
    encoding_rules=rules(RuleMode.WRITEREAD),
    enable_at=st.none() | st.sampled_from(EnableAt),
)
MERGES = {
    "metadata": (merge_metadata, METADATA, Metadata()),
    "rule sets": (merge_rule_sets, RULE_SETS, RuleSet()),
}


@pytest.mark.parametrize("kind", MERGES)
@given(data=st.data())
def test_layers_may_be_merged_in_any_grouping(kind: str, data: st.DataObject) -> None:
    merge, layers, _ = MERGES[kind]
    weak, middle, strong = (data.draw(st.none() | layers) for _ in range(3))
    merged = merge(weak, middle, strong)
    assert merged == merge(merge(weak, middle), strong) == merge(weak, merge(middle, strong))


@pytest.mark.parametrize("kind", MERGES)
@given(data=st.data())
def test_what_says_nothing_changes_nothing(kind: str, data: st.DataObject) -> None:
    merge, layers, empty = MERGES[kind]
    layer = data.draw(layers)
    assert merge(layer, None) == merge(None, layer) == merge(layer) == layer
    assert merge(layer, empty) == merge(empty, layer) == merge(layer, layer) == layer
    assert merge() is merge(None, None) is None


@given(weak=METADATA, strong=METADATA)
def test_the_stronger_metadata_win_per_key(weak: Metadata, strong: Metadata) -> None:
    merged = merge_metadata(weak, strong)
    assert merged is not None
    assert merged.sensitive == weak.sensitive | strong.sensitive
    assert merged.tags.keys() == weak.tags.keys() | strong.tags.keys()
    for key, tags in merged.tags.items():
        assert tags == (strong.tags[key] if key in strong.tags else weak.tags[key])
    assert merged.properties.keys() == weak.properties.keys() | strong.properties.keys()
    for key, value in merged.properties.items():
        assert value == (
            strong.properties[key] if key in strong.properties else weak.properties[key]
        )


@given(weak=RULE_SETS, strong=RULE_SETS)
def test_the_stronger_rules_replace_those_of_their_name_and_come_last(
    weak: RuleSet, strong: RuleSet
) -> None:
    merged = merge_rule_sets(weak, strong)
    assert merged is not None
    assert merged.enable_at == (strong.enable_at or weak.enable_at)
    for category in CATEGORIES:
        earlier, later = getattr(weak, category), getattr(strong, category)
        found = getattr(merged, category)
        kept = found[: len(found) - len(later)]
        assert found[len(kept) :] == later
        assert kept == tuple(r for r in earlier if all(r.name != other.name for other in later))


@given(rule_set=RULE_SETS, names=st.frozensets(st.sampled_from(["r", "s", "x"])))
def test_rules_are_taken_out_by_name_and_the_others_stay(
    rule_set: RuleSet, names: frozenset[str]
) -> None:
    left = contracts.without_rules(rule_set, names)
    assert left is not None
    assert left.enable_at == rule_set.enable_at
    for category in CATEGORIES:
        expected = [rule for rule in getattr(rule_set, category) if rule.name not in names]
        assert list(getattr(left, category)) == expected


@given(default=METADATA, own=METADATA, override=METADATA)
def test_a_config_puts_defaults_below_and_overrides_above(
    default: Metadata, own: Metadata, override: Metadata
) -> None:
    config = Config(default_metadata=default, override_metadata=override)
    merged, rule_set = contracts.with_config(own, None, config)
    assert merged == merge_metadata(default, own, override)
    assert rule_set is None


@given(metadata=st.none() | METADATA, number=st.integers(1, 9))
def test_the_version_property_is_set_and_nothing_else(
    metadata: Metadata | None, number: int
) -> None:
    numbered = contracts.with_version(metadata, number)
    before = metadata or Metadata()
    assert numbered.properties == {**before.properties, VERSION_PROPERTY: str(number)}
    assert (numbered.tags, numbered.sensitive) == (before.tags, before.sensitive)


@given(metadata=st.none() | METADATA, rule_set=st.none() | RULE_SETS, number=st.integers(1, 9))
def test_a_version_property_on_one_side_does_not_count(
    metadata: Metadata | None, rule_set: RuleSet | None, number: int
) -> None:
    numbered = contracts.with_version(metadata, number)
    own = contracts.property_of(metadata, VERSION_PROPERTY)
    is_same = own is None or own == str(number)
    for one, other in ((metadata, numbered), (numbered, metadata)):
        assert contracts.same_contract((one, rule_set), (other, rule_set)) is is_same


@given(left=st.none() | METADATA, right=st.none() | METADATA, rule_set=RULE_SETS)
def test_being_the_same_contract_is_mutual(
    left: Metadata | None, right: Metadata | None, rule_set: RuleSet
) -> None:
    assert contracts.same_contract((left, rule_set), (left, rule_set))
    one_way = contracts.same_contract((left, rule_set), (right, rule_set))
    assert one_way is contracts.same_contract((right, rule_set), (left, rule_set))


def test_absent_and_empty_are_the_same_contract() -> None:
    assert contracts.same_contract((None, None), (Metadata(), RuleSet()))
    assert not contracts.same_contract((None, None), (Metadata(sensitive=frozenset("a")), None))


@given(weak=RULE_SETS, strong=RULE_SETS)
def test_names_that_no_other_category_has_stay_valid_when_merged(
    weak: RuleSet, strong: RuleSet
) -> None:
    """Inside a category a name is there once after a merge, whatever was merged."""
    merged = merge_rule_sets(weak, strong)
    assert merged is not None
    names = [rule.name for category in CATEGORIES for rule in getattr(merged, category)]
    if len(set(names)) == len(names):
        contracts.validate(merged)
    else:
        with pytest.raises(InvalidRuleSet, match="duplicate name"):
            contracts.validate(merged)
