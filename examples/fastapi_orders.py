"""A service that takes orders over HTTP and puts them on a topic as Avro.

The pydantic model is what FastAPI checks requests with, and what the Avro schema is derived from.
The schema is registered when the service starts: one that breaks its consumers stops it there.

    KAFKA=localhost:9092 uvicorn fastapi_orders:app --app-dir examples
"""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaProducer
from fastapi import FastAPI, Request
from pydantic import BaseModel

from accord_serde import AsyncSchemaRegistryClient
from accord_serde.avro import AsyncAvroSerializer
from accord_serde.serialization import MessageField, SerializationContext

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TOPIC = "orders-fastapi"


class Order(BaseModel):
    number: int
    customer: str
    gift: bool = False


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    url = os.environ.get("REGISTRY", "http://localhost:8081")
    kafka = os.environ.get("KAFKA", "localhost:9092")
    async with (
        AsyncSchemaRegistryClient({"url": url}) as registry,
        AIOKafkaProducer(bootstrap_servers=kafka) as producer,
    ):
        app.state.producer = producer
        app.state.serialize = await AsyncAvroSerializer(registry, record=Order)
        await app.state.serialize.prepare(TOPIC)
        yield


app = FastAPI(lifespan=lifespan)


@app.post("/orders", status_code=202)
async def place(order: Order, request: Request) -> dict[str, int]:
    state = request.app.state
    context = SerializationContext(TOPIC, MessageField.VALUE)
    stored = await state.producer.send_and_wait(TOPIC, await state.serialize(order, context))
    return {"offset": stored.offset}
