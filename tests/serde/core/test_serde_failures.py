"""What a message that cannot be read or written is told to be, and what becomes of the others."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from serde_kits import WARM, Outcome

from accord_serde import serialization as own
from accord_serde.error import SchemaRegistryError

if TYPE_CHECKING:
    from serde_kits import Kit

USER = (
    '{"type":"record","name":"User","namespace":"shop","fields":'
    '[{"name":"id","type":"long"},{"name":"name","type":["null","string"]}]}'
)
ANN = {"id": 7, "name": "Ann"}
GOOD = b"\x00\x00\x00\x00\x01\x0e\x02\x06Ann"
UNKNOWN_GUID = b"\x01" + bytes(15) + b"\x07"
HEADER = "__value_schema_id"


class Poison(NamedTuple):
    name: str
    data: bytes
    headers: Any
    error: type[own.SerializationError]
    schema_id: int | None


POISONS = [
    Poison("nothing", b"", None, own.WireFormatError, None),
    Poison("one byte", b"\x00", None, own.WireFormatError, None),
    Poison("half an id", b"\x00\x00\x00\x00", None, own.WireFormatError, None),
    Poison("JSON", b'{"id":7}', None, own.WireFormatError, None),
    Poison("another magic byte", b"\xff" + GOOD[1:], None, own.WireFormatError, None),
    Poison("a magic byte below zero", b"\x80" + GOOD[1:], None, own.WireFormatError, None),
    Poison("half a GUID", b"\x01" * 9, None, own.WireFormatError, None),
    Poison("a header of nothing", GOOD, [(HEADER, b"")], own.WireFormatError, None),
    Poison("a header of half a GUID", GOOD, [(HEADER, b"\x01\x02")], own.WireFormatError, None),
    Poison(
        "an id nobody has", b"\x00\x00\x00\x27\x0f" + GOOD[5:], None, own.SchemaNotFoundError, 9999
    ),
    Poison(
        "the highest id",
        b"\x00\xff\xff\xff\xff" + GOOD[5:],
        None,
        own.SchemaNotFoundError,
        2**32 - 1,
    ),
    Poison("a GUID nobody has", UNKNOWN_GUID + GOOD[5:], None, own.SchemaNotFoundError, None),
    Poison(
        "such a GUID in a header", GOOD[5:], [(HEADER, UNKNOWN_GUID)], own.SchemaNotFoundError, None
    ),
    Poison("the id of a JSON schema", b"\x00\x00\x00\x00\x02{}", None, own.SchemaTypeError, 2),
    Poison("no payload", GOOD[:5], None, own.PayloadError, 1),
    Poison("half a payload", GOOD[:-1], None, own.PayloadError, 1),
    Poison("an endless number", GOOD[:5] + b"\xff" * 20, None, own.PayloadError, 1),
    Poison("no such branch", GOOD[:5] + b"\x0e\x08\x06Ann", None, own.PayloadError, 1),
    Poison("text of a length below zero", GOOD[:5] + b"\x0e\x02\x01Ann", None, own.PayloadError, 1),
    Poison("text that is none", GOOD[:5] + b"\x0e\x02\x02\xff", None, own.PayloadError, 1),
    Poison(
        "text longer than memory",
        GOOD[:5] + b"\x0e\x02\xfe\xff\xff\xff\xff\xff\x7f",
        None,
        own.PayloadError,
        1,
    ),
]


@pytest.fixture
def client(ours: Kit, url: str) -> Any:
    """A client of a registry with one Avro schema, and one that is none."""
    made = ours.client(url)
    prepare(ours, made)
    return made


def prepare(kit: Kit, client: Any) -> None:
    client.set_compatibility("topic-value", "NONE")
    kit.registered(client, "topic-value", USER)
    kit.registered(client, "topic-value", '{"type":"object"}', schema_type="JSON")


def context(ours: Kit, headers: Any = None, **place: int) -> Any:
    return ours.the.SerializationContext("topic", "value", headers, **place)


@pytest.mark.parametrize("good", [0, WARM])
@pytest.mark.parametrize("poison", POISONS, ids=lambda each: each.name)
def test_a_poison_message_says_what_it_is_and_where_it_was(
    ours: Kit, client: Any, poison: Poison, good: int
) -> None:
    """Before any good message and behind some, where good ones take another way."""
    deserializer = ours.AvroDeserializer(client)
    for _ in range(good):
        assert deserializer(GOOD, context(ours)) == ANN
    for offset in range(4):
        with pytest.raises(own.SerializationError) as caught:
            deserializer(poison.data, context(ours, poison.headers, partition=3, offset=offset))
        error = caught.value
        assert isinstance(error, poison.error)
        place = error.topic, error.field, error.partition, error.offset, error.schema_id
        assert place == ("topic", "value", 3, offset, poison.schema_id)
        assert f"offset {offset}" in str(error)
        assert "topic topic" in str(error)
        if offset % 2:
            assert deserializer(GOOD, context(ours)) == ANN


def test_a_guid_nobody_has_is_told(ours: Kit, client: Any) -> None:
    deserializer = ours.AvroDeserializer(client)
    with pytest.raises(own.SchemaNotFoundError) as caught:
        deserializer(GOOD[5:], context(ours, {HEADER: UNKNOWN_GUID}))
    assert caught.value.guid == uuid.UUID(int=7)
    assert (caught.value.http_status_code, caught.value.error_code) == (404, 40403)
    assert isinstance(caught.value, SchemaRegistryError)


STOCK_FAMILIES = {
    "nothing": "SerializationError",
    "JSON": "SerializationError",
    "another magic byte": "SerializationError",
    "an id nobody has": "SchemaRegistryError",
    "such a GUID in a header": "SchemaRegistryError",
}


@pytest.mark.parametrize("poison", POISONS, ids=lambda each: each.name)
def test_handlers_written_for_the_stock_catch_ours(kit: Kit, url: str, poison: Poison) -> None:
    client = kit.client(url)
    prepare(kit, client)
    deserializer = kit.AvroDeserializer(client)
    found = Outcome.of(kit, deserializer, poison.data, kit.value("topic", poison.headers))
    assert found.trouble is not None
    families = {
        "SerializationError": kit.the.SerializationError,
        "SchemaRegistryError": kit.the.SchemaRegistryError,
    }
    if poison.name in STOCK_FAMILIES:
        with pytest.raises(families[STOCK_FAMILIES[poison.name]]):
            deserializer(poison.data, kit.value("topic", poison.headers))


def test_poison_stands_in_its_place_and_the_others_are_read(ours: Kit, client: Any) -> None:
    plain = [each for each in POISONS if each.headers is None]
    batch: list[bytes | None] = [GOOD]
    for poison in plain:
        batch += [poison.data, GOOD]
    batch.append(None)
    deserializer = ours.AvroDeserializer(client)
    for _ in range(2):
        read = deserializer.deserialize_many(batch, context(ours), failures="return")
        assert read[0::2] == [ANN] * len(plain) + [ANN]
        assert read[-1] is None
        assert [type(each).__name__ for each in read[1:-1:2]] == [
            poison.error.__name__ for poison in plain
        ]
        with pytest.raises(own.WireFormatError):
            deserializer.deserialize_many(batch, context(ours))
    assert deserializer.deserialize_many([], context(ours)) == []


def test_many_are_written_as_each_would_be(ours: Kit, client: Any) -> None:
    serializer = ours.AvroSerializer(client, USER)
    assert serializer.serialize_many([ANN, None, ANN], context(ours)) == [GOOD, None, GOOD]
    with pytest.raises(Exception, match=r"."):
        serializer.serialize_many([ANN, {"id": "x"}], context(ours))


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_any_buffer_can_be_read(ours: Kit, client: Any, kind: type) -> None:
    deserializer = ours.AvroDeserializer(client)
    for _ in range(2):
        assert deserializer(kind(GOOD), context(ours)) == ANN
        headers = [(HEADER, bytearray(b"\x00\x00\x00\x00\x01"))]
        assert deserializer(bytes(GOOD[5:]), context(ours, headers)) == ANN


@pytest.mark.parametrize("data", ["text", 7, [1], object()])
def test_what_is_no_buffer_is_a_mistake_of_the_program(
    ours: Kit, client: Any, data: object
) -> None:
    with pytest.raises(TypeError):
        ours.AvroDeserializer(client)(data, context(ours))


def test_an_error_of_the_program_is_raised_with_the_place_beside_it(ours: Kit, client: Any) -> None:
    serializer = ours.AvroSerializer(client, USER)
    for _ in range(3):
        with pytest.raises(Exception, match=r".") as caught:
            serializer({"id": "x"}, context(ours))
        assert caught.value.__notes__ == ["while writing the value of a message to topic topic"]
        assert serializer(ANN, context(ours)) == GOOD


def test_what_a_programs_own_functions_refuse_is_told_where(ours: Kit, client: Any) -> None:
    def refuse(*_: object) -> Any:
        raise own.SerializationError("not this one")

    serializer = ours.AvroSerializer(client, USER, refuse)
    deserializer = ours.AvroDeserializer(client, None, refuse)
    for function, given in ((serializer, ANN), (deserializer, GOOD)):
        for _ in range(2):
            with pytest.raises(own.SerializationError, match=r"^not this one") as caught:
                function(given, context(ours, partition=1, offset=2))
            error = caught.value
            assert (error.topic, error.partition, error.offset) == ("topic", 1, 2)


ERRORS = [
    own.SerializationError("text"),
    own.WireFormatError("text").at(None, schema_id=7),
    own.SchemaTypeError("text").at(None, guid=uuid.UUID(int=7), subject="s"),
    own.PayloadError("text").at(own.SerializationContext("t", "key", partition=1, offset=2)),
    own.SchemaNotFoundError(SchemaRegistryError(404, 40403, "text")).at(None, schema_id=7),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda each: type(each).__name__)
@pytest.mark.parametrize("again", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])  # noqa: S301 - our own
def test_errors_travel_between_processes(error: Any, again: Any) -> None:
    other = again(error)
    assert type(other).__name__ == type(error).__name__
    assert isinstance(other, own.SerializationError)
    assert vars(other) == vars(error)
    assert (str(other), other.args) == (str(error), error.args)
    assert "text" in str(other)


ALONE = """
import pickle, sys
sys.modules["confluent_kafka"] = None  # a ModuleNotFoundError for who imports it
import accord_serde, accord_serde.serde, accord_serde.rule_registry, accord_serde.wire
from accord_serde import avro, serialization
error = serialization.PayloadError("text").at(None, schema_id=7)
assert type(error) is serialization.PayloadError, type(error).__mro__
sys.stdout.buffer.write(pickle.dumps(error))
"""

BESIDE = """
import pickle, sys, warnings
from accord_serde import serialization as own
early = own.WireFormatError("text")
with warnings.catch_warnings(record=True):
    from confluent_kafka import KafkaException, serialization as peer
