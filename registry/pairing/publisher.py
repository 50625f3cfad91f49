"""Publishes the journal: follows it, and tells the topic of every change once and in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from registry.pairing.journal import Journal
from registry.pairing.schemas_topic import entries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from registry.pairing.schemas_topic import Entry
    from registry.pairing.topic import SchemasTopic
    from registry.storage.port import Store

log = structlog.get_logger()

# Of one batch; a topic's own limit is for what clients send.
BATCH_BYTES = 64 * 1024


class Publisher:
    """Brings the topic to where the journal is, whenever it is told to."""

    def __init__(self, store: Store, topic: SchemasTopic, clock: Callable[[], int]) -> None:
        self._store = store
        self._topic = topic
        self._clock = clock
        self._is_ahead = False
        self._is_done = False
        self._watch = store.watch(lambda _: None)

    def step(self) -> None:
        """Publish what is new. Raises StorageUnavailable, KafkaError: try again."""
        if self._is_done and self._watch.unchanged():
            return
        self._is_done = False
        self._watch.refresh()
        while self._publish_page():
            pass
        self._is_done = True

    def _publish_page(self) -> bool:
        """Publish the next changes; return whether there may be more."""
        reached = self._topic.reached()
        with self._store.read() as reader:
            journal = Journal(reader)
            self._note_ahead(reached, journal.head)
            if reached >= journal.head:
                return False
            told = [
                (change.sequence, list(entries(change, journal.content_of)))
                for change in journal.after(reached)
            ]
        for batch in _batches(told):
            self._topic.append(batch, at_ms=self._clock())
        return True

    def _note_ahead(self, reached: int, head: int) -> None:
        """Say once when the topic tells of changes that this database never had."""
        is_ahead = reached > head
        if is_ahead and not self._is_ahead:
            log.error(
                "the topic of schemas is of another database: delete it to have it written anew",
                topic_reached=reached,
                database_reached=head,
            )
        self._is_ahead = is_ahead


def _batches(told: list[tuple[int, list[Entry]]]) -> Iterator[list[tuple[int, Entry]]]:
    """Divide what is told into batches, those of one change together."""
    batch: list[tuple[int, Entry]] = []
    size = 0
    for sequence, found in told:
        batch += [(sequence, entry) for entry in found]
        size += sum(len(entry.key) + len(entry.value or b"") for entry in found)
        if size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
