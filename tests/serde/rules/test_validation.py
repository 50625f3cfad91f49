"""Inline rules (`confluent:rules`) over Avro data, with Confluent's client and with ours."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from google.protobuf.wrappers_pb2 import StringValue

from accord_serde._rules_engine import InlineRules
from accord_serde._rules_engine.validation import ValidationRulesExecution as Execution
from accord_serde.serialization import SerializationContext, SerializationError


def check(expr: str, name: str | None = None, **more: Any) -> dict[str, Any]:
    return {"name": name, "expr": expr, **more}


PLACE = {
    "type": "record",
    "name": "Place",
    "confluent:rules": [check("this.zip != ''", "zip", doc="zip is needed")],
    "fields": [{"name": "zip", "type": "string"}],
}
AVRO = {
    "type": "record",
    "name": "R",
    "confluent:rules": [check("this.low <= this.high", "order")],
    "fields": [
        {"name": "low", "type": "int", "confluent:rules": [check("this >= 0", "positive")]},
        {"name": "high", "type": "int", "default": 9},
        {
            "name": "mail",
            "type": ["null", "string"],
            "confluent:rules": [check("isEmail(this) ? '' : this + ' is no address'", "mail")],
        },
        {"name": "home", "type": ["null", PLACE], "confluent:rules": [check("has(this.zip)")]},
        {"name": "places", "type": {"type": "array", "items": "Place"}, "default": []},
        {"name": "named", "type": {"type": "map", "values": "Place"}, "default": {}},
    ],
}
GOOD: dict[str, Any] = {
    "low": 1,
    "high": 2,
    "mail": "a@b.co",
    "home": {"zip": "1"},
    "places": [],
    "named": {},
}


@pytest.fixture
def validator(library: Any) -> Any:
    return library.module("rules.cel.cel_validator").CelValidator()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"low": 5}, ["<root>: order: this.low <= this.high"]),
        ({"low": -1}, ["low: positive: this >= 0"]),
        ({"mail": "x"}, ["mail: mail: x is no address"]),
        ({"mail": None, "home": None}, []),
        ({"home": {"zip": ""}}, ["home: zip: zip is needed"]),
        (
            {"home": ("Place", {"zip": ""})},
            ["home: unnamed: has(this.zip)", "home: zip: zip is needed"],
        ),
        (
            {"places": [{"zip": "1"}, {"zip": ""}], "named": {"a": {"zip": ""}, "b": {"zip": "2"}}},
            ["places[1]: zip: zip is needed", 'named["a"]: zip: zip is needed'],
        ),
        (
            {"low": -1, "high": -2, "mail": "x"},
            [
                "<root>: order: this.low <= this.high",
                "low: positive: this >= 0",
                "mail: mail: x is no address",
            ],
        ),
    ],
)
@pytest.mark.parametrize("fail_fast", [False, True])
def test_what_does_not_hold_is_listed(
    library: Any, validator: Any, change: Any, expected: list[str], fail_fast: bool
) -> None:
    found = library.walk(AVRO).violations(validator, GOOD | change, fail_fast=fail_fast)
    shown = [str(violation).partition(" (caused by")[0] for violation in found]
    assert shown == (expected[:1] if fail_fast else expected)


@pytest.mark.parametrize(
    ("avro", "message"),
    [
        ("string", "a"),
        (AVRO, None),
        (AVRO, "no record"),
        ({"type": "array", "items": PLACE}, "no array"),
        ({"type": "map", "values": PLACE}, "no map"),
        (["null", "string"], 5),
        (["null", "string"], None),
    ],
)
def test_what_is_not_of_the_schema_is_left_to_the_encoder(
    library: Any, validator: Any, avro: Any, message: Any
) -> None:
    assert library.walk(avro).violations(validator, message) == []


def test_messages_that_are_no_records_are_looked_into(library: Any, validator: Any) -> None:
    walk = library.walk([{"type": "array", "items": PLACE}, "null"])
    assert [found.field_path for found in walk.violations(validator, [{"zip": ""}])] == ["[0]"]


@pytest.mark.parametrize(
    ("rule", "value", "expected"),
    [
        ({"expr": "this == 1"}, 1, True),
        ({"expr": "this == 1"}, 2, False),
        ({"expr": "'wrong'"}, 1, "wrong"),
        ({"expr": "''"}, 1, ""),
        ({"expr": "this == decimal('1.0')"}, Decimal("1.00"), True),
        ({"expr": "this == 'x'"}, StringValue(value="x"), True),
    ],
)
def test_an_expression_gives_a_verdict_or_a_text(
    library: Any, validator: Any, rule: Any, value: Any, expected: Any
) -> None:
    got = validator.execute(library.ValidationRule(**rule), None, value)
    assert got == expected
    assert type(got) is type(expected)


@pytest.mark.parametrize(
    ("rule", "value", "text"),
    [
        ({"expr": "this < now"}, None, "Validation rule 'unnamed' received a null value"),
        ({"expr": None}, 1, "Validation rule 'unnamed' has no expression"),
        ({"expr": "", "name": "n"}, 1, "Validation rule 'n' has no expression"),
        ({"expr": "this ==", "name": "n"}, 1, "Could not compile validation rule 'n'"),
        ({"expr": "this.x", "name": "n"}, {}, "Could not execute validation rule 'n'"),
        (
            {"expr": "1", "name": "n"},
            1,
            "Validation rule 'n' must return bool or string; got IntType",
        ),
    ],
)
def test_a_rule_that_cannot_be_evaluated_says_so(
    library: Any, validator: Any, rule: Any, value: Any, text: str
) -> None:
    with pytest.raises(library.RuleError, match=text):
        validator.execute(library.ValidationRule(**rule), None, value)


def test_a_protobuf_field_is_read_by_its_descriptor(library: Any, validator: Any) -> None:
    field = StringValue.DESCRIPTOR.fields_by_name["value"]
    assert validator.execute(library.ValidationRule(expr="this == 'x'"), field, "x") is True


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, []),
        ("x", []),
        ([1, None, "x"], []),
        ([{"name": "n", "doc": "d", "expr": "e", "sql": "s", "more": 1}], [("n", "d", "e", "s")]),
        ([{}], [(None, None, None, None)]),
    ],
)
def test_rules_are_read_leniently(library: Any, given: Any, expected: Any) -> None:
    found = library.parse_validation_rules(given)
    assert [(rule.name, rule.doc, rule.expr, rule.sql) for rule in found] == expected


@pytest.mark.parametrize(
    ("result", "expected"),
    [(True, []), (False, [None]), ("", []), ("why", ["why"])],
)
def test_verdicts_and_texts_are_violations(library: Any, result: Any, expected: Any) -> None:
    class Fixed(library.ValidationRuleExecutor):
        def execute(self, rule: Any, schema: Any, message: Any) -> Any:  # noqa: ARG002 - the interface
            return result

    out: list[Any] = []
    library.evaluate_validation_rule(Fixed(), library.ValidationRule(), None, 1, "p", out)
    assert [violation.message for violation in out] == expected


def test_another_result_is_an_error(library: Any) -> None:
    class Odd(library.ValidationRuleExecutor):
        def execute(self, rule: Any, schema: Any, message: Any) -> Any:  # noqa: ARG002 - the interface
            return 1

    text = "Validation rule 'unnamed' resolved to an unexpected type: int"
    with pytest.raises(library.SerializationError, match=text):
        library.evaluate_validation_rule(Odd(), library.ValidationRule(), None, 1, "p", [])


@pytest.mark.parametrize(
    ("rule", "place", "expected"),
    [
        ({"expr": "e"}, {}, "<root>: unnamed: e"),
        ({"expr": "e", "sql": "s"}, {"field_path": "a.b"}, "a.b: unnamed: s"),
        ({"expr": "e", "sql": "s", "doc": "d", "name": "n"}, {}, "<root>: n: d"),
        (
            {"doc": "d"},
            {"message": "m", "cause": ValueError("c")},
            "<root>: unnamed: m (caused by: c)",
        ),
        ({}, {}, "<root>: unnamed: None"),
    ],
)
def test_a_violation_says_where_and_why(library: Any, rule: Any, place: Any, expected: str) -> None:
    found = library.ValidationRuleError(library.ValidationRule(**rule), **place)
    again = library.ValidationRuleError(library.ValidationRule(**rule), **place | {"cause": None})
    assert str(found) == expected
    assert (found, hash(found)) == (again, hash(again))


# The settings of a serializer, in our client


def test_the_settings_are_taken_out_of_the_configuration() -> None:
    conf = {
        "validation.rules.execution": "AFTER_DOMAIN_RULES",
        "validation.rules.fail.fast": True,
        "x": 1,
    }
    rules = InlineRules.from_conf(conf)
    assert conf == {"x": 1}
    assert rules.fail_fast
    points = (None, Execution.BEFORE_DOMAIN_RULES, Execution.AFTER_DOMAIN_RULES)
    assert [rules.runs_at(point) for point in points] == [True, False, True]


def test_without_settings_nothing_is_checked() -> None:
    rules = InlineRules.from_conf({})
    assert not rules.runs_at()
    assert rules.executor is None


@pytest.mark.parametrize(
    ("conf", "text"),
    [
        (
            {"validation.rules.execution": "SOMETIMES"},
            "must be one of DISABLED, BEFORE_DOMAIN_RULES, AFTER_DOMAIN_RULES",
        ),
        (
            {"validation.rules.fail.fast": "yes"},
            "validation.rules.fail.fast must be a boolean value",
        ),
        (
            {
                "validation.rules.execution": Execution.AFTER_DOMAIN_RULES,
                "validation.rules.executor": 1,
            },
            "validation.rules.executor must be a ValidationRuleExecutor instance",
        ),
    ],
)
def test_wrong_settings_are_refused(conf: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        InlineRules.from_conf(conf)


def test_all_violations_are_one_error(ours: Any) -> None:
    rules = InlineRules.from_conf({"validation.rules.execution": "BEFORE_DOMAIN_RULES"})
    ctx = SerializationContext("orders", "value")
    walk = ours.walk(AVRO)
    rules.check(walk, GOOD, ctx, "orders-value")
    rules.check(walk, None, ctx, "orders-value")
    with pytest.raises(SerializationError) as caught:
        rules.check(walk, GOOD | {"low": -1, "high": -2}, ctx, "orders-value")
    assert caught.value.message == (
        "Validation rule failed (2 violations):\n"
        "  - <root>: order: this.low <= this.high\n"
        "  - low: positive: this >= 0"
    )
    assert (caught.value.topic, caught.value.subject) == ("orders", "orders-value")
    InlineRules.from_conf({}).check(SimpleNamespace(), {}, ctx, None)
