"""The event log in a process: the broker, the server, and what ties them to the registry."""

from __future__ import annotations

import asyncio
import gc
import signal
from typing import TYPE_CHECKING

from accord_log.broker.broker import Broker
from accord_log.broker.lockfile import DirectoryInUse
from accord_log.log.flush import Durability, Flusher
from accord_log.server import Bound, LogServer, new_event_loop
from accord_log.server.heap import keep_freed_memory
from registry.pairing.pair import Pair
from registry.process.failure import StartFailure
from registry.process.listener import reason
from registry.process.log_settings import broker_settings, listener_settings, server_settings
from registry.process.signals import STOP_SIGNALS
from registry.service.options import Options

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence

    from registry.settings import Settings

# How soon a change of the registry is published. A look at the file costs microseconds, at another
# database a round trip.
FILE_PAUSE_SECONDS = 0.02
DATABASE_PAUSE_SECONDS = 0.1


def run(settings: Settings, sockets: Sequence[socket.socket], on_ready: Callable[[], None]) -> None:
    """Serve in this process until a signal says stop; raises StartFailure."""
    keep_freed_memory()
    is_file = settings.store_url.startswith("sqlite")
    pair = Pair(
        settings.store_url,
        Options.of(settings),
        publishes=settings.publish_schemas,
        pause_seconds=FILE_PAUSE_SECONDS if is_file else DATABASE_PAUSE_SECONDS,
    )
    broker = _open(settings, pair)
    port = sockets[0].getsockname()[1]
    bound = Bound(listener_settings(settings), tuple(sockets), port)
    server = LogServer(broker, server_settings(settings), [bound])
    try:
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(_serve(server, broker, pair, on_ready))
    finally:
        pair.stop()
        broker.close()


def _open(settings: Settings, pair: Pair) -> Broker:
    flusher = Flusher(Durability(settings.log_durability), settings.log_flush_interval_ms)
    try:
        return Broker(
            settings.log_directory,
            broker_settings(settings),
            flusher=flusher,
            validator=pair.gate,
        )
    except DirectoryInUse as error:
        raise StartFailure(str(error)) from error
    except OSError as error:
        text = f"cannot use the log's directory {settings.log_directory}: {reason(error)}"
        raise StartFailure(text) from error


async def _serve(
    server: LogServer, broker: Broker, pair: Pair, on_ready: Callable[[], None]
) -> None:
    stop = Stop()
    try:
        await server.start()
    except OSError as error:
        raise StartFailure(f"cannot use the certificate for TLS: {reason(error)}") from error
    broker.start()
    pair.start(broker)
    gc.freeze()  # what start-up made lives as long as the process: no collection looks at it
    on_ready()
    await stop.is_asked.wait()
    await _stop(server, stop)


async def _stop(server: LogServer, stop: Stop) -> None:
    """Stop with the grace that the settings give, or without when there is a hurry."""
    stopping = asyncio.ensure_future(server.stop())
    hurrying = asyncio.ensure_future(stop.is_urgent.wait())
    await asyncio.wait([stopping, hurrying], return_when=asyncio.FIRST_COMPLETED)
    if not stopping.done():
        stopping.cancel()
        await server.stop(grace_ms=0)
    hurrying.cancel()
    stop.ignore_more()


class Stop:
    """What the signals ask for: to stop, and then, by a second Ctrl-C, to be quick about it.

    A terminal's Ctrl-C comes from the terminal and, as SIGTERM, from the supervisor.
    """

    def __init__(self) -> None:
        self.is_asked = asyncio.Event()
        self.is_urgent = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            self._loop.add_signal_handler(number, self._note, number)

    def _note(self, number: int) -> None:
        if self.is_asked.is_set() and number == signal.SIGINT:
            self.is_urgent.set()
        self.is_asked.set()

    def ignore_more(self) -> None:
        """Let nothing interrupt what is left: closing the files in good order."""
        for number in STOP_SIGNALS:
            self._loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN)
