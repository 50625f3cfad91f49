"""Avro schemas with everything fastavro knows, data of them, and data that are none of them.

The source of choices is that of `avro_evolution`.
"""

# ruff: noqa: E501 - tables have a case in a line

from __future__ import annotations

import array
import json
import uuid
from collections import OrderedDict, defaultdict, deque
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from avro_evolution import Choices

PRIMITIVES = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")
LOGICAL = (
    {"type": "int", "logicalType": "date"},
    {"type": "int", "logicalType": "time-millis"},
    {"type": "long", "logicalType": "time-micros"},
    {"type": "long", "logicalType": "timestamp-millis"},
    {"type": "long", "logicalType": "timestamp-micros"},
    {"type": "long", "logicalType": "local-timestamp-millis"},
    {"type": "long", "logicalType": "local-timestamp-micros"},
    {"type": "string", "logicalType": "uuid"},
    {"type": "bytes", "logicalType": "decimal", "precision": 6, "scale": 2},
    {"type": "bytes", "logicalType": "decimal", "precision": 4},
    {"type": "long", "logicalType": "nobody-knows"},
    {"type": "string"},
)
FIELD_NAMES = ("a", "b", "c", "d", "class", "é", "x y", "'\"\\", "-type", "")
SYMBOLS = ("X", "Y", "Z", "value", "None")
SPACES = ("n.", "n.", "m.o.", "")
MAX_DEPTH = 3


class Author:
    """Write schemas."""

    def __init__(self, choices: Choices) -> None:
        self._choices = choices
        self._count = 0
        self._open: list[str] = []
        self._closed: list[str] = []

    def schema(self) -> Any:
        return self._any(MAX_DEPTH) if self._choices.one_in(5) else self._record(MAX_DEPTH)

    def _any(self, depth: int) -> Any:
        kinds = ["primitive", "primitive", "primitive", "logical"]
        if depth:
            kinds += ["union", "union", "union", "record", "array", "map", "enum", "fixed"]
        if self._closed:
            kinds.append("again")
        return self._of(self._choices.pick(kinds), depth - 1)

    def _of(self, kind: str, depth: int) -> Any:  # noqa: PLR0911 - one for each kind
        match kind:
            case "primitive":
                return self._choices.pick(PRIMITIVES)
            case "logical":
                return dict(self._choices.pick(LOGICAL))
            case "again":
                return self._choices.pick(self._closed)
            case "array":
                return {"type": "array", "items": self._any(depth)}
            case "map":
                return {"type": "map", "values": self._any(depth)}
            case "union":
                return self._union(depth)
            case "record":
                return self._record(depth)
            case _:
                return self._leaf(kind)

    def _leaf(self, kind: str) -> Any:
        if kind == "enum":
            symbols = self._choices.some(SYMBOLS) or ["X"]
            if self._choices.one_in(12):
                symbols = [f"S{number}" for number in range(70)]
            node = {"type": "enum", "symbols": symbols}
        else:
            node = {"type": "fixed", "size": self._choices.below(4)}
            if node["size"] > 1 and self._choices.one_in(3):
                node |= {"logicalType": "decimal", "precision": 4, "scale": 1}
        return self._named(node)

    def _named(self, node: dict[str, Any]) -> dict[str, Any]:
        node["name"] = self._name()
        self._closed.append(node["name"])
        return node

    def _name(self) -> str:
        self._count += 1
        # Simple names that agree are what fastavro matches by.
        return f"{self._choices.pick(SPACES)}{'ABCDEFGH'[self._count % 8]}{self._count}"

    def _union(self, depth: int) -> list[Any]:
        branches = [self._any(depth) for _ in range(1 + self._choices.below(4))]
        if self._choices.below(2):
            branches.insert(self._choices.below(2), "null")
        if self._open and self._choices.one_in(3):
            branches.append(self._choices.pick(self._open))
        return [each for each in branches if not isinstance(each, list)] or ["null", "string"]

    def _record(self, depth: int) -> dict[str, Any]:
        name = self._name()
        self._open.append(name)
        names = self._choices.some(FIELD_NAMES) if self._choices.one_in(4) else FIELD_NAMES[:3]
        fields = [self._field(each, depth) for each in names]
        if self._choices.one_in(4):
            again = self._choices.pick(self._open)
            kinds = (["null", again], {"type": "array", "items": again}, [again, "null"])
            fields.append({"name": "next", "type": self._choices.pick(kinds)})
        self._open.remove(name)
        self._closed.append(name)
        return {"type": "record", "name": name, "fields": fields}

    def _field(self, name: str, depth: int) -> dict[str, Any]:
        node = self._any(depth)
        field = {"name": name, "type": node}
        if self._choices.one_in(3):
            found = self._default(node)
            # fastavro does not come back from a default that contains itself.
            is_safe = not isinstance(found, dict | list) or not any(
                f'"{each}"' in json.dumps(node) for each in self._open
            )
            if found is not NOTHING and is_safe:
                field["default"] = found
        return field

    def _default(self, node: Any) -> Any:  # noqa: PLR0911 - one for each kind
        match node:
            case list():
                return self._default(self._choices.pick(node))
            case {"type": "array", "items": items}:
                inner = self._default(items)
                is_empty = inner is NOTHING or self._choices.below(2)
                return [] if is_empty else [inner]
            case {"type": "map", "values": values}:
                inner = self._default(values)
                return {} if inner is NOTHING or self._choices.below(2) else {"k": inner}
            case {"type": "record", "fields": fields}:
                found = {each["name"]: self._default(each["type"]) for each in fields}
                return {name: each for name, each in found.items() if each is not NOTHING}
            case {"type": "enum", "symbols": symbols}:
                return symbols[-1]
            case {"type": "fixed", "size": size}:
                return "\u0001" * size
            case {"type": name} | name if name in DEFAULTS:
                return self._choices.pick(DEFAULTS[name])
            case _:
                return NOTHING


