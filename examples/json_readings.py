"""Readings of a sensor as JSON, checked against a JSON Schema on both sides, with confluent_kafka.

python examples/json_readings.py --bootstrap-servers localhost:9092
"""

from __future__ import annotations

import json

from addresses import from_command_line
from confluent_kafka import Consumer, Producer

from accord_serde import SchemaRegistryClient
from accord_serde.json_schema import JSONDeserializer, JSONSerializer
from accord_serde.serialization import MessageField, SerializationContext, SerializationError

TOPIC = "readings-json"
SCHEMA = json.dumps(
    {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Reading",
        "type": "object",
        "properties": {
            "sensor": {"type": "string"},
            "celsius": {"type": "number", "minimum": -273.15},
        },
        "required": ["sensor", "celsius"],
        "additionalProperties": False,
    }
)


def main() -> None:
    addresses = from_command_line()
    registry = SchemaRegistryClient({"url": addresses.registry})
    context = SerializationContext(TOPIC, MessageField.VALUE)
    serialize = JSONSerializer(SCHEMA, registry)

    producer = Producer({"bootstrap.servers": addresses.kafka})
    producer.produce(TOPIC, value=serialize({"sensor": "roof", "celsius": 21.5}, context))
    producer.flush()
    try:
        serialize({"sensor": "roof", "celsius": -300}, context)
    except SerializationError as error:
        print(f"refused: {error}")

    deserialize = JSONDeserializer(SCHEMA, schema_registry_client=registry)
    consumer = Consumer(
        {
            "bootstrap.servers": addresses.kafka,
            "group.id": "readings",
            "auto.offset.reset": "earliest",
        }
    )
    consumer.subscribe([TOPIC])
    message = consumer.poll(30)
    print(deserialize(message.value(), context))
    consumer.close()


if __name__ == "__main__":
    main()
