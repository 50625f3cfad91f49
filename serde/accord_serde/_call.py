"""A call to the registry as data: what to send, how to read the answer, what to remember."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import quote, urlencode

from accord_serde.error import UNKNOWN, SchemaRegistryError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from accord_serde._questions import Question

T = TypeVar("T")

_SHOWN = 500  # bytes of an unintelligible answer repeated in the error
_RETRIABLE = frozenset({408, 429, 500, 502, 503, 504})


class Memory(Enum):
    """What may be remembered of an answer, and for how long."""

    CONTENT = auto()  # by id or GUID: never changes
    PLACE = auto()  # a schema's id or version under a subject: until the subject loses versions
    LATEST = auto()  # until something is registered or deleted, and not for long
    ASSOCIATION = auto()  # asked for every time: remembered for when no node answers


@dataclass(frozen=True, slots=True)
class Slot:
    """Where an answer is remembered; `subject` is None where it belongs to none."""

    memory: Memory
    subject: str | None
    key: Question


@dataclass(frozen=True, slots=True)
class Forget:
    """Which memories of a subject a change makes wrong; None stands for all subjects."""

    subject: str | None
    memories: tuple[Memory, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer."""

    status: int
    content: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status <= 299  # noqa: PLR2004 - RFC 9110, 15.3

    @property
    def is_retriable(self) -> bool:
        return is_retriable(self.status)


def is_retriable(status: int) -> bool:
    """Tell whether a status speaks of the server's state and not of what was asked."""
    return status in _RETRIABLE


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    method: str
    path: str
    parse: Callable[[Any], T]
    query: tuple[tuple[str, str], ...] = ()
    body: Mapping[str, Any] | None = None
    slot: Slot | None = None
    forget: Forget | None = None

    @property
    def target(self) -> str:
        """Return path and query as they stand on the wire, without the leading slash."""
        if not self.query:
            return self.path
        return f"{self.path}?{urlencode(self.query, quote_via=quote, safe='')}"

    @property
    def content(self) -> bytes | None:
        return None if self.body is None else json.dumps(self.body).encode()

    def settle(self, reply: Reply) -> T:
        """Return what the answer says. Raises SchemaRegistryError."""
        if not reply.is_success:
            raise registry_error(reply)
        try:
            return self.parse(json.loads(reply.content) if reply.content else None)
        except (ValueError, RecursionError) as error:
            message = f"Unexpected answer from Schema Registry: {error}"
            raise SchemaRegistryError(reply.status, UNKNOWN, message) from error


def registry_error(reply: Reply) -> SchemaRegistryError:
    """Return the error an unsuccessful answer stands for, whoever wrote the answer."""
    match _document(reply.content):
        case {"error_code": int(code), "message": str(message)}:
            return SchemaRegistryError(reply.status, code, message)
        case _:
            shown = reply.content[:_SHOWN]
            return SchemaRegistryError(
                reply.status, UNKNOWN, f"Unknown Schema Registry Error: {shown!r}"
            )


def _document(content: bytes) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def path(*segments: str | int) -> str:
    """Join path segments, each percent-encoded whole."""
    return "/".join(_segment(str(segment)) for segment in segments)


def _segment(text: str) -> str:
    if text in {".", ".."}:  # as they are, HTTP clients would take them for steps in the path
        return text.replace(".", "%2E")
    return quote(text, safe="")


def query(**parameters: str | bool | int | Sequence[str] | None) -> tuple[tuple[str, str], ...]:
    """Spell out parameters in order; None is left out, a sequence is repeated."""
    pairs: list[tuple[str, str]] = []
    for name, value in parameters.items():
        match value:
            case None:
                continue
            case bool():
                pairs.append((name, "true" if value else "false"))
            case str() | int():
                pairs.append((name, str(value)))
            case _:
                pairs += [(name, each) for each in value]
    return tuple(pairs)


def nothing(answer: object) -> None:
    """Read the answer of a call that promises none."""
