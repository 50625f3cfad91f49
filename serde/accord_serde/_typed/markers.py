"""What an annotation cannot say by itself, said with `Annotated[...]` or with a decorator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from enum import Enum
from typing import TYPE_CHECKING, Annotated, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_C = TypeVar("_C", bound=type)
NAMING = "__accord_schema_naming__"


@dataclass(frozen=True, slots=True)
class Digits:
    """Give a Decimal its digits in all (`precision`) and after the point (`scale`)."""

    precision: int
    scale: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.scale <= self.precision or self.precision < 1:
            raise ValueError(
                f"no decimal has {self.precision} digits, {self.scale} after the point"
            )


@dataclass(frozen=True, slots=True)
class Fixed:
    """Give bytes their one length; the Avro type is called `name`, or Fixed and the size."""

    size: int
    name: str | None = None

    def __post_init__(self) -> None:
        if self.size < 0:
            raise ValueError(f"no value has {self.size} bytes")


@dataclass(frozen=True, slots=True)
class Name:
    """Call a field `name` on the wire, and find it under its `aliases` in older records."""

    name: str | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Doc:
    """Describe a field; any other object with a text `documentation` does as well."""

    documentation: str


class Encoding(Enum):
    """Choose among the Avro types one Python type can have."""

    INT32 = "int"
    FLOAT32 = "float"
    MILLIS = "milliseconds"
    LOCAL = "no time zone"


Int32 = Annotated[int, Encoding.INT32]
Float32 = Annotated[float, Encoding.FLOAT32]
TimestampMillis = Annotated[datetime, Encoding.MILLIS]
LocalTimestamp = Annotated[datetime, Encoding.LOCAL]
TimeMillis = Annotated[time, Encoding.MILLIS]


@dataclass(frozen=True, slots=True)
class Naming:
    """The name of a class in schemas; None where the class says nothing."""

    name: str | None = None
    namespace: str | None = None
    aliases: tuple[str, ...] = ()


def named(
    name: str | None = None, *, namespace: str | None = None, aliases: tuple[str, ...] = ()
) -> Callable[[_C], _C]:
    """Decorate a class or an enum with its name in schemas."""

    def decorate(cls: _C) -> _C:
        setattr(cls, NAMING, Naming(name, namespace, aliases))
        return cls

    return decorate


def naming_of(cls: type) -> Naming:
    """Return what `named` said of this very class, not of one it inherits from."""
    found = vars(cls).get(NAMING)
    return found if isinstance(found, Naming) else Naming()
