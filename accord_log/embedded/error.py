"""Errors in confluent_kafka's shape."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from accord_log.embedded.error_names import ErrorNames
from accord_log.kafka.errors import RETRIABLE, ErrorCode
from accord_log.kafka.errors import KafkaError as Refusal

if TYPE_CHECKING:
    from typing import TypeAlias

    Text: TypeAlias = str  # KafkaError has a method of the name

NAMES: dict[int, str] = {
    value: name for name, value in vars(ErrorNames).items() if isinstance(value, int)
}


class Local(IntEnum):
    """Those of the client's own errors that happen without a network."""

    QUEUE_FULL = -184
    INVALID_ARG = -186
    TIMED_OUT = -185
    UNKNOWN_TOPIC = -188
    UNKNOWN_PARTITION = -190
    PARTITION_EOF = -191
    DESTROY = -197
    CONFLICT = -173
    STATE = -172
    NO_OFFSET = -168
    PURGE_QUEUE = -152
    FATAL = -150
    NOT_CONFIGURED = -145
    FENCED = -144
    MAX_POLL_EXCEEDED = -147
    AUTO_OFFSET_RESET = -140


class KafkaError(ErrorNames):
    """What went wrong: a code, and a text for people."""

    __slots__ = ("_code", "_fatal", "_retriable", "_text", "_txn_requires_abort")

    def __init__(
        self,
        error: int,
        reason: Text | None = None,
        fatal: bool = False,
        retriable: bool = False,
        txn_requires_abort: bool = False,
    ) -> None:
        self._code = int(error)
        self._text = described(self._code) if reason is None else reason
        self._fatal = fatal
        self._retriable = retriable
        self._txn_requires_abort = txn_requires_abort

    def code(self) -> int:
        """Return the number, which is one of this class's attributes."""
        return self._code

    def name(self) -> Text:
        """Return the name of the number."""
        return NAMES.get(self._code, f"ERR_{self._code}?")

    def str(self) -> Text:
        """Return the text."""
        return self._text

    def fatal(self) -> bool:
        """Tell whether the client cannot go on."""
        return self._fatal

    def retriable(self) -> bool:
        """Tell whether the same call may succeed when it is made again."""
        return self._retriable

    def txn_requires_abort(self) -> bool:
        """Tell whether the transaction has to be aborted before anything else."""
        return self._txn_requires_abort

    def __eq__(self, other: object) -> bool:
        if isinstance(other, KafkaError):
            return self._code == other._code
        return self._code == other

    def __hash__(self) -> int:
        return hash(self._code)

    def __repr__(self) -> Text:
        fatal = "FATAL," if self._fatal else ""
        return f'KafkaError{{{fatal}code={self.name()},val={self._code},str="{self._text}"}}'

    __Text_ = __repr__


class KafkaException(Exception):
    """Raised by the embedded API; `args[0]` is the KafkaError."""

    def __init__(self, error: KafkaError) -> None:
        super().__init__(error)

    @property
    def error(self) -> KafkaError:
        """Return what went wrong."""
        found: KafkaError = self.args[0]
        return found


def described(code: int) -> Text:
    """Return the text of an error that says nothing more particular."""
    name = NAMES.get(code)
    if name is None:
        return f"Err-{code}?"
    words = name.strip("_").replace("_", " ").capitalize()
    return f"Local: {words}" if name.startswith("_") else f"Broker: {words}"


def failure(code: int, text: Text | None = None, *, fatal: bool = False) -> KafkaException:
    """Return the exception for a code."""
    return KafkaException(error_of(code, text, fatal=fatal))


def error_of(code: int, text: Text | None = None, *, fatal: bool = False) -> KafkaError:
    """Return the error for a code, retriable where the protocol calls it so."""
    return KafkaError(
        code, text, fatal=fatal, retriable=code in RETRIABLE or code == Local.TIMED_OUT
    )


def translated(refusal: Refusal) -> KafkaError:
    """Return the broker's refusal as a client is told of it."""
    return error_of(refusal.code, refusal.text)


def check(code: int, text: Text | None = None) -> None:
    """Raise KafkaException unless the code is NONE."""
    if code != ErrorCode.NONE:
        raise failure(code, text)
