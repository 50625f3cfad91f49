"""The validator as the broker has it: there from the start, and never waited for for long.

The broker checks records where it answers everybody. A database that hangs would hold up the whole
log, so it is asked in a thread of its own, and given up on; clients try again.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, NoReturn, Protocol

from accord_log.kafka.errors import ErrorCode, KafkaError
from registry.errors import StorageUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accord_log.broker.topic_config import SchemaChecks
    from accord_log.kafka.records import Record

PATIENCE_SECONDS = 1.0
OPENING = "the registry's database is not open yet"
LATE = "the registry's database does not answer"


class Validator(Protocol):
    """Tells which records are refused, as (index, reason)."""

    def remembered(
        self, topic: str, checks: SchemaChecks, records: Sequence[Record]
    ) -> list[tuple[int, str]] | None:
        """Return the refusals if they are known without asking the database, else None."""

    def refusals(
        self, topic: str, checks: SchemaChecks, records: Sequence[Record]
    ) -> list[tuple[int, str]]:
        """Return the refusals; raises StorageUnavailable."""


class SchemaGate:
    """Lets records through once the registry's database is open."""

    def __init__(self) -> None:
        self._validator: Validator | None = None
        self._thread = ThreadPoolExecutor(1, "accord-schemas")
        self._late: Future[list[tuple[int, str]]] | None = None

    def open(self, validator: Validator) -> None:
        """Ask this one from now on."""
        self._validator = validator

    def close(self) -> None:
        """Ask nobody any more."""
        self._validator = None
        self._thread.shutdown(wait=False, cancel_futures=True)

    def refusals(
        self, topic: str, checks: SchemaChecks, records: Sequence[Record]
    ) -> list[tuple[int, str]]:
        """Return (index, reason) of the records that are refused, in order.

        Raises KafkaError, upon which a client tries again: nobody can tell at the moment.
        """
        validator = self._validator
        if validator is None:
            _refuse(OPENING)
        known = validator.remembered(topic, checks, records)
        if known is not None:
            return known
        if self._late is not None and not self._late.done():
            _refuse(LATE)
        asked = self._thread.submit(validator.refusals, topic, checks, records)
        try:
            return asked.result(PATIENCE_SECONDS)
        except TimeoutError:
            self._late = asked
            _refuse(LATE)
        except StorageUnavailable as error:
            _refuse(error.message)


def _refuse(reason: str) -> NoReturn:
    raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, f"Schemas cannot be looked up: {reason}")
