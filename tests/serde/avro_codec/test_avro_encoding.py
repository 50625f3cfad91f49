"""Encoders: fastavro's bytes and errors, whatever the schema and the datum.

ACCORD_LONG_RUN is the number of schemas to try beyond those of every run.
"""

# ruff: noqa: E501 - tables have a case in a line

from __future__ import annotations

import json
import os
import random
from collections import OrderedDict
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from avro_codecs import (
    PREFIX,
    HandedOver,
    fast_encode,
    is_same,
    outcome,
    plain_encode,
    schema_of,
)
from avro_evolution import drawn, seeded
from avro_values import LOGICAL, ODD, PRIMITIVES, Author, Data
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accord_serde._avro import encoder

if TYPE_CHECKING:
    from avro_evolution import Choices

LONG_RUN = int(os.environ.get("ACCORD_LONG_RUN", "0"))
OPTIONS: tuple[dict[str, bool], ...] = ({}, {"strict": True}, {"strict_allow_default": True})


def record(*types: Any) -> dict[str, Any]:
    fields = [{"name": f"f{at}", "type": each} for at, each in enumerate(types)]
    return {"type": "record", "name": "n.R", "fields": fields}


ENUM = {"type": "enum", "name": "n.E", "symbols": ["X", "Y", "Z"]}
FIXED = {"type": "fixed", "name": "n.F", "size": 3}
PRICE = {
    "type": "fixed",
    "name": "n.P",
    "size": 4,
    "logicalType": "decimal",
    "precision": 8,
    "scale": 2,
}
CARD = {"type": "record", "name": "n.Card", "fields": [{"name": "number", "type": "string"}]}
CASH = {
    "type": "record",
    "name": "n.Cash",
    "fields": [{"name": "coins", "type": "int"}, {"name": "till", "type": "string"}],
}
TREE = {
    "type": "record",
    "name": "n.Tree",
    "fields": [
        {"name": "value", "type": "long"},
        {"name": "left", "type": ["null", "n.Tree"], "default": None},
        {"name": "others", "type": {"type": "array", "items": "n.Tree"}, "default": []},
    ],
}  # fmt: skip
LEAF = {"value": 1, "left": None, "others": []}


class Colour(StrEnum):
    Y = "Y"


def with_default(kind: Any, default: Any) -> dict[str, Any]:
    return {
        "type": "record",
        "name": "n.R",
        "fields": [{"name": "f0", "type": kind, "default": default}],
    }


