"""Configs, modes and associations, on both databases."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from registry.model import (
    Association,
    AssociationQuery,
    Config,
    Content,
    EnableAt,
    Lifecycle,
    Metadata,
    Mode,
    Rule,
    RuleKind,
    RuleMode,
    RuleSet,
    ScopeSettings,
)
from registry.names import DEFAULT, GLOBAL, Subject
from registry.storage.sql.engine import Session

if TYPE_CHECKING:
    from registry.storage.sql.store import SqlStore

FOO = Subject(".", "foo")
BAR = Subject(".", "bar")
STAGED = Subject(".staging", "foo")
RULE = Rule(
    name="r",
    doc="why",
    kind=RuleKind.CONDITION,
    mode=RuleMode.WRITE,
    type="CEL",
    tags=frozenset({"PII", "A"}),
    params={"k": "v", "empty": ""},
    expr="x > 1",
    on_success="NONE",
    on_failure="DLQ",
    disabled=True,
)
FULL = Content(
    "JSON",
    '{"ключ": "\\u0000", "😀": 1}',
    metadata=Metadata(
        tags={"**.ssn": frozenset({"PII", "B"}), "none": frozenset()},
        properties={"owner": "x", "b": ""},
        sensitive=frozenset({"owner"}),
    ),
    rule_set=RuleSet((RULE,), (replace(RULE, name="s"),), (RULE,), EnableAt.SERVER),
)


# settings


def test_a_config_comes_back_as_it_was(store: SqlStore) -> None:
    config = Config(
        compatibility_level="FULL",
        compatibility_policy="STRICT",
        compatibility_group="g",
        normalize=False,
        validate_fields=True,
        validate_new_schemas=False,
        validate_rules=True,
        alias="other",
        alias_for_deks="deks",
        default_metadata=FULL.metadata,
        override_metadata=Metadata(),
        default_rule_set=FULL.rule_set,
        override_rule_set=RuleSet(),
    )
    with store.write() as writer:
        writer.set_config(FOO, config)
        writer.set_config(GLOBAL, Config(normalize=True))
    with store.read() as reader:
        assert reader.config(FOO) == config
        assert reader.config(GLOBAL) == Config(normalize=True)
        assert reader.config(DEFAULT) is None
    with store.write() as writer:
        writer.set_config(FOO, Config())
        assert writer.config(FOO) == Config()
        writer.delete_config(FOO)
        writer.delete_config(FOO)
        assert writer.config(FOO) is None


def test_settings_of_several_scopes_come_at_once(store: SqlStore) -> None:
    with store.write() as writer:
        writer.set_config(FOO, Config(normalize=True))
        writer.set_mode(FOO, Mode.IMPORT)
        writer.set_mode(GLOBAL, Mode.READONLY)
        writer.set_config(DEFAULT, Config(alias="a"))
    everything = ScopeSettings(Config(normalize=True), Mode.IMPORT)
    with store.read() as reader:
        assert reader.settings([FOO]) == [everything]
        assert reader.settings([STAGED, GLOBAL, FOO, DEFAULT]) == [
            ScopeSettings(),
            ScopeSettings(mode=Mode.READONLY),
            everything,
            ScopeSettings(config=Config(alias="a")),
        ]
        assert reader.settings([BAR, STAGED]) == [ScopeSettings()] * 2


def test_a_writer_asked_again_answers_with_what_it_has_written(store: SqlStore) -> None:
    with store.write() as writer:
        assert writer.settings([FOO]) == [ScopeSettings()]
        writer.set_mode(FOO, Mode.IMPORT)
        assert writer.settings([FOO]) == [ScopeSettings(mode=Mode.IMPORT)]
        writer.delete_mode(FOO)
        assert writer.settings([FOO]) == [ScopeSettings()]


def test_a_snapshot_asks_the_same_only_once(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    fetch = Session._fetch  # noqa: SLF001  what goes to the driver
    monkeypatch.setattr(
        Session, "_fetch", lambda self, sql, bound: asked.append(sql) or fetch(self, sql, bound)
    )
    with store.read() as reader:
        first = reader.settings([FOO, GLOBAL])
        assert reader.settings([FOO, GLOBAL]) == first
        assert len(asked) == 1
        reader.settings([GLOBAL, FOO])
        assert len(asked) == 2
    with store.read(snapshot=False) as reader:
        reader.sequence()
        reader.sequence()
    assert len(asked) == 4


def test_aliases_are_those_of_subjects(store: SqlStore) -> None:
    with store.write() as writer:
        writer.set_config(FOO, Config(alias="bar"))
        writer.set_config(STAGED, Config(alias=":.:foo"))
        writer.set_config(BAR, Config(normalize=True))
        writer.set_config(DEFAULT, Config(alias="nobody"))
    with store.write() as writer:
        assert writer.aliases() == [(FOO, "bar"), (STAGED, ":.:foo")]
        writer.set_config(FOO, Config())
        assert writer.aliases() == [(STAGED, ":.:foo")]


@pytest.mark.parametrize("mode", Mode)
def test_every_mode_is_kept(store: SqlStore, mode: Mode) -> None:
    with store.write() as writer:
        writer.set_mode(FOO, Mode.READONLY)
        writer.set_mode(FOO, mode)
        writer.set_mode(STAGED, mode)
        writer.set_mode(Subject(".staging", ""), mode)
    with store.write() as writer:
        assert writer.mode(FOO) == mode
        assert writer.mode(BAR) is None
        assert writer.modes_within(".staging") == [Subject(".staging", ""), STAGED]
        writer.delete_mode(FOO)
        writer.delete_mode(FOO)
        assert writer.mode(FOO) is None
        assert writer.modes_within(".") == []


# associations

TOPIC = Association(
    subject=FOO,
    guid="g1",
    resource_name="topic",
    resource_namespace="lkc1",
    resource_id="id1",
    resource_type="topic",
    association_type="value",
    lifecycle=Lifecycle.STRONG,
    frozen=True,
    created_ms=1,
    updated_ms=2,
)
KEY = replace(TOPIC, association_type="key", subject=BAR, lifecycle=Lifecycle.WEAK, frozen=False)
ELSEWHERE = replace(TOPIC, resource_id="id0", resource_namespace="lkc2", subject=STAGED)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (AssociationQuery(), [TOPIC, KEY, ELSEWHERE]),
        (AssociationQuery(subject=FOO), [TOPIC]),
        (AssociationQuery(subject=STAGED), [ELSEWHERE]),
        (AssociationQuery(resource_name="topic", resource_namespace="lkc1"), [TOPIC, KEY]),
        (AssociationQuery(resource_name="topic"), [TOPIC, KEY, ELSEWHERE]),
        (AssociationQuery(resource_namespace="lkc2"), [ELSEWHERE]),
        (AssociationQuery(resource_id="id1", resource_type="topic"), [TOPIC, KEY]),
        (AssociationQuery(resource_type="cluster"), []),
        (AssociationQuery(association_types=["value"]), [TOPIC, ELSEWHERE]),
        (AssociationQuery(association_types=["key", "value"], resource_id="id1"), [TOPIC, KEY]),
        (AssociationQuery(lifecycle=Lifecycle.WEAK), [KEY]),
    ],
)
def test_associations_are_found_by_every_criterion(
    store: SqlStore, query: AssociationQuery, found: list[Association]
) -> None:
    with store.write() as writer:
        for one in (TOPIC, KEY, ELSEWHERE):
            writer.set_association(one)
    with store.read() as reader:
        assert reader.associations(query) == found


def test_an_association_is_replaced_in_place_and_deleted(store: SqlStore) -> None:
    changed = replace(TOPIC, subject=BAR, lifecycle=Lifecycle.WEAK, frozen=False, updated_ms=9)
    with store.write() as writer:
        writer.set_association(TOPIC)
        writer.set_association(KEY)
        writer.set_association(changed)
    with store.write() as writer:
        assert writer.associations(AssociationQuery()) == [changed, KEY]
        writer.delete_association(TOPIC)
        writer.delete_association(TOPIC)
        assert writer.associations(AssociationQuery()) == [KEY]
