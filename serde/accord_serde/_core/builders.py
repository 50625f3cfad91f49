"""Serializers that a Kafka client has made for itself, once its own configuration is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from accord_serde._async_client import AsyncSchemaRegistryClient
from accord_serde._client import SchemaRegistryClient
from accord_serde.serialization import DeserializerBuilder, SerializerBuilder

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from accord_serde._rules_engine.registry import RuleRegistry
    from accord_serde._schemas import Schema

S = TypeVar("S")


class Recipe(Generic[S]):
    """What a serializer is made from: where its schemas are, and its other arguments by name."""

    __slots__ = ("_arguments", "_client", "_client_conf", "_init")

    def __init__(
        self,
        client_conf: dict[str, Any] | None,
        client: object | None,
        init: Callable[[S], Any] | None,
        **arguments: Any,
    ) -> None:
        self._client_conf = client_conf
        self._client = client
        self._init = init
        self._arguments = arguments

    def set_schema_registry_config(self, schema_registry_conf: dict[str, Any]) -> Self:
        """Make a client of these settings, which is closed with the serializer."""
        self._client_conf = schema_registry_conf
        return self

    def set_schema_registry_client(self, schema_registry_client: object) -> Self:
        """Use this client, which stays the caller's."""
        self._client = schema_registry_client
        return self

    def set_rule_config(self, rule_conf: dict[str, Any]) -> Self:
        """Tell rule executors and actions these settings."""
        return self._with(rule_conf=rule_conf)

    def set_rule_registry(self, rule_registry: RuleRegistry) -> Self:
        """Use these rule executors and actions instead of the shared ones."""
        return self._with(rule_registry=rule_registry)

    def _with(self, **arguments: Any) -> Self:
        self._arguments |= arguments
        return self

    def _check(self) -> None:
        if self._client is not None and self._client_conf is not None:
            raise ValueError("give a Schema Registry client or its configuration, not both")

    def _blocking(self, make: Callable[..., S]) -> S:
        """Make the serializer, leaving nothing open where that fails."""
        self._check()
        if self._client_conf is None:
            return self._initialized(make(schema_registry_client=self._client, **self._arguments))
        client = SchemaRegistryClient.new_client(self._client_conf)
        try:
            made = make(schema_registry_client=client, **self._arguments)
        except BaseException:
            client.close()
            raise
        made.own_schema_registry_client()  # type: ignore[attr-defined]  # every face has it
        return self._initialized(made)

    def _initialized(self, made: S) -> S:
        try:
            if self._init is not None:
                self._init(made)
        except BaseException:
            made.close()  # type: ignore[attr-defined]  # every face has it
            raise
        return made

    async def _awaited(self, make: Callable[..., Awaitable[S]]) -> S:
        """Make the serializer, leaving nothing open where that fails."""
        self._check()
        if self._client_conf is None:
            made = await make(schema_registry_client=self._client, **self._arguments)
            return await self._initialized_async(made)
        client = AsyncSchemaRegistryClient.new_client(self._client_conf)
        try:
            made = await make(schema_registry_client=client, **self._arguments)
        except BaseException:
            await client.aclose()
            raise
        made.own_schema_registry_client()  # type: ignore[attr-defined]  # every face has it
        return await self._initialized_async(made)

    async def _initialized_async(self, made: S) -> S:
        try:
            outcome = None if self._init is None else self._init(made)
            if outcome is not None:
                await outcome
        except BaseException:
            await made.aclose()  # type: ignore[attr-defined]  # every face has it
            raise
        return made


class SerializerRecipe(Recipe[S]):
    """A recipe with the settings of a serializer."""

    __slots__ = ()

    def set_serializer_config(self, serializer_conf: dict[str, Any]) -> Self:
        """Give the serializer this `conf`."""
        return self._with(conf=serializer_conf)

    def set_serializer_init(self, serializer_init: Callable[[S], Any]) -> Self:
        """Call this with the serializer once it is made."""
        self._init = serializer_init
        return self


class RecordSerializerRecipe(SerializerRecipe[S]):
    """A recipe with the settings of a serializer that is given its schema, and makes dicts."""

    __slots__ = ()

    def set_schema(self, schema_str: str | Schema) -> Self:
        """Write with this schema."""
        return self._with(schema_str=schema_str)

    def set_to_dict(self, to_dict: Callable[[Any, Any], Any]) -> Self:
        """Turn objects into dicts with this function."""
        return self._with(to_dict=to_dict)


class DeserializerRecipe(Recipe[S]):
    """A recipe with the settings of a deserializer."""

    __slots__ = ()

    def set_deserializer_config(self, deserializer_conf: dict[str, Any]) -> Self:
        """Give the deserializer this `conf`."""
        return self._with(conf=deserializer_conf)

    def set_deserializer_init(self, deserializer_init: Callable[[S], Any]) -> Self:
        """Call this with the deserializer once it is made."""
        self._init = deserializer_init
        return self


class RecordDeserializerRecipe(DeserializerRecipe[S]):
    """A recipe with the settings of a deserializer that is given its schema, and reads dicts."""

    __slots__ = ()

    def set_schema(self, schema_str: str | Schema) -> Self:
        """Read with this schema."""
        return self._with(schema_str=schema_str)

    def set_from_dict(self, from_dict: Callable[[Any, Any], Any]) -> Self:
        """Turn dicts into objects with this function."""
        return self._with(from_dict=from_dict)


class BlockingBuild(Recipe[S], SerializerBuilder, DeserializerBuilder):
    """A recipe for a serializer that is called."""

    __slots__ = ()

    _makes: type[Any]

    def build(self, conf: dict[str, Any], is_key: bool) -> tuple[S, dict[str, Any]]:  # noqa: ARG002, FBT001 - as the Kafka client calls it
        """Return the serializer, and the Kafka client's configuration as it is.

        Raises ValueError, and what making the serializer raises.
        """
        return self._blocking(self._makes), dict(conf)


class AwaitedBuild(Recipe[S], SerializerBuilder, DeserializerBuilder):
    """A recipe for a serializer that is awaited."""

    __slots__ = ()

    _makes: type[Any]

    def build(  # type: ignore[override]
        self,
        conf: dict[str, Any],
        is_key: bool,  # noqa: ARG002, FBT001 - as the Kafka client calls it
    ) -> Coroutine[Any, Any, tuple[S, dict[str, Any]]]:
        """Return the serializer, and the Kafka client's configuration as it is.

        Raises ValueError, and what making the serializer raises.
        """
        return self._built(conf)

    async def _built(self, conf: dict[str, Any]) -> tuple[S, dict[str, Any]]:
        return await self._awaited(self._makes), dict(conf)
