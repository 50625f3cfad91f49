"""What the records of a topic must name, where its configs ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accord_log.broker.topic_config import SchemaChecks
    from accord_log.kafka.records import Record


class RecordValidator(Protocol):
    """Knows which schemas are registered."""

    def refusals(
        self, topic: str, checks: SchemaChecks, records: Sequence[Record]
    ) -> list[tuple[int, str]]:
        """Return (index, reason) of the records that name no schema of the topic's subject."""
