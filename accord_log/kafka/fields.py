"""The notation of the message table: a class for each message, a line for each field.

A field says in which versions it stands (`since`, `until`), from which version on it may be null
(`null`), and, when it is a tagged field, under which number (`tag`). A message says its API key,
the versions that are spoken, and from which of them on it is flexible: compact lengths, and a
buffer of tagged fields at the end of every structure. Fields that a version does not have keep
their defaults when it is read, and are left out when it is written.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Buffer: TypeAlias = bytes | bytearray | memoryview
Writable: TypeAlias = bytearray | memoryview


@dataclass(frozen=True, slots=True)
class Kind:
    """A primitive type of the protocol, and what a field of it holds unless it is told.

    Its `code` is that of `struct`, for a type that always takes the same number of bytes.
    """

    name: str
    default: Any
    code: str | None = None


@dataclass(frozen=True, slots=True)
class ArrayKind:
    """A sequence of primitives or structures."""

    of: Kind | type[Any]


BOOL = Kind("bool", default=False, code="?")
INT8 = Kind("int8", 0, "b")
INT16 = Kind("int16", 0, "h")
INT32 = Kind("int32", 0, "i")
INT64 = Kind("int64", 0, "q")
STRING = Kind("string", "")
BYTES = Kind("bytes", b"")
UUID = Kind("uuid", bytes(16), "16s")  # kept as its sixteen bytes
RECORDS = Kind("records", None)


@dataclass(frozen=True, slots=True)
class Wire:
    """How a field stands on the wire."""

    kind: Kind | ArrayKind | type[Any]
    since: int
    until: int | None
    null: int | None
    tag: int | None


def array(of: Kind | type[Any]) -> ArrayKind:
    """Return the kind of a sequence."""
    return ArrayKind(of)


UNSET: Any = object()


def wire(
    kind: Kind | ArrayKind | type[Any],
    *,
    since: int = 0,
    until: int | None = None,
    null: int | None = None,
    tag: int | None = None,
    default: Any = UNSET,  # noqa: ANN401 - of the field's own type
) -> Any:  # noqa: ANN401 - likewise
    """Declare a field of a structure; a tagged structure is None when it is absent."""
    metadata = {"wire": Wire(kind, since, until, null, tag)}
    if default is not UNSET:
        return dataclasses.field(default=default, metadata=metadata)
    if isinstance(kind, ArrayKind):
        return dataclasses.field(default_factory=list, metadata=metadata)
    if isinstance(kind, Kind):
        return dataclasses.field(default=kind.default, metadata=metadata)
    return dataclasses.field(default=None, metadata=metadata)


class Message:
    """A request or a response; its class says where it stands in the protocol."""

    __slots__ = ()
    api_key: ClassVar[int]
    versions: ClassVar[range]
    flexible: ClassVar[int]
    response: ClassVar[type[Message]]


NEVER_FLEXIBLE = 1_000_000
M = TypeVar("M", bound=Message)


def message(
    *, key: int, versions: tuple[int, int], flexible: int = NEVER_FLEXIBLE
) -> Callable[[type[M]], type[M]]:
    """Say of a request or a response where it stands; `versions` are the first and the last."""

    def decorate(cls: type[M]) -> type[M]:
        cls.api_key = key
        cls.versions = range(versions[0], versions[1] + 1)
        cls.flexible = flexible
        return cls

    return decorate
