"""Several processes: started, watched, replaced when they die, stopped together."""

from __future__ import annotations

import contextlib
import multiprocessing
import sys
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any

import structlog

from registry.process import metrics
from registry.process.child import READY
from registry.process.failure import StartFailure
from registry.process.pace import Pace
from registry.process.signals import StopCounter, held_back

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.context import SpawnProcess

# Beyond the grace time, for what a process does between its last answer and its end.
STOP_MARGIN_SECONDS = 4.0
# A fresh interpreter: nothing of the parent is shared but the sockets and one end of a pipe.
SPAWN = multiprocessing.get_context("spawn")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Task:
    """What one process does: `target` is called with the arguments and its end of the pipe."""

    kind: str
    target: Callable[..., None]
    arguments: tuple[Any, ...]
    number: int | None = None

    @property
    def name(self) -> str:
        return self.kind if self.number is None else f"{self.kind} {self.number}"

    def event(self, what: str) -> str:
        return f"{self.kind} {what}"

    @property
    def place(self) -> dict[str, int]:
        """Return which of its kind it is, as log lines say it."""
        return {} if self.number is None else {self.kind: self.number}


@dataclass(slots=True)
class Slot:
    """The place of one task; its process changes when it dies."""

    task: Task
    pace: Pace = field(default_factory=Pace)
    process: SpawnProcess | None = None
    pipe: Connection | None = None
    ready: bool = False
    failure: str = ""
    started: float = 0.0
    start_at: float = 0.0

    def waitables(self) -> list[Connection | int]:
        """Return what tells that the process is ready, or dead."""
        listened: list[Connection | int] = []
        if self.process is not None:
            listened.append(self.process.sentinel)
        if self.pipe is not None and not self.ready:
            listened.append(self.pipe)
        return listened

    def hear(self) -> None:
        """Take what the process has to say, once."""
        if self.pipe is None or self.ready or self.failure or not self.pipe.poll():
            return
        with contextlib.suppress(EOFError):  # it died just now: buried in the next round
            said = self.pipe.recv_bytes()
            self.ready = said == READY
            self.failure = said.decode()


class Supervisor:
    """Keeps one process running for each task.

    `doors` are closed when the end begins. With `shares_metrics` the processes add theirs up.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        doors: Sequence[socket.socket],
        on_ready: Callable[[], None],
        *,
        grace_seconds: float,
        shares_metrics: bool,
    ) -> None:
        self._doors = doors
        self._on_ready = on_ready
        self._patience = grace_seconds + STOP_MARGIN_SECONDS
        self._shares_metrics = shares_metrics
        self._slots = [Slot(task) for task in tasks]
        self._was_ready = False
        self._signals = StopCounter()

    def run(self) -> int:
        """Serve until a signal says stop; raises StartFailure when not all get ready at first."""
        shared = metrics.shared_directory() if self._shares_metrics else contextlib.nullcontext()
        with shared as directory, self._signals:
            try:
                while not self._signals.count:
                    self._start_due()
                    self._wait()
                    self._note_ready()
                    self._bury(directory)
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
        task = slot.task
        process = SPAWN.Process(
            target=task.target,
            args=(*task.arguments, theirs),
            name=f"accord-{task.name.replace(' ', '-')}",
        )
        # A signal to the whole terminal must not reach a process before it has handlers for it.
        with held_back(), _without_main():
            process.start()
        theirs.close()
        slot.process, slot.ready, slot.failure = process, False, ""
        slot.started = time.monotonic()
        log.info(task.event("started"), **task.place, pid=process.pid)

    def _seconds_to_next_start(self) -> float | None:
        due = [slot.start_at for slot in self._slots if slot.process is None]
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _wait(self) -> None:
        """Return when a process is ready or dead, a signal has come, or a start is due."""
        listened = [w for slot in self._slots for w in slot.waitables()]
        wait([self._signals.bell, *listened], self._seconds_to_next_start())
        self._signals.silence()

    def _bury(self, directory: str | None) -> None:
        """Clear the places of dead processes, unless everything is about to stop anyway."""
        for slot in self._slots:
            process = slot.process
            if process is not None and process.exitcode is not None and not self._signals.count:
                slot.hear()
                self._bury_one(slot, process)
                if directory is not None:
                    metrics.forget(directory, process.pid)
                self._release(slot)

    def _bury_one(self, slot: Slot, process: SpawnProcess) -> None:
        task, code = slot.task, process.exitcode
        if not self._was_ready and not slot.ready:
            raise StartFailure(slot.failure or f"{task.name} ended with code {code}")
        delay = slot.pace.delay_after(time.monotonic() - slot.started)
        log.warning(task.event("died"), **task.place, exit_code=code, restart_in=delay)
        slot.start_at = time.monotonic() + delay

    def _release(self, slot: Slot) -> None:
        if slot.pipe is not None:
            slot.pipe.close()
        if slot.process is not None:
            slot.process.close()
        slot.process, slot.pipe, slot.ready = None, None, False

    def _note_ready(self) -> None:
        for slot in self._slots:
            slot.hear()
        if not self._was_ready and all(slot.ready for slot in self._slots):
            self._was_ready = True
            self._on_ready()

    def _stop(self) -> bool:
        """Stop every process; return whether all of them ended by themselves."""
        for door in self._doors:
            door.close()  # or clients would go on queueing at a door that nobody opens
        running = [slot.process for slot in self._slots if slot.process is not None]
        for process in running:
            process.terminate()
        self._wait_for_end(running)
        killed = [process for process in running if process.exitcode is None]
        for process in killed:
            log.warning("process killed", pid=process.pid)
            process.kill()
            process.join()
        for slot in self._slots:
            self._release(slot)
        return not killed

    def _wait_for_end(self, running: list[SpawnProcess]) -> None:
        """Return when all have ended, the time is over, or a further signal says hurry."""
        asked = self._signals.count
        deadline = time.monotonic() + self._patience
        while self._signals.count <= asked:
            alive = [process.sentinel for process in running if process.exitcode is None]
            left = deadline - time.monotonic()
            if not alive or left <= 0:
                return
            wait([self._signals.bell, *alive], left)
            self._signals.silence()


@contextlib.contextmanager
def _without_main() -> Iterator[None]:
    """Keep new processes from importing the program again: none of them has a command line."""
    main = sys.modules["__main__"]
    kept: dict[str, Any] = {
        name: vars(main).pop(name) for name in ("__file__", "__spec__") if name in vars(main)
    }
    main.__spec__ = None
    try:
        yield
    finally:
        vars(main).update(kept)
