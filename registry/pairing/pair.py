"""The thread that keeps a broker and a registry's database together."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import structlog

from accord_log.kafka.errors import KafkaError
from registry.errors import StorageUnavailable
from registry.pairing.gate import SchemaGate

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord_log.broker.broker import Broker
    from registry.service.options import Options
    from registry.storage.port import Store

log = structlog.get_logger()

RETRY_SECONDS = 2.0
POOL_SIZE = 2


class Pair:
    """Opens the database when the broker runs, and from then on checks records and publishes.

    The broker does not wait for the database, which may be away, or take a while to migrate:
    until it is open, records that have to be checked are refused for the time being.
    """

    def __init__(
        self, url: str, options: Options, *, publishes: bool, pause_seconds: float
    ) -> None:
        self.gate = SchemaGate()
        self._url = url
        self._options = options
        self._publishes = publishes
        self._pause = pause_seconds
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, broker: Broker) -> None:
        """Begin, in a thread."""
        self._thread = threading.Thread(
            target=self._run, args=(broker,), name="accord-pairing", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """End; what was not published is published the next time."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        self.gate.close()

    def _run(self, broker: Broker) -> None:
        store = self._persist("the registry's database cannot be opened", self._open)
        if store is None:
            return
        try:
            self._attend(broker, store)
        finally:
            self.gate.close()
            store.close()

    def _open(self) -> Store | None:
        # Imported here, for it takes longer than all that the broker needs.
        from registry.storage.sql.migrate import MigrationError  # noqa: PLC0415
        from registry.storage.sql.store import open_store  # noqa: PLC0415

        try:
            return open_store(self._url, pool_size=POOL_SIZE)
        except MigrationError as error:
            log.warning("the registry's database cannot be used", reason=str(error))
            return None

    def _attend(self, broker: Broker, store: Store) -> None:
        from registry.pairing.publisher import Publisher  # noqa: PLC0415 - as above
        from registry.pairing.topic import SchemasTopic  # noqa: PLC0415
        from registry.pairing.validator import SchemaValidator  # noqa: PLC0415

        self.gate.open(SchemaValidator(store, self._options))
        if not self._publishes:
            self._stopping.wait()
            return
        publisher = Publisher(store, SchemasTopic(broker), broker.services.clock)
        while not self._stopping.wait(self._pause):
            self._persist("the registry's changes cannot be published", publisher.step)

    def _persist(self, complaint: str, act: Callable[[], Any]) -> Any:  # noqa: ANN401 - of the call's own type
        """Return what the call gives, tried again until it does; None when told to stop."""
        told = ""
        while True:
            try:
                return act()
            except (StorageUnavailable, KafkaError) as error:
                if str(error) != told:
                    told = str(error)
                    log.warning(complaint, reason=told)
            if self._stopping.wait(RETRY_SECONDS):
                return None