NOTHING = object()
DEFAULTS: dict[str, tuple[Any, ...]] = {
    "null": (None,),
    "boolean": (True, False),
    "int": (0, -70, 2**40),
    "long": (0, 2**40),
    "float": (0.5, 1.0),
    "double": (0.5, 1.0),
    "bytes": ("", "\u00ff"),
    "string": ("", "2020-02-02", "text"),
}


class Text(str):
    __slots__ = ()


class Loud(str):
    __slots__ = ()

    def encode(self, *_: Any) -> bytes:  # type: ignore[override]
        return b"LOUD"


class Number(int):
    pass


class Real(float):
    def __float__(self) -> float:
        return 42.0


class Index:
    def __index__(self) -> int:
        return 5

    def __le__(self, _: Any) -> bool:
        return True

    __lt__ = __ge__ = __gt__ = __le__


class Whole:
    def __int__(self) -> int:
        return 5

    def __float__(self) -> float:
        return 5.0


class Encodes:
    def encode(self) -> bytes:
        return b"encoded"


class Anything:
    """Equal to everything, with the hash of a symbol."""

    def __eq__(self, _: object) -> bool:
        return True

    def __hash__(self) -> int:
        return hash("Y")


class Symbol(StrEnum):
    Y = "Y"


class OldSymbol(str, Enum):  # noqa: UP042 - how it was done before StrEnum
    Y = "Y"


class Small(IntEnum):
    ONE = 1


class Stamp(datetime):
    pass


class NoBool:
    def __bool__(self) -> bool:
        raise TypeError("neither true nor false")


EAST = timezone(timedelta(hours=5, minutes=30))
ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 63, 64, -64, -65, 8191, 8192, -8192, -8193, 2**20, 2**27, 2**41,
    2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 2**55, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1,
    2**1100, 0.0, -0.0, 1.0, 1.5, 1e39, 1e300, float("nan"), float("inf"), "NaN", "1.5", "5", "",
    "text", "é\U0001f600", "\ud800", "2020-02-02", "a" * 200, "b" * 9000, b"", b"bytes",
    b"\xff" * 3, b"x" * 300, b"y" * 9000, bytearray(b"abc"), memoryview(b"abc"), array.array("i", [1, 2]),
    array.array("d", [1.5]), [], [1], ["a", "b"], [None], [[1]], [1.5, 2.5] * 5, [1.5, 2] * 5, {}, {"a": 1},
    {"a": None, "b": "x"}, {"k": "v"}, {1: "v"}, {Text("k"): 5}, {"-type": "n.A1"}, (), (1,), (1, 2), ("string", "x"),
    ("int", 5), ("null", None), ("n.A1", {}), ("long", "no"), ("bytes", b"x"), set(), {"a"}, frozenset({"b"}),
    range(3), deque(["a"]), OrderedDict(a=1), defaultdict(int), MappingProxyType({"a": 1}),
    Text("Y"), Text("text"), Loud("quiet"), Number(7), Real(1.5), Index(), Whole(), Encodes(), Anything(), Symbol.Y,
    OldSymbol.Y, Small.ONE, NoBool(), object(), object, complex(1, 0), Fraction(1, 1), Fraction(3, 2),
    Decimal("1.50"), Decimal("1.5"), Decimal(-3), Decimal("-0.00"), Decimal("0.01"), Decimal("1E+2"),
    Decimal("12345678.90"), Decimal("NaN"), Decimal("Infinity"), Decimal("0E-9"), Decimal("9999.99"),
    Decimal(-128), Decimal("12.8"), Decimal("-12.8"), Decimal("-0"),
    date(2020, 2, 29), date(1, 1, 1), date(9999, 12, 31), datetime(2020, 2, 29, 12, 30, 1, 999999),  # noqa: DTZ001
    datetime(2020, 2, 29, 12, tzinfo=UTC), datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=EAST),
    datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(1, 1, 1), Stamp(2020, 1, 1, tzinfo=UTC), time(0), time(23, 59, 59, 999999), time(1, tzinfo=UTC),  # noqa: DTZ001
    uuid.UUID(int=1), uuid.UUID(int=2**128 - 1), timedelta(1), ..., Ellipsis, NotImplemented.__class__,
)  # fmt: skip

