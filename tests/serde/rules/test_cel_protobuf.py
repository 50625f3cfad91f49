"""CEL over Protobuf messages, with Confluent's client and with ours."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import descriptor_pb2, duration_pb2, timestamp_pb2, wrappers_pb2
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

ERROR = "SerializationError"
TYPES = descriptor_pb2.FieldDescriptorProto


SCALARS = (
    "string s = 1",
    "int32 i = 2",
    "uint32 u = 3",
    "int64 l = 4",
    "double d = 5",
    "float f = 6",
    "bool b = 7",
    "bytes by = 8",
    "sint32 si = 9",
    "uint64 ul = 10",
    "fixed32 fi = 11",
    "int32 total_amount = 43",
)
MESSAGES = (
    ".t.Inner inner = 20",
    ".google.protobuf.Timestamp when = 21",
    ".google.protobuf.Duration took = 22",
    ".google.protobuf.StringValue text = 23",
    ".google.protobuf.Int32Value number = 24",
    ".confluent.type.Decimal price = 25",
    ".t.Inner inners = 32 repeated",
    ".t.M.CountsEntry counts = 33 repeated",
    ".t.M.HomesEntry homes = 34 repeated",
)


def _add(message: Any, line: str, **more: Any) -> None:
    """Add a field from its declaration."""
    kind, name, _, number, *repeated = line.split()
    label = TYPES.LABEL_REPEATED if repeated else TYPES.LABEL_OPTIONAL
    field = message.field.add(name=name, number=int(number), label=label, **more)
    if kind.startswith("."):
        field.type, field.type_name = TYPES.TYPE_MESSAGE, kind
    else:
        field.type = getattr(TYPES, f"TYPE_{kind.upper()}")


def _file() -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(name="rules.proto", package="t", syntax="proto3")
    known = ("timestamp", "duration", "wrappers")
    file.dependency.extend(f"google/protobuf/{name}.proto" for name in known)
    file.dependency.append("confluent/type/decimal.proto")
    color = file.enum_type.add(name="Color")
    color.value.add(name="RED", number=0)
    color.value.add(name="BLUE", number=1)
    _add(file.message_type.add(name="Inner"), "string zip = 1")
    outer = file.message_type.add(name="M")
    for line in (*SCALARS, "string many = 31 repeated", *MESSAGES):
        _add(outer, line)
    outer.field.add(name="color", number=30, type=TYPES.TYPE_ENUM, type_name=".t.Color", label=1)
    for name, value in (("CountsEntry", "int32"), ("HomesEntry", ".t.Inner")):
        entry = outer.nested_type.add(name=name)
        entry.options.map_entry = True
        _add(entry, "string key = 1")
        _add(entry, f"{value} value = 2")
    outer.oneof_decl.add(name="choice")
    _add(outer, "int32 left = 40", oneof_index=0)
    _add(outer, "string right = 41", oneof_index=0)
    outer.oneof_decl.add(name="_maybe")
    _add(outer, "int32 maybe = 42", oneof_index=1, proto3_optional=True)
    return file


def _decimal_file() -> descriptor_pb2.FileDescriptorProto:
    name, package = "confluent/type/decimal.proto", "confluent.type"
    file = descriptor_pb2.FileDescriptorProto(name=name, package=package, syntax="proto3")
    message = file.message_type.add(name="Decimal")
    message.field.add(name="value", number=1, type=TYPES.TYPE_BYTES, label=1)
    message.field.add(name="precision", number=2, type=TYPES.TYPE_UINT32, label=1)
    message.field.add(name="scale", number=3, type=TYPES.TYPE_INT32, label=1)
    return file


def _pool() -> DescriptorPool:
    pool = DescriptorPool()
    for module in (timestamp_pb2, duration_pb2, wrappers_pb2):
        pool.AddSerializedFile(module.DESCRIPTOR.serialized_pb)
    pool.AddSerializedFile(_decimal_file().SerializeToString())
    pool.AddSerializedFile(_file().SerializeToString())
    return pool


M: Any = GetMessageClass(_pool().FindMessageTypeByName("t.M"))


def full() -> Any:
    message = M(
        s="a",
        i=-1,
        u=2,
        l=3,
        d=1.5,
        f=0.5,
        b=True,
        by=b"x",
        si=-2,
        ul=2**63,
        fi=4,
        color=1,
        many=["p", "q"],
        counts={"k": 1},
        left=7,
        maybe=0,
        total_amount=9,
    )
    message.inner.zip = "0815"
    message.inners.add(zip="z")
    message.homes["h"].zip = "zh"
    message.when.seconds, message.when.nanos = 1_700_000_000, 123_456_789
    message.took.seconds, message.took.nanos = -3, -500_000_000
    message.text.value = "wrapped"
    message.number.value = 0
    message.price.value, message.price.scale, message.price.precision = b"\x04\xd2", 2, 4
    return message


CONDITIONS = [
    ("message.s == 'a' && message.i == -1 && message.u == 2u && message.l == 3", True),
    ("message.d == 1.5 && message.f == 0.5 && message.b && message.by == b'x'", True),
    ("message.ul == 9223372036854775808u", True),
    ("message.color == 1", True),
    ("message.many == ['p', 'q']", True),
    ("message.counts == {'k': 1}", True),
    ("message.homes['h'].zip == 'zh'", True),
    ("message.inner.zip == '0815' && message.inners[0].zip == 'z'", True),
    ("message.text == 'wrapped' && message.number == 0", True),
    ("message.when > timestamp('2023-11-14T22:13:20.123Z')", True),
    ("string(message.when) == '2023-11-14T22:13:20.123456Z'", True),
    ("message.took == duration('-3.5s')", True),
    ("decimal(message.price) == decimal('12.34')", True),
    ("string(message.price) == '12.34'", True),
    ("message.price == decimal('12.340')", True),
    ("has(message.left) && !has(message.right)", True),
    ("has(message.maybe)", True),
    ("message.right == ''", True),
    ("message.unknown == 1", ERROR),
]
EMPTY_CONDITIONS = [
    ("has(message.s) || has(message.inner) || has(message.many) || has(message.counts)", False),
    ("has(message.maybe) || has(message.left) || has(message.text) || has(message.when)", False),
    ("message.s == '' && message.i == 0 && !message.b && message.by == b''", True),
    ("message.inner.zip == ''", True),
    ("message.text == null && message.number == null", True),
    ("message.when == timestamp('1970-01-01T00:00:00Z')", True),
    ("message.took == duration('0s')", True),
    ("message.left == 0 && message.maybe == 0 && message.right == ''", True),
    ("message.many == [] && message.counts == {}", True),
    ("has(message.inner.zip)", False),
]


@pytest.mark.parametrize(
    ("message", "expr", "expected"),
    [
        *((full(), expr, expected) for expr, expected in CONDITIONS),
        *((M(), expr, expected) for expr, expected in EMPTY_CONDITIONS),
    ],
)
def test_a_condition(
    cel: Any, outcome: Any, failed: Any, message: Any, expr: str, expected: Any
) -> None:
    rule = cel.rule(kind="CONDITION", expr=expr)
    got = outcome(message, target=cel.schema(domain=[rule]))
    assert got == (message if expected is True else failed(ERROR))


TRANSFORMATIONS: list[tuple[str, Any]] = [
    ("{'s': message.s + '!'}", M(s="a!")),
    ("{}", M()),
    ("{'s': null}", M()),
    ("{'nobody': 1}", M()),
    ("{'totalAmount': 5}", M(total_amount=5)),
    ("{'total_amount': 5, 'totalAmount': 6}", ERROR),
    ("{'total_amount': 5, 'totalAmount': null}", ERROR),
    ("{'total_amount': null, 'totalAmount': 6}", M(total_amount=6)),
    ("{'left': 1, 'right': 'a'}", ERROR),
    ("{'left': null, 'right': 'a'}", M(right="a")),
    ("{'left': 1, 'right': null}", M(left=1)),
    ("{'maybe': 0}", M(maybe=0)),
    ("{'inner': {'zip': 'x'}}", M(inner={"zip": "x"})),
    ("{'inner': message.inner}", M(inner={"zip": "0815"})),
    ("{'inner': 5}", ERROR),
    ("{'inners': [{'zip': 'x'}, message.inner]}", M(inners=[{"zip": "x"}, {"zip": "0815"}])),
    ("{'many': ['x', message.s]}", M(many=["x", "a"])),
    ("{'many': 'x'}", ERROR),
    ("{'many': {'a': 'b'}}", ERROR),
    ("{'many': [null]}", ERROR),
    ("{'many': 5}", ERROR),
    ("{'counts': {'a': 1}}", M(counts={"a": 1})),
    ("{'counts': {'a': null}}", ERROR),
    ("{'counts': ['a']}", ERROR),
    ("{'homes': {'a': {'zip': 'x'}}}", M(homes={"a": {"zip": "x"}})),
    ("{'color': 1}", M(color=1)),
    ("{'color': 'BLUE'}", M(color=1)),
    ("{'color': 'GREEN'}", ERROR),
    ("{'text': 'x'}", M(text={"value": "x"})),
    ("{'text': message.text}", M(text={"value": "wrapped"})),
    ("{'text': 1}", ERROR),
    ("{'number': 5}", M(number={"value": 5})),
    ("{'number': 2147483648}", ERROR),
    ("{'when': timestamp(5)}", M(when={"seconds": 5})),
    ("{'when': timestamp(-1, 3)}", M(when={"seconds": -1, "nanos": 999_000_000})),
    ("{'when': message.when}", M(when={"seconds": 1_700_000_000, "nanos": 123_456_789})),
    ("{'when': 5}", ERROR),
    ("{'took': duration('-3.5s')}", M(took={"seconds": -3, "nanos": -500_000_000})),
    ("{'took': duration('1.25s')}", M(took={"seconds": 1, "nanos": 250_000_000})),
    ("{'took': message.took}", M(took={"seconds": -3, "nanos": -500_000_000})),
    ("{'price': decimal('-1.28')}", M(price={"value": b"\x80", "scale": 2, "precision": 3})),
    ("{'price': decimal('1e2')}", M(price={"value": b"\x01", "scale": -2, "precision": 1})),
    ("{'price': decimal('0')}", M(price={"value": b"\x00", "precision": 1})),
    ("{'price': message.price}", M(price={"value": b"\x04\xd2", "scale": 2, "precision": 4})),
    ("{'price': decimals.mul('1e2147483647', '1e2147483647')}", ERROR),
    ("{'price': decimal(string(message.i))}", M(price={"value": b"\xff", "precision": 1})),
    ("{'price': 5}", ERROR),
    ("{'s': 5}", ERROR),
    ("{'s': b'x'}", ERROR),
    ("{'by': 'x'}", ERROR),
    ("{'by': b'x'}", M(by=b"x")),
    ("{'b': 1}", ERROR),
    ("{'b': 'true'}", ERROR),
    ("{'b': true}", M(b=True)),
    ("{'i': 1.0}", M(i=1)),
    ("{'i': 1.5}", ERROR),
    ("{'i': true}", ERROR),
    ("{'i': 'a'}", ERROR),
    ("{'i': 2147483648}", ERROR),
    ("{'i': decimal('2.0')}", M(i=2)),
    ("{'i': decimal('2.5')}", ERROR),
    ("{'i': decimal('1e1000000')}", ERROR),
    ("{'u': -1}", ERROR),
    ("{'u': 4294967295}", M(u=2**32 - 1)),
    ("{'u': 4294967296}", ERROR),
    ("{'ul': 18446744073709551615u}", M(ul=2**64 - 1)),
    ("{'l': 5u}", M(l=5)),
    ("{'fi': 5, 'si': -5}", M(fi=5, si=-5)),
    ("{'d': 5}", M(d=5.0)),
    ("{'d': true}", ERROR),
    ("{'d': 'x'}", ERROR),
    ("{'d': decimal('1.5')}", M(d=1.5)),
    ("{'d': decimal('1e1000')}", ERROR),
    ("{'f': 1e40}", ERROR),
    ("{'f': 1e300 * 1e300}", M(f=float("inf"))),
    ("{'d': 1e300 * 1e300}", M(d=float("inf"))),
    ("message.i > 100 ; {}", full()),
]


@pytest.mark.parametrize(("expr", "expected"), TRANSFORMATIONS)
def test_a_transformation(cel: Any, outcome: Any, failed: Any, expr: str, expected: Any) -> None:
    got = outcome(full(), target=cel.schema(domain=[cel.rule(expr=expr)]))
    assert got == (failed(ERROR) if expected is ERROR else expected)


@pytest.mark.parametrize("message", [full(), M(s="a"), M(right="x")])
def test_the_identity_gives_the_message(cel: Any, outcome: Any, message: Any) -> None:
    assert outcome(message, target=cel.schema(domain=[cel.rule(expr="message")])) == message


def test_a_value_that_is_no_message_is_given_as_it_is(cel: Any, outcome: Any) -> None:
    assert outcome(full(), target=cel.schema(domain=[cel.rule(expr="5")])) == 5


@pytest.mark.parametrize(
    ("name", "expr", "expected"),
    [
        ("s", "value + '!'", "a!"),
        ("u", "value + 1u", 3),
        ("color", "value == 1", True),
        ("by", "value == b'x'", True),
    ],
)
def test_a_field_is_read_by_its_descriptor(cel: Any, name: str, expr: str, expected: Any) -> None:
    message = full()
    descriptor = M.DESCRIPTOR.fields_by_name[name]

    def only(ctx: Any, apply: Any, container: Any) -> Any:
        value = getattr(container, name)
        kind = cel.FieldType.INT
        place = ctx.enter_field(container, f"t.M.{name}", name, kind, None, descriptor)
        return apply(ctx, place, value)

    rule = cel.rule(type="CEL_FIELD", expr=expr)
    executor = cel.registry.get_executor("CEL_FIELD")
    place = (None, cel.context(), None, cel.schema(), "s", cel.RuleMode.WRITE)
    got = executor.transform(cel.RuleContext(*place, rule, 0, [rule], None, only), message)
    assert got == expected


def test_a_decimal_is_written_exactly(cel: Any, outcome: Any) -> None:
    digits = "-12345678901234567890123456789012345"
    expr = f"{{'price': decimal('{digits[:-5]}.{digits[-5:]}')}}"
    got = outcome(full(), target=cel.schema(domain=[cel.rule(expr=expr)]))
    assert int.from_bytes(got.price.value, "big", signed=True) == int(digits)
    assert (got.price.scale, got.price.precision) == (5, 35)
