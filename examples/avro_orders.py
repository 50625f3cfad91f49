"""Orders as Avro, from a dataclass to a dataclass, with confluent_kafka.

python examples/avro_orders.py --bootstrap-servers localhost:9092 --registry http://localhost:8081
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from addresses import from_command_line
from confluent_kafka import Consumer, Producer

from accord_serde import SchemaRegistryClient
from accord_serde.avro import AvroDeserializer, AvroSerializer
from accord_serde.serialization import MessageField, SerializationContext
from accord_serde.typed import Digits

TOPIC = "orders-avro"


@dataclass
class Order:
    number: int
    customer: str
    total: Annotated[Decimal, Digits(10, 2)]
    placed: datetime
    note: str | None = None


def main() -> None:
    addresses = from_command_line()
    registry = SchemaRegistryClient({"url": addresses.registry})
    context = SerializationContext(TOPIC, MessageField.VALUE)
    order = Order(1, "Ada", Decimal("99.90"), datetime(2026, 3, 14, 15, 9, tzinfo=UTC))

    serialize = AvroSerializer(registry, record=Order)
    serialize.prepare(TOPIC)  # a schema that the registry refuses is met here, not at a message
    producer = Producer({"bootstrap.servers": addresses.kafka})
    producer.produce(TOPIC, key=str(order.number), value=serialize(order, context))
    producer.flush()

    deserialize = AvroDeserializer(registry, record=Order)
    consumer = Consumer(
        {
            "bootstrap.servers": addresses.kafka,
            "group.id": "orders",
            "auto.offset.reset": "earliest",
        }
    )
    consumer.subscribe([TOPIC])
    message = consumer.poll(30)
    print(deserialize(message.value(), context))
    consumer.close()


if __name__ == "__main__":
    main()
