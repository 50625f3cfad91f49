"""Several workers behind one port: started, watched, replaced when they die, stopped together."""

from __future__ import annotations

import contextlib
import multiprocessing
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING

import structlog

from registry.process import metrics
from registry.process.failure import StartFailure
from registry.process.pace import Pace
from registry.process.signals import StopCounter, held_back
from registry.process.worker import run_supervised

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from multiprocessing.context import SpawnProcess

    from registry.settings import Settings

# Beyond the grace time, for what a worker does between its last answer and its end.
STOP_MARGIN_SECONDS = 4.0
# A fresh interpreter: nothing of the parent is shared but the socket and one end of a pipe.
SPAWN = multiprocessing.get_context("spawn")

log = structlog.get_logger()


@dataclass(slots=True)
class Slot:
    """The place of one worker; its process changes when it dies."""

    number: int
    pace: Pace = field(default_factory=Pace)
    process: SpawnProcess | None = None
    pipe: Connection | None = None
    ready: bool = False
    started: float = 0.0
    start_at: float = 0.0

    def waitables(self) -> list[Connection | int]:
        """Return what tells that the worker is ready, or dead."""
        listened: list[Connection | int] = []
        if self.process is not None:
            listened.append(self.process.sentinel)
        if self.pipe is not None and not self.ready:
            listened.append(self.pipe)
        return listened


class Supervisor:
    """Keeps `settings.workers` processes running over one bound socket."""

    def __init__(
        self, settings: Settings, bound: socket.socket, on_ready: Callable[[], None]
    ) -> None:
        self._settings = settings
        self._bound = bound
        self._on_ready = on_ready
        self._slots = [Slot(number) for number in range(1, settings.workers + 1)]
        self._was_ready = False
        self._signals = StopCounter()

    def run(self) -> int:
        """Serve until a signal says stop; raises StartFailure when no worker gets ready at all."""
        with metrics.shared_directory() as directory, self._signals:
            try:
                while not self._signals.count:
                    self._start_due()
                    self._wait()
                    self._bury(directory)
                    self._note_ready()
            finally:
                clean = self._stop()
        return 0 if clean else 1

    def _start_due(self) -> None:
        now = time.monotonic()
        for slot in self._slots:
            if slot.process is None and slot.start_at <= now:
                self._start(slot)

    def _start(self, slot: Slot) -> None:
        slot.pipe, theirs = SPAWN.Pipe()
        process = SPAWN.Process(
            target=run_supervised,
            args=(self._settings, self._bound, theirs),
            name=f"accord-worker-{slot.number}",
        )
        # A signal to the whole terminal must not reach a worker before it has handlers for it.
        with held_back():
            process.start()
        theirs.close()
        slot.process, slot.ready, slot.started = process, False, time.monotonic()
        log.info("worker started", worker=slot.number, pid=process.pid)

    def _seconds_to_next_start(self) -> float | None:
        due = [slot.start_at for slot in self._slots if slot.process is None]
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _wait(self) -> None:
        """Return when a worker is ready or dead, a signal has come, or a start is due."""
        listened = [w for slot in self._slots for w in slot.waitables()]
        wait([self._signals.bell, *listened], self._seconds_to_next_start())
        self._signals.silence()

    def _bury(self, directory: str) -> None:
        """Clear the places of dead workers, unless everything is about to stop anyway."""
        for slot in self._slots:
            process = slot.process
            if process is not None and process.exitcode is not None and not self._signals.count:
                self._bury_one(slot, process)
                metrics.forget(directory, process.pid)
                self._release(slot)

    def _bury_one(self, slot: Slot, process: SpawnProcess) -> None:
        if not self._was_ready and not slot.ready:
            raise StartFailure(f"worker {slot.number} ended with code {process.exitcode}")
        delay = slot.pace.delay_after(time.monotonic() - slot.started)
        log.warning("worker died", worker=slot.number, exit_code=process.exitcode, restart_in=delay)
        slot.start_at = time.monotonic() + delay

    def _release(self, slot: Slot) -> None:
        if slot.pipe is not None:
            slot.pipe.close()
        if slot.process is not None:
            slot.process.close()
        slot.process, slot.pipe, slot.ready = None, None, False

    def _note_ready(self) -> None:
        for slot in self._slots:
            if slot.pipe is not None and not slot.ready and slot.pipe.poll():
                with contextlib.suppress(EOFError):  # it died just now: buried in the next round
                    slot.pipe.recv_bytes()
                    slot.ready = True
        if not self._was_ready and all(slot.ready for slot in self._slots):
            self._was_ready = True
            self._on_ready()

    def _stop(self) -> bool:
        """Stop every worker; return whether all of them ended by themselves."""
        self._bound.close()  # or clients would go on queueing at a door that nobody opens
        running = [slot.process for slot in self._slots if slot.process is not None]
        for process in running:
            process.terminate()
        self._wait_for_end(running)
        killed = [process for process in running if process.exitcode is None]
        for process in killed:
            log.warning("worker killed", pid=process.pid)
            process.kill()
            process.join()
        for slot in self._slots:
            self._release(slot)
        return not killed

    def _wait_for_end(self, running: list[SpawnProcess]) -> None:
        """Return when all have ended, the time is over, or a further signal says hurry."""
        asked = self._signals.count
        deadline = time.monotonic() + self._settings.shutdown_grace_seconds + STOP_MARGIN_SECONDS
        while self._signals.count <= asked:
            alive = [process.sentinel for process in running if process.exitcode is None]
            left = deadline - time.monotonic()
            if not alive or left <= 0:
                return
            wait([self._signals.bell, *alive], left)
            self._signals.silence()
