"""What a broker does by itself, now and then: retention, compaction, forgetting old producers."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from accord_log.kafka.errors import KafkaError

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord_log.broker.partition import Partition
    from accord_log.broker.services import Services
    from accord_log.broker.topics import Topics

log = logging.getLogger("accord_log.broker")


class Housekeeping:
    """A thread that goes through the partitions; one that fails is tried again the next time."""

    def __init__(self, services: Services, topics: Topics, also: Callable[[], object]) -> None:
        self._services = services
        self._topics = topics
        self._also = also
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="accord-log-keeping", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what is being done, and end."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        settings = self._services.settings
        since_retention = 0
        while not self._stopped.wait(settings.compaction_interval_ms / 1000):
            since_retention += settings.compaction_interval_ms
            self.compact()
            if since_retention >= settings.retention_check_interval_ms:
                since_retention = 0
                self.retain()

    def retain(self) -> None:
        """Remove what is too old or too much, and forget producers that are gone."""
        self._each(self._retain)
        self._also()

    def compact(self) -> None:
        """Compact what is due."""
        self._each(self._compact)

    def _each(self, action: Callable[[Partition], object]) -> None:
        for partition in self._topics.partitions():
            if self._stopped.is_set():
                return
            try:
                action(partition)
            except (KafkaError, OSError) as error:
                log.warning(
                    "housekeeping of %s-%d failed: %s", partition.topic, partition.index, error
                )

    def _retain(self, partition: Partition) -> None:
        with partition.lock:
            if not partition.is_deleted:
                now_ms = self._services.clock()
                partition.log.retain(now_ms)
                partition.log.producers.expire(
                    now_ms, self._services.settings.producer_id_expiration_ms
                )

    def _compact(self, partition: Partition) -> None:
        if "compact" in partition.log.config.cleanup and not partition.is_deleted:
            partition.log.compact(self._services.clock())