# What the compiled functions have to take themselves.
FAST: list[tuple[Any, Any]] = [
    *((kind, value) for kind, values in {
        "boolean": (True, False),
        "int": (0, -1, 63, 64, -64, -65, 8191, 8192, -8193, 2**31 - 1, -(2**31)),
        "long": (0, 2**20, 2**27 - 1, 2**27, 2**41, -(2**41) - 1, 2**63 - 1, -(2**63)),
        "float": (1.5, 3, float("nan"), float("-inf")),
        "double": (1.5, 3, -0.0, float("nan")),
        "string": ("", "text", "é\U0001f600", "x" * 9000),
    }.items() for value in values),
    *(({"type": "long", "logicalType": f"{local}timestamp-{unit}"}, value)
      for local in ("", "local-") for unit in ("millis", "micros")
      for value in (
          datetime(2026, 3, 4, 5, 6, 7, 89999, tzinfo=UTC),
          datetime(1960, 3, 4, 5, 6, 7, 89999, tzinfo=timezone(timedelta(hours=-3))),
          datetime(2020, 7, 1, 12, 0, 0, 1),  # noqa: DTZ001 - local time to fastavro
          -5,
      )),
    *(({"type": "int", "logicalType": "date"}, value) for value in (date(1, 1, 1), date(2026, 1, 1), datetime(2020, 1, 1, tzinfo=UTC), 7)),
    *(({"type": "int", "logicalType": "time-millis"}, value) for value in (time(23, 59, 59, 999999), 5)),
    *(({"type": "long", "logicalType": "time-micros"}, value) for value in (time(23, 59, 59, 999999), 5)),
    *(({"type": "string", "logicalType": "uuid"}, value) for value in (UUID(int=5), "no uuid at all")),
    *((PRICE, value) for value in (Decimal("1.50"), Decimal("-0.01"), Decimal("0.00"), Decimal("999999.99"), b"\x00\x00\x00\x01")),
    *((record({"type": "bytes", "logicalType": "decimal", "precision": 5, "scale": 2}), {"f0": value})
      for value in (Decimal("1.50"), Decimal("-1.28"), Decimal("1.29"), Decimal("-0.00"), Decimal(7), Decimal("1.5"), Decimal("1E+1"), b"\x01")),
    *((ENUM, value) for value in ("X", "Z", Colour.Y)),
    (FIXED, b"abc"),
    (record("bytes"), {"f0": b"\x00" * 300}),
    (record("null", "int"), {"f0": None, "f1": 3}),
    (record("null", "int"), {"f0": "anything", "f1": 3}),
    (record("int"), {"f0": 3, "unknown": 4}),
    ({"type": "array", "items": "string"}, ["a", "é", "x" * 200]),
    ({"type": "array", "items": "double"}, [1.5] * 20),
    ({"type": "array", "items": "double"}, [1.5, 2] * 10),
    ({"type": "array", "items": "float"}, [1.5] * 20),
    ({"type": "array", "items": {"type": "array", "items": "int"}}, [[], [1], [2, 3]]),
    ({"type": "array", "items": "null"}, [None] * 5),
    ({"type": "map", "values": "long"}, {"a": 1, "é": 2**40}),
    ({"type": "map", "values": {"type": "map", "values": "boolean"}}, {"a": {}, "b": {"c": True}}),
    *((["null", "string"], value) for value in (None, "", "x" * 255, "x" * 256, "x" * 9000)),
    *((["string", "null"], value) for value in (None, "text")),
    *((["null", "double"], value) for value in (None, 1.5, 3)),
    *((record(["null", PRICE]), {"f0": value}) for value in (None, Decimal("1.50"))),
    *((["null", "int", "string", "boolean", "double"], value) for value in (None, 5, 2**40, "text", True, 1.5)),
    *((["float", "double"], value) for value in (1.5, 5)),
    *((["int", "long", "float"], value) for value in (5, 2**40, 2**70, 1.5)),
    *(([ENUM, "string"], value) for value in ("Y", "other")),
    *(([FIXED, "bytes"], value) for value in (b"abc", b"abcd")),
    *((["null", CARD, CASH], value) for value in (None, {"number": "1"}, {"coins": 5, "till": "a"}, {"till": "a", "coins": 5, "more": 1})),
    *((["null", {"type": "array", "items": CARD}], value) for value in (None, [], [{"number": "1"}])),
    *((["null", {"type": "map", "values": "int"}], value) for value in (None, {}, {"a": 1})),
    *(([{"type": "int", "logicalType": "date"}, {"type": "string", "logicalType": "uuid"}], value) for value in (date(2020, 1, 1), UUID(int=1))),
    (with_default("int", 5), {}),
    (with_default("string", "é"), {}),
    (with_default(["null", "int"], None), {}),
    (with_default(["int", "null"], 7), {}),
    (with_default({"type": "array", "items": "int"}, [1, 2]), {}),
    (with_default({"type": "map", "values": "int"}, {"k": 1}), {}),
    (with_default(CARD, {"number": "7"}), {}),
    (record(["null", "int"]), {}),
    (["null", with_default("string", "d")], {}),
    (TREE, {"value": 1, "left": LEAF, "others": [LEAF, {"value": 2}]}),
    (["null", TREE], {"value": 1, "left": LEAF, "others": [LEAF]}),
    (record(CARD, "n.Card", ["null", "n.Card"]), {"f0": {"number": "1"}, "f1": {"number": "2"}, "f2": {"number": "3"}}),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "datum"), FAST, ids=lambda value: str(value)[:60])
def test_the_compiled_function_writes_it_itself(raw: Any, datum: Any) -> None:
    assert fast_encode(raw)(datum) == plain_encode(raw, datum)


@pytest.mark.parametrize("options", OPTIONS[1:], ids=str)
def test_strict_modes_are_compiled(options: dict[str, bool]) -> None:
    raw = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}, {"name": "b", "type": "int", "default": 1}]}  # fmt: skip
    encode = fast_encode(raw, **options)
    assert encode({"a": 1, "b": 2}) == plain_encode(raw, {"a": 1, "b": 2})
    with pytest.raises(HandedOver):
        encode({"a": 1, "b": 2, "c": 3})
    if "strict_allow_default" in options:
        assert encode({"a": 1}) == plain_encode(raw, {"a": 1})
    else:
        with pytest.raises(HandedOver):
            encode({"a": 1})


UNIONS: tuple[Any, ...] = (
    ["null", "string"],
    ["string", "bytes", "null"],
    ["null", "int", "long", "float", "double", "boolean"],
    ["double", "float", "int"],
    ["null", ENUM, "string", FIXED, "bytes"],
    ["null", {"type": "array", "items": "int"}, "bytes"],
    ["bytes", {"type": "array", "items": "int"}, {"type": "map", "values": "string"}],
    [{"type": "map", "values": "int"}, CARD, "null"],
    [CARD, CASH, "null"],
    [{"type": "int", "logicalType": "date"}, "string", {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}],
    [{"type": "bytes", "logicalType": "decimal", "precision": 2}, PRICE, {"type": "string", "logicalType": "uuid"}, {"type": "long", "logicalType": "timestamp-millis"}],
    ["null", {"type": "record", "name": "n.D", "fields": [{"name": "a", "type": {"type": "int", "logicalType": "date"}}]},
     {"type": "record", "name": "n.S", "fields": [{"name": "a", "type": ["null", "string"], "default": None}, {"name": "b", "type": "string", "default": ""}]}],
    [],
)  # fmt: skip
SHAPES: tuple[Any, ...] = (*PRIMITIVES, *LOGICAL, ENUM, FIXED, PRICE, CARD, *UNIONS)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: json.dumps(shape)[:60])
def test_anything_odd_has_the_outcome_of_fastavro(shape: Any) -> None:
    """Every odd value against every type: alone, in a record, an array, a map and a union."""
    around = [record(shape), {"type": "array", "items": shape}, {"type": "map", "values": shape}]
    if not isinstance(shape, list):
        around += [["null", shape], ["null", {"type": "array", "items": shape}], ["null", record(shape)]]  # fmt: skip
    for raw, wrap in zip(around, WRAPS, strict=False):
        schema = schema_of(raw)
        for options in OPTIONS:
            encode = encoder(schema, prefix=PREFIX, warm_up=0, **options).encode
            for odd in ODD:
                datum = wrap(odd)
                expected = outcome(plain_encode, raw, datum, **options)
                assert is_same(outcome(encode, datum), expected), (raw, odd)


