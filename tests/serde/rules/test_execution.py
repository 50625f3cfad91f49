"""Which rules run, in which order, and what follows; with Confluent's client and with ours."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from accord_serde import RegisteredSchema, Rule, RuleMode, RuleSet, Schema
from accord_serde._rules_engine import RulePhase, RuleRegistry, run_rules, versions_between
from accord_serde.serialization import SerializationContext, SerializationError

NOTE = {"type": "NOTE"}


def rules(library: Any, *given: dict[str, Any]) -> list[Any]:
    return [
        library.rule(**NOTE | {"name": name} | rule)
        for name, rule in zip("abcdef", given, strict=False)
    ]


@pytest.mark.parametrize(
    ("phase", "mode", "expected"),
    [
        ("DOMAIN", "WRITE", ["a", "c", "d"]),
        ("DOMAIN", "READ", ["d", "c", "b"]),
        ("ENCODING", "WRITE", ["a", "c", "d"]),
        ("ENCODING", "READ", ["d", "c", "b"]),
    ],
)
def test_rules_run_as_listed_when_writing_and_reversed_when_reading(
    library: Any, journal: list[str], outcome: Any, phase: str, mode: str, expected: list[str]
) -> None:
    listed = rules(
        library,
        {"mode": "WRITE"},
        {"mode": "READ"},
        {"mode": "WRITEREAD"},
        {"mode": "WRITEREAD"},
        {"mode": "UPDOWN"},
        {"mode": "UPGRADE"},
    )
    target = library.schema(**{phase.lower(): listed})
    assert outcome([], mode=mode, phase=phase, target=target) == expected
    assert journal == [f"{name} {mode}" for name in expected]


@pytest.mark.parametrize(
    ("mode", "expected"), [("UPGRADE", ["a", "c", "d"]), ("DOWNGRADE", ["d", "c", "b"])]
)
def test_migration_rules_are_those_of_the_newer_schema(
    library: Any, journal: list[str], outcome: Any, mode: str, expected: list[str]
) -> None:
    newer = library.schema(
        migration=rules(
            library,
            {"mode": "UPGRADE"},
            {"mode": "DOWNGRADE"},
            {"mode": "UPDOWN"},
            {"mode": "UPDOWN"},
            {"mode": "WRITE"},
        )
    )
    older = library.schema(migration=[library.rule(name="old", type="NOTE", mode="UPDOWN")])
    source, target = (older, newer) if mode == "UPGRADE" else (newer, older)
    assert outcome([], mode=mode, phase="MIGRATION", source=source, target=target) == expected
    assert len(journal) == 3


@pytest.mark.parametrize("writer", range(1, 6))
@pytest.mark.parametrize("reader", range(1, 6))
def test_messages_go_over_every_version_in_between(
    library: Any, journal: list[str], writer: int, reader: int
) -> None:
    def version(number: int) -> Any:
        if number == 3:
            return library.version(number)
        both = [{"mode": "UPGRADE"}, {"mode": "DOWNGRADE"}, {"mode": "UPDOWN"}]
        named = [
            rule | {"name": f"{number}{letter}"} for rule, letter in zip(both, "abc", strict=True)
        ]
        return library.version(number, migration=[library.rule(**NOTE | rule) for rule in named])

    history = [version(number) for number in range(1, 6)]
    up = [f"{number}{letter}" for number in range(writer + 1, reader + 1) for letter in "ac"]
    down = [f"{number}{letter}" for number in range(writer, reader, -1) for letter in "cb"]
    expected = [name for name in (up or down) if not name.startswith("3")]
    assert library.migrate([], history, writer=writer, reader=reader) == expected
    assert len(journal) == len(expected)


def test_the_versions_to_fetch_are_those_between() -> None:
    def at(version: int | None) -> RegisteredSchema:
        return RegisteredSchema("s", version, None, None, Schema("{}"))

    assert list(versions_between(at(2), at(6))) == [3, 4, 5]
    assert list(versions_between(at(6), at(2))) == [3, 4, 5]
    assert [
        list(versions_between(at(old), at(new))) for old, new in [(1, 2), (2, 2), (None, 9)]
    ] == [
        [],
        [],
        [],
    ]


PHASES = ("DOMAIN", "MIGRATION", "ENCODING")
MODES = ("WRITE", "READ", "WRITEREAD", "UPGRADE", "DOWNGRADE", "UPDOWN")


@pytest.mark.parametrize("asked", MODES)
@pytest.mark.parametrize("given", MODES)
def test_a_mode_has_rules_where_one_of_them_would_run(library: Any, given: str, asked: str) -> None:
    double = {"WRITE": "WRITEREAD", "READ": "WRITEREAD", "UPGRADE": "UPDOWN", "DOWNGRADE": "UPDOWN"}
    expected = given == asked or double.get(asked) == given
    for phase, other in permutations(PHASES, 2):
        rule_set = library.schema(**{phase.lower(): rules(library, {"mode": given})}).rule_set
        assert library.has_rules(rule_set, phase, asked) is expected
        assert library.has_rules(rule_set, other, asked) is False


def test_no_rule_set_has_no_rules(library: Any, outcome: Any) -> None:
    assert library.has_rules(None, "DOMAIN", "WRITE") is False
    assert outcome([], target=library.Schema("{}", "AVRO", [], None, None)) == []
    assert outcome([], target=None) == []
    assert outcome(None, target=library.schema(domain=rules(library, {}))) is None


@pytest.mark.parametrize(
    ("given", "runs"),
    [
        (({}, {}, None), True),
        (({"disabled": True}, {}, None), False),
        (({"disabled": False}, {}, None), True),
        (({}, {"enable_at": "ALL"}, None), True),
        (({}, {"enable_at": "CLIENT"}, None), True),
        (({}, {"enable_at": "GATEWAY"}, None), False),
        (({}, {"enable_at": "NONE"}, None), False),
        (({}, {}, True), False),
        (({"disabled": True}, {}, False), True),
        (({}, {"enable_at": "SERVER"}, False), True),
    ],
)
def test_rules_are_switched_off_by_themselves_their_set_or_an_override(
    library: Any,
    journal: list[str],
    outcome: Any,
    given: Any,
    runs: bool,
) -> None:
    rule, schema, override = given
    if override is not None:
        library.registry.register_override(library.RuleOverride("NOTE", None, None, override))
    target = library.schema(domain=rules(library, rule), **schema)
    assert outcome([], target=target) == (["a"] if runs else [])
    assert bool(journal) is runs


@pytest.mark.parametrize(
    ("headers", "runs"),
    [
        (None, "ab"),
        ([], "ab"),
        ([("__rule.name", b"a")], "b"),
        ([("__rule.name", "b")], "a"),
        ([("__rule.name", b"a"), ("__rule.name", b"b")], "a"),
        ([("__rule.name", b"\xff")], "ab"),
        ([("__rule.name", None)], "ab"),
        ([("other", b"a")], "ab"),
        ({"__rule.name": b"a"}, "b"),
        ({"__rule.name": bytearray(b"b")}, "a"),
    ],
)
@pytest.mark.usefixtures("journal")
def test_a_dead_letter_that_comes_back_is_not_tried_by_the_rule_that_failed(
    library: Any, outcome: Any, headers: Any, runs: str
) -> None:
    target = library.schema(domain=rules(library, {}, {}))
    assert outcome([], target=target, ctx=library.context(headers=headers)) == list(runs)


ERROR = "SerializationError"
NO_ACTION = "RuleError"


@pytest.mark.parametrize(
    "case",
    [
        # Transformations
        ({}, "WRITE", ["a"], []),
        ({"expr": "raise"}, "WRITE", ERROR, []),
        ({"expr": "raise", "on_failure": "ERROR"}, "WRITE", ERROR, []),
        ({"expr": "raise", "on_failure": ""}, "WRITE", ERROR, []),
        ({"expr": "raise", "on_failure": "NONE"}, "WRITE", [], []),
        ({"expr": "raise", "on_failure": "TELL"}, "WRITE", [], ["a told [] a"]),
        ({"expr": "raise", "on_failure": "BREAK"}, "WRITE", [], ["a broke on [] a"]),
        ({"expr": "raise", "on_failure": "none"}, "WRITE", NO_ACTION, []),
        ({"expr": "raise", "on_failure": "UNKNOWN"}, "WRITE", NO_ACTION, []),
        ({"expr": "null"}, "WRITE", ERROR, []),
        ({"expr": "null", "on_failure": "NONE"}, "WRITE", None, []),
        ({"expr": "null", "on_failure": "TELL"}, "WRITE", None, ["a told None None"]),
        ({"on_success": "TELL"}, "WRITE", ["a"], ["a told ['a'] None"]),
        ({"on_success": "ERROR"}, "WRITE", ERROR, []),
        ({"on_success": "BREAK"}, "WRITE", ["a"], ["a broke on ['a'] None"]),
        # An action for success that is not there counts as a failure of the rule.
        ({"on_success": "UNKNOWN"}, "WRITE", ERROR, []),
        ({"on_success": "UNKNOWN", "on_failure": "NONE"}, "WRITE", ["a"], []),
        # Conditions
        ({"kind": "CONDITION", "expr": "true"}, "WRITE", [], []),
        ({"kind": "CONDITION", "expr": "false"}, "WRITE", ERROR, []),
        ({"kind": "CONDITION", "expr": "null"}, "WRITE", ERROR, []),
        ({"kind": "CONDITION", "expr": "false", "on_failure": "NONE"}, "WRITE", [], []),
        (
            {"kind": "CONDITION", "expr": "false", "on_failure": "TELL"},
            "WRITE",
            [],
            ["a told [] Rule expr failed: false"],
        ),
        (
            {"kind": "CONDITION", "expr": "false", "on_failure": "TELL", "doc": "Why"},
            "WRITE",
            [],
            ["a told [] Why"],
        ),
        ({"kind": None, "expr": "false"}, "WRITE", [], []),
        # Pairs of actions
        ({"mode": "WRITEREAD", "on_success": "TELL,NONE"}, "WRITE", ["a"], ["a told ['a'] None"]),
        ({"mode": "WRITEREAD", "on_success": "TELL,NONE"}, "READ", ["a"], []),
        ({"mode": "WRITEREAD", "expr": "raise", "on_failure": "ERROR,NONE"}, "WRITE", ERROR, []),
        ({"mode": "WRITEREAD", "expr": "raise", "on_failure": "ERROR,NONE"}, "READ", [], []),
        ({"mode": "WRITEREAD", "expr": "raise", "on_failure": "NONE,"}, "READ", NO_ACTION, []),
        ({"expr": "raise", "on_failure": "NONE,NONE"}, "WRITE", NO_ACTION, []),
        ({"mode": "UPDOWN", "expr": "raise", "on_failure": "ERROR,NONE"}, "UPGRADE", ERROR, []),
        ({"mode": "UPDOWN", "expr": "raise", "on_failure": "ERROR,NONE"}, "DOWNGRADE", [], []),
        # No executor
        ({"type": "NOBODY"}, "WRITE", ERROR, []),
        ({"type": None}, "WRITE", ERROR, []),
        ({"type": "NOBODY", "on_failure": "NONE"}, "WRITE", [], []),
        (
            {"type": "NOBODY", "on_failure": "TELL"},
            "WRITE",
            [],
            ["a told [] Could not find rule executor of type NOBODY"],
        ),
        (
            {"type": None, "on_failure": "TELL"},
            "WRITE",
            [],
            ["a told [] Rule type is None for rule a"],
        ),
        ({"type": "note"}, "WRITE", ["a"], []),
    ],
)
def test_an_outcome_has_its_action(
    library: Any,
    journal: list[str],
    outcome: Any,
    failed: Any,
    case: Any,
) -> None:
    rule, mode, expected, lines = case
    listed = rules(library, rule)
    schema = library.schema(domain=listed, migration=listed)
    got = outcome([], mode=mode, source=schema, target=schema)
    assert got == (failed(expected) if isinstance(expected, str) else expected)
    assert [line for line in journal if " told " in line or " broke " in line] == lines


@pytest.mark.parametrize("type_", ["NOBODY", None])
@pytest.mark.usefixtures("journal")
def test_a_rule_without_executor_ends_the_rules(library: Any, outcome: Any, type_: Any) -> None:
    target = library.schema(domain=rules(library, {}, {"type": type_, "on_failure": "NONE"}, {}))
    assert outcome([], target=target) == ["a"]


@pytest.mark.usefixtures("journal")
def test_a_failure_that_is_let_pass_does_not_end_the_rules(library: Any, outcome: Any) -> None:
    target = library.schema(domain=rules(library, {}, {"expr": "raise", "on_failure": "NONE"}, {}))
    assert outcome([], target=target) == ["a", "c"]


@pytest.mark.parametrize(
    ("override", "rule", "expected"),
    [
        ((None, "NONE", None), {"expr": "raise", "on_failure": "ERROR"}, []),
        ((None, "ERROR", None), {"expr": "raise", "on_failure": "NONE"}, ERROR),
        (("ERROR", None, None), {"on_success": "NONE"}, ERROR),
        ((None, None, None), {"expr": "raise", "on_failure": "NONE"}, []),
        (("", None, None), {"on_success": "ERROR"}, ["a"]),
    ],
)
@pytest.mark.usefixtures("journal")
def test_an_override_replaces_the_actions_of_a_type(
    library: Any, outcome: Any, failed: Any, override: Any, rule: Any, expected: Any
) -> None:
    library.registry.register_override(library.RuleOverride("NOTE", *override))
    got = outcome([], target=library.schema(domain=rules(library, rule)))
    assert got == (failed(expected) if isinstance(expected, str) else expected)


def test_the_error_has_the_cause_and_says_where(journal: list[str]) -> None:
    rule = Rule(name="check", mode=RuleMode.WRITE, type="NOBODY")
    with pytest.raises(SerializationError, match="Rule check failed: Could not find") as caught:
        run_rules(
            registry=RuleRegistry(),
            ser_ctx=SerializationContext("orders", "value"),
            subject="orders-value",
            phase=RulePhase.DOMAIN,
            mode=RuleMode.WRITE,
            target=Schema("{}", rule_set=RuleSet(domain_rules=[rule])),
            message={},
        )
    assert (caught.value.topic, caught.value.subject) == ("orders", "orders-value")
    assert str(caught.value.__cause__) == "Could not find rule executor of type NOBODY"
    assert journal == []


@pytest.mark.parametrize(("field", "kept"), [("KEY", ("m", None)), ("VALUE", ("k", "m"))])
def test_rules_know_the_key_and_the_value_as_they_were(library: Any, field: str, kept: Any) -> None:
    seen = []

    class Look(library.RuleExecutor):
        def type(self) -> str:
            return "LOOK"

        def transform(self, ctx: Any, message: Any) -> Any:
            seen.append((ctx.original_key, ctx.original_value, message))
            return "changed"

    library.registry.register_executor(Look())
    listed = [library.rule(type="LOOK"), library.rule(type="LOOK")]
    library.set_original_key("k")
    try:
        library.run("m", target=library.schema(domain=listed), ctx=library.context(field=field))
    finally:
        library.clear_original_key()
    assert seen == [(*kept, "m"), (*kept, "changed")]
    assert library.get_original_key() is None


def test_parameters_are_the_rules_then_the_metadatas(library: Any) -> None:
    seen = []

    class Look(library.RuleExecutor):
        def type(self) -> str:
            return "LOOK"

        def transform(self, ctx: Any, message: Any) -> Any:
            seen.extend(ctx.get_parameter(name) for name in ("own", "both", "theirs", "none"))
            return message

    library.registry.register_executor(Look())
    rule = library.rule(type="LOOK", params={"own": "1", "both": "2"})
    library.run("m", target=library.schema(domain=[rule], properties={"both": "x", "theirs": "3"}))
    assert seen == ["1", "2", "3", None]


def test_the_shared_registry_is_one_and_can_be_emptied(library: Any) -> None:
    shared = library.RuleRegistry.get_global_instance()
    assert shared is library.RuleRegistry.get_global_instance()
    own = library.RuleRegistry()
    own.register_override(library.RuleOverride("X", "NONE", "NONE", None))
    assert [override.type for override in own.get_overrides()] == ["X"]
    own.clear()
    assert (own.get_overrides(), own.get_executors(), own.get_actions()) == ([], [], [])
    assert own.get_executor("X") is own.get_action("X") is own.get_override("X") is None
