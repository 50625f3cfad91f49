"""What every part of a broker is given."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord_log.broker.settings import BrokerSettings
    from accord_log.broker.timers import Timers
    from accord_log.log.files import Files
    from accord_log.log.flush import Flusher


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The surroundings of a broker.

    `clock` is the time of day in milliseconds, by which records are dated; time-outs go by
    `timers`. `lock` is held by whoever changes topics, groups or transactions, and is taken before
    any partition's lock.
    """

    settings: BrokerSettings
    clock: Callable[[], int]
    timers: Timers
    files: Files
    flusher: Flusher
    lock: threading.RLock = field(default_factory=threading.RLock)
