"""Decoders of one schema: fastavro's data and errors, whatever the bytes.

ACCORD_LONG_RUN is the number of schemas to try beyond those of every run.
"""

# ruff: noqa: E501 - tables have a case in a line

from __future__ import annotations

import os
import random
import tracemalloc
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from avro_codecs import (
    PREFIX,
    HandedOver,
    fast_decode,
    is_same,
    outcome,
    plain_decode,
    plain_encode,
    schema_of,
)
from avro_evolution import drawn, seeded
from avro_values import PRIMITIVES, Author, Data
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accord_serde._avro import decoder
from accord_serde._avro.schema_types import has_items, is_empty, is_recursive
from accord_serde._avro.varint import TooManyItems, integer_writers

if TYPE_CHECKING:
    from avro_evolution import Choices

LONG_RUN = int(os.environ.get("ACCORD_LONG_RUN", "0"))
START = len(PREFIX)
long = integer_writers().long

ENUM = {"type": "enum", "name": "n.E", "symbols": ["X", "Y", "Z"]}
MANY = {"type": "enum", "name": "n.M", "symbols": [f"S{number}" for number in range(100)]}
FIXED = {"type": "fixed", "name": "n.F", "size": 3}
CARD = {"type": "record", "name": "n.Card", "fields": [{"name": "number", "type": "string"}]}
MONEY = {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}
TREE = {
    "type": "record",
    "name": "n.Tree",
    "fields": [
        {"name": "value", "type": "long"},
        {"name": "left", "type": ["null", "n.Tree"]},
        {"name": "others", "type": {"type": "array", "items": "n.Tree"}},
    ],
}
LEAF = {"value": 1, "left": None, "others": []}


def record(*types: Any) -> dict[str, Any]:
    fields = [{"name": f"f{at}", "type": each} for at, each in enumerate(types)]
    return {"type": "record", "name": "n.R", "fields": fields}


def logical(kind: str, name: str) -> dict[str, Any]:
    return {"type": kind, "logicalType": name}


FAST: list[tuple[Any, Any]] = [
    *(("long", value) for bits in range(0, 64, 7) for value in (2**bits - 1, -(2**bits))),
    *(("string", "é" * size) for size in (0, 31, 32, 4095, 4096, 70000)),
    *(("double", value) for value in (1.5, float("nan"), -0.0)),
    ("float", 1.5),
    ("boolean", True),
    ("null", None),
    (record("bytes", FIXED, ENUM), {"f0": b"abc", "f1": b"xyz", "f2": "Z"}),
    (record(*["int"] * 40), {f"f{at}": at for at in range(40)}),
    *((MANY, f"S{number}") for number in (0, 63, 64, 99)),
    *((logical("long", f"{local}timestamp-{unit}"), value)
      for local in ("", "local-") for unit in ("millis", "micros")
      for value in (0, -1, 1772600767089, 2**31 * 1000, -(2**41), 253402300799999)),
    *((logical("int", "date"), value) for value in (date(1, 1, 1), date(9999, 12, 31))),
    (logical("int", "time-millis"), time(23, 59, 59, 999000)),
    (logical("long", "time-micros"), time(23, 59, 59, 999999)),
    *((logical("string", "uuid"), UUID(int=value)) for value in (0, 2**128 - 1)),
    (logical("string", "uuid"), "{urn:uuid:12345678-1234-1234-1234-123456789abc}"),
    *((record(MONEY), {"f0": value}) for value in (Decimal("12.34"), Decimal("-0.01"), Decimal(0))),
    (record(MONEY), {"f0": b"\x7f\xff\xff"}),
    (logical("long", "nobody-knows"), 5),
    ({"type": "array", "items": "int"}, list(range(-300, 300))),
    ({"type": "array", "items": "null"}, [None] * 100),
    ({"type": "map", "values": {"type": "map", "values": "int"}}, {"a": {}, "b": {"c": 1}}),
    *((["null", "string", "int"], value) for value in (None, "a", 5)),
    (["null", CARD, {"type": "array", "items": "n.Card"}], [{"number": "1"}]),
    (TREE, {"value": 1, "left": LEAF, "others": [LEAF, LEAF]}),
    (record(CARD, "n.Card", ["null", "n.Card"]),
     {"f0": {"number": "1"}, "f1": {"number": "2"}, "f2": {"number": "3"}}),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "datum"), FAST, ids=lambda value: str(value)[:60])
def test_the_compiled_function_reads_it_itself(raw: Any, datum: Any) -> None:
    data = plain_encode(raw, datum)
    assert is_same(fast_decode(raw)(data, START), plain_decode(raw, data))
    assert is_same(fast_decode(raw)(data + b"more", START), plain_decode(raw, data))


BLOCKS = {
    "several blocks": b"\x02\x02\x02\x04\x02",
    "blocks with their sizes": b"\x01\x02\x02\x03\x04\x04\x06\x00",
    "an overlong count": b"\x82\x00\x02\x00",
}


