"""The directory in which the workers of one node add up their metrics."""

from __future__ import annotations

import contextlib
import os
import tempfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


@contextlib.contextmanager
def shared_directory() -> Iterator[str]:
    """Make the directory and name it to every process started inside the block."""
    with tempfile.TemporaryDirectory(prefix="accord-metrics-") as directory:
        before = os.environ.get(VARIABLE)
        os.environ[VARIABLE] = directory
        try:
            yield directory
        finally:
            if before is None:
                del os.environ[VARIABLE]
            else:
                os.environ[VARIABLE] = before


def forget(directory: str, pid: int | None) -> None:
    """Drop the gauges of a dead worker; its counters stay, for totals must not go down."""
    # Imported late: the library picks its mode from the variable when it is first imported.
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415

    mark_process_dead(pid, directory)  # type: ignore[no-untyped-call]  # the library has no types here
