"""Behaviours of Confluent's serializers, the same whichever is imported."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.message import EncodeError

BAD_WRITER_CONF = {
    "unknown": {"unknown.key": 1},
    "auto.register.schemas": {"auto.register.schemas": "yes"},
    "normalize.schemas": {"normalize.schemas": 1},
    "use.schema.id": {"use.schema.id": "1"},
    "use.latest.version": {"use.latest.version": "no"},
    "latest and registering": {"use.latest.version": True},
    "use.latest.with.metadata": {"use.latest.with.metadata": "a=b"},
    "skip.known.types": {"skip.known.types": "all"},
    "deprecated format": {"use.deprecated.format": True},
    "deprecated format no boolean": {"use.deprecated.format": "yes"},
    "strategy type": {"subject.name.strategy.type": "NEITHER"},
    "strategy": {"subject.name.strategy": "TOPIC"},
    "reference strategy": {"reference.subject.name.strategy": "TOPIC"},
    "schema.id.serializer": {"schema.id.serializer": 5},
    "validation.rules.execution": {"validation.rules.execution": "SOMETIMES"},
}
BAD_READER_CONF = {
    "use.latest.version": {"use.latest.version": "no"},
    "use.latest.with.metadata": {"use.latest.with.metadata": "a=b"},
    "deprecated format": {"use.deprecated.format": True},
    "deprecated format no boolean": {"use.deprecated.format": "yes"},
    "strategy type": {"subject.name.strategy.type": "NEITHER"},
    "schema.id.deserializer": {"schema.id.deserializer": 5},
}


@pytest.fixture
def client(library: Any, registry_url: str) -> Any:
    with library.client(registry_url) as made:
        yield made


@pytest.mark.parametrize("conf", BAD_WRITER_CONF.values(), ids=BAD_WRITER_CONF)
def test_bad_settings_of_a_serializer_are_value_errors(
    conf: dict[str, Any], library: Any, client: Any, classes: Any
) -> None:
    """A serializer is not made with settings it does not know or take."""
    with pytest.raises(ValueError, match=r"\w"):
        library.ProtobufSerializer(classes["common.Party"], client, conf)


@pytest.mark.parametrize("conf", BAD_READER_CONF.values(), ids=BAD_READER_CONF)
def test_bad_settings_of_a_deserializer_are_value_errors(
    conf: dict[str, Any], library: Any, client: Any, classes: Any
) -> None:
    """Likewise, but for keys it does not know."""
    with pytest.raises(ValueError, match=r"\w"):
        library.ProtobufDeserializer(classes["common.Party"], conf, client)


@pytest.mark.parametrize("conf", [{"use.deprecated.format": False}, {}])
def test_the_format_that_all_clients_read_may_be_asked_for(
    conf: dict[str, Any], library: Any, client: Any, classes: Any, topic: str
) -> None:
    """Turned off, the deprecated format is no setting at all."""
    kind = classes["shop.v1.Refund"]
    data = library.ProtobufSerializer(kind, client, conf)(kind(cents=1), library.value(topic))
    assert data[5:7] == b"\x02\x02"
    reader = library.ProtobufDeserializer(kind, conf, client)
    assert reader(data, library.value(topic)).cents == 1


def test_a_deserializer_passes_over_keys_it_does_not_know(
    library: Any, client: Any, classes: Any
) -> None:
    """The settings of a serializer can be handed to a deserializer."""
    conf = {"auto.register.schemas": False, "use.schema.id": 5}
    assert library.ProtobufDeserializer(classes["common.Party"], conf, client)


def test_none_is_a_tombstone(library: Any, client: Any, classes: Any, topic: str) -> None:
    """None is written and read as None."""
    kind = classes["common.Party"]
    assert library.ProtobufSerializer(kind, client)(None, library.value(topic)) is None
    assert library.ProtobufDeserializer(kind, {}, client)(None, library.value(topic)) is None


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("wrong", ["text", {}, 5, "shop.v1.Order", "bytes"])
def test_messages_of_another_class_are_value_errors(
    wrong: object, is_first: bool, library: Any, client: Any, classes: Any, topic: str
) -> None:
    """Nothing is asked or written for an object of another class than the serializer's."""
    kind = classes["common.Party"]
    serializer = library.ProtobufSerializer(kind, client)
    if not is_first:
        serializer(kind(), library.value(topic))
    given = classes[wrong]() if wrong == "shop.v1.Order" else wrong
    with pytest.raises(ValueError, match="message must be of type"):
        serializer(given, library.value(topic))