@pytest.mark.parametrize("blocks", BLOCKS.values(), ids=BLOCKS)
def test_arrays_and_maps_come_in_blocks(blocks: bytes) -> None:
    raw = {"type": "array", "items": "int"}
    data = PREFIX + blocks + b"\x00" * 3
    assert fast_decode(raw)(data, START) == plain_decode(raw, data)


# Neither the specification has these, nor does the compiled function take them.
STRANGE = {
    "long": [b"\xff" * 9 + b"\x7f", b"\xff" * 20 + b"\x01", b"\xff" * 9 + b"\x01", b"\x80\x00", b"\xff"],
    "string": [b"\x01", b"\x03ab", b"\x02\xff", b"\xff\xff\xff\xff\xff\x0f", b"\xfe" * 9 + b"\x01", b"\x08abc"],
    "boolean": [b"\x02", b"\xff", b""],
    "double": [b"\x00" * 7],
    "int-date": [long(2**40), long(-(2**40)), long(2**62)],
    "int-time-millis": [long(86_400_000), long(-1), long(2**60)],
    "long-time-micros": [long(86_400_000_000), long(-1)],
    "long-timestamp-millis": [long(2**62), long(-(2**62)), long(253402300800000)],
    "long-timestamp-micros": [long(2**62), long(-(2**62))],
    "string-uuid": [b"\x06abc", b"\x48" + b"-" * 36, b"\x48" + b"\xff" * 36, b"\x48" + b"0x345678-1234-1234-1234-1234567_9abc"],
}  # fmt: skip


@pytest.mark.parametrize("name", STRANGE)
def test_strange_bytes_have_the_outcome_of_fastavro(name: str) -> None:
    kind, _, conversion = name.partition("-")
    raw = record(logical(kind, conversion) if conversion else kind, "null")
    decode = decoder(schema_of(raw), warm_up=0).decode
    for each in STRANGE[name]:
        data = PREFIX + each
        assert is_same(outcome(decode, data, START), outcome(plain_decode, raw, data)), each


@pytest.mark.parametrize("index", [-3, -1, 3, 4, 2**20])
@pytest.mark.parametrize("raw", [ENUM, MANY, ["null", "int", "string"]], ids=str)
def test_strange_indexes_have_the_outcome_of_fastavro(raw: Any, index: int) -> None:
    data = PREFIX + long(index) + b"\x02a"
    decode = decoder(schema_of(raw), warm_up=0).decode
    assert is_same(outcome(decode, data, START), outcome(plain_decode, raw, data))


def damaged(choices: Choices, data: bytes, *, only_cut: bool) -> bytes:
    body = bytearray(data[START:])
    how = 0 if only_cut else choices.below(4)
    if how == 0 or not body:
        return PREFIX + bytes(body[: choices.below(len(body) + 1)])
    for _ in range(1 + choices.below(3)):
        at = choices.below(len(body))
        if how == 1:
            body[at] = choices.below(256)
        elif how == 2:
            body[at:at] = bytes([choices.pick((0, 1, 2, 127, 128, 129, 255))]) * choices.below(11)
        else:
            body[at] ^= 1 << choices.below(8)
    return PREFIX + bytes(body)


def compare(choices: Choices) -> None:
    """Compare data of a schema, and damaged ones."""
    raw = Author(choices).schema()
    if outcome(schema_of, raw)[0] is not None or schema_of(raw).name == "bytes":
        return
    error, data = outcome(plain_encode, raw, Data(choices, raw).datum())
    if error is not None:
        return
    with_names = bool(choices.below(2))
    decode = decoder(schema_of(raw), return_record_name=with_names, warm_up=0).decode
    expected = outcome(plain_decode, raw, data, return_record_name=with_names)
    assert is_same(outcome(decode, data, START), expected), (raw, data)
    if has_items(schema_of(raw).parsed, is_empty):
        return  # fastavro may go on for years
    # fastavro's reader in Python, which is for recursive schemas, has other errors than that in C,
    # and other values for integers of more than ten bytes.
    recursive = is_recursive(schema_of(raw).parsed)
    for _ in range(4):
        bad = damaged(choices, data, only_cut=recursive)
        expected = outcome(plain_decode, raw, bad, return_record_name=with_names)
        found = outcome(decode, bad, START)
        both_raise = found[0] is not None is not expected[0]
        is_alike = both_raise and (recursive or found[0] is expected[0] is EOFError)
        assert is_same(found, expected) or is_alike, (raw, bad, found, expected)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_bytes_have_the_outcome_of_fastavro(data: st.DataObject) -> None:
    compare(drawn(data.draw))


@pytest.mark.skipif(not LONG_RUN, reason="ACCORD_LONG_RUN names no number of schemas")
def test_any_bytes_have_the_outcome_of_fastavro_long_run() -> None:
    start = random.randrange(1 << 40)  # noqa: S311 - another one every time
    for seed in range(start, start + LONG_RUN):
        compare(seeded(seed))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([*PRIMITIVES, ENUM, FIXED, MONEY, CARD, TREE]), st.binary(max_size=40))
