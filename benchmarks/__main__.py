"""Run every benchmark and write benchmarks/results.md.

python -m benchmarks
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.rounds import Claim

HERE = Path(__file__).parent
# In the order of the table, with the rounds that a few minutes allow.
CASES = {
    "by_id": 40,
    "register": 40,
    "avro_check": 20,
    "check_fields": 10,
    "proto_parse": 20,
    "startup": 5,
    "serde": 15,
    "serde.outage": 10,
    "serde.memory": 1,
    "fresh": 20,
    "log.wire": 8,
    "log.latency": 10,
    "log.in_process": 15,
    "log.crowd": 3,
    "log.sustained": 10,
}
HEAD = """# What was measured

Ratios: the median over the rounds of one run, with the 10th and the 90th percentile. Within a round
both sides were measured in turn on the same machine. `make bench` measures again.

| what | against | reach | measured |
|---|---|---|---|
"""


def measured(case: str, rounds: int) -> list[Claim]:
    command = [sys.executable, "-m", f"benchmarks.{case}", "--lines", "--rounds", str(rounds)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=HERE.parent)
    return [Claim.parse(line) for line in done.stdout.splitlines() if line.startswith("{")]


def row(claim: Claim) -> str:
    low, high = claim.spread
    found = f"{claim.median:.2f}{claim.unit} [{low:.2f}-{high:.2f}]"
    missed = "" if claim.holds else " (missed)"
    return f"| {claim.what} | {claim.against} | {claim.goal} | {found}{missed} |"


def machine() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if "model name" in line), "?")
    today = datetime.now(UTC).date().isoformat()
    load = os.getloadavg()[1]
    return (
        f"\n{model}, {os.cpu_count()} cores, Python {platform.python_version()}, {today}; "
        f"load average over five minutes {load:.1f}.\n"
    )


def run() -> None:
    rows = []
    for case, rounds in CASES.items():
        for claim in measured(case, rounds):
            print(claim, flush=True)
            rows.append(row(claim))
    text = HEAD + "\n".join(rows) + "\n" + machine()
    (HERE / "results.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    run()
