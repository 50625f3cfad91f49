"""A broker: topics, groups and transactions over one directory, and the answers to requests.

lock            held by the process that has the directory open
clean           there while nothing is, after a clean stop
topics.ledger   the catalogue
offsets.ledger  committed offsets
transactions.ledger
producers.ledger
topics/         a directory for each partition
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from accord_log.broker.groups import Groups
from accord_log.broker.handlers import HANDLERS
from accord_log.broker.housekeeping import Housekeeping
from accord_log.broker.lockfile import DirectoryLock
from accord_log.broker.offsets import Offsets
from accord_log.broker.producer_ids import ProducerIds
from accord_log.broker.services import Services
from accord_log.broker.settings import BrokerSettings
from accord_log.broker.timers import Timers, wall_clock
from accord_log.broker.topics import Topics
from accord_log.broker.transactions import Transactions
from accord_log.log.files import DiskFiles
from accord_log.log.flush import Flusher
from accord_log.log.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Self

    from accord_log.broker.context import Context
    from accord_log.broker.promise import Promise
    from accord_log.broker.validation import RecordValidator
    from accord_log.kafka.fields import Message
    from accord_log.log.files import Files

CLEAN = "clean"


class Broker:
    """Answers requests; safe to use from many threads.

    Raises DirectoryInUse when another process has the directory open.
    """

    def __init__(  # noqa: PLR0913 - what a program may decide, each by name
        self,
        directory: Path,
        settings: BrokerSettings | None = None,
        *,
        flusher: Flusher | None = None,
        files: Files | None = None,
        clock: Callable[[], int] = wall_clock,
        timers: Timers | None = None,
        validator: RecordValidator | None = None,
    ) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._lock = DirectoryLock(directory)
        self.directory = directory
        self.validator = validator
        self.services = Services(
            settings=settings or BrokerSettings(),
            clock=clock,
            timers=timers or Timers(),
            files=files or DiskFiles(),
            flusher=flusher or Flusher(),
        )
        self._ledgers: list[Ledger] = []
        self._threads: list[threading.Thread] = []
        try:
            self._open()
        except BaseException:
            self.services.flusher.close()
            self._lock.release()
            raise

    def _open(self) -> None:
        clean = self._take_clean_mark()
        self.topics = Topics(self.services, self._ledger("topics"), self.directory / "topics")
        self.topics.open(clean=clean)
        self.offsets = Offsets(self.services, self._ledger("offsets"))
        self.offsets.forget_missing(lambda name: self.topics.get(name) is not None)
        self.groups = Groups(self.services, self.offsets)
        self.producer_ids = ProducerIds(self.services, self._ledger("producers"), self.topics)
        self.transactions = Transactions(
            self.services,
            self._ledger("transactions"),
            self.producer_ids,
            self.topics,
            self.offsets,
        )
        self._keeping = Housekeeping(self.services, self.topics, self.groups.expire)

    def _ledger(self, name: str) -> Ledger:
        path = self.directory / f"{name}.ledger"
        ledger = Ledger(path, self.services.flusher, self.services.files)
        self._ledgers.append(ledger)
        return ledger

    def _take_clean_mark(self) -> bool:
        """Tell whether the directory was left cleanly; from now on it is not."""
        mark = self.directory / CLEAN
        is_clean = mark.exists()
        mark.unlink(missing_ok=True)
        self.services.files.sync_directory(self.directory)
        return is_clean

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Begin what happens by itself: time-outs, retention, compaction."""
        thread = threading.Thread(
            target=self.services.timers.run, name="accord-log-timers", daemon=True
        )
        thread.start()
        self._threads.append(thread)
        self._keeping.start()

    def close(self) -> None:
        """Stop, with everything on disk, or else without the mark of a clean stop."""
        self._keeping.stop()
        self.services.timers.stop()
        for thread in self._threads:
            thread.join()
        is_clean = self.topics.close()
        for ledger in self._ledgers:
            ledger.close()
        self.services.flusher.close()
        if is_clean:
            (self.directory / CLEAN).touch()
            self.services.files.sync_directory(self.directory)
        self._lock.release()

    def handle(self, request: Message, context: Context) -> Message | Promise[Message] | None:
        """Answer a request, now or later; None is no answer at all."""
        answer: Message | Promise[Message] | None = HANDLERS[type(request)](self, request, context)
        return answer
