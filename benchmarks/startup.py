"""Start `accord serve` over 100 000 schemas, and over none, until it says that it is ready.

The schemas are of 20 fields (1.4 kB), each the only version of a subject of its own. Nothing is
read into memory at the start, so neither time nor memory should grow. Memory is the process's
resident set once a first schema has been asked for by its id.

    python -m benchmarks.startup --rounds 5
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.register import schema
from benchmarks.rounds import Claim, main, ratio, turns
from benchmarks.servers import ROOT
from registry.model import Content
from registry.names import Subject
from registry.settings import DATABASE_FILE
from registry.storage.sql.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

REACH, REACH_MB = 1.3, 200.0
SCHEMAS = 100_000
AT_ONCE = 10_000
COMMAND = (
    *(sys.executable, "-c", "from registry.cli.main import main; main()"),
    *("serve", "--only", "registry"),
)


class Start(NamedTuple):
    """What one start cost."""

    seconds: float
    cpu_seconds: float
    megabytes: float


def claims(rounds: int) -> Iterator[Claim]:
    names = ("empty", "full")
    starts: dict[str, list[Start]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".benchmark-") as folder:
        for name, schemas in (("empty", 1), ("full", SCHEMAS)):
            (Path(folder) / name).mkdir()
            fill(Path(folder) / name, schemas)
        environment = environment_in(folder)
        for name, counts in turns(names, rounds):
            start = started_over(Path(folder) / name, environment)
            if counts:
                starts[name].append(start)
    what, against = f"`accord serve` ready over {SCHEMAS:,} schemas".replace(",", " "), "over one"
    seconds = {name: [start.seconds for start in starts[name]] for name in names}
    yield ratio(f"{what}, time", against, seconds, reach=REACH, of=("full", "empty"))
    cpu = {name: [start.cpu_seconds for start in starts[name]] for name in names}
    yield ratio(f"{what}, CPU", against, cpu, of=("full", "empty"))
    pairs = zip(starts["full"], starts["empty"], strict=True)
    growth = [full.megabytes - empty.megabytes for full, empty in pairs]
    yield Claim(f"{what}, growth of memory", against, growth, REACH_MB, " MB")


def fill(directory: Path, schemas: int) -> None:
    """Register schemas as the service would, many in one transaction."""
    store = open_store(f"sqlite:///{directory / DATABASE_FILE}")
    for first in range(0, schemas, AT_ONCE):
        with store.write() as writer:
            for number in range(first, min(first + AT_ONCE, schemas)):
                content = Content("AVRO", schema(number))
                subject, guid = Subject(".", f"subject{number}-value"), content.guid()
                schema_id = writer.next_id(subject.context)
                writer.add_schema(subject.context, schema_id, content, guid)
                writer.add_version(subject, 1, schema_id, guid)
    store.close()


def environment_in(folder: str) -> Mapping[str, str]:
    """Return an environment where compiled modules are kept, as they are where it is installed."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": f"{folder}/compiled", "ACCORD_PORT": "0"}


def started_over(directory: Path, environment: Mapping[str, str]) -> Start:
    """Start the service, ask it for one schema, and stop it."""
    began = time.perf_counter()
    with subprocess.Popen(
        [*COMMAND, "--data", str(directory)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd=ROOT,
        text=True,
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        seconds = time.perf_counter() - began
        try:
            cpu = cpu_seconds(process.pid)
            url = next(word for word in line.split() if word.startswith("http://"))
            with urllib.request.urlopen(f"{url}/schemas/ids/1") as answer:  # noqa: S310  http, to this machine
                assert answer.status == 200
            return Start(seconds, cpu, megabytes(process.pid))
        finally:
            process.terminate()


def cpu_seconds(pid: int) -> float:
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def megabytes(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    resident = next(line for line in lines if line.startswith("VmRSS:"))
    return int(resident.split()[1]) / 1024


if __name__ == "__main__":
    main(claims, rounds=5)
