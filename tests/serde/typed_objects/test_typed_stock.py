"""The functions and schemas in Confluent's own serializers, which take them as they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

import pytest
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from accord_serde.typed import Digits, avro_schema, from_dict, json_schema, to_dict


@dataclass
class Card:
    number: str


@dataclass
class Cash:
    amount: Annotated[Decimal, Digits(6, 2)]


@dataclass
class Order:
    id: int
    at: datetime
    paid: Card | Cash | None = None
    tags: dict[str, list[str]] = field(default_factory=dict)


ORDERS = [
    Order(1, datetime(2020, 1, 1, tzinfo=UTC), Cash(Decimal("1.25")), {"a": ["b"]}),
    Order(2, datetime(2020, 1, 1, tzinfo=UTC), Card("5")),
    Order(3, datetime(2020, 1, 1, tzinfo=UTC)),
]
CONTEXT = SerializationContext("orders", MessageField.VALUE)


@pytest.fixture
def client() -> Any:
    return SchemaRegistryClient.new_client({"url": "mock://typed"})


@pytest.mark.parametrize("with_names", [True, False])
@pytest.mark.parametrize("order", ORDERS)
def test_avro(client: Any, order: Order, *, with_names: bool) -> None:
    schema = avro_schema(Order, namespace="com.acme")
    serializer = AvroSerializer(client, schema, to_dict(Order, namespace="com.acme"))
    deserializer = AvroDeserializer(client, schema, from_dict(Order), return_record_name=with_names)
    assert deserializer(serializer(order, CONTEXT), CONTEXT) == order


@pytest.mark.parametrize("order", ORDERS)
def test_json(client: Any, order: Order) -> None:
    schema = json_schema(Order)
    serializer = JSONSerializer(schema, client, to_dict(Order, form="json"))
    deserializer = JSONDeserializer(
        schema, from_dict(Order, form="json"), schema_registry_client=client
    )
    assert deserializer(serializer(order, CONTEXT), CONTEXT) == order
