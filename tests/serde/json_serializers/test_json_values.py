"""Python values that are more or other than JSON, and the differences there are on purpose."""

from __future__ import annotations

import collections
import datetime as dt
import decimal
import enum
import math
import types
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import jsonschema
import orjson
import pytest
from serde_kits import Outcome

from accord_serde import Schema
from accord_serde._core.asks import drive
from accord_serde._json_schema.codec import Codecs, Options
from accord_serde._json_schema.documents import Documents
from accord_serde._json_schema.validator import Validator, json_path
from accord_serde.serialization import PayloadError, SerializationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from serde_kits import Kit


@dataclass
class Point:
    x: int = 1


class Text(str):
    __slots__ = ()


class Whole(int):
    pass


class Real(float):
    pass


class Items(list[Any]):
    pass


class Mapped(dict[str, Any]):
    pass


class Colour(enum.StrEnum):
    RED = "red"


class Level(enum.IntEnum):
    LOW = 1


class Plain(enum.Enum):
    ONE = "one"


class Pair(NamedTuple):
    left: int
    right: int


STAMP = dt.datetime(2026, 3, 14, 15, 9, 26, 535897, dt.UTC)
VALUES: dict[str, Any] = {
    "datetime": STAMP,
    "date": STAMP.date(),
    "time": STAMP.time(),
    "uuid": uuid.UUID(int=7),
    "dataclass": Point(),
    "str subclass": Text("a"),
    "int subclass": Whole(4),
    "float subclass": Real(2.5),
    "list subclass": Items([1]),
    "dict subclass": Mapped(a=1),
    "ordered": collections.OrderedDict(a=1),
    "defaultdict": collections.defaultdict(int, a=1),
    "str enum": Colour.RED,
    "int enum": Level.LOW,
    "named tuple": Pair(1, 2),
    "nan": math.nan,
    "big": 2**70,
    "unsigned": 2**64 - 1,
    "set": {1},
    "bytes": b"a",
    "decimal": decimal.Decimal("1.5"),
    "int key": {1: 2},
    "None key": {None: 2},
    "str subclass key": {Text("a"): 1},
    "mapping": types.MappingProxyType({"a": 1}),
    "surrogate": "\ud800",
    "fragment": orjson.Fragment(b"1"),
    "object": object(),
}
SCHEMAS: dict[str, Any] = {
    "anything": {},
    **{
        kind: {"type": kind}
        for kind in ("string", "integer", "number", "object", "array", "boolean", "null")
    },
    "nullable": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    "types": {"type": ["string", "null"]},
    "bounded": {"minimum": 1, "maximum": 2, "minLength": 1, "minItems": 1},
    "bounded number": {"type": "number", "minimum": 100},
    "closed": {"type": "object", "properties": {"a": {}}, "additionalProperties": False},
    "enum": {"enum": ["red", 1, 2.5]},
    "const": {"const": None},
    "string or array": {"oneOf": [{"type": "string"}, {"type": "array"}]},
}


class Sides:
    """One schema at both clients, without a registry."""

    def __init__(self, schema: Any) -> None:
        text = orjson.dumps(schema).decode()
        codec = drive(Codecs(Options(validate=True)).of(Schema(text, "JSON")), None)
        self._encode = codec.encoder(b"").encode
        self._stock = jsonschema.validators.validator_for(schema)(schema)

    def ours(self, value: Any) -> Any:
        return outcome(self._encode, value)

    def stock(self, value: Any) -> Any:
        """Do what Confluent's serializer does, in its order."""
        return outcome(self._written, value)

    def _written(self, value: Any) -> bytes:
        try:
            self._stock.validate(value)
        except jsonschema.ValidationError as error:
            raise SerializationError(error.message) from error
        return orjson.dumps(value)


def outcome(function: Callable[[Any], Any], value: Any) -> Any:
    """Return what a function gives, or the class of what it raises."""
    try:
        return function(value)
    except SerializationError:
        return SerializationError
    except TypeError:
        return TypeError


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_values_that_json_does_not_have(schema: Any, value: Any) -> None:
    """They are written or refused as by Confluent's client, alone and inside of others."""
    sides = Sides(schema)
    assert sides.ours(value) == sides.stock(value)
    inside = Sides({"properties": {"v": schema}, "additionalProperties": {"items": schema}})
    for holder in ({"v": value}, {"w": [1, value]}, {"v": value, "w": [value, value]}):
        assert inside.ours(holder) == inside.stock(holder)


def test_the_real_serializers_agree(both: tuple[Kit, Kit], new_url: Any, name: str) -> None:
    """The table is not about a copy of Confluent's client alone."""
    url = new_url()
    schema = '{"properties": {"v": {"type": ["number", "null"]}}}'
    writers = [kit.JSONSerializer(schema, kit.client(url)) for kit in both]
    for value in ({"v": math.nan}, {"v": STAMP}, {"w": STAMP}, {"v": 2**70}, {"v": "a"}, Point()):
        stock, ours = (
            Outcome.of(kit, write, value, kit.value(name))
            for kit, write in zip(both, writers, strict=True)
        )
        assert ours == stock


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels - 1):
        value = [value]
    return value


def test_deep_and_circular_objects_are_errors() -> None:
    """They do not exhaust the stack, whatever the schema says of them."""
    circular: list[Any] = []
    circular.append(circular)
    recursive = Sides({"items": {"$ref": "#"}})
    for value in (nested(10_000), nested(100_000), circular):
        assert Sides({}).ours(value) is TypeError
        assert recursive.ours(value) is TypeError
    assert recursive.ours(nested(250)) == orjson.dumps(nested(250))


