"""What surrounds a message while it is written or read, and what is raised when that fails."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

from accord_serde.error import SchemaRegistryError

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, MutableMapping, MutableSequence

__all__ = [
    "Context",
    "Deserializer",
    "DeserializerBuilder",
    "MessageField",
    "PayloadError",
    "SchemaNotFoundError",
    "SchemaTypeError",
    "SerializationContext",
    "SerializationError",
    "Serializer",
    "SerializerBuilder",
    "WireFormatError",
]

_PEER = "confluent_kafka.serialization"
_PLACE = ("topic", "field", "partition", "offset", "subject", "schema_id", "guid")


class MessageField(str, Enum):  # noqa: UP042 - StrEnum prints differently before Python 3.12
    """The part of a message that is written or read."""

    NONE = "none"
    KEY = "key"
    VALUE = "value"

    def __str__(self) -> str:
        return self.value


class Context(Protocol):
    """What a serializer asks about a message; any object with these attributes will do."""

    @property
    def topic(self) -> str: ...

    @property
    def field(self) -> str: ...

    @property
    def headers(self) -> Any: ...


class SerializationContext:
    """The topic, the part of the message, and the headers as a list of pairs or a dict.

    `partition` and `offset` are repeated in errors.
    """

    __slots__ = ("field", "headers", "offset", "partition", "topic")

    def __init__(
        self,
        topic: str,
        field: str,
        headers: MutableSequence[tuple[str, bytes]] | MutableMapping[str, bytes] | None = None,
        *,
        partition: int | None = None,
        offset: int | None = None,
    ) -> None:
        self.topic = topic
        self.field = field
        self.headers = headers
        self.partition = partition
        self.offset = offset


class SerializationError(Exception):
    """A message could not be written or read; the attributes tell which, where it is known.

    Where the program has Confluent's `SerializationError` loaded, every instance is one of those
    too, so that handlers written for it keep working.
    """

    topic: str | None = None
    field: str | None = None
    partition: int | None = None
    offset: int | None = None
    subject: str | None = None
    schema_id: int | None = None
    guid: uuid.UUID | None = None

    _plain: ClassVar[type[SerializationError] | None] = None  # the class without the peer's

    def __new__(cls, *args: object, **_: object) -> Self:
        made: Self = super().__new__(_beside_peer(cls), *args)
        return made

    def __init__(self, message: str = "") -> None:
        Exception.__init__(self, message)  # a class of the registry's errors may stand between
        self.message = message

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (self._plain or type(self), self.__dict__.copy(), self.args)

    def at(self, context: object, **known: object) -> Self:
        """Note where it happened; what is known already stays."""
        for name in _PLACE:
            value = known.get(name, getattr(context, name, None))
            if value is not None and getattr(self, name) is None:
                setattr(self, name, value)
        return self

    def __str__(self) -> str:
        place = [
            f"{name.replace('_', ' ')} {getattr(self, name)}"
            for name in _PLACE
            if getattr(self, name) is not None
        ]
        return f"{self.message} ({', '.join(place)})" if place else self.message


class WireFormatError(SerializationError):
    """The bytes do not begin as a message with a schema id does: magic byte, size, indexes."""


class SchemaTypeError(SerializationError):
    """The schema a message names is of another format than its reader."""


class PayloadError(SerializationError):
    """The bytes behind the schema id are not what that schema describes."""


class SchemaNotFoundError(SerializationError, SchemaRegistryError):
    """The registry does not know the schema a message names."""

    def __init__(self, cause: SchemaRegistryError) -> None:
        SerializationError.__init__(self, cause.error_message)
        self.http_status_code = cause.http_status_code
        self.error_code = cause.error_code
        self.error_message = cause.error_message


@cache
def _combined(own: type[SerializationError], peer: type[Exception]) -> type[SerializationError]:
    members = {"__module__": own.__module__, "__doc__": own.__doc__, "_plain": own}
    return type(own.__name__, (own, peer), members)


def _beside_peer(cls: type[SerializationError]) -> type[Any]:
    peer = getattr(sys.modules.get(_PEER), "SerializationError", None)
    if peer is None or issubclass(cls, peer):
        return cls
    return _combined(cls, peer)  # type: ignore[arg-type]  # classes are hashable


def _rebuilt(
    cls: type[SerializationError], state: dict[str, Any], args: tuple[Any, ...]
) -> SerializationError:
    made = cls.__new__(cls, *args)
    made.args = args
    made.__dict__.update(state)
    return made


class Serializer(ABC):
    """Turns objects into bytes; what Kafka clients call per key and value."""

    __slots__ = ()

    @abstractmethod
    def __call__(self, obj: object, ctx: Context | None = None) -> bytes | None:
        """Return the bytes of an object, None for None."""

    def set_cluster_id_resolver(self, resolver: Callable[[], str]) -> None:  # noqa: B027 - a hook
        """Take a function that tells the id of the Kafka cluster; called when first needed."""

    def close(self) -> None:  # noqa: B027 - a hook
        """Release what the serializer made for itself."""


class Deserializer(ABC):
    """Turns bytes into objects; what Kafka clients call per key and value."""

    __slots__ = ()

    @abstractmethod
    def __call__(self, data: bytes | None, ctx: Context | None = None) -> Any:
        """Return the object of some bytes, None for None."""

    def set_cluster_id_resolver(self, resolver: Callable[[], str]) -> None:  # noqa: B027 - a hook
        """Take a function that tells the id of the Kafka cluster; called when first needed."""

    def close(self) -> None:  # noqa: B027 - a hook
        """Release what the deserializer made for itself."""


class SerializerBuilder(ABC):
    """Makes a serializer once the Kafka client's configuration is known."""

    __slots__ = ()

    @abstractmethod
    def build(self, conf: dict[str, Any], is_key: bool) -> tuple[Any, dict[str, Any]]:  # noqa: FBT001 - as the client calls it
        """Return the serializer, and the configuration left for the client."""


class DeserializerBuilder(ABC):
    """Makes a deserializer once the Kafka client's configuration is known."""

    __slots__ = ()

    @abstractmethod
    def build(self, conf: dict[str, Any], is_key: bool) -> tuple[Any, dict[str, Any]]:  # noqa: FBT001 - as the client calls it
        """Return the deserializer, and the configuration left for the client."""
