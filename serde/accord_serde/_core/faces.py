"""What programs call: a writer or reader with a client, blocking or awaited.

The messages of a topic with a lane are written and read here; all others take the steps.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Generic, Literal, NoReturn, Self, TypeVar

from accord_serde._core.asks import drive, drive_async
from accord_serde._core.framing import PREFIX_SIZE, SchemaId, header_value, read_header
from accord_serde._core.writing import note, remember_key
from accord_serde._rules_engine.original_key import (
    INTEREST,
)
from accord_serde._rules_engine.registry import RuleRegistry
from accord_serde.serialization import (
    Deserializer,
    MessageField,
    SerializationContext,
    SerializationError,
    Serializer,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Iterable

    from accord_serde._core.reading import Reader
    from accord_serde._core.writing import Writer
    from accord_serde.serialization import Context

W = TypeVar("W", bound="Writer")
R = TypeVar("R", bound="Reader")

NOT_QUICK = object()

_log = logging.getLogger("accord_serde.rules")

Failures = Literal["raise", "return"]


class _Face:
    """What all faces share: the client, the rules, and what closing them means."""

    __slots__ = ("_client", "_owns_client", "_rules")

    _client: Any
    _owns_client: bool
    _rules: RuleRegistry

    def own_schema_registry_client(self) -> None:
        """Make `close` close the client too."""
        self._owns_client = True

    def _close_rules(self) -> None:
        if self._rules is RuleRegistry.get_global_instance():
            return
        for member in (*self._rules.get_actions(), *self._rules.get_executors()):
            try:
                member.close()
            except Exception:  # noqa: BLE001 - anybody's code must not keep the others open
                _log.warning("%s could not be closed", type(member).__name__, exc_info=True)


class WriterFace(_Face, Generic[W]):
    """What a serializer of a format is made with, whether it is called or awaited."""

    __slots__ = ("_lanes", "_to_dict", "_writer")

    def __init__(self, client: Any, writer: W, rules: RuleRegistry) -> None:
        self._client = client
        self._owns_client = False
        self._rules = rules
        self._writer = writer
        writer.watch = getattr(client, "watch_latest", None)
        self._lanes = writer.lanes
        self._to_dict = writer.to_dict

    def _quick(self, obj: object, ctx: Context | None) -> bytes | None:
        """Write a message of a topic that has a lane; None where it has none."""
        if obj is None or ctx is None:
            return None
        lane = self._lanes.get(ctx.topic)
        if lane is not None and lane.field != ctx.field:
            lane = lane.other
        if lane is None or lane.field != ctx.field or (lane.holds and not lane.holds()):
            return None
        if INTEREST.is_there:
            remember_key(obj, ctx)
        try:
            if self._to_dict is not None:
                obj = self._to_dict(obj, ctx)
            return lane.encoder.encode(obj)
        except Exception as error:
            note(error, ctx)
            raise


class BlockingSerializer(WriterFace[W], Serializer):
    """A serializer to call; what it was given is read when it is made."""

    __slots__ = ()

    def __init__(self, client: Any, writer: W, rules: RuleRegistry) -> None:
        super().__init__(client, writer, rules)
        drive(writer.open(), client)

    def set_cluster_id_resolver(self, resolver: Callable[[], str]) -> None:
        """Take a function that tells the id of the Kafka cluster; called when first needed."""
        self._writer.settings.subjects.tell_cluster_by(resolver)

    def __call__(self, obj: object, ctx: Context | None = None) -> bytes | None:
        """Return the bytes of a message, None for None.

        Raises SerializationError, SchemaRegistryError, and what its format raises for objects
        that do not fit the schema.
        """
        # What `_quick` does, without the cost of its call in the commonest case.
        if obj is not None and ctx is not None and not INTEREST.is_there:
            lane = self._lanes.get(ctx.topic)
            if lane is not None and lane.field == ctx.field and lane.holds is None:
                try:
                    if self._to_dict is not None:
                        obj = self._to_dict(obj, ctx)
                    return lane.encoder.encode(obj)
                except Exception as error:
                    note(error, ctx)
                    raise
        written = self._quick(obj, ctx)
        if written is not None:
            return written
        return drive(self._writer.write(obj, ctx), self._client)

    def serialize_many(
        self, objs: Iterable[object], ctx: Context | None = None
    ) -> list[bytes | None]:
        """Return the bytes of many messages of one topic. Raises as a call does."""
        return [self(obj, ctx) for obj in objs]

    def prepare(self, topic: str, field: str = MessageField.VALUE) -> SchemaId:
        """Register or find the schema of a topic before its first message.

        Raises SerializationError, SchemaRegistryError: what its first message would raise.
        """
        return drive(self._writer.prepare(SerializationContext(topic, field)), self._client)

    def close(self) -> None:
        """Release what the serializer made for itself."""
        self._close_rules()
        if self._owns_client:
            self._owns_client = False
            self._client.close()


class AwaitedSerializer(WriterFace[W]):
    """A serializer to await; `await` on the object itself reads its schema ahead."""

    __slots__ = ()

    def __await__(self) -> Generator[Any, Any, Self]:
        return self._opened().__await__()

    async def _opened(self) -> Self:
        await drive_async(self._writer.open(), self._client)
        return self

    def set_async_cluster_id_resolver(self, resolver: Callable[[], Awaitable[str]]) -> None:
        """Take a coroutine function that tells the id of the Kafka cluster."""
        self._writer.settings.subjects.tell_cluster_by(resolver)

    async def __call__(self, obj: object, ctx: Context | None = None) -> bytes | None:
        """Return the bytes of a message, None for None.

        Raises SerializationError, SchemaRegistryError, and what its format raises for objects
        that do not fit the schema.
        """
        written = self._quick(obj, ctx)
        if written is not None:
            return written
        return await drive_async(self._writer.write(obj, ctx), self._client)

    async def serialize_many(
        self, objs: Iterable[object], ctx: Context | None = None
    ) -> list[bytes | None]:
        """Return the bytes of many messages of one topic. Raises as a call does."""
        return [await self(obj, ctx) for obj in objs]

    async def prepare(self, topic: str, field: str = MessageField.VALUE) -> SchemaId:
        """Register or find the schema of a topic before its first message.

        Raises SerializationError, SchemaRegistryError: what its first message would raise.
        """
        steps = self._writer.prepare(SerializationContext(topic, field))
        return await drive_async(steps, self._client)

    async def aclose(self) -> None:
        """Release what the serializer made for itself."""
        self._close_rules()
        if self._owns_client:
            self._owns_client = False
            await self._client.aclose()


class ReaderFace(_Face, Generic[R]):
    """What a deserializer of a format is made with, whether it is called or awaited."""

    __slots__ = ("_from_dict", "_lanes", "_looks_at_headers", "_reader")

    def __init__(self, client: Any, reader: R, rules: RuleRegistry) -> None:
        self._client = client
        self._owns_client = False
        self._rules = rules
        self._reader = reader
        reader.watch = getattr(client, "watch_latest", None)
        self._lanes = reader.lanes
        self._from_dict = reader.from_dict
        self._looks_at_headers = reader.looks_at_headers

    def _quick(self, data: bytes | None, ctx: Context | None) -> Any:
        """Read a message that begins as one before it; NOT_QUICK where none did."""
        if ctx is None or type(data) is not bytes:
            return NOT_QUICK
        lane = self._lanes.get(ctx.topic)
        if lane is not None and lane.field != ctx.field:
            lane = lane.other
        if lane is None or lane.field != ctx.field or (lane.holds and not lane.holds()):
            return NOT_QUICK
        value = header_value(ctx) if ctx.headers and self._looks_at_headers else None
        start, place = (data[:PREFIX_SIZE], PREFIX_SIZE) if value is None else (bytes(value), 0)
        decoder = lane.decoders.get(start)
        if decoder is None:
            return NOT_QUICK
        if INTEREST.is_there:
            remember_key(data, ctx)
        try:
            message = decoder.decode(data, place)
        except Exception as error:  # noqa: BLE001 - it is raised again
            self._raise(error, start, ctx)
        return message if self._from_dict is None else self._made(message, ctx)

    def _made(self, message: Any, ctx: Context) -> Any:
        assert self._from_dict is not None
        try:
            return self._from_dict(message, ctx)
        except SerializationError as error:
            error.at(ctx)
            raise

    def _raise(self, error: Exception, start: bytes, ctx: Context) -> NoReturn:
        header = read_header(start, indexed=False)
        schema_id = SchemaId(self._reader.schema_type, header.schema_id)
        schema_id.guid = header.guid
        try:
            self._reader.fail(error, schema_id)
        except SerializationError as found:
            found.at(ctx)
            raise


class BlockingDeserializer(ReaderFace[R], Deserializer):
    """A deserializer to call; what it was given is read when it is made."""

    __slots__ = ()

    def __init__(self, client: Any, reader: R, rules: RuleRegistry) -> None:
        super().__init__(client, reader, rules)
        drive(reader.open(), client)

    def set_cluster_id_resolver(self, resolver: Callable[[], str]) -> None:
        """Take a function that tells the id of the Kafka cluster; called when first needed."""
        self._reader.settings.subjects.tell_cluster_by(resolver)

    def __call__(self, data: bytes | None, ctx: Context | None = None) -> Any:
        """Return the object of a message, None for None.

        Raises SerializationError, SchemaRegistryError.
        """
        # What `_quick` does, without the cost of its call in the commonest case.
        if type(data) is bytes and ctx is not None:
            try:
                lane = self._lanes[ctx.topic]
                decoder = lane.decoders[data[:PREFIX_SIZE]]
            except KeyError:
                pass
            else:
                if (
                    lane.field == ctx.field
                    and lane.holds is None
                    and not (ctx.headers or INTEREST.is_there)
                ):
                    try:
                        message = decoder.decode(data, PREFIX_SIZE)
                    except Exception as error:  # noqa: BLE001 - it is raised again
                        self._raise(error, data[:PREFIX_SIZE], ctx)
                    return message if self._from_dict is None else self._made(message, ctx)
        message = self._quick(data, ctx)
        if message is not NOT_QUICK:
            return message
        return drive(self._reader.read(data, ctx), self._client)

    def deserialize_many(
        self,
        data: Iterable[bytes | None],
        ctx: Context | None = None,
        *,
        failures: Failures = "raise",
    ) -> list[Any]:
        """Return the objects of many messages of one topic.

        With `failures="return"` the error of a message stands in its place, and those behind it
        are read. Raises as a call does.
        """
        return [self._one(each, ctx, failures) for each in data]

    def _one(self, data: bytes | None, ctx: Context | None, failures: Failures) -> Any:
        try:
            return self(data, ctx)
        except Exception as error:
            if failures == "raise":
                raise
            return error

    def close(self) -> None:
        """Release what the deserializer made for itself."""
        self._close_rules()
        if self._owns_client:
            self._owns_client = False
            self._client.close()


class AwaitedDeserializer(ReaderFace[R]):
    """A deserializer to await; `await` on the object itself reads its schema ahead."""

    __slots__ = ()

    def __await__(self) -> Generator[Any, Any, Self]:
        return self._opened().__await__()

    async def _opened(self) -> Self:
        await drive_async(self._reader.open(), self._client)
        return self

    def set_async_cluster_id_resolver(self, resolver: Callable[[], Awaitable[str]]) -> None:
        """Take a coroutine function that tells the id of the Kafka cluster."""
        self._reader.settings.subjects.tell_cluster_by(resolver)

    async def __call__(self, data: bytes | None, ctx: Context | None = None) -> Any:
        """Return the object of a message, None for None.

        Raises SerializationError, SchemaRegistryError.
        """
        message = self._quick(data, ctx)
        if message is not NOT_QUICK:
            return message
        return await drive_async(self._reader.read(data, ctx), self._client)

    async def deserialize_many(
        self,
        data: Iterable[bytes | None],
        ctx: Context | None = None,
        *,
        failures: Failures = "raise",
    ) -> list[Any]:
        """Return the objects of many messages of one topic.

        With `failures="return"` the error of a message stands in its place, and those behind it
        are read. Raises as a call does.
        """
        return [await self._one(each, ctx, failures) for each in data]

    async def _one(self, data: bytes | None, ctx: Context | None, failures: Failures) -> Any:
        try:
            return await self(data, ctx)
        except Exception as error:
            if failures == "raise":
                raise
            return error

    async def aclose(self) -> None:
        """Release what the deserializer made for itself."""
        self._close_rules()
        if self._owns_client:
            self._owns_client = False
            await self._client.aclose()
