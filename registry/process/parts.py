"""The two services that `accord serve` starts, as it sees them before they run.

Little is imported here: a parent that only supervises needs neither of them, nor their memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from registry.process import listener
from registry.process.child import supervised
from registry.process.worker import run_alone, run_supervised
from registry.settings import Part, address_of

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection

    from registry.process.supervisor import Task
    from registry.settings import Settings


class Service(Protocol):
    """A part with its ports taken."""

    @property
    def sockets(self) -> Sequence[socket.socket]: ...

    @property
    def address(self) -> str:
        """Where clients find it."""

    def tasks(self) -> list[Task]:
        """Return what has to run, a process each."""

    def run(self, on_ready: Callable[[], None]) -> None:
        """Serve in this process until a signal says stop; raises StartFailure."""


class RestService:
    """The registry. Raises StartFailure."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._bound = listener.bind(settings.host, settings.port)
        self.sockets = [self._bound]
        self.address = listener.url_of(self._bound)

    def tasks(self) -> list[Task]:
        from registry.process.supervisor import Task  # noqa: PLC0415 - not for a single process

        arguments = (self._settings, self._bound)
        numbers = range(1, self._settings.workers + 1)
        return [Task("worker", run_supervised, arguments, number) for number in numbers]

    def run(self, on_ready: Callable[[], None]) -> None:
        run_alone(self._settings, self._bound, on_ready)


class LogService:
    """The event log. Raises StartFailure."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.sockets = listener.bind_both(settings.kafka_host, settings.kafka_port)
        self.address = self._address()

    def _address(self) -> str:
        """Return where clients are told to connect, or those of this machine may."""
        if self._settings.advertised_listener is not None:
            return listener.written(*address_of(self._settings.advertised_listener))
        host = self._settings.kafka_host
        port = self.sockets[0].getsockname()[1]
        is_everywhere = host == listener.EVERY_INTERFACE
        return listener.written(listener.LOCALHOST if is_everywhere else host, port)

    def tasks(self) -> list[Task]:
        from registry.process.supervisor import Task  # noqa: PLC0415 - as above

        return [Task("log", run_log, (self._settings, self.sockets))]

    def run(self, on_ready: Callable[[], None]) -> None:
        from registry.process.log_server import run  # noqa: PLC0415 - see the module's first line

        run(self._settings, self.sockets, on_ready)


def run_log(settings: Settings, sockets: Sequence[socket.socket], parent: Connection) -> None:
    """Serve until a signal says stop or the parent is gone; tell the parent when ready."""
    with supervised(settings, parent, "log") as report:
        from registry.process.log_server import run  # noqa: PLC0415 - as above

        run(settings, sockets, report)


SERVICES: dict[Part, type[RestService | LogService]] = {
    Part.REGISTRY: RestService,
    Part.LOG: LogService,
}
