"""A log server for a test to kill, whose housekeeping is never far away.

Arguments: directory, port, durability. It writes a line once it listens.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from accord_log.broker.broker import Broker
from accord_log.broker.settings import BrokerSettings
from accord_log.log.flush import Durability, Flusher
from accord_log.server import ListenerSettings, LogServer, ServerSettings, new_event_loop

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accord_log.log.files import Syncable
    from accord_log.log.flush import Settled

SETTINGS = BrokerSettings(
    auto_create_topics=False, retention_check_interval_ms=300, compaction_interval_ms=100
)
DELAY_SECONDS = 0.02


class SlowFlusher(Flusher):
    """A flusher over a slow disk: many a kill falls between a write and its acknowledgement."""

    def settle(self, files: Iterable[Syncable], callback: Settled) -> None:
        if self.mode is Durability.COMMIT:
            super().settle(files, partial(_call_late, callback))
        else:
            super().settle(files, callback)


def _call_late(callback: Settled, error: Exception | None) -> None:
    time.sleep(DELAY_SECONDS * random.random())  # noqa: S311 - nothing is guarded by it
    callback(error)


async def serve(broker: Broker, port: int) -> None:
    listener = ListenerSettings(host="127.0.0.1", port=port)
    server = LogServer(broker, ServerSettings(listeners=(listener,)))
    await server.start()
    broker.start()
    print("ready", flush=True)  # noqa: T201  # the test reads it
    await asyncio.Event().wait()


directory, port, durability = sys.argv[1:]
broker = Broker(Path(directory), SETTINGS, flusher=SlowFlusher(Durability(durability)))
with asyncio.Runner(loop_factory=new_event_loop) as runner:
    runner.run(serve(broker, int(port)))