def test_deep_payloads_are_read() -> None:
    """As deep as orjson reads."""
    codec = drive(Codecs(Options(validate=True)).of(Schema('{"items":{"$ref":"#"}}', "JSON")), None)
    decode = codec.decoder(None).decode
    message, levels = decode(b"[" * 1000 + b"]" * 1000, 0), 1
    while message:
        message, levels = message[0], levels + 1
    assert levels == 1000
    with pytest.raises(PayloadError, match="not JSON"):
        decode(b"[" * 100_000 + b"]" * 100_000, 0)


class Difference(NamedTuple):
    """A value that one client takes and the other does not."""

    reason: str
    schema: Any
    value: Any
    ours: Any
    stock: Any


REFUSED = SerializationError
DIFFERENCES = [
    Difference("a tuple is the array it is written as", {"type": "array"}, (1,), b"[1]", REFUSED),
    Difference(
        "an enumeration is the value it is written as",
        {"type": "string"},
        Plain.ONE,
        b'"one"',
        REFUSED,
    ),
    Difference(
        "a whole Decimal is an integer, and orjson writes none",
        {"type": "integer"},
        decimal.Decimal(1),
        TypeError,
        REFUSED,
    ),
    Difference(
        "infinity is beyond no bound: null, which is written for it, is not",
        {"maximum": 1},
        math.inf,
        b"null",
        REFUSED,
    ),
    Difference(
        "likewise of a number", {"type": "number", "maximum": 1}, math.inf, b"null", REFUSED
    ),
    Difference(
        "multiples are those of the decimal numbers written, not of their binary neighbours",
        {"multipleOf": 0.01},
        19.99,
        b"19.99",
        REFUSED,
    ),
    Difference("likewise", {"multipleOf": 3}, 1e300, REFUSED, orjson.dumps(1e300)),
    Difference(
        "patterns are those of ECMA 262, as the drafts say: the end is no line's end",
        {"pattern": "^a$"},
        "a\n",
        REFUSED,
        b'"a\\n"',
    ),
    Difference("letters of \\w are those of ASCII", {"pattern": "^\\w$"}, "é", REFUSED, '"é"'),
    Difference("digits of \\d are those of ASCII", {"pattern": "^\\d$"}, "٣", REFUSED, '"٣"'),
]


@pytest.mark.parametrize("case", DIFFERENCES, ids=lambda case: case.reason)
def test_differences_on_purpose(case: Difference) -> None:
    """All that differ from Confluent's client in what they take."""
    sides = Sides(case.schema)
    written = case.stock.encode() if isinstance(case.stock, str) else case.stock
    assert (sides.ours(case.value), sides.stock(case.value)) == (case.ours, written)


DRAFT_7 = '"$schema": "http://json-schema.org/draft-07/schema#"'
REFUSED_SCHEMAS = {
    "patterns of Python alone": f'{{{DRAFT_7}, "pattern": "\\\\A"}}',
    "draft 3": '{"$schema": "http://json-schema.org/draft-03/schema#"}',
    "a reference that leads nowhere": '{"properties": {"a": {"$ref": "#/definitions/a"}}}',
    "a schema that would have to be fetched": '{"$ref": "http://example.com/schema.json"}',
    "a file": '{"$ref": "file:///etc/hostname"}',
    "no schema": '{"type": 7}',
    "a list": "[1]",
    "text": '"a"',
    "too deep": '{"allOf":[' * 300 + "{}" + "]}" * 300,
}


@pytest.mark.parametrize("text", REFUSED_SCHEMAS.values(), ids=REFUSED_SCHEMAS)
def test_schemas_that_nothing_can_be_checked_against(text: str) -> None:
    """They are a SerializationError before the first message; nothing is ever fetched."""
    with pytest.raises(SerializationError):
        Documents(text).validator()


def test_an_unknown_meta_schema_is_the_latest_draft() -> None:
    """As for Confluent's client, and in referenced schemas too."""
    text = '{"$schema": "http://example.com/mine", "prefixItems": [{"type": "string"}]}'
    assert not Validator(Documents(text).validator()).accepts([1])
    documents = Documents('{"$ref": "other"}', [("other", text)])
    assert not Validator(documents.validator()).accepts([1])


def test_errors_tell_what_is_wrong_and_where() -> None:
    """The validator's words and the path of the value; long ones are cut."""
    schema = {
        "properties": {
            "list": {"items": {"properties": {"a b": {"type": "string"}}}},
            "closed": {"type": "object", "maxProperties": 1},
        }
    }
    validator = Validator(Documents(orjson.dumps(schema).decode()).validator())
    with pytest.raises(SerializationError) as caught:
        validator.check({"list": [{}, {"a b": 7}]})
    assert str(caught.value) == "7 is not of type \"string\" (at $.list[1]['a b'])"
    with pytest.raises(PayloadError) as caught:
        validator.check({"closed": {"a": "x" * 5000, "b": 1}}, PayloadError)
    assert len(str(caught.value)) < 1100
    assert str(caught.value).endswith("… (at $.closed)")


def test_paths() -> None:
    """A path begins at `$`."""
    assert json_path([]) == "$"
    assert json_path(["a", 0, "b'c", "d.e", "_f"]) == "$.a[0][\"b'c\"]['d.e']._f"