@pytest.mark.parametrize("is_first", [True, False])
def test_messages_that_lack_what_is_required_are_encode_errors(
    is_first: bool, library: Any, client: Any, classes: Any, topic: str
) -> None:
    """What Protobuf raises is raised."""
    kind = classes["Bare"]
    serializer = library.ProtobufSerializer(kind, client)
    if not is_first:
        serializer(kind(id=1), library.value(topic))
    with pytest.raises(EncodeError):
        serializer(kind(), library.value(topic))


def test_messages_are_read_into_the_class_asked_for(
    library: Any, client: Any, classes: Any, topic: str
) -> None:
    """The name of the writer's type does not matter: fields are told by number."""
    line = classes["shop.v1.Order.Line"]
    data = library.ProtobufSerializer(line, client)(line(sku="a"), library.value(topic))
    reader = library.ProtobufDeserializer(classes["common.Currency"], {}, client)
    for _ in range(2):
        read = reader(data, library.value(topic))
        assert isinstance(read, classes["common.Currency"])
        assert read.code == "a"


def test_fields_the_class_does_not_have_are_kept(
    library: Any, client: Any, classes: Any, topic: str
) -> None:
    """A class that is behind the schema passes on what it does not know."""
    party = classes["common.Party"](name="a", debts=[{"units": 5}])
    data = library.ProtobufSerializer(type(party), client)(party, library.value(topic))
    read = library.ProtobufDeserializer(classes["common.Currency"], {}, client)(
        data, library.value(topic)
    )
    assert classes["common.Party"].FromString(read.SerializeToString()) == party


BROKEN = {
    "empty": b"",
    "short id": b"\x00\x00\x00",
    "nothing behind the id": b"",
    "magic byte": b"\x07",
    "index out of range": b"\x02\x08",
    "nested index out of range": b"\x04\x00\x20",
    "negative index": b"\x02\x01",
    "negative count": b"\x01",
    "count without indexes": b"\x06\x00",
    "huge count": b"\xfe\xff\xff\xff\x0f",
    "payload cut": b"\x00\x0a\x05ab",
    "payload of another wire type": b"\x00\x0b",
    "text that is not utf-8": b"\x00\x0a\x02\xff\xfe",
}


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("name", BROKEN)
def test_broken_messages_are_errors(
    name: str, is_first: bool, library: Any, client: Any, classes: Any, topic: str
) -> None:
    """Bytes that are not a message are an error, and the next message is read."""
    kind = classes["shop.v1.Order"]
    data = library.ProtobufSerializer(kind, client)(kind(id="1"), library.value(topic))
    reader = library.ProtobufDeserializer(kind, {}, client)
    if not is_first:
        reader(data, library.value(topic))
    starts = {"empty": b"", "short id": b"", "magic byte": b"\x07\x00\x00\x00"}
    broken = starts.get(name, data[:5]) + BROKEN[name]
    # Confluent's reader lets the errors of struct through where the bytes are too few.
    with pytest.raises(Exception if library.is_stock else library.SerializationError):
        reader(broken, library.value(topic))
    assert reader(data, library.value(topic)).id == "1"


def test_without_a_registry_messages_are_read(
    library: Any, client: Any, classes: Any, topic: str
) -> None:
    """A deserializer without a client passes over ids and indexes."""
    kind = classes["shop.v1.Refund"]
    data = library.ProtobufSerializer(kind, client)(kind(cents=1), library.value(topic))
    reader = library.ProtobufDeserializer(kind)
    for each in (data, b"\x00\x7f\xff\xff\xff" + data[5:], b"\x00\x00\x00\x00\x01\x02\x7e\x10\x02"):
        for _ in range(2):
            assert reader(each, library.value(topic)).cents == 1
    with pytest.raises(library.SerializationError):
        reader(data[:-1], library.value(topic))
    reader.close()


