"""Laws of the Avro checker, and the truth of its verdicts: fastavro reads what is compatible."""

from __future__ import annotations

import io
import json
from typing import Any

import fastavro
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from compat import avro
from compat.check import check
from compat.errors import InvalidSchema
from compat.level import Level

Draw = st.DrawFn

# A machine that is busy with other things is no failure.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

PROMOTED = {
    "int": ["int", "long", "float", "double", "string"],
    "long": ["long", "float", "double", "int"],
    "float": ["float", "double"],
    "string": ["string", "bytes"],
    "bytes": ["bytes", "string"],
}
DEFAULTS = {"int": 0, "string": "", "boolean": False, "double": 1}
FIELD_NAMES = ["a", "b", "c", "d"]
SYMBOLS = ["X", "Y", "Z"]
NAMED = ("record", "enum", "fixed")


class Types:
    """Draw a type; named types are A, B, C in the order they are met, so that two may agree."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.unused = list("HGFEDCBA")

    def any(self, depth: int) -> Any:
        kinds = ["null", "boolean", "int", "long", "float", "double", "string", "bytes"]
        if depth:
            kinds += ["array", "map", "union", "record", "record", "enum", "fixed", "list"]
        kind = self.draw(st.sampled_from(kinds))
        return getattr(self, kind)(depth - 1) if hasattr(self, kind) else kind

    def array(self, depth: int) -> dict[str, Any]:
        return {"type": "array", "items": self.any(depth)}

    def map(self, depth: int) -> dict[str, Any]:
        return {"type": "map", "values": self.any(depth)}

    def union(self, depth: int) -> list[Any]:
        return distinct([self.any(depth) for _ in range(self.draw(st.integers(1, 3)))])

    def record(self, depth: int) -> dict[str, Any]:
        name = self.unused.pop() if self.unused else "Z"
        names = FIELD_NAMES[: self.draw(st.integers(0, 3))]
        fields = [{"name": each, "type": self.any(depth)} for each in names]
        return {"type": "record", "name": name, "fields": fields}

    def list(self, depth: int) -> dict[str, Any]:
        node = self.record(depth)
        node["fields"].append({"name": "next", "type": ["null", node["name"]]})
        return node

    def enum(self, _: int) -> dict[str, Any]:
        symbols = self.draw(st.lists(st.sampled_from(SYMBOLS), min_size=1, unique=True))
        return {
            "type": "enum",
            "name": self.unused.pop() if self.unused else "Z",
            "symbols": symbols,
        }

    def fixed(self, _: int) -> dict[str, Any]:
        name = self.unused.pop() if self.unused else "Z"
        return {"type": "fixed", "name": name, "size": self.draw(st.integers(1, 2))}


def label(node: Any) -> str:
    """Return what may occur once in a union."""
    if isinstance(node, dict):
        return node["name"] if node["type"] in NAMED else node["type"]
    return "union" if isinstance(node, list) else node


def distinct(branches: list[Any]) -> list[Any]:
    flat = [each for node in branches for each in (node if isinstance(node, list) else [node])]
    return list({label(node): node for node in flat}.values())


def evolved(draw: Draw, node: Any) -> Any:  # noqa: PLR0911 - one return per type
    """Return a type as its next version might be, readable or not."""
    if draw(st.integers(0, 9)) == 0:
        return distinct(["null", node])
    match node:
        case str():
            return draw(st.sampled_from(PROMOTED.get(node, [node])))
        case list():
            return distinct([evolved(draw, branch) for branch in node])
        case {"type": "array"}:
            return {**node, "items": evolved(draw, node["items"])}
        case {"type": "map"}:
            return {**node, "values": evolved(draw, node["values"])}
        case {"type": "enum"}:
            symbols = draw(st.lists(st.sampled_from(SYMBOLS), min_size=1, unique=True))
            default = {"default": symbols[0]} if draw(st.booleans()) else {}
            return {**node, "symbols": symbols, **default}
        case {"type": "record"}:
            return {**node, "fields": evolved_fields(draw, node["fields"])}
        case _:
            return node


def evolved_fields(draw: Draw, fields: list[Any]) -> list[Any]:
    kept = [
        {"name": each["name"], "type": evolved(draw, each["type"])}
        for each in fields
        if each["name"] == "next" or draw(st.integers(0, 5))
    ]
    for each in kept:
        if draw(st.integers(0, 9)) == 0:
            each["aliases"] = [each["name"]]
            each["name"] = f"{each['name']}_new"
    if draw(st.integers(0, 3)) == 0:
        kind = draw(st.sampled_from(sorted(DEFAULTS)))
        default = {"default": DEFAULTS[kind]} if draw(st.booleans()) else {}
        kept.append({"name": "added", "type": kind, **default})
    return kept


@st.composite
def schemas(draw: Draw) -> Any:
    return Types(draw).any(3)


@st.composite
def pairs(draw: Draw) -> tuple[Any, Any]:
    """Draw a writer and a reader: the reader mostly a next version, sometimes a stranger."""
    writer = draw(schemas())
    return writer, draw(schemas()) if draw(st.integers(0, 4)) == 0 else evolved(draw, writer)


def parsed(node: Any) -> avro.AvroSchema:
    """Parse what was drawn, unless an edit has taken a name away that is used elsewhere."""
    try:
        return avro.parse(json.dumps(node))
    except InvalidSchema:
        assume(False)  # noqa: FBT003 - the signature of hypothesis
        raise


def passes(level: Level, new: avro.AvroSchema, *previous: avro.AvroSchema) -> bool:
    return not check(level, new=new, previous=previous)


def values(node: Any, known: dict[str, Any], depth: int = 3) -> st.SearchStrategy[Any]:  # noqa: PLR0911 - one return per type
    """Return data of a type; bytes are ASCII, for a reader may take them for a string.

    So are the bytes of a fixed: in a union, fastavro may take them for `bytes`.
    """
    match node:
        case list():
            usable = node if depth > 0 or "null" not in node else ["null"]
            return st.one_of([values(branch, known, depth) for branch in usable])
        case {"type": "array"}:
            return st.lists(values(node["items"], known, depth - 1), max_size=2)
        case {"type": "map"}:
            return st.dictionaries(
                st.text(max_size=2), values(node["values"], known, depth - 1), max_size=2
            )
        case {"type": "enum"}:
            return st.sampled_from(node["symbols"])
        case {"type": "fixed"}:
            return st.text("ab", min_size=node["size"], max_size=node["size"]).map(str.encode)
        case {"type": "record"}:
            known = {**known, node["name"]: node}
            fields = {
                each["name"]: values(each["type"], known, depth - 1) for each in node["fields"]
            }
            return st.fixed_dictionaries(fields)
        case _ if node in known:
            return values(known[node], known, depth - 1)
        case _:
            return PRIMITIVE_VALUES[node]


PRIMITIVE_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "null": st.none(),
    "boolean": st.booleans(),
    "int": st.integers(-(2**31), 2**31 - 1),
    "long": st.integers(-(2**63), 2**63 - 1),
    "float": st.floats(width=32),
    "double": st.floats(),
    "string": st.text(max_size=3),
    "bytes": st.text(alphabet="ab", max_size=3).map(str.encode),
}


@settings(unhurried, max_examples=300)
@given(pair=pairs(), data=st.data())
def test_what_is_compatible_can_be_read(pair: tuple[Any, Any], data: st.DataObject) -> None:
    """Fastavro writes with the old schema and reads with the new one."""
    writer, reader = map(parsed, pair)
    assume(passes(Level.BACKWARD, reader, writer))
    value = data.draw(values(pair[0], {}))
    stream = io.BytesIO()
    fastavro.schemaless_writer(stream, fastavro.parse_schema(pair[0]), value)
    stream.seek(0)
    fastavro.schemaless_reader(
        stream, fastavro.parse_schema(pair[0]), fastavro.parse_schema(pair[1])
    )


@unhurried
@given(node=schemas())
def test_a_schema_reads_itself(node: Any) -> None:
    """And so does its normal form, and the same text read again."""
    schema = parsed(node)
    for other in (parsed(node), schema.normalized(), avro.parse(schema.text)):
        assert avro.differences(reader=schema, writer=other) == ()
        assert avro.differences(reader=other, writer=schema) == ()


@unhurried
@given(pair=pairs())
def test_forward_is_backward_with_the_sides_swapped(pair: tuple[Any, Any]) -> None:
    old, new = map(parsed, pair)
    assert passes(Level.FORWARD, new, old) == passes(Level.BACKWARD, old, new)


@unhurried
@given(pair=pairs())
def test_full_is_backward_and_forward(pair: tuple[Any, Any]) -> None:
    old, new = map(parsed, pair)
    both = passes(Level.BACKWARD, new, old) and passes(Level.FORWARD, new, old)
    assert passes(Level.FULL, new, old) == both


@unhurried
@given(
    new=schemas(),
    previous=st.lists(schemas(), max_size=3),
    level=st.sampled_from([Level.BACKWARD, Level.FORWARD, Level.FULL]),
)
def test_transitive_is_every_pair(new: Any, previous: list[Any], level: Level) -> None:
    schema, olds = parsed(new), list(map(parsed, previous))
    pairwise = [passes(level, schema, old) for old in olds]
    assert passes(Level(f"{level}_TRANSITIVE"), schema, *olds) == all(pairwise)
    assert passes(level, schema, *olds) == all(pairwise[:1])
    assert passes(Level.NONE, schema, *olds)