late = own.WireFormatError("text").at(None, schema_id=7)
assert not isinstance(early, peer.SerializationError)
for error in (late, pickle.loads(pickle.dumps(late)), pickle.loads(pickle.dumps(early))):
    assert isinstance(error, (peer.SerializationError, KafkaException))
    assert isinstance(error, own.WireFormatError)
    assert type(error).__name__ == "WireFormatError"
assert late.schema_id == 7
try:
    raise own.SchemaNotFoundError(__import__("accord_serde").SchemaRegistryError(404, 40403, "x"))
except peer.SerializationError as caught:
    assert caught.error_code == 40403
try:
    raise late
except KafkaException as caught:
    assert caught is late
class Mine(own.SerializationError): pass
mine = Mine("x")
assert isinstance(mine, peer.SerializationError) and isinstance(mine, Mine)
"""


def run(program: str) -> bytes:
    return subprocess.run([sys.executable, "-c", program], check=True, capture_output=True).stdout


def test_the_package_does_not_import_confluents() -> None:
    """And what it raises can be read where Confluent's is loaded, as it is here."""
    error = pickle.loads(run(ALONE))  # noqa: S301 - our own
    assert isinstance(error, own.PayloadError)
    assert (error.schema_id, str(error)) == (7, "text (schema id 7)")


def test_beside_confluents_package_errors_are_its_errors_too() -> None:
    run(BESIDE)
