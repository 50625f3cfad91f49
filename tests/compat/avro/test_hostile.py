"""Schemas made to keep a checker busy: each pair has an answer, within a budget of steps.

The budget is counted and not timed, so the answer is the same on every machine. A shape takes a
size; what it costs may grow with the size as its row says, and no faster.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from compat.avro import advice, incompatibilities, parse, shown, witness
from compat.avro.changes import Changes
from compat.avro.differ import MAX_STEPS, Differ
from compat.errors import TooComplex

if TYPE_CHECKING:
    from collections.abc import Callable

    from compat.avro import AvroSchema

# One comparison of two types looks at no more names than this before it is counted.
ONE_MORE = 100_000


def record(name: str, *fields: Any, **more: Any) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": list(fields), **more}


def field(name: str, kind: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, **more}


def events(size: int, leaf: str) -> Any:
    """A union of as many records, each with a field of its own."""
    return [record(f"E{n}", field("f", leaf)) for n in range(size)]


def namesakes(size: int, leaf: str) -> Any:
    """A union of records that differ in nothing but the namespace, which does not count."""
    return [record(f"n{n}.R", field("f", leaf)) for n in range(size)]


def cycle(size: int, leaf: str) -> Any:
    """Records in a ring, each holding the next; the lengths of two rings multiply."""
    return [
        record(f"n{n}.R", field("next", ["null", f"n{(n + 1) % size}.R"]), field("leaf", leaf))
        for n in range(size)
    ]


def ring(size: int, leaf: str) -> Any:
    return cycle(size + (leaf == "string"), leaf)


def doubling(size: int, leaf: str) -> Any:
    """Records that hold the next one twice: two to the power of size ways to the leaf."""
    inner: Any = leaf
    for level in range(size):
        again = inner["name"] if isinstance(inner, dict) else inner
        inner = record(f"R{level}", field("a", inner), field("b", again))
    return inner


def doubling_unions(size: int, leaf: str) -> Any:
    """The same through unions, where each way is tried before it is given up."""
    inner: Any = leaf
    for level in range(size):
        again = inner["name"] if isinstance(inner, dict) else inner
        inner = record(f"R{level}", field("a", ["null", inner]), field("b", ["null", again]))
    return inner


def net(size: int, leaf: str) -> Any:
    """Records of which each may hold any of them."""
    names = [f"R{n}" for n in range(size)]
    return [record(name, field("any", ["null", *names]), field("leaf", leaf)) for name in names]


def net_of_namesakes(size: int, leaf: str) -> Any:
    names = [f"n{n}.R" for n in range(size)]
    return [record(name, field("any", ["null", *names]), field("leaf", leaf)) for name in names]


def nested_lists(size: int, leaf: str) -> Any:
    inner: Any = leaf
    for _ in range(size):
        inner = {"type": "array", "items": inner}
    return inner


def nested_records(size: int, leaf: str) -> Any:
    inner: Any = leaf
    for level in range(size):
        inner = record(f"R{level}", field("f", inner))
    return inner


def chain(size: int, leaf: str) -> Any:
    """Records of which each holds the one before: shallow as a text, deep as data."""
    first = record("R0", field("f", leaf))
    return [first, *(record(f"R{n}", field("f", f"R{n - 1}")) for n in range(1, size))]


def wide(size: int, leaf: str) -> Any:
    return record("R", *(field(f"f{n}", leaf) for n in range(size)))


def aliased(size: int, leaf: str) -> Any:
    """Fields that were renamed over and over, and never to a name the writer has."""
    names = [f"old{n}" for n in range(100)]
    return record("R", *(field(f"{leaf}{n}", leaf, aliases=names) for n in range(size)))


def alike_by_alias(size: int, leaf: str) -> Any:
    """Records of which each was once called as any of the writer's is."""
    names = [f"w.string{n}" for n in range(size)]
    return [record(f"w.{leaf}{n}", field("f", leaf), aliases=names) for n in range(size)]


def symbols(size: int, leaf: str) -> Any:
    return {"type": "enum", "name": "E", "symbols": [f"{leaf}{n}" for n in range(size)]}


def symbols_of_many(size: int, leaf: str) -> Any:
    """One large enum in every field: it is compared once."""
    return record(
        "R",
        field("f0", symbols(2000, leaf)),
        *(field(f"f{n}", "E") for n in range(1, size)),
    )


def heavy_branch(size: int, leaf: str) -> Any:
    """A branch of a union that cannot be read, for reasons that take long to find."""
    return ["null", {"type": "array", "items": namesakes(size, leaf)}]


