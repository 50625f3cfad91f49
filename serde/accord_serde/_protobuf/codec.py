"""One message type as the core of the serializers uses it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from google.protobuf import json_format
from google.protobuf.message_factory import GetMessageClass

from accord_serde._core.framing import PROTOBUF, read_header
from accord_serde._core.references import referenced
from accord_serde._protobuf.built_in import is_built_in
from accord_serde._protobuf.descriptors import RegisteredFile, message_path, type_of
from accord_serde._protobuf.fields import ProtobufFields
from accord_serde._schemas import Schema
from accord_serde.serialization import SerializationError, WireFormatError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from google.protobuf.descriptor import Descriptor
    from google.protobuf.message import Message

    from accord_serde._core.asks import Steps

C = TypeVar("C")

SERIALIZED = "serialized"  # the `format` files are asked for in
MAX_CODECS = 10_000  # schemas in memory per serializer; they are parsed again beyond that
MAX_PATHS = 10_000  # [0] has two spellings, and a file can have any number of types


class MessageEncoder:
    """Writes messages of one class."""

    __slots__ = ("encode",)

    encode: Callable[[Any], bytes]

    def __init__(self, message_class: type[Message], prefix: bytes) -> None:
        serialize = message_class.SerializeToString

        def encode(message: Any) -> bytes:
            if not isinstance(message, message_class):
                raise not_of_class(message, message_class)
            return prefix + serialize(message)

        self.encode = encode


class PayloadEncoder:
    """Writes any message, for rules may leave one of another class."""

    __slots__ = ()

    def encode(self, message: Message) -> bytes:
        return message.SerializeToString()


def not_of_class(message: object, message_class: type[Message]) -> ValueError:
    return ValueError(f"message must be of type {message_class} not {type(message)}")


class ProtobufEncoding:
    """A schema to write messages of one class with; `descriptor` is what it says of them.

    Where the class stands elsewhere in its own file, its messages carry the registered path, which
    is where their readers look.
    """

    def __init__(
        self, schema: Schema, message_class: type[Message], descriptor: Descriptor
    ) -> None:
        self.schema = schema
        self.fields = ProtobufFields(descriptor)
        self.message_indexes = message_path(descriptor)
        self._class = message_class

    @property
    def record_name(self) -> str:
        return self._class.DESCRIPTOR.full_name

    def encoder(self, prefix: bytes) -> MessageEncoder | PayloadEncoder:
        return MessageEncoder(self._class, prefix) if prefix else PayloadEncoder()


class MessageDecoder:
    """Reads messages of one class; `framed` does behind a schema id, with the indexes there."""

    __slots__ = ("decode", "framed")

    def __init__(
        self, message_class: type[Message], check: Callable[[Sequence[int]], object]
    ) -> None:
        from_string = message_class.FromString

        def decode(data: bytes, start: int) -> Message:
            return from_string(data[start:])

        self.decode = decode
        self.framed = FramedDecoder(from_string, check)


class FramedDecoder:
    """Reads what stands behind a schema id: message indexes, which `check` knows, and a payload.

    One message of the schema has been read before, so it has a first type.
    """

    __slots__ = ("decode",)

    def __init__(
        self, from_string: Callable[[bytes], Message], check: Callable[[Sequence[int]], object]
    ) -> None:
        good: set[bytes] = set()  # paths written with one byte per number
        last = b"\0"

        def behind(data: bytes, start: int) -> int:
            nonlocal last
            path = data[start : start + 1 + (data[start] >> 1)]
            if path in good:
                last = path
                return start + len(path)
            header = read_header(data, indexed=True)
            assert header.message_indexes is not None
            check(header.message_indexes)
            if header.size == start + len(path) and len(good) < MAX_PATHS:
                good.add(path)
            return header.size

        def decode(data: bytes, start: int) -> Message:
            path = last  # once: another thread may put another in its place
            if data.startswith(path, start):
                return from_string(data[start + len(path) :])
            try:
                return from_string(data[behind(data, start) :])
            except IndexError as error:
                raise WireFormatError("Message is too short: it ends behind its id") from error

        self.decode = decode


class JsonDecoder:
    """Reads messages into what their JSON form would be parsed to."""

    __slots__ = ("_class",)

    def __init__(self, message_class: type[Message]) -> None:
        self._class = message_class

    def decode(self, data: bytes, start: int) -> dict[str, Any]:
        message = self._class.FromString(data[start:])
        return json_format.MessageToDict(message, always_print_fields_with_no_presence=True)


class ProtobufDecoding:
    """A message type of a registered file."""

    def __init__(self, file: FileDecoding, full_name: str) -> None:
        self.schema = file.schema
        self.record_name = full_name
        self._file = file

    def at(self, path: Sequence[int]) -> ProtobufDecoding:
        """Return the type at a place of the same file. Raises WireFormatError."""
        return self._file.type(self._file.registered.full_name(path))

    def like(self, writer_name: str | None) -> ProtobufDecoding:
        """Return the type of the same file that stands for a writer's."""
        return self._file.type(self._file.registered.counterpart(writer_name or ""))

    @cached_property
    def fields(self) -> ProtobufFields:
        return ProtobufFields(self._descriptor)

    def decoder(self, reader: object) -> MessageDecoder:  # noqa: ARG002 - messages describe themselves
        return self._file.decoder

    def migrating_decoder(self) -> JsonDecoder:
        return JsonDecoder(GetMessageClass(self._descriptor))

    def migrated(self, message: Any) -> Message:
        try:
            return json_format.ParseDict(message, GetMessageClass(self._descriptor)())
        except (json_format.ParseError, TypeError, AttributeError) as error:
            raise SerializationError(
                f"what migration rules left is not a {self.record_name}: {error}"
            ) from error

    @property
    def _descriptor(self) -> Descriptor:
        return self._file.registered.descriptor(self.record_name)


