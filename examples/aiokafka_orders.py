"""Orders as Avro with aiokafka: nothing blocks, and one bad message stops none of the others.

python examples/aiokafka_orders.py --bootstrap-servers localhost:9092
"""

from __future__ import annotations

import asyncio

from addresses import from_command_line
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from accord_serde import AsyncSchemaRegistryClient
from accord_serde.avro import AsyncAvroDeserializer, AsyncAvroSerializer
from accord_serde.serialization import MessageField, SerializationContext, SerializationError

TOPIC = "orders-aiokafka"
SHOP = b"shop-1"  # messages of one key stay in order
SCHEMA = """{"type": "record", "name": "Order", "fields": [
    {"name": "number", "type": "long"}, {"name": "customer", "type": "string"}]}"""


async def produce(kafka: str, registry: AsyncSchemaRegistryClient) -> None:
    serialize = await AsyncAvroSerializer(registry, SCHEMA)
    context = SerializationContext(TOPIC, MessageField.VALUE)
    async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
        await producer.send_and_wait(TOPIC, b"this is no Avro", key=SHOP)
        for number, customer in enumerate(["Ada", "Grace"], 1):
            value = await serialize({"number": number, "customer": customer}, context)
            await producer.send_and_wait(TOPIC, value, key=SHOP)


async def consume(kafka: str, registry: AsyncSchemaRegistryClient, count: int) -> None:
    deserialize = await AsyncAvroDeserializer(registry)
    async with AIOKafkaConsumer(
        TOPIC, bootstrap_servers=kafka, auto_offset_reset="earliest"
    ) as consumer:
        async for message in consumer:
            context = SerializationContext(
                TOPIC, MessageField.VALUE, partition=message.partition, offset=message.offset
            )
            try:
                print(await deserialize(message.value, context))
            except SerializationError as error:
                print(f"skipped: {error}")
                continue
            count -= 1
            if not count:
                return


async def main() -> None:
    addresses = from_command_line()
    async with AsyncSchemaRegistryClient({"url": addresses.registry}) as registry:
        await produce(addresses.kafka, registry)
        await consume(addresses.kafka, registry, 2)


if __name__ == "__main__":
    asyncio.run(main())
