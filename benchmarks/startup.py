"""Start with 100 000 schemas stored, against starting with none.

Time runs from the start of the process to its first answer of "ready"; memory is the resident set
then. The schemas are put in through the store, in a few large transactions.

    python -m benchmarks.startup --rounds 5
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.rounds import Claim, main, turns
from benchmarks.servers import ROOT
from registry.model import Content
from registry.names import Subject
from registry.settings import Settings
from registry.storage.sql.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

REACH_TIME = 1.3
REACH_MEGABYTES = 200.0
STORED = 100_000
BATCH = 5_000
PAGE = os.sysconf("SC_PAGE_SIZE")


def fill(data: Path) -> None:
    """Store 100 000 schemas of about 1 kB, ten versions a subject."""
    store = open_store(Settings(data=data).store_url)
    for first in range(0, STORED, BATCH):
        with store.write() as writer:
            writer.add_context(".")
            for number in range(first, first + BATCH):
                content = Content("AVRO", _text(number))
                guid = content.guid()
                schema_id = writer.next_id(".")
                writer.add_schema(".", schema_id, content, guid)
                subject = Subject(".", f"subject{number // 10}-value")
                writer.add_version(subject, number % 10 + 1, schema_id, guid)
    store.close()


def _text(number: int) -> str:
    fields = [{"name": f"field{n}", "type": "string", "default": ""} for n in range(18)]
    record = {"type": "record", "name": f"Event{number}", "fields": fields}
    return json.dumps(record, separators=(",", ":"))


def start(data: Path) -> tuple[float, float]:
    """Return the seconds until ready and the megabytes resident then."""
    began = time.perf_counter()
    command = [Path(sys.executable).with_name("accord"), "serve", "--port", "0", "--data", data]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        assert b"ready" in process.stdout.readline()
        seconds = time.perf_counter() - began
        pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
        process.terminate()
    return seconds, pages * PAGE / 1e6


def claims(rounds: int) -> Iterator[Claim]:
    seconds: dict[str, list[float]] = {"empty": [], "full": []}
    memory: dict[str, list[float]] = {"empty": [], "full": []}
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".benchmark-") as folder:
        for name in seconds:
            Path(folder, name).mkdir()
        fill(Path(folder, "full"))
        for name, counts in turns(seconds, rounds):
            spent, used = start(Path(folder, name))
            if counts:
                seconds[name].append(spent)
                memory[name].append(used)
    ratios = [full / empty for full, empty in zip(seconds["full"], seconds["empty"], strict=True)]
    yield Claim("ready with 100 000 schemas stored", "ready with none", ratios, REACH_TIME)
    growth = [full - empty for full, empty in zip(memory["full"], memory["empty"], strict=True)]
    yield Claim(
        "memory when ready with 100 000 schemas stored, more",
        "with none",
        growth,
        REACH_MEGABYTES,
        unit=" MB",
    )


if __name__ == "__main__":
    main(claims, rounds=5)