WRAPS = (
    lambda odd: {"f0": odd},
    lambda odd: [odd],
    lambda odd: {"k": odd},
    lambda odd: odd,
    lambda odd: [odd],
    lambda odd: {"f0": odd},
)


def compare(choices: Choices) -> None:
    """Compare data of a schema, and data with odd things in them."""
    raw = Author(choices).schema()
    if outcome(schema_of, raw)[0] is not None or schema_of(raw).name == "bytes":
        return
    options = choices.pick(OPTIONS)
    encode = encoder(schema_of(raw), prefix=PREFIX, warm_up=0, **options).encode
    for odd in (0, 8, 3):
        datum = Data(choices, raw, odd=odd).datum()
        expected = outcome(plain_encode, raw, datum, **options)
        assert is_same(outcome(encode, datum), expected), (raw, datum)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_datum_has_the_outcome_of_fastavro(data: st.DataObject) -> None:
    compare(drawn(data.draw))


@pytest.mark.skipif(not LONG_RUN, reason="ACCORD_LONG_RUN names no number of schemas")
def test_any_datum_has_the_outcome_of_fastavro_long_run() -> None:
    start = random.randrange(1 << 40)  # noqa: S311 - another one every time
    for seed in range(start, start + LONG_RUN):
        compare(seeded(seed))


def test_most_valid_data_do_not_need_fastavro() -> None:
    taken = tried = 0
    for seed in range(400):
        choices = seeded(seed)
        raw = Author(choices).schema()
        if outcome(schema_of, raw)[0] is not None:
            continue
        datum = Data(choices, raw).datum()
        if outcome(plain_encode, raw, datum)[0] is None:
            tried += 1
            taken += outcome(fast_encode(raw), datum)[0] is not HandedOver
    assert taken > tried * 0.9


def test_data_are_not_changed() -> None:
    datum = {"f0": [{"number": "1"}], "f1": OrderedDict(a=1)}
    before = json.dumps(datum)
    raw = record({"type": "array", "items": CARD}, {"type": "map", "values": "int"})
    encoder(schema_of(raw), warm_up=0).encode(datum)
    assert json.dumps(datum) == before


def test_a_top_level_of_bytes_has_no_length() -> None:
    for raw in ("bytes", {"type": "bytes"}):
        encode = encoder(schema_of(raw), prefix=PREFIX).encode
        assert encode(b"abc") == PREFIX + b"abc"
        assert encode("é") == PREFIX + "é".encode()
        with pytest.raises(AttributeError):
            encode(5)


def nested(depth: int) -> dict[str, Any]:
    datum: dict[str, Any] = {"value": 0}
    for value in range(depth):
        datum = {"value": value, "left": datum}
    return datum


def test_deep_data_end_in_an_error_and_not_in_a_crash() -> None:
    encode = encoder(schema_of(TREE)).encode
    assert encode(nested(300)) == plain_encode(TREE, nested(300))[len(PREFIX) :]
    for deep in (nested(100_000), nested(100_000) | {"value": "handed over at once"}):
        with pytest.raises(RecursionError):
            encode(deep)


def test_a_datum_that_contains_itself_is_an_error() -> None:
    datum: dict[str, Any] = {"value": 1}
    datum["left"] = datum
    with pytest.raises(RecursionError):
        encoder(schema_of(TREE)).encode(datum)


def test_a_default_without_an_end_does_no_harm_until_it_is_used() -> None:
    again = {"name": "next", "type": "n.Endless", "default": {}}
    either = {
        "name": "other",
        "type": [{"type": "map", "values": "int"}, "n.Endless"],
        "default": {},
    }
    raw = {"type": "record", "name": "n.Endless", "fields": [again]}
    assert outcome(encoder(schema_of(["null", raw]), warm_up=0).encode, None) == (None, b"\x00")
    raw = {"type": "record", "name": "n.Endless", "fields": [either]}
    encode = encoder(schema_of(raw), warm_up=0).encode
    assert encode({"other": ("map", {"a": 1})}) == b"\x00\x02\x02a\x02\x00"
