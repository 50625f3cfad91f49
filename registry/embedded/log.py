"""An event log to hold in one's hand: started, stopped, emptied, by a program or a test."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accord_log.broker.broker import Broker
from accord_log.log.flush import Durability, Flusher
from accord_log.server import bind, serve_in_thread
from registry.embedded.given import GivenSettings
from registry.pairing.pair import Pair
from registry.process.log_settings import broker_settings, listener_settings, server_settings
from registry.service.options import Options

if TYPE_CHECKING:
    from typing import Self

    from accord_log.server import Bound, ServerThread
    from registry.embedded.registry import EmbeddedRegistry

# What tests write is gone with them.
DEFAULTS = {"log_durability": "none", "kafka_port": 0}
GRACE_MS = 1000
PAUSE_SECONDS = 0.01


class EmbeddedLog:
    """The log that `accord serve` runs, in this process, on a free port of this machine.

    Without `data` it is empty at first and leaves nothing behind; with it, it goes on where the
    directory was left. With a `registry` it checks records against that one's schemas, and
    publishes its changes as the topic `_schemas`. `settings` are those of the service by name, but
    `log_durability` is none; ACCORD_* variables have no effect here. Raises what keeps a log from
    starting: pydantic.ValidationError, accord_log.broker.lockfile.DirectoryInUse,
    accord_log.server.CannotListen.
    """

    def __init__(
        self,
        data: Path | str | None = None,
        *,
        registry: EmbeddedRegistry | None = None,
        **settings: Any,  # noqa: ANN401 - each setting has its own type
    ) -> None:
        self._is_temporary = data is None
        self._data = Path(tempfile.mkdtemp(prefix="accord-") if data is None else data)
        self._registry = registry
        self._broker: Broker | None = None
        self._server: ServerThread | None = None
        self._pair: Pair | None = None
        try:
            self._settings = GivenSettings(**{"data": self._data, **DEFAULTS, **settings})
            self._port = self._settings.kafka_port
            self.start()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def bootstrap_servers(self) -> str:
        """Return the address as clients want it."""
        return f"{self._settings.kafka_host}:{self._port}"

    @property
    def broker(self) -> Broker:
        """Return the broker, for what needs no network. Raises RuntimeError: it does not run."""
        if self._broker is None:
            raise RuntimeError("The log does not run")
        return self._broker

    def start(self) -> None:
        """Serve again after `stop`, at the same address."""
        if self._broker is not None:
            return
        bound = bind(replace(listener_settings(self._settings), port=self._port))
        try:
            self._serve(bound)
        except BaseException:
            bound.close()
            raise
        self._port = bound.port

    def _serve(self, bound: Bound) -> None:
        settings = self._settings
        self._pair = None if self._registry is None else _pair(self._registry)
        self._broker = Broker(
            settings.log_directory,
            broker_settings(settings),
            flusher=Flusher(Durability(settings.log_durability), settings.log_flush_interval_ms),
            validator=None if self._pair is None else self._pair.gate,
        )
        self._broker.start()
        self._server = serve_in_thread(self._broker, server_settings(settings), [bound])
        if self._pair is not None:
            self._pair.start(self._broker)

    def stop(self) -> None:
        """Be away until `start`: clients get no connection. Nothing is lost."""
        if self._server is not None:
            self._server.stop(GRACE_MS)
        if self._pair is not None:
            self._pair.stop()
        if self._broker is not None:
            self._broker.close()
        self._server = self._pair = self._broker = None

    def close(self) -> None:
        """Stop for good, and remove what was stored for the time being."""
        try:
            self.stop()
        finally:
            if self._is_temporary:
                shutil.rmtree(self._data, ignore_errors=True)


def _pair(registry: EmbeddedRegistry) -> Pair:
    return Pair(
        registry.settings.store_url,
        Options.of(registry.settings),
        publishes=registry.settings.publish_schemas,
        pause_seconds=PAUSE_SECONDS,
    )
