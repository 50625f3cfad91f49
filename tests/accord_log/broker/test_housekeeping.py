"""What is too old goes by itself, keys are kept once, and what is damaged is told."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

import pytest
from one_broker import NOW_MS, World, world

from accord_log.broker.housekeeping import Housekeeping
from accord_log.kafka.records import (
    Record,
    encode_batch,
    encode_values,
    read_records,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOUR_MS = 3_600_000


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        yield made


def keeping(here: World) -> Housekeeping:
    return Housekeeping(here.broker.services, here.broker.topics, lambda: None)


def test_what_is_too_old_goes(here: World) -> None:
    here.create("t", retention_ms=str(HOUR_MS), segment_bytes="200")
    for hour in range(4):
        here.now_ms = NOW_MS + hour * HOUR_MS
        here.produce("t", encode_values([bytes(150)], here.now_ms))
    keeping(here).retain()
    assert here.fetched("t", 4).log_start_offset == 2


def test_of_each_key_the_last_record_stays(here: World) -> None:
    here.create(
        "t", cleanup_policy="compact", segment_bytes="200", min_cleanable_dirty_ratio="0.01"
    )
    for value in range(6):
        record = Record(0, NOW_MS, b"key", bytes([value]) * 100, ())
        here.produce("t", encode_batch([record]))
    here.now_ms += HOUR_MS
    keeping(here).compact()
    partition = here.broker.topics.partition("t", 0)
    assert partition is not None
    kept = [
        record.value[:1]
        for batch in partition.log.batches(0)
        for record in read_records(batch)
        if record.value is not None
    ]
    assert len(kept) < 6
    assert kept[-1] == b"\5"


def test_a_partition_that_cannot_be_kept_stops_nothing(
    here: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("broken", "sound"):
        here.create(name, retention_ms="1000", segment_bytes="200")
        for _ in range(3):
            here.produce(name, encode_values([bytes(150)], NOW_MS))
    for file in (tmp_path / "topics" / "broken-0").iterdir():
        file.unlink()
    (tmp_path / "topics" / "broken-0").rmdir()
    here.now_ms += HOUR_MS
    with caplog.at_level(logging.WARNING):
        keeping(here).retain()
    assert here.fetched("sound", 3).log_start_offset == 3
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "broken-0" in caplog.text


def test_it_runs_by_itself_and_stops(tmp_path: Path) -> None:
    with world(tmp_path, compaction_interval_ms=1, retention_check_interval_ms=1) as here:
        looked = threading.Event()
        running = Housekeeping(here.broker.services, here.broker.topics, looked.set)
        running.start()
        assert looked.wait(10)
        running.stop()


def test_a_torn_tail_is_told_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with world(tmp_path) as here:
        here.create("t")
        here.produce("t", encode_values([b"v"], NOW_MS))
    (tmp_path / "clean").unlink()
    with next((tmp_path / "topics" / "t-0").glob("*.log")).open("ab") as file:
        file.write(b"half a batch")
    with caplog.at_level(logging.WARNING), world(tmp_path) as here:
        assert here.fetched("t", 1).high_watermark == 1
    assert "t-0" in caplog.text
