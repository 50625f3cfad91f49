"""The stock package with its two faces used alike.

Whatever the asyncio classes give to be awaited is awaited at once, so that one scenario fits both.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from confluent_kafka import schema_registry
from confluent_kafka.schema_registry import avro, json_schema, protobuf
from confluent_kafka.serialization import MessageField, SerializationContext

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable

MODULES = (schema_registry, avro, json_schema, protobuf)
# Reading the authorities to trust takes longer than all a client of these tests does, without TLS.
QUICK = {"max.retries": 0, "ssl.ca.location": False}


def in_value(topic: str, headers: Any = None) -> SerializationContext:
    return SerializationContext(topic, MessageField.VALUE, headers)


def in_key(topic: str, headers: Any = None) -> SerializationContext:
    return SerializationContext(topic, MessageField.KEY, headers)


def id_of(message: bytes) -> int:
    """Return the schema id of a framed message."""
    assert message[0] == 0
    return int.from_bytes(message[1:5])


class Settled:
    """A stock object whose answers are awaited where they have to be."""

    def __init__(self, stock: Any, face: Face) -> None:
        self.stock = stock
        self._face = face

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._face.call(self.stock, *args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        is_closing = name == "close" and hasattr(self.stock, "aclose")
        attribute = getattr(self.stock, "aclose" if is_closing else name)
        return Settled(attribute, self._face) if callable(attribute) else attribute


class Face:
    """Makes clients and serializers of one face: `face.AvroSerializer(client, schema)`."""

    def __init__(self, runner: asyncio.Runner | None) -> None:
        self._runner = runner
        self._made: list[Settled] = []

    def __getattr__(self, name: str) -> Any:
        """Return a function that makes an object of the class of this name."""
        cls = self.stock_class(name)

        def make(*args: Any, **kwargs: Any) -> Settled:
            return self.adopt(self.call(cls, *args, **kwargs))

        return make

    def adopt(self, stock: Any) -> Settled:
        """Take an object made elsewhere, to be closed with the others."""
        made = Settled(stock, self)
        self._made.append(made)
        return made

    def stock_class(self, name: str) -> Any:
        spelling = name if self._runner is None else f"Async{name}"
        for module in MODULES:
            if hasattr(module, spelling):
                return getattr(module, spelling)
        raise AttributeError(spelling)

    def call(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        bare = [getattr(arg, "stock", arg) for arg in args]
        named = {key: getattr(value, "stock", value) for key, value in kwargs.items()}
        answer = function(*bare, **named)
        return self._await(answer) if inspect.isawaitable(answer) else answer

    def _await(self, awaitable: Awaitable[Any]) -> Any:
        async def wait() -> Any:
            return await awaitable

        assert self._runner is not None
        return self._runner.run(wait())

    def client(self, url: str, **conf: Any) -> Settled:
        """Make a client that does not try again; `_` stands for `.` in the keys."""
        keys = {key.replace("_", "."): value for key, value in conf.items()}
        return self.SchemaRegistryClient({"url": url} | QUICK | keys)

    def close(self) -> None:
        for made in reversed(self._made):
            made.close()
