"""Rules over the fields of Avro data, with Confluent's client and with ours."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

import pytest

PII = {"confluent:tags": ["PII"]}


def record(*fields: dict[str, Any], name: str = "R", **more: Any) -> dict[str, Any]:
    return {"type": "record", "name": name, "namespace": "n", "fields": list(fields), **more}


def field(name: str, type_: Any, *tags: str, **more: Any) -> dict[str, Any]:
    given = {"confluent:tags": list(tags)} if tags else {}
    return {"name": name, "type": type_, **given, **more}


INNER = record(field("s", "string", "PII"), field("i", "int"), name="Inner")
EVERYTHING = record(
    field("str", "string"),
    field("opt", ["null", "string"]),
    field("by", "bytes"),
    field("i", "int"),
    field("l", "long"),
    field("f", "float"),
    field("d", "double"),
    field("b", "boolean"),
    field("nothing", "null"),
    field("e", {"type": "enum", "name": "E", "symbols": ["A"]}),
    field("x", {"type": "fixed", "name": "F", "size": 1}),
    field("day", {"type": "int", "logicalType": "date"}),
    field("arr", {"type": "array", "items": "string"}),
    field("map", {"type": "map", "values": "string"}),
    field("in", INNER),
    field("ins", {"type": "array", "items": "n.Inner"}),
    field("either", ["null", "n.Inner", "string"]),
)
FULL = {
    "str": "a",
    "opt": "b",
    "by": b"c",
    "i": 1,
    "l": 2,
    "f": 0.5,
    "d": 1.5,
    "b": True,
    "nothing": None,
    "e": "A",
    "x": b"x",
    "day": date(1970, 1, 3),
    "arr": ["p", "q"],
    "map": {"k": "v"},
    "in": {"s": "s1", "i": 1},
    "ins": [{"s": "s2", "i": 2}],
    "either": ("n.Inner", {"s": "s3", "i": 3}),
}


def seen_by(library: Any, message: Any, avro: Any, **rule: Any) -> list[str]:
    """Return the fields that a rule is shown."""
    lines = []

    class Look(library.FieldRuleExecutor):
        def type(self) -> str:
            return "LOOK"

        def new_transform(self, ctx: Any) -> Any:  # noqa: ARG002 - the interface
            return look

    def look(_: Any, place: Any, value: Any) -> Any:
        tags = ",".join(sorted(place.tags))
        lines.append(
            f"{place.full_name} {place.name} {place.type_name()} {value!r} {tags}".rstrip()
        )
        return value

    library.registry.register_executor(Look())
    metadata = rule.pop("metadata", None)
    target = library.schema(domain=[library.rule(**{"type": "LOOK"} | rule)], tags=metadata)
    library.run(copy.deepcopy(message), target=target, avro=avro)
    return lines


def test_every_scalar_is_shown_in_the_order_of_the_schema(library: Any) -> None:
    assert seen_by(library, FULL, EVERYTHING) == [
        "n.R.str str STRING 'a'",
        "n.R.opt opt STRING 'b'",
        "n.R.by by BYTES b'c'",
        "n.R.i i INT 1",
        "n.R.l l LONG 2",
        "n.R.f f FLOAT 0.5",
        "n.R.d d DOUBLE 1.5",
        "n.R.b b BOOLEAN True",
        "n.R.nothing nothing NULL None",
        "n.R.e e ENUM 'A'",
        "n.R.x x FIXED b'x'",
        "n.R.day day INT datetime.date(1970, 1, 3)",
        "n.R.arr arr STRING 'p'",
        "n.R.arr arr STRING 'q'",
        "n.R.map map STRING 'v'",
        "n.Inner.s s STRING 's1' PII",
        "n.Inner.i i INT 1",
        "n.Inner.s s STRING 's2' PII",
        "n.Inner.i i INT 2",
        "n.Inner.s s STRING 's3' PII",
        "n.Inner.i i INT 3",
    ]


@pytest.mark.parametrize(
    ("tags", "metadata", "expected"),
    [
        (["PII"], None, ["n.Inner.s"] * 3),
        (["OTHER"], None, []),
        (["OTHER", "PII"], None, ["n.Inner.s"] * 3),
        (["M"], {"n.R.str": ["M"]}, ["n.R.str"]),
        (["M"], {"n.R.?": ["M"]}, ["n.R.i", "n.R.l", "n.R.f", "n.R.d", "n.R.b", "n.R.e", "n.R.x"]),
        (["M"], {"n.*.s": ["M"]}, ["n.Inner.s"] * 3),
        (["M"], {"*.s": ["M"]}, []),
        (["M"], {"**.s": ["M"]}, ["n.Inner.s"] * 3),
        (["M"], {"n.Inner.**": ["M"]}, ["n.Inner.s", "n.Inner.i"] * 3),
        (["M"], {"n.**.*": ["X"], "n.R.str": ["M"]}, ["n.R.str"]),
        (["M"], {"n.R.str": ["X", "M"], "n.R.op*": ["M"]}, ["n.R.str", "n.R.opt"]),
        (["M"], {"n.R.[sb]*": ["M"]}, ["n.R.str", "n.R.by", "n.R.b"]),
        (["M"], {"n.R.st": ["M"], "N.R.str": ["M"], "nxR.str": ["M"]}, []),
        ([], None, None),
    ],
)
def test_tags_choose_the_fields(library: Any, tags: Any, metadata: Any, expected: Any) -> None:
    lines = seen_by(library, FULL, EVERYTHING, tags=tags, metadata=metadata)
    names = [line.split(" ")[0] for line in lines]
    assert names == expected if expected is not None else len(names) == 21


def test_absent_fields_are_passed_over_and_null_ones_shown(library: Any) -> None:
    assert seen_by(library, {"opt": None, "either": None}, EVERYTHING) == [
        "n.R.opt opt NULL None",
        "n.R.either either NULL None",
    ]


AMBIGUOUS = [
    "null",
    record(field("v", "string"), name="One"),
    record(field("v", "string"), name="Two"),
]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"v": "a"}, "n.One.v"),
        (("n.Two", {"v": "a"}), "n.Two.v"),
        ({"-type": "n.Two", "v": "a"}, "n.Two.v"),
        (("n.Three", {"v": "a"}), None),
        ({"v": 1}, None),
        (("n.One", {"v": "a"}), "n.One.v"),
    ],
)
def test_a_value_names_its_branch_or_the_first_that_fits_is_taken(
    library: Any, value: Any, expected: Any
) -> None:
    lines = seen_by(library, {"u": value}, record(field("u", AMBIGUOUS)))
    assert [line.split(" ")[0] for line in lines] == ([expected] if expected else [])


def test_a_name_without_namespace_finds_a_branch_without_one(library: Any) -> None:
    branch = {"type": "record", "name": "Plain", "fields": [field("v", "string")]}
    avro = {"type": "record", "name": "Top", "fields": [field("u", ["null", branch])]}
    assert len(seen_by(library, {"u": ("some.Plain", {"v": "a"})}, avro)) == 1


@pytest.mark.parametrize(
    ("avro", "message", "expected"),
    [
        ("string", "a", []),
        (["null", "string"], "a", []),
        ({"type": "array", "items": INNER}, [{"s": "a", "i": 1}], ["n.Inner.s", "n.Inner.i"]),
        ({"type": "map", "values": INNER}, {"k": {"s": "a", "i": 1}}, ["n.Inner.s", "n.Inner.i"]),
        ([INNER, "null"], {"s": "a", "i": 1}, ["n.Inner.s", "n.Inner.i"]),
        (INNER, "no record", []),
        ({"type": "array", "items": "string"}, "no array", []),
        ({"type": "map", "values": "string"}, ["no map"], []),
    ],
)
def test_messages_that_are_no_records(
    library: Any, avro: Any, message: Any, expected: list[str]
) -> None:
    lines = seen_by(library, message, avro)
    assert [line.split(" ")[0] for line in lines] == expected


CHANGES = [
    ("value + '!'", ["PII"], {"s": "a", "i": 1}, {"s": "a!", "i": 1}),
    ("typeName == 'STRING' ; value + '!'", None, {"s": "a", "i": 1}, {"s": "a!", "i": 1}),
    ("name == 'i' ; value + 1", None, {"s": "a", "i": 1}, {"s": "a", "i": 2}),
    ("fullName == 'n.Inner.s' ; 'x'", None, {"s": "a", "i": 1}, {"s": "x", "i": 1}),
    ("'PII' in tags ; 'x'", None, {"s": "a", "i": 1}, {"s": "x", "i": 1}),
    ("name == 's' ; message.s + string(message.i)", None, {"s": "a", "i": 1}, {"s": "a1", "i": 1}),
    ("name == 'i' ; size(message.s)", None, {"s": "abc", "i": 1}, {"s": "abc", "i": 3}),
    ("null", ["PII"], {"s": "a", "i": 1}, {"s": None, "i": 1}),
]


@pytest.mark.parametrize(("expr", "tags", "message", "expected"), CHANGES)
def test_a_field_is_transformed(
    cel: Any, outcome: Any, expr: str, tags: Any, message: Any, expected: Any
) -> None:
    rule = cel.rule(type="CEL_FIELD", expr=expr, tags=tags)
    got = outcome(copy.deepcopy(message), target=cel.schema(domain=[rule]), avro=INNER)
    assert got == expected


def test_containers_and_unions_are_transformed_inside(cel: Any, outcome: Any) -> None:
    rule = cel.rule(type="CEL_FIELD", expr="typeName == 'STRING' ; value + '!'")
    got = outcome(copy.deepcopy(FULL), target=cel.schema(domain=[rule]), avro=EVERYTHING)
    assert got == FULL | {
        "str": "a!",
        "opt": "b!",
        "arr": ["p!", "q!"],
        "map": {"k": "v!"},
        "in": {"s": "s1!", "i": 1},
        "ins": [{"s": "s2!", "i": 2}],
        "either": ("n.Inner", {"s": "s3!", "i": 3}),
    }


def test_enums_and_fixed_are_not_for_cel_field(cel: Any, outcome: Any) -> None:
    avro = record(*(place for place in EVERYTHING["fields"] if place["name"] in {"e", "x"}))
    rule = cel.rule(type="CEL_FIELD", expr="'never'")
    assert outcome({"e": "A", "x": b"x"}, target=cel.schema(domain=[rule]), avro=avro) == {
        "e": "A",
        "x": b"x",
    }


def test_a_result_of_another_type_leaves_its_branch(cel: Any, outcome: Any) -> None:
    avro = record(field("u", ["null", AMBIGUOUS[1], AMBIGUOUS[2]]))
    rule = cel.rule(type="CEL_FIELD", expr="value == 'a' ; 1")
    message = {"u": ("n.Two", {"v": "a"})}
    got = outcome(message, target=cel.schema(domain=[rule]), avro=avro)
    assert got == {"u": {"v": 1}}


@pytest.mark.parametrize(
    ("expr", "message", "holds"),
    [
        ("name != 's' || value == 'a'", {"s": "a", "i": 1}, True),
        ("name != 's' || value == 'b'", {"s": "a", "i": 1}, False),
        ("typeName == 'STRING' ; value.size() > 0", {"s": "", "i": 1}, False),
        ("value == 'never' ; false", {"s": ""}, True),
        # As in Confluent's clients: a list of verdicts is not a verdict.
        ("typeName == 'STRING' ; false", {"many": ["a"]}, True),
        ("true", {}, False),
    ],
)
def test_a_condition_over_fields(
    cel: Any, outcome: Any, failed: Any, expr: str, message: Any, holds: bool
) -> None:
    avro = record(*INNER["fields"], field("many", {"type": "array", "items": "string"}))
    rule = cel.rule(type="CEL_FIELD", kind="CONDITION", expr=expr)
    got = outcome(dict(message), target=cel.schema(domain=[rule]), avro=avro)
    assert got == (message if holds else failed("SerializationError"))


@pytest.mark.parametrize(
    ("mode", "expected"), [("WRITE", "a1"), ("READ", "a1"), ("UPGRADE", "a1"), ("DOWNGRADE", "a1")]
)
def test_of_rules_for_the_same_tags_the_first_defined_runs(
    cel: Any, outcome: Any, mode: str, expected: str
) -> None:
    both = "WRITEREAD" if mode in {"WRITE", "READ"} else "UPDOWN"
    first, second = (
        cel.rule(name=name, type="CEL_FIELD", tags=["PII"], mode=both, expr=f"value + '{name}'")
        for name in "12"
    )
    schema = cel.schema(domain=[first, second], migration=[first, second])
    got = outcome({"s": "a"}, mode=mode, source=schema, target=schema, avro=INNER)
    assert got == {"s": expected}


@pytest.mark.parametrize(
    "other", [{"tags": ["PII", "X"]}, {"mode": "WRITEREAD"}, {"type": "cel_field"}, {"tags": None}]
)
def test_rules_that_differ_both_run(cel: Any, outcome: Any, other: dict[str, Any]) -> None:
    base = {"type": "CEL_FIELD", "tags": ["PII"], "mode": "WRITE"}
    guard = "typeName == 'STRING' ; value"
    first = cel.rule(**base, expr=f"{guard} + '1'")
    second = cel.rule(**base | other, expr=f"{guard} + '2'")
    got = outcome({"s": "a", "i": 1}, target=cel.schema(domain=[first, second]), avro=INNER)
    assert got == {"s": "a12", "i": 1}


def test_tags_are_collected_by_full_name(library: Any) -> None:
    avro = record(
        field("a", "string", "X", "Y"),
        field("b", {"type": "array", "items": record(field("c", "int", "Z"), name="Deep")}),
        field("d", ["null", {"type": "map", "values": "n.Deep"}]),
        field("e", {"type": "record", "name": "o.Other", "fields": [field("f", "int", "W")]}),
    )
    assert dict(library.walk(avro).inline_tags) == {
        "n.R.a": {"X", "Y"},
        "n.Deep.c": {"Z"},
        "o.Other.f": {"W"},
    }


def test_fields_are_needed(cel: Any, outcome: Any, failed: Any) -> None:
    rule = cel.rule(type="CEL_FIELD", expr="value")
    assert outcome({"s": "a"}, target=cel.schema(domain=[rule])) == failed("SerializationError")


# Ours alone


def test_recursive_types_are_followed_to_the_end(ours: Any) -> None:
    avro = record(
        field("s", "string", "PII"),
        field("next", ["null", "n.R"]),
        field("all", {"type": "array", "items": "n.R"}),
    )
    leaf = {"s": "c", "next": None, "all": []}
    message = {"s": "a", "next": {"s": "b", "next": leaf, "all": [leaf]}, "all": []}
    rule = ours.rule(type="CEL_FIELD", tags=["PII"], expr="value + '!'")
    got = ours.run(message, target=ours.schema(domain=[rule]), avro=avro)
    changed = leaf | {"s": "c!"}
    assert got == {"s": "a!", "next": {"s": "b!", "next": changed, "all": [changed]}, "all": []}


def test_the_callers_message_is_not_changed(ours: Any) -> None:
    message = copy.deepcopy(FULL)
    rule = ours.rule(type="CEL_FIELD", expr="typeName == 'STRING' ; value + '!'")
    ours.run(message, target=ours.schema(domain=[rule]), avro=EVERYTHING)
    assert message == FULL


def test_tuples_are_arrays_too(ours: Any) -> None:
    avro = record(field("many", {"type": "array", "items": "string"}))
    rule = ours.rule(type="CEL_FIELD", expr="value + '!'")
    got = ours.run({"many": ("a", "b", "c")}, target=ours.schema(domain=[rule]), avro=avro)
    assert got == {"many": ["a!", "b!", "c!"]}