def test_without_a_registry_the_strategy_is_not_asked(library: Any, classes: Any) -> None:
    """What would need the registry is left out, with every strategy."""
    kind = classes["common.Currency"]
    for strategy in ("TOPIC", "RECORD", "TOPIC_RECORD", "ASSOCIATED"):
        reader = library.ProtobufDeserializer(kind, {"subject.name.strategy.type": strategy})
        data = b"\x00\x00\x00\x00\x01\x00\x0a\x01x"
        assert reader(data, library.value("t")).code == "x"


@pytest.mark.parametrize("strategy", ["TOPIC", "RECORD", "TOPIC_RECORD", "ASSOCIATED"])
def test_subjects_are_named_by_the_strategy(
    strategy: str, library: Any, client: Any, classes: Any, topic: str
) -> None:
    """The record name is the full name of the message type, nested ones included."""
    kind = classes["shop.v1.Order.Locker"]
    conf = {"subject.name.strategy.type": strategy}
    library.ProtobufSerializer(kind, client, conf)(kind(), library.Context(topic, "key"))
    subject = {
        "TOPIC": f"{topic}-key",
        "RECORD": "shop.v1.Order.Locker",
        "TOPIC_RECORD": f"{topic}-shop.v1.Order.Locker",
        "ASSOCIATED": f"{topic}-key",
    }[strategy]
    assert client.get_latest_version(subject).schema.schema_type == "PROTOBUF"


def test_the_id_that_is_asked_for_is_written(
    library: Any, client: Any, classes: Any, topic: str
) -> None:
    """use.schema.id names the version."""
    kind = classes["common.Currency"]
    first = library.ProtobufSerializer(kind, client)(kind(code="x"), library.value(topic))
    conf = {"use.schema.id": int.from_bytes(first[1:5]), "auto.register.schemas": False}
    serializer = library.ProtobufSerializer(kind, client, conf)
    assert serializer(kind(code="x"), library.value(topic)) == first


def test_the_latest_version_is_written_whatever_it_is(
    library: Any, client: Any, classes: Any, compile_text: Any, topic: str
) -> None:
    """With use.latest.version the id is the latest, the path that of the class."""
    kind = classes["common.Currency"]
    library.ProtobufSerializer(kind, client)(kind(code="x"), library.value(topic))
    newer = compile_text(
        'syntax = "proto3"; package common; message Currency { string code = 1; int32 digits = 2; }'
    )["common.Currency"]
    last = library.ProtobufSerializer(newer, client)(newer(), library.value(topic))
    conf = {"use.latest.version": True, "auto.register.schemas": False}
    serializer = library.ProtobufSerializer(kind, client, conf)
    data = serializer(kind(code="x"), library.value(topic))
    assert data == last[:5] + b"\x00\x0a\x01x"


def test_a_message_that_the_latest_version_lacks_is_an_error(
    library: Any, client: Any, classes: Any, compile_text: Any, topic: str
) -> None:
    """Nothing is written behind the id of a schema that does not describe it."""
    other = compile_text('syntax = "proto3"; package common; message Coin { string code = 1; }')
    coin = other["common.Coin"]
    library.ProtobufSerializer(coin, client)(coin(), library.value(topic))
    conf = {"use.latest.version": True, "auto.register.schemas": False}
    kind = classes["common.Currency"]
    with pytest.raises(KeyError if library.is_stock else library.SerializationError):
        library.ProtobufSerializer(kind, client, conf)(kind(), library.value(topic))


def test_an_id_that_is_not_registered_is_an_error(
    library: Any, client: Any, classes: Any, topic: str
) -> None:
    """The error is the client's in both, and one of serialization in ours."""
    reader = library.ProtobufDeserializer(classes["common.Currency"], {}, client)
    with pytest.raises(library.SchemaRegistryError) as caught:
        reader(b"\x00\x7f\x00\x00\x00\x00", library.value(topic))
    assert caught.value.http_status_code == 404
    assert library.is_stock or isinstance(caught.value, library.SerializationError)
