"""Protobuf serializers and deserializers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeVar

try:
    from google.protobuf.message import Message
    from google.protobuf.message_factory import GetMessageClass
except ImportError as error:
    raise ImportError("Protobuf needs `accord-serde[protobuf]` (protobuf)") from error

from accord_serde._core.arguments import configured
from accord_serde._core.builders import (
    AwaitedBuild,
    BlockingBuild,
    DeserializerRecipe,
    SerializerRecipe,
)
from accord_serde._core.faces import (
    AwaitedDeserializer,
    AwaitedSerializer,
    BlockingDeserializer,
    BlockingSerializer,
    ReaderFace,
    WriterFace,
)
from accord_serde._core.framing import PREFIX_SIZE, PROTOBUF
from accord_serde._core.reading import Incoming, Reader
from accord_serde._core.settings import flag, open_conf, take_reader, take_writer
from accord_serde._core.writing import Writer
from accord_serde._protobuf.codec import (
    SERIALIZED,
    Codecs,
    FileDecoding,
    MessageDecoder,
    ProtobufEncoding,
    UnregisteredDecoding,
    not_of_class,
)
from accord_serde._protobuf.dependencies import Dependencies
from accord_serde._protobuf.descriptors import type_of
from accord_serde._rules_engine.validation import InlineRules
from accord_serde.serialization import PayloadError, SerializationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord_serde._conf import Conf
    from accord_serde._core.asks import Steps
    from accord_serde._core.codec import Decoder, Decoding
    from accord_serde._core.framing import SchemaId
    from accord_serde._protobuf.codec import ProtobufDecoding
    from accord_serde._protobuf.descriptors import RegisteredFile
    from accord_serde._rules_engine.registry import RuleRegistry
    from accord_serde._schemas import RegisteredSchema, Schema
    from accord_serde.serialization import Context

__all__ = [
    "AsyncProtobufDeserializer",
    "AsyncProtobufDeserializerBuilder",
    "AsyncProtobufSerializer",
    "AsyncProtobufSerializerBuilder",
    "ProtobufDeserializer",
    "ProtobufDeserializerBuilder",
    "ProtobufSerializer",
    "ProtobufSerializerBuilder",
]

S = TypeVar("S")


class _ProtobufWriter(Writer):
    schema_type = PROTOBUF
    fetched_as = SERIALIZED

    def __init__(
        self, message_class: type[Message], conf: dict[str, Any] | None, rules: RuleRegistry
    ) -> None:
        left = dict(conf or {})
        inline = InlineRules.from_conf(left)
        taken = open_conf(left)
        settings = take_writer(taken)
        self._dependencies = Dependencies.take(taken, settings)
        _refuse_deprecated_format(taken)
        taken.finish()
        super().__init__(settings=settings, inline=inline, rules=rules, to_dict=None)
        self._class = message_class
        self._codecs = Codecs(self._encoding)

    def record_name(self, obj: object) -> str:
        if obj is not None and not isinstance(obj, self._class):
            raise not_of_class(obj, self._class)
        return self._class.DESCRIPTOR.full_name

    def open(self) -> Steps[None]:
        """Do nothing: the subjects of imports may depend on the topic."""
        yield from ()

    def own_codec(self, ctx: Context | None) -> Steps[ProtobufEncoding]:
        descriptor = type_of(self._class)
        schema = yield from self._dependencies.schema(descriptor.file, ctx)
        return ProtobufEncoding(schema, self._class, descriptor)

    def codec(self, schema: Schema) -> Steps[ProtobufEncoding]:
        return self._codecs.of(schema)

    def _encoding(self, schema: Schema, file: RegisteredFile) -> ProtobufEncoding:
        name = self._class.DESCRIPTOR.full_name
        registered = file.counterpart(name)
        if registered.rpartition(".")[2] != self._class.DESCRIPTOR.name:
            raise SerializationError(
                f"the schema to write with has no message {name}, and this serializer writes those"
            )
        return ProtobufEncoding(schema, self._class, file.descriptor(registered))


class _ProtobufReader(Reader):
    schema_type = PROTOBUF
    fetched_as = SERIALIZED

    def __init__(
        self,
        message_type: type[Message],
        conf: dict[str, Any] | None,
        rules: RuleRegistry,
        *,
        has_client: bool,
    ) -> None:
        taken = open_conf(conf)
        _refuse_deprecated_format(taken)
        taken.take("use.schema.id")  # as all keys it does not know, Confluent's passes over it
        super().__init__(settings=take_reader(taken), rules=rules, from_dict=None)
        self._class: type[Message] = GetMessageClass(type_of(message_type))
        self._codecs = Codecs(self._decoding)
        self._unregistered = None if has_client else UnregisteredDecoding(self._class)

    def own_codec(self) -> Steps[None]:
        yield from ()

    def codec(self, schema: Schema) -> Steps[ProtobufDecoding]:
        """Return the first message type of a schema."""
        file = yield from self._codecs.of(schema)
        return file.type(file.registered.full_name((0,)))

    def _decoding(self, schema: Schema, file: RegisteredFile) -> FileDecoding:
        return FileDecoding(schema, file, self._class)

    def writer(self, schema_id: SchemaId, subject: str | None) -> Steps[Decoding]:
        if self._unregistered is not None:
            return self._unregistered
        first: Any = yield from super().writer(schema_id, subject)
        try:
            found: ProtobufDecoding = first.at(schema_id.message_indexes or (0,))
        except SerializationError as error:
            error.at(None, schema_id=schema_id.id, guid=schema_id.guid)
            raise
        return found

    def reader(
        self, writer: Decoding, pinned: RegisteredSchema | None
    ) -> Steps[ProtobufDecoding | None]:
        if pinned is None:
            return None
        first = yield from self.codec(pinned.schema)
        return first.like(writer.record_name)

    def converted(self, message: Any, ctx: Context | None) -> Any:  # noqa: ARG002
        """Return what migrations left as the class asked for."""
        if isinstance(message, self._class) or not isinstance(message, Message):
            return message
        return self._class.FromString(message.SerializePartialToString())

    def unreadable(self, error: Exception) -> SerializationError:
        return PayloadError(f"the payload is not a {self._class.DESCRIPTOR.full_name}: {error}")

    def open_lane(self, decoder: Decoder, reader: Decoding, incoming: Incoming) -> None:
        """Open a lane for a schema id: one behind the id, or one with indexes in the headers."""
        if len(self._identity(incoming)) > PREFIX_SIZE:
            super().open_lane(decoder, reader, incoming)
        elif incoming.frame.schema_id.id is not None and isinstance(decoder, MessageDecoder):
            super().open_lane(decoder.framed, reader, incoming)

    def _subject(self, ctx: Context | None, name: str | None) -> Steps[str | None]:
        if self._unregistered is not None:
            return None
        return (yield from super()._subject(ctx, name))


def _refuse_deprecated_format(conf: Conf) -> None:
    if flag(conf, "use.deprecated.format"):
        raise ValueError(
            "use.deprecated.format is no longer supported: leave it out, and message indexes are "
            "written as all clients but the oldest read them"
        )


def _reader(
    message_type: type[Message],
    conf: dict[str, Any] | None,
    client: object,
    rules: RuleRegistry,
) -> _ProtobufReader:
    return _ProtobufReader(message_type, conf, rules, has_client=client is not None)


class _ProtobufSerializing(WriterFace[_ProtobufWriter]):
    __slots__ = ()

    def __init__(
        self,
        msg_type: type[Message],
        schema_registry_client: Any,
        conf: dict[str, Any] | None = None,
        rule_conf: dict[str, Any] | None = None,
        rule_registry: RuleRegistry | None = None,
    ) -> None:
        rules = configured(rule_registry, schema_registry_client, rule_conf)
        super().__init__(schema_registry_client, _ProtobufWriter(msg_type, conf, rules), rules)


class _ProtobufDeserializing(ReaderFace[_ProtobufReader]):
    __slots__ = ()

    def __init__(
        self,
        message_type: type[Message],
        conf: dict[str, Any] | None = None,
        schema_registry_client: Any = None,
        rule_conf: dict[str, Any] | None = None,
        rule_registry: RuleRegistry | None = None,
    ) -> None:
        rules = configured(rule_registry, schema_registry_client, rule_conf)
        reader = _reader(message_type, conf, schema_registry_client, rules)
        super().__init__(schema_registry_client, reader, rules)


class ProtobufSerializer(_ProtobufSerializing, BlockingSerializer[_ProtobufWriter]):
    """Writes messages of one class behind the id of their schema and their place in it.

    The file of the class is registered, and before it those it imports, unless `conf` says
    otherwise. Raises ValueError, TypeError.
    """

    __slots__ = ()


class ProtobufDeserializer(_ProtobufDeserializing, BlockingDeserializer[_ProtobufReader]):
    """Reads messages into one class, whatever type of message they were written as.

    Without a client, schema ids are passed over: no rules run, and message indexes are not
    checked. Raises ValueError.
    """

    __slots__ = ()


class AsyncProtobufSerializer(_ProtobufSerializing, AwaitedSerializer[_ProtobufWriter]):
    """ProtobufSerializer for asyncio: `await` it when it is made, and at every call."""

    __slots__ = ()


class AsyncProtobufDeserializer(_ProtobufDeserializing, AwaitedDeserializer[_ProtobufReader]):
    """ProtobufDeserializer for asyncio: `await` it when it is made, and at every call."""

    __slots__ = ()


class _SerializerRecipe(SerializerRecipe[S]):
    __slots__ = ()

    def __init__(
        self,
        schema_registry_config: dict[str, Any] | None = None,
        schema_registry_client: object | None = None,
        message_type: type[Message] | None = None,
        serializer_config: dict[str, Any] | None = None,
        rule_config: dict[str, Any] | None = None,
        rule_registry: RuleRegistry | None = None,
        serializer_init: Callable[[S], Any] | None = None,
    ) -> None:
        super().__init__(schema_registry_config, schema_registry_client, serializer_init)
        self._with(msg_type=message_type, conf=serializer_config)
        self._with(rule_conf=rule_config, rule_registry=rule_registry)

    def set_message_type(self, msg_type: type[Message]) -> Self:
        """Write messages of this class."""
        return self._with(msg_type=msg_type)

    def _check(self) -> None:
        super()._check()
        _needed(self._arguments["msg_type"])


class _DeserializerRecipe(DeserializerRecipe[S]):
    __slots__ = ()

    def __init__(
        self,
        schema_registry_config: dict[str, Any] | None = None,
        schema_registry_client: object | None = None,
        message_type: type[Message] | None = None,
        deserializer_config: dict[str, Any] | None = None,
        rule_config: dict[str, Any] | None = None,
        rule_registry: RuleRegistry | None = None,
        deserializer_init: Callable[[S], Any] | None = None,
    ) -> None:
        super().__init__(schema_registry_config, schema_registry_client, deserializer_init)
        self._with(message_type=message_type, conf=deserializer_config)
        self._with(rule_conf=rule_config, rule_registry=rule_registry)

    def set_message_type(self, msg_type: type[Message]) -> Self:
        """Read messages into this class."""
        return self._with(message_type=msg_type)

    def _check(self) -> None:
        super()._check()
        _needed(self._arguments["message_type"])


def _needed(message_type: type[Message] | None) -> None:
    if message_type is None:
        raise ValueError("a message type is needed: call set_message_type()")


class ProtobufSerializerBuilder(
    _SerializerRecipe[ProtobufSerializer], BlockingBuild[ProtobufSerializer]
):
    """Makes a ProtobufSerializer for a Kafka client."""

    __slots__ = ()
    _makes = ProtobufSerializer


class ProtobufDeserializerBuilder(
    _DeserializerRecipe[ProtobufDeserializer], BlockingBuild[ProtobufDeserializer]
):
    """Makes a ProtobufDeserializer for a Kafka client."""

    __slots__ = ()
    _makes = ProtobufDeserializer


class AsyncProtobufSerializerBuilder(
    _SerializerRecipe[AsyncProtobufSerializer], AwaitedBuild[AsyncProtobufSerializer]
):
    """Makes an AsyncProtobufSerializer for a Kafka client."""

    __slots__ = ()
    _makes = AsyncProtobufSerializer


class AsyncProtobufDeserializerBuilder(
    _DeserializerRecipe[AsyncProtobufDeserializer], AwaitedBuild[AsyncProtobufDeserializer]
):
    """Makes an AsyncProtobufDeserializer for a Kafka client."""

    __slots__ = ()
    _makes = AsyncProtobufDeserializer
