"""Logs for the tests of this folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from accord_log import Log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from accord_log import Consumer

pytest.register_assert_rewrite("embedded_members")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    """An empty log."""
    with Log(tmp_path / "log", durability="none") as opened:
        yield opened


@pytest.fixture
def reader(log: Log) -> Callable[..., Consumer]:
    """Return a function that makes consumers; a setting's dots are written as underscores."""

    def make(group: str = "readers", **settings: Any) -> Consumer:
        conf = {
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "heartbeat.interval.ms": 50,
            "session.timeout.ms": 6000,
        }
        given = {
            name if callable(value) else name.replace("_", "."): value
            for name, value in settings.items()
        }
        return log.consumer(conf | given)

    return make
