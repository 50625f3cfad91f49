"""Schemas made to see what happens: each is answered within the budget of steps."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from compat.errors import TooComplex
from compat.json_schema import BREAKING, JsonSchema, Kind, differences, parse
from compat.json_schema.differ import MAX_STEPS, Differ
from compat.json_schema.reading import Reading
from compat.json_schema.shapes import Shapes
from compat.level import Policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from compat.finding import Finding

DEEPEST = 190  # an object in an object is two levels of the text, which may have 400


def steps_of(reader: JsonSchema, writer: JsonSchema) -> int:
    shapes = Shapes()
    sides = Reading(reader, shapes), Reading(writer, shapes)
    differ = Differ()
    differ.settled(sides[0].root, sides[1].root)
    return differ.steps


def pair(made: Callable[[str], Any]) -> tuple[JsonSchema, JsonSchema]:
    """Return a reader and a writer schema that differ in one type far inside."""
    reader, writer = (parse(json.dumps(made(kind)), new=False) for kind in ("string", "number"))
    return reader, writer


def breaking(made: Callable[[str], Any]) -> list[Finding]:
    reader, writer = pair(made)
    found = differences(reader=reader, writer=writer)
    return [finding for finding in found if finding.kind in BREAKING[Policy.LENIENT]]


@pytest.mark.parametrize(
    "wrap",
    [
        pytest.param(lambda inner: {"properties": {"a": inner}}, id="properties"),
        pytest.param(lambda inner: {"additionalProperties": inner}, id="additionalProperties"),
        pytest.param(lambda inner: {"items": inner}, id="items"),
        pytest.param(lambda inner: {"items": [inner], "additionalItems": inner}, id="both"),
        pytest.param(lambda inner: {"not": inner}, id="not"),
        pytest.param(lambda inner: {"anyOf": [inner, {"type": "null"}]}, id="anyOf"),
        pytest.param(lambda inner: {"oneOf": [inner]}, id="oneOf"),
        pytest.param(lambda inner: {"allOf": [{"title": "t"}, inner]}, id="allOf"),
        pytest.param(lambda inner: {"dependencies": {"a": inner}}, id="dependencies"),
    ],
)
def test_the_deepest_schemas_are_compared(wrap: Callable[[Any], Any]) -> None:
    def nested(kind: str) -> Any:
        schema: Any = {"type": kind}
        # What holds itself twice doubles its text with every level.
        for _ in range(8 if "additionalItems" in wrap({}) else DEEPEST):
            schema = wrap(schema)
        return schema

    assert breaking(nested)


@pytest.mark.parametrize("criterion", ["allOf", "anyOf", "oneOf"])
def test_alternatives_that_all_lead_to_each_other(criterion: str) -> None:
    size = 12

    def net(kind: str) -> Any:
        others = [{"$ref": f"#/definitions/d{index}"} for index in range(size)]
        ends = [{"type": "string", "maxLength": index} for index in range(size - 1)]
        ends.append({"type": kind})
        return {
            "definitions": {
                f"d{index}": {criterion: [*others, end]} for index, end in enumerate(ends)
            },
            "$ref": "#/definitions/d0",
        }

    assert breaking(net)


def test_a_chain_of_references_as_long_as_there_is_room_for() -> None:
    length = 5000

    def chain(kind: str) -> Any:
        links = {f"d{index}": {"$ref": f"#/definitions/d{index + 1}"} for index in range(length)}
        return {"definitions": {**links, f"d{length}": {"type": kind}}, "$ref": "#/definitions/d0"}

    (finding,) = breaking(chain)
    assert (finding.kind, finding.path) == (Kind.TYPE_CHANGED, "#/")


def test_steps_grow_no_faster_than_what_is_compared() -> None:
    """Twice as many levels of alternatives take twice as many steps, not the square of them."""

    def doubling(levels: int) -> Callable[[str], Any]:
        def made(kind: str) -> Any:
            definitions = {
                f"d{level}": {
                    "oneOf": [
                        {"properties": {side: {"$ref": f"#/definitions/d{level + 1}"}}}
                        for side in ("left", "right")
                    ]
                }
                for level in range(levels)
            }
            end = {f"d{levels}": {"type": kind}}
            return {"definitions": definitions | end, "$ref": "#/definitions/d0"}

        return made

    steps = [steps_of(*pair(doubling(levels))) for levels in (50, 100, 200)]
    assert steps[1] < 2.2 * steps[0]
    assert steps[2] < 2.2 * steps[1]


def test_steps_grow_with_the_number_of_properties() -> None:
    def wide(size: int) -> Callable[[str], Any]:
        return lambda kind: {
            "type": "object",
            "properties": {f"p{index}": {"type": kind} for index in range(size)},
        }

    steps = [steps_of(*pair(wide(size))) for size in (100, 1000, 10_000)]
    assert steps[1] < 11 * steps[0]
    assert steps[2] < 11 * steps[1]


def const(number: int) -> Any:
    return {"const": number}


def event(number: int) -> Any:
    properties = {"kind": {"const": number}, "value": {"type": "integer"}}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def wider(number: int) -> Any:
    return {**event(number), "properties": {"kind": {"const": number}, "value": {"type": "number"}}}


@pytest.mark.parametrize(
    ("writer", "reader", "kinds"),
    [
        pytest.param(map(const, range(5000)), map(const, range(5000)), set(), id="the same"),
        pytest.param(
            map(const, range(5000)),
            map(const, range(5001)),
            {Kind.SUM_TYPE_EXTENDED},
            id="one more",
        ),
        pytest.param(
            map(const, range(5000)),
            map(const, reversed(range(5000))),
            set(),
            id="in another order",
        ),
        pytest.param(
            map(const, range(5000)),
            map(const, range(5000, 10_000)),
            {Kind.COMBINED_TYPE_SUBSCHEMAS_CHANGED},
            id="all of them changed",
        ),
        pytest.param(
            map(event, range(5000)), map(wider, range(5000)), {Kind.TYPE_EXTENDED}, id="all widened"
        ),
        pytest.param(
            map(event, range(5000)),
            map(wider, range(-1, 4999)),
            {Kind.TYPE_EXTENDED, Kind.COMBINED_TYPE_SUBSCHEMAS_CHANGED},
            id="all widened, and one replaced",
        ),
    ],
)
def test_five_thousand_alternatives(writer: Any, reader: Any, kinds: set[Kind]) -> None:
    old, new = (
        parse(json.dumps({"oneOf": list(branches)}), new=False) for branches in (writer, reader)
    )
    found = differences(reader=new, writer=old)
    assert {finding.kind for finding in found} == kinds


def test_what_takes_too_long_is_refused_the_same_way_every_time() -> None:
    def tangle(kind: str) -> Any:
        size = 60
        others = [{"$ref": f"#/definitions/d{index}"} for index in range(size)]
        definitions = {
            f"d{index}": {"oneOf": [*others, {"type": kind, "title": f"{kind}{index}"}]}
            for index in range(size)
        }
        return {"definitions": definitions, "$ref": "#/definitions/d0"}

    reader, writer = pair(tangle)
    places = set()
    for _ in range(2):
        with pytest.raises(TooComplex, match=f"more than {MAX_STEPS} steps") as refusal:
            differences(reader=reader, writer=writer)
        places.add(refusal.value.path)
    assert len(places) == 1
    assert str(places.pop()).startswith("#/definitions/")


def test_a_pattern_that_backtracks_for_ever_matches_nothing() -> None:
    name = "a" * 60

    def schema(pattern: str) -> JsonSchema:
        by_pattern = {pattern: {"type": "string"}}
        return parse(json.dumps({"patternProperties": by_pattern, "additionalProperties": False}))

    writer = parse(
        json.dumps({"properties": {name: {"type": "string"}}, "additionalProperties": False})
    )
    covered = Kind.PROPERTY_REMOVED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL
    closed = Kind.PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL
    for pattern, kind in (
        ("^(a+)+$", covered),
        ("^(?=(a+)+b)", closed),
        ("^(a|a)*(?!c)b$", closed),
    ):
        assert [each.kind for each in differences(reader=schema(pattern), writer=writer)] == [kind]


def test_numbers_as_long_as_there_is_room_for() -> None:
    def multiples(kind: str) -> Any:
        large = 10**999 if kind == "string" else 10**998 + 1
        return {"properties": {f"p{index}": {"multipleOf": large} for index in range(500)}}

    assert {finding.kind for finding in breaking(multiples)} == {Kind.MULTIPLE_OF_CHANGED}
