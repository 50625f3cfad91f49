"""Confluent's package and ours, each with two faces, used alike: one scenario fits all four."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import accord_serde
from accord_serde import avro, rule_registry, serde, serialization

with warnings.catch_warnings(record=True):  # of a dependency of Confluent's dependency
    import confluent_kafka
    from confluent_kafka import schema_registry
    from confluent_kafka.schema_registry import avro as stock_avro
    from confluent_kafka.schema_registry import rule_registry as stock_rule_registry
    from confluent_kafka.schema_registry import serde as stock_serde
    from stock_face import Face, Settled

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterable
    from types import ModuleType

ACCORD = (accord_serde, avro, serde, rule_registry, serialization)
STOCK = (
    schema_registry,
    stock_avro,
    stock_serde,
    stock_rule_registry,
    confluent_kafka.serialization,
)


WARM = 20  # messages, more than those left to fastavro until a function is made for the schema


def told(value: object) -> str:
    """Name a parameter the same in every process: functions without their addresses."""
    return re.sub(r" at 0x[0-9a-f]+", "", str(value))


class Names:
    """The names of several modules."""

    def __init__(self, modules: Iterable[ModuleType]) -> None:
        self._modules = tuple(modules)

    def __getattr__(self, name: str) -> Any:
        for module in self._modules:
            if hasattr(module, name):
                return getattr(module, name)
        raise AttributeError(name)


class Kit(Face):
    """One package with one face: `kit.AvroSerializer(client, schema)`, `kit.the.Schema`."""

    def __init__(self, modules: Iterable[ModuleType], runner: asyncio.Runner | None) -> None:
        super().__init__(runner)
        self.the = Names(modules)
        self.is_async = runner is not None
        self.is_ours = self.the.AvroSerializer is avro.AvroSerializer

    def stock_class(self, name: str) -> Any:
        return getattr(self.the, f"Async{name}" if self.is_async else name)

    def value(self, topic: str, headers: Any = None) -> Any:
        return self.the.SerializationContext(topic, self.the.MessageField.VALUE, headers)

    def key(self, topic: str, headers: Any = None) -> Any:
        return self.the.SerializationContext(topic, self.the.MessageField.KEY, headers)

    def registered(self, client: Settled, subject: str, text: str, **more: Any) -> Any:
        """Register a schema and return what the registry tells about it."""
        schema = self.the.Schema(text, more.pop("schema_type", "AVRO"), **more)
        return client.register_schema_full_response(subject, schema)


class Outcome(NamedTuple):
    """What calling something gave: the result, or the name of the exception's family."""

    result: Any
    trouble: str | None

    @classmethod
    def of(cls, kit: Kit, function: Any, *args: Any, **kwargs: Any) -> Outcome:
        families = {
            "SerializationError": kit.the.SerializationError,
            "SchemaRegistryError": kit.the.SchemaRegistryError,
            "ValueError": ValueError,
            "TypeError": TypeError,
        }
        try:
            return cls(function(*args, **kwargs), None)
        except Exception as error:  # noqa: BLE001 - which one it is makes the outcome
            found = [name for name, family in families.items() if isinstance(error, family)]
            return cls(None, found[0] if found else type(error).__name__)


class Store:
    """A registry in memory, whose clients have the method names that serializers ask for."""

    def __init__(self) -> None:
        self.texts: list[tuple[str, str]] = []

    def client(self, kit: Kit) -> StoreClient:
        return StoreClient(self, kit)


class StoreClient:
    """One client of a store, with the entities of one package."""

    def __init__(self, store: Store, kit: Kit) -> None:
        self._texts = store.texts
        self._the = kit.the

    def config(self) -> dict[str, Any]:
        return {}

    def get_associations_by_resource_name(self, **_: Any) -> list[Any]:
        return []

    def register_schema_full_response(
        self,
        subject_name: str,
        schema: Any,
        normalize_schemas: bool = False,  # noqa: FBT002 - as clients have it
    ) -> Any:
        assert not normalize_schemas
        key = (subject_name, schema.schema_str)
        if key not in self._texts:
            self._texts.append(key)
        return self._the.RegisteredSchema(subject_name, 1, self._texts.index(key) + 1, None, schema)

    def get_schema(self, schema_id: int, subject_name: str | None = None, fmt: Any = None) -> Any:  # noqa: ARG002
        return self._the.Schema(self._texts[schema_id - 1][1], "AVRO")