class Shape(NamedTuple):
    """How a family of schemas grows: steps per step of size, from one size to twice the size."""

    of: Callable[[int, str], Any]
    size: int
    growth: float


SHAPES = (
    Shape(events, 2500, 2.1),
    Shape(namesakes, 100, 4.1),
    Shape(ring, 20, 4.1),
    Shape(doubling, 30, 2.1),
    Shape(doubling_unions, 20, 2.1),
    Shape(net, 20, 4.1),
    Shape(net_of_namesakes, 20, 8.1),
    Shape(nested_lists, 90, 2.1),
    Shape(nested_records, 30, 2.1),
    Shape(chain, 2500, 2.1),
    Shape(wide, 5000, 2.1),
    Shape(aliased, 200, 2.1),
    Shape(alike_by_alias, 20, 8.1),
    Shape(symbols, 5000, 2.1),
    Shape(symbols_of_many, 500, 2.1),
    Shape(heavy_branch, 100, 4.1),
)

TOO_MUCH = ((namesakes, 500), (alike_by_alias, 150))

TOO_LARGE = (
    (nested_lists, 500, "nested deeper than 200 levels"),
    (nested_records, 100, "nested deeper than 200 levels"),
    (ring, 600, "nests deeper than 200 levels once its names are filled in"),
    (net, 400, "nests deeper than 200 levels once its names are filled in"),
    (alike_by_alias, 600, "longer than 2097152 characters"),
    (wide, 80_000, "longer than 2097152 characters"),
)


def pair(shape: Callable[[int, str], Any], size: int) -> tuple[AvroSchema, AvroSchema]:
    """Return a reader and a writer that differ in their leaves."""
    reader, writer = (parse(json.dumps(shape(size, leaf))) for leaf in ("int", "string"))
    return reader, writer


def steps(shape: Callable[[int, str], Any], size: int) -> int:
    reader, writer = pair(shape, size)
    differ = Differ()
    differ.between(reader.root, writer.root)
    return differ.steps


def name_of(value: object) -> str:
    return getattr(value, "__name__", str(value))


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.of.__name__)
def test_steps_grow_as_they_should(shape: Shape) -> None:
    """Twice the size, at most so many times the steps."""
    assert steps(shape.of, 2 * shape.size) <= shape.growth * steps(shape.of, shape.size)


def changes_steps(shape: Callable[[int, str], Any], size: int) -> int:
    reader, writer = pair(shape, size)
    changes = Changes()
    assert all(changes.between(reader.root, writer.root))
    return changes.steps


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.of.__name__)
def test_harmless_changes_are_found_in_steps_that_grow_no_faster(shape: Shape) -> None:
    """Nor is it many more of them than a verdict takes."""
    few, many = changes_steps(shape.of, shape.size), changes_steps(shape.of, 2 * shape.size)
    assert many <= shape.growth * few
    assert few <= 2 * steps(shape.of, shape.size)


def test_harmless_changes_have_a_budget_of_their_own() -> None:
    """The verdict on it is given."""
    reader, writer = pair(namesakes, 2000)
    changes = Changes(10_000)
    with pytest.raises(TooComplex, match="the comparison takes more than 10000 steps"):
        list(changes.between(reader.root, writer.root))
    assert changes.steps < 10_000 + ONE_MORE


@pytest.mark.parametrize(("shape", "size"), TOO_MUCH, ids=name_of)
def test_what_takes_too_many_steps_is_given_up_there(
    shape: Callable[[int, str], Any], size: int
) -> None:
    reader, writer = pair(shape, size)
    differ = Differ()
    with pytest.raises(TooComplex, match="the comparison takes more than 1000000 steps"):
        differ.between(reader.root, writer.root)
    assert differ.steps < MAX_STEPS + ONE_MORE


@pytest.mark.parametrize(("shape", "size", "reason"), TOO_LARGE, ids=name_of)
def test_what_is_too_large_is_no_schema(
    shape: Callable[[int, str], Any], size: int, reason: str
) -> None:
    with pytest.raises(TooComplex, match=reason):
        parse(json.dumps(shape(size, "int")))


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.of.__name__)
def test_the_first_and_the_last_finding_are_explained(shape: Shape) -> None:
    """A witness or the reason why there is none, whatever the size."""
    reader, writer = pair(shape.of, shape.size)
    found = incompatibilities(reader=reader, writer=writer)
    for finding in (found[0], found[-1]):
        assert all(advice(finding))
        for spot in (finding.reader, finding.writer):
            assert spot is None or len(shown(spot.fragment)) <= 500
        assert witness(finding, reader=reader, writer=writer)