class FileDecoding:
    """A registered file whose messages are read into one class."""

    def __init__(
        self, schema: Schema, registered: RegisteredFile, message_class: type[Message]
    ) -> None:
        self.schema = schema
        self.registered = registered
        self.decoder = MessageDecoder(message_class, registered.full_name)
        self._types: dict[str, ProtobufDecoding] = {}

    def type(self, full_name: str) -> ProtobufDecoding:
        known = self._types.get(full_name)
        if known is None:
            known = self._types[full_name] = ProtobufDecoding(self, full_name)
        return known


class UnregisteredDecoding:
    """What messages are read with where there is no registry: nothing but their class."""

    schema = Schema("", PROTOBUF)
    record_name = None

    def __init__(self, message_class: type[Message]) -> None:
        self.fields = ProtobufFields(type_of(message_class))
        self._class = message_class
        self._decoder = MessageDecoder(message_class, lambda _: None)

    def decoder(self, reader: object) -> MessageDecoder:  # noqa: ARG002 - likewise
        return self._decoder

    def migrating_decoder(self) -> JsonDecoder:
        return JsonDecoder(self._class)

    def migrated(self, message: Any) -> Any:
        return message


class Codecs(Generic[C]):
    """The schemas of the registry that a serializer has met, each made ready once."""

    def __init__(self, make: Callable[[Schema, RegisteredFile], C]) -> None:
        self._make = make
        self._known: dict[Schema, C] = {}

    def of(self, schema: Schema) -> Steps[C]:
        """Return what is made of a schema. Raises SerializationError, SchemaRegistryError."""
        known = self._known.get(schema)
        if known is None:
            imported = yield from referenced(schema, SERIALIZED, leave_out=is_built_in)
            if len(self._known) >= MAX_CODECS:
                self._known.clear()
            known = self._known[schema] = self._make(schema, RegisteredFile(schema, imported))
        return known
