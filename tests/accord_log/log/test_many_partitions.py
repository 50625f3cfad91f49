"""A thousand partitions with many segments, on few descriptors."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path

import pytest
from partition_logs import batch, open_log, values

from accord_log.log.files import DiskFiles
from accord_log.log.flush import Durability, Flusher

CASES = [(Durability.NONE, 1000), (Durability.INTERVAL, 200)]
TURNS = 3
SEGMENT_BYTES = [200, *[1 << 20] * 9]  # one in ten has a segment for each batch
DESCRIPTORS = Path("/proc/self/fd")


@pytest.mark.parametrize(("mode", "count"), CASES)
def test_a_thousand_partitions_need_few_descriptors(
    tmp_path: Path, mode: Durability, count: int
) -> None:
    before = len(list(DESCRIPTORS.iterdir()))
    files = DiskFiles(limit=50)
    flusher = Flusher(mode, interval_ms=20)
    directories = [tmp_path / f"topic-{number}" for number in range(count)]

    def open_all(*, clean: bool) -> list:
        return [
            open_log(files, directory=d, flusher=flusher, clean=clean, segment_bytes=size)
            for d, size in zip(directories, cycle(SEGMENT_BYTES), strict=False)
        ]

    logs = open_all(clean=False)
    for turn in range(TURNS):
        for number, log in enumerate(logs):
            log.append(batch(b"%d.%d" % (number, turn) * 10), now_ms=turn)
            log.settle(lambda error: error)
    assert len(list(DESCRIPTORS.iterdir())) <= before + 50 + 10  # and those in use by the syncs
    for log in logs:
        log.close()
    logs = open_all(clean=True)
    assert [log.end_offset for log in logs] == [TURNS] * count
    for number in range(0, count, 37):
        assert values(logs[number]) == [b"%d.%d" % (number, turn) * 10 for turn in range(TURNS)]
    for log in logs:
        log.close()
    flusher.close()
    assert len(list(DESCRIPTORS.iterdir())) == before