def test_garbage_is_an_error_or_a_datum(raw: Any, data: bytes) -> None:
    """No other error than those that fastavro has for it, and no crash."""
    found = outcome(decoder(schema_of(record(raw)), warm_up=0).decode, PREFIX + data, START)
    expected = outcome(plain_decode, record(raw), PREFIX + data)
    is_alike = raw is TREE and expected[0] is not None is not found[0]
    assert is_same(found, expected) or is_alike or found[0] == expected[0]


HUGE = (
    ({"type": "array", "items": "null"}, long(2**62)),
    ({"type": "array", "items": "null"}, long(1000) * 2000 + b"\x00"),
    ({"type": "array", "items": record()}, long(-(2**62)) + b"\x00"),
    ({"type": "array", "items": {"type": "array", "items": "null"}}, long(2**40) + long(2**19) * 9),
    ({"type": "array", "items": {"type": "fixed", "name": "F", "size": 0}}, long(2**40)),
    ({"type": "array", "items": FIXED}, long(2**40)),
    ({"type": "array", "items": "double"}, long(2**40)),
    ({"type": "array", "items": "long"}, long(2**40) + b"\x02" * 50),
    ({"type": "map", "values": "null"}, long(2**40) + b"\x00" * 50),
    ("string", long(2**40) + b"abc"),
    (record("bytes"), long(2**40) + b"abc"),
)


@pytest.mark.parametrize(("raw", "data"), HUGE, ids=lambda value: str(value)[:60])
def test_a_few_bytes_do_not_take_all_the_memory(raw: Any, data: bytes) -> None:
    decode = decoder(schema_of(raw)).decode
    tracemalloc.start()
    try:
        with pytest.raises((EOFError, IndexError, TooManyItems)):
            decode(PREFIX + data, START)
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()


def test_a_long_array_without_bytes_is_read() -> None:
    raw = {"type": "array", "items": "null"}
    assert decoder(schema_of(raw)).decode(long(100_000) + b"\x00", 0) == [None] * 100_000


def test_nesting_without_end_is_an_error_and_not_a_crash() -> None:
    decode = decoder(schema_of(TREE)).decode
    with pytest.raises(RecursionError):
        decode(b"\x02\x02" * 100_000, 0)
    # The overlong number would be left to fastavro.
    with pytest.raises(RecursionError):
        decode(b"\x82" + b"\x80" * 20 + b"\x00\x02" + b"\x02\x02" * 100_000, 0)


def test_a_record_that_contains_itself_is_an_error_and_not_a_crash() -> None:
    raw = {"type": "record", "name": "R", "fields": [{"name": "next", "type": "R"}]}
    with pytest.raises(RecursionError):
        decoder(schema_of(raw)).decode(b"", 0)


def test_other_kinds_of_bytes_are_read_as_bytes() -> None:
    raw = record("bytes", "string")
    decode = decoder(schema_of(raw), warm_up=0).decode
    for kind in (bytearray, memoryview):
        datum = decode(kind(b"\x06abc\x02d"), 0)
        assert is_same(datum, {"f0": b"abc", "f1": "d"})
    with pytest.raises(HandedOver):
        fast_decode(raw)(bytearray(b"\x06abc\x02d"), 0)


def test_a_top_level_of_bytes_has_no_length() -> None:
    for raw in ("bytes", {"type": "bytes"}):
        assert decoder(schema_of(raw)).decode(PREFIX + b"abc", START) == b"abc"


def test_the_name_of_a_record_comes_with_it() -> None:
    raw = record(
        ["null", CARD, "string"], ["n.Card", "null"], {"type": "array", "items": ["n.Card"]}
    )
    datum = {"f0": {"number": "1"}, "f1": {"number": "2"}, "f2": [{"number": "3"}]}
    data = plain_encode(raw, datum)
    decode = fast_decode(raw, return_record_name=True)
    expected = plain_decode(raw, data, return_record_name=True)
    assert expected["f1"] == ("n.Card", {"number": "2"})
    assert is_same(decode(data, START), expected)


def test_a_time_is_that_of_utc() -> None:
    raw = logical("long", "timestamp-millis")
    found = fast_decode(raw)(long(1772600767089), 0)
    assert found == datetime(2026, 3, 4, 5, 6, 7, 89000, tzinfo=UTC)
    assert found.tzinfo is UTC


def test_most_valid_data_do_not_need_fastavro() -> None:
    taken = tried = 0
    for seed in range(300):
        choices = seeded(seed)
        raw = Author(choices).schema()
        if outcome(schema_of, raw)[0] is not None:
            continue
        error, data = outcome(plain_encode, raw, Data(choices, raw).datum())
        if error is None:
            tried += 1
            taken += outcome(fast_decode(raw), data, START)[0] is not HandedOver
    assert taken > tried * 0.9
