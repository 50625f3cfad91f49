"""Serializers that Kafka clients have made for themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from confluent_kafka import DeserializingConsumer, SerializingProducer
from stock_face import QUICK

import accord_serde
from accord_serde import avro
from accord_serde.serialization import SerializationContext

if TYPE_CHECKING:
    from serde_kits import Kit

USER = '{"type":"record","name":"User","namespace":"shop","fields":[{"name":"id","type":"long"}]}'
ANN = {"id": 1 << 40}
MESSAGE = b"\x00\x00\x00\x00\x01\x80\x80\x80\x80\x80\x40"
CONF = {"bootstrap.servers": "localhost:1", "acks": "all"}


def built(kit: Kit, builder: Any, *, is_key: bool = False) -> Any:
    serde, left = kit.call(builder.build, CONF, is_key)
    assert left == CONF
    assert left is not CONF
    return kit.adopt(serde)


def test_a_client_is_made_for_the_serializer_and_closed_with_it(kit: Kit, url: str) -> None:
    conf = {"url": url} | QUICK
    writing = kit.stock_class("AvroSerializerBuilder")(conf, schema=USER)
    reading = kit.stock_class("AvroDeserializerBuilder")(conf)
    serializer, deserializer = built(kit, writing), built(kit, reading)
    message = serializer(ANN, kit.value("topic"))
    assert (message, deserializer(message, kit.value("topic"))) == (MESSAGE, ANN)
    for _ in range(2):
        serializer.close()
        deserializer.close()
    with pytest.raises(RuntimeError, match="closed"):
        serializer(ANN, kit.value("other"))


def test_a_client_that_was_given_stays_open(kit: Kit, url: str) -> None:
    client = kit.client(url)
    builder = kit.stock_class("AvroSerializerBuilder")(
        schema_registry_client=client.stock, schema=USER
    )
    first, second = built(kit, builder), built(kit, builder)
    first.close()
    assert second(ANN, kit.value("topic")) == MESSAGE
    assert client.get_subjects()


def test_setters_say_what_the_arguments_say(kit: Kit, url: str) -> None:
    made, registry = [], kit.the.RuleRegistry()

    def initialise(serde: Any) -> None:
        made.append(serde)

    async def initialise_async(serde: Any) -> None:
        made.append(serde)

    init = initialise_async if kit.is_async else initialise
    writing = (
        kit.stock_class("AvroSerializerBuilder")()
        .set_schema_registry_client(kit.client(url).stock)
        .set_schema(USER)
        .set_to_dict(lambda number, _: {"id": number})
        .set_serializer_config({"subject.name.strategy.type": "RECORD"})
        .set_rule_config({"a": "b"})
        .set_rule_registry(registry)
        .set_serializer_init(init)
    )
    reading = (
        kit.stock_class("AvroDeserializerBuilder")()
        .set_schema_registry_config({"url": url} | QUICK)
        .set_schema(kit.the.Schema(USER))
        .set_from_dict(lambda read, _: read["id"])
        .set_return_record_name(True)
        .set_deserializer_config({"subject.name.strategy.type": "RECORD"})
        .set_rule_config({"a": "b"})
        .set_rule_registry(registry)
        .set_deserializer_init(init)
    )
    serializer, deserializer = built(kit, writing), built(kit, reading)
    assert serializer(1 << 40, kit.value("topic")) == MESSAGE
    assert deserializer(MESSAGE, kit.value("topic")) == 1 << 40
    assert made == [serializer.stock, deserializer.stock]


def test_a_client_and_the_settings_of_one_are_too_much(kit: Kit, url: str) -> None:
    for name in ("AvroSerializerBuilder", "AvroDeserializerBuilder"):
        builder = kit.stock_class(name)({"url": url}, kit.client(url).stock, USER)
        with pytest.raises(ValueError, match="client"):
            built(kit, builder)


def test_what_cannot_be_made_is_told(kit: Kit, url: str) -> None:
    wrong = kit.stock_class("AvroSerializerBuilder")({"url": url}, serializer_config={"no": 1})
    with pytest.raises(ValueError, match="Unrecognized properties: no"):
        built(kit, wrong)
    nowhere = kit.stock_class("AvroSerializerBuilder")({"no.url": url}, schema=USER)
    with pytest.raises(ValueError, match="url"):
        built(kit, nowhere)


def member(kit: Kit, closed: list[str]) -> Any:
    class Action(kit.the.RuleAction):  # type: ignore[name-defined]  # a class of either package
        def type(self) -> str:
            return "MINE"

        def run(self, *_: object) -> None:
            """Do nothing."""

        def close(self) -> None:
            closed.append("action")
            raise RuntimeError("could not be closed")

    class Executor(kit.the.RuleExecutor):  # type: ignore[name-defined]  # likewise
        def type(self) -> str:
            return "MINE"

        def transform(self, _: object, message: Any) -> Any:
            return message

        def close(self) -> None:
            closed.append("executor")

    registry = kit.the.RuleRegistry()
    registry.register_action(Action())
    registry.register_executor(Executor())
    return registry


def test_rules_of_its_own_are_closed_with_a_serializer(kit: Kit, url: str) -> None:
    """One that breaks does not keep the others, or the client, open."""
    closed: list[str] = []
    builder = kit.stock_class("AvroSerializerBuilder")(
        {"url": url} | QUICK, schema=USER, rule_registry=member(kit, closed)
    )
    serializer = built(kit, builder)
    serializer.close()
    assert closed == ["action", "executor"]
    with pytest.raises(RuntimeError, match="closed"):
        serializer(ANN, kit.value("topic"))


def test_what_is_made_is_closed_where_preparing_it_fails(kit: Kit, url: str) -> None:
    closed: list[str] = []

    def fail(_: object) -> None:
        raise ZeroDivisionError

    async def fail_async(_: object) -> None:
        raise ZeroDivisionError

    for conf in ({"schema_registry_config": {"url": url} | QUICK}, {}):
        builder = kit.stock_class("AvroDeserializerBuilder")(
            **conf,
            schema_registry_client=None if conf else kit.client(url).stock,
            rule_registry=member(kit, closed),
            deserializer_init=fail_async if kit.is_async else fail,
        )
        with pytest.raises(ZeroDivisionError):
            built(kit, builder)
    assert closed == ["action", "executor"] * 2


def test_confluents_clients_take_our_builders_and_close_what_they_made(url: str) -> None:
    made: list[Any] = []
    conf = {"url": url} | QUICK
    writing = avro.AvroSerializerBuilder(conf, schema=USER, serializer_init=made.append)
    reading = avro.AvroDeserializerBuilder(conf, deserializer_init=made.append)
    broker = {"test.mock.num.brokers": 1}  # librdkafka's own, which has a cluster id too
    sent = []
    producer = SerializingProducer(broker | {"value.serializer.builder": writing})
    producer.produce("topic", value=ANN, on_delivery=lambda *outcome: sent.append(outcome))
    producer.flush()
    assert [(error, message.value()) for error, message in sent] == [(None, MESSAGE)]
    consumer = DeserializingConsumer(
        broker | {"group.id": "g", "value.deserializer.builder": reading}
    )
    assert made[1](MESSAGE, SerializationContext("topic", "value")) == ANN
    consumer.close()
    producer.close()
    assert [type(each) for each in made] == [avro.AvroSerializer, avro.AvroDeserializer]
    for serde in made:
        with pytest.raises(Exception, match="closed"):
            serde(MESSAGE, SerializationContext("other", "value"))


def test_a_serializer_nobody_awaited_works_too(ours: Kit, url: str) -> None:
    if not ours.is_async:
        return
    client = accord_serde.AsyncSchemaRegistryClient({"url": url})
    conf = {"subject.name.strategy.type": "RECORD"}
    serializer = avro.AsyncAvroSerializer(client, USER, conf=conf)
    deserializer = avro.AsyncAvroDeserializer(client, USER, conf=conf)
    assert ours.call(serializer, ANN, ours.value("topic")) == MESSAGE
    assert ours.call(deserializer, MESSAGE, ours.value("topic")) == ANN
    ours.call(client.aclose)
