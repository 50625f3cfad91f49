"""The walks of both clients over generated schemas and data."""

from __future__ import annotations

import copy
from itertools import count
from typing import Any

from fastavro.utils import generate_one
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SCALARS = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"]
LOGICAL = [
    {"type": "int", "logicalType": "date"},
    {"type": "long", "logicalType": "timestamp-millis"},
    {"type": "string", "logicalType": "uuid"},
]
TAGS_PROP = "confluent:tags"
TAGS = st.lists(st.sampled_from(["PII", "X"]), max_size=2, unique=True)


class Drawing:
    """Draws a schema; every named type has a name of its own, and may be referred to again."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.numbers = count()
        self.known: list[str] = []

    def type(self, depth: int) -> Any:
        kinds = [self.scalar, self.logical, self.enum, self.again]
        if depth:
            kinds += [self.array, self.map, self.union, self.record]
        return self.draw(st.sampled_from(kinds))(depth - 1)

    def scalar(self, _: int) -> Any:
        return self.draw(st.sampled_from(SCALARS))

    def logical(self, _: int) -> Any:
        return self.draw(st.sampled_from(LOGICAL))

    def enum(self, _: int) -> Any:
        return {"type": "enum", "name": f"E{next(self.numbers)}", "symbols": ["A", "B"]}

    def again(self, depth: int) -> Any:
        return self.draw(st.sampled_from(self.known)) if self.known else self.scalar(depth)

    def array(self, depth: int) -> Any:
        return {"type": "array", "items": self.type(depth)}

    def map(self, depth: int) -> Any:
        return {"type": "map", "values": self.type(depth)}

    def union(self, depth: int) -> Any:
        scalars = self.draw(st.lists(st.sampled_from(SCALARS), max_size=3, unique=True))
        records = [self.record(depth) for _ in range(self.draw(st.integers(0, 2)))]
        first, second = self.draw(st.permutations([scalars, records]))
        return [*first, *second] or ["null"]

    def record(self, depth: int) -> Any:
        name, namespace = f"R{next(self.numbers)}", self.draw(st.sampled_from(["n", "o.p"]))
        fields = [
            {"name": f"f{index}", "type": self.type(depth), TAGS_PROP: self.draw(TAGS)}
            | {"confluent:rules": [{"name": "r", "expr": "e"}]}
            for index in range(self.draw(st.integers(0, 4)))
        ]
        self.known.append(f"{namespace}.{name}")
        rules = {"confluent:rules": [{"name": "whole", "expr": "e"}]}
        return {"type": "record", "name": name, "namespace": namespace, "fields": fields} | rules


@st.composite
def schemas(draw: st.DrawFn) -> Any:
    return Drawing(draw).record(3)


def visits(library: Any, avro: Any, message: Any, kind: str) -> Any:
    """Return what a rule is shown, and what comes out where it changes text and numbers."""
    lines: list[Any] = []

    class Change(library.FieldRuleExecutor):
        def type(self) -> str:
            return "CHANGE"

        def new_transform(self, ctx: Any) -> Any:  # noqa: ARG002 - the interface
            return change

    def change(_: Any, place: Any, value: Any) -> Any:
        lines.append((place.full_name, place.type_name(), repr(value), sorted(place.tags)))
        return value + value if isinstance(value, str) and kind == "TRANSFORM" else value

    library.registry.register_executor(Change())
    rule = library.rule(type="CHANGE", kind=kind, on_failure="NONE", tags=["PII"])
    target = library.schema(domain=[rule], tags={"n.*.f1": ["PII"]})
    return library.run(copy.deepcopy(message), target=target, avro=avro), lines


def failures(library: Any, avro: Any, message: Any) -> list[str]:
    """Return the paths of all inline rules, none of which holds."""

    class Never(library.ValidationRuleExecutor):
        def execute(self, rule: Any, schema: Any, message: Any) -> Any:  # noqa: ARG002 - the interface
            return False

    found = library.walk(avro).violations(Never(), message)
    return [f"{failure.field_path} {failure.rule.name}" for failure in found]


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(avro=schemas())
def test_both_show_change_and_check_the_same(libraries: list[Any], avro: Any) -> None:
    message = generate_one(avro)
    stock, ours = libraries
    assert dict(ours.walk(avro).inline_tags) == {
        name: tags for name, tags in stock.walk(avro).inline_tags.items() if tags
    }
    for kind in ("TRANSFORM", "CONDITION"):
        assert visits(ours, avro, message, kind) == visits(stock, avro, message, kind)
    assert failures(ours, avro, message) == failures(stock, avro, message)
