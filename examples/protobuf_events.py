"""Events as Protobuf, in the header format that leaves the payload bare, with confluent_kafka.

The message class is Google's own `Timestamp` here; yours comes from protoc.

    python examples/protobuf_events.py --bootstrap-servers localhost:9092
"""

from __future__ import annotations

from addresses import from_command_line
from confluent_kafka import Consumer, Producer
from google.protobuf.timestamp_pb2 import Timestamp

from accord_serde import SchemaRegistryClient, header_schema_id_serializer
from accord_serde.protobuf import ProtobufDeserializer, ProtobufSerializer
from accord_serde.serialization import MessageField, SerializationContext

TOPIC = "events-protobuf"


def main() -> None:
    addresses = from_command_line()
    registry = SchemaRegistryClient({"url": addresses.registry})
    serialize = ProtobufSerializer(
        Timestamp, registry, {"schema.id.serializer": header_schema_id_serializer}
    )

    context = SerializationContext(TOPIC, MessageField.VALUE, headers=[])
    value = serialize(Timestamp(seconds=1_773_500_966), context)
    producer = Producer({"bootstrap.servers": addresses.kafka})
    producer.produce(TOPIC, value=value, headers=context.headers)
    producer.flush()

    deserialize = ProtobufDeserializer(Timestamp, schema_registry_client=registry)
    consumer = Consumer(
        {
            "bootstrap.servers": addresses.kafka,
            "group.id": "events",
            "auto.offset.reset": "earliest",
        }
    )
    consumer.subscribe([TOPIC])
    message = consumer.poll(30)
    context = SerializationContext(TOPIC, MessageField.VALUE, headers=message.headers())
    print(deserialize(message.value(), context).ToJsonString())
    consumer.close()


if __name__ == "__main__":
    main()