VALUES: dict[str, tuple[Any, ...]] = {
    "null": (None,),
    "boolean": (True, False),
    "int": (0, -1, 64, 300, -9000, 70000, 2**31 - 1, -(2**31)),
    "long": (0, -1, 64, 300, -9000, 70000, 2**40, -(2**41), 2**50, 2**63 - 1, -(2**63)),
    "float": (0.0, 1.5, -2.25, float("inf"), 3),
    "double": (0.0, 1.1, 1e300, float("-inf"), 7),
    "bytes": (b"", b"bytes", b"\x00\xff", b"z" * 9000),
    "string": ("", "text", "é\U0001f600", "x" * 63, "y" * 64, "z" * 300, "w" * 9000),
    "int-date": (date(2020, 2, 29), date(1, 1, 1), datetime(2020, 1, 1, tzinfo=UTC), 18000, -5),
    "int-time-millis": (time(0), time(23, 59, 59, 999999), 1000),
    "long-time-micros": (time(0), time(23, 59, 59, 999999), 86399999999),
    "string-uuid": (uuid.UUID(int=1), uuid.UUID(int=2**127 + 12345), str(uuid.UUID(int=77))),
    "bytes-decimal": (Decimal("12.34"), Decimal("-0.01"), Decimal(12), Decimal("1.5"), Decimal("-1.28"), Decimal("0.00"), b"\x01"),
    "fixed-decimal": (Decimal("12.3"), Decimal("-0.1"), Decimal(12), Decimal("-12.8"), Decimal("0.0")),
}  # fmt: skip
STAMPS = (
    datetime(2026, 3, 4, 5, 6, 7, 89012, tzinfo=UTC),
    datetime(1950, 3, 4, 5, 6, 7, 89999, tzinfo=EAST),
    datetime(2020, 1, 1, 1, 1, 1, 1),  # noqa: DTZ001 - what fastavro takes for local time
    1772600767089,
    -1,
)


class Data:
    """Write data of one schema; one value in `odd` is anything."""

    def __init__(self, choices: Choices, schema: Any, *, odd: int = 0) -> None:
        self._choices = choices
        self._schema = schema
        self._odd = odd
        self._known: dict[str, Any] = {}
        self._learn(schema)

    def _learn(self, node: Any) -> None:
        match node:
            case list():
                for each in node:
                    self._learn(each)
            case {"items": inner} | {"values": inner}:
                self._learn(inner)
            case {"name": name}:
                self._known[name] = node
                for field in node.get("fields", ()):
                    self._learn(field["type"])

    def datum(self) -> Any:
        return self._of(self._schema, 5)

    def _of(self, node: Any, depth: int) -> Any:
        if self._odd and self._choices.one_in(self._odd):
            return self._choices.pick(ODD)
        if depth < -MAX_DEPTH:
            return None  # a type without an end
        return self._proper(node, depth)

    def _proper(self, node: Any, depth: int) -> Any:
        match node:
            case list():
                return self._branch(node, depth)
            case {"type": "array", "items": inner}:
                return [self._of(inner, depth - 1) for _ in range(self._length(depth))]
            case {"type": "map", "values": inner}:
                return {f"k{at}": self._of(inner, depth - 1) for at in range(self._length(depth))}
            case {"type": "record", "fields": fields}:
                return self._record(fields, depth)
            case str() if node in self._known:
                return self._proper(self._known[node], depth)
            case _:
                return self._scalar(node)

    def _length(self, depth: int) -> int:
        if depth > 0 and self._choices.one_in(20):
            return 12
        return self._choices.below(3) if depth > 0 else 0

    def _branch(self, branches: list[Any], depth: int) -> Any:
        if depth <= 0 and "null" in branches:
            return None
        # What is spelt out here ends; what is only named here may contain this union.
        ends = [each for each in branches if not isinstance(each, str) or each in PRIMITIVES]
        branch = self._choices.pick(ends if ends and depth <= 1 else branches)
        value = self._of(branch, depth - 1)
        if self._odd and self._choices.one_in(self._odd):
            name = branch if isinstance(branch, str) else branch.get("name", branch["type"])
            return (name, value)
        return value

    def _record(self, fields: list[Any], depth: int) -> dict[str, Any]:
        found = {
            each["name"]: self._of(each["type"], depth - 1)
            for each in fields
            if "default" not in each or self._choices.below(2)
        }
        if self._choices.one_in(10):
            found["extra"] = 1
        if self._odd and found and self._choices.one_in(self._odd):
            del found[self._choices.pick(list(found))]
        if self._choices.one_in(10):
            found = dict(reversed(found.items()))
        return found

    def _scalar(self, node: Any) -> Any:
        match node:
            case {"symbols": symbols}:
                return self._choices.pick(symbols)
            case {"type": kind, "logicalType": logical} if f"{kind}-{logical}" in VALUES:
                return self._choices.pick(VALUES[f"{kind}-{logical}"])
            case {"logicalType": str(logical)} if "timestamp" in logical:
                return self._choices.pick(STAMPS)
            case {"type": "fixed", "size": size}:
                return b"\x01" * size
            case {"type": kind} | kind:
                return self._choices.pick(VALUES[kind])
