"""The end of the process, at any moment."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from accord_log import Log, TopicPartition

if TYPE_CHECKING:
    from pathlib import Path

# Tells of every record that was acknowledged, and of every commit, until it is killed.
PROGRAM = """
import sys
from accord_log import Log

log = Log(sys.argv[1], durability=sys.argv[2])
consumer = log.consumer({"group.id": "g", "auto.offset.reset": "earliest",
                         "enable.auto.commit": False})
consumer.subscribe(["t"])
producer = log.producer({"enable.idempotence": True, "linger.ms": 0})

def told(error, message):
    print("record", message.offset(), message.value().decode(), flush=True)

number = log.end_offset("t") if "t" in log.topics() else 0
while True:
    producer.produce("t", str(number), on_delivery=told)
    producer.poll(0)
    number += 1
    message = consumer.poll(0)
    if message is not None and message.error() is None:
        consumer.commit(message=message, asynchronous=False)
        print("commit", message.offset() + 1, flush=True)
"""


class Witness:
    """What the program told before its end."""

    def __init__(self) -> None:
        self.written: dict[int, bytes] = {}
        self.committed = 0
        self.commits = 0

    def hear(self, line: str) -> None:
        """Take note of a line; the last one may be cut off, and tells nothing then."""
        if not line.endswith("\n"):
            return
        match line.split():
            case ["record", offset, value]:
                assert self.written.setdefault(int(offset), value.encode()) == value.encode()
            case ["commit", offset]:
                self.committed, self.commits = int(offset), self.commits + 1
            case _:
                raise AssertionError(line)

    def watch(self, directory: Path, durability: str, commits: int) -> None:
        """Run the program until it has committed so often, and kill it."""
        command = [sys.executable, "-c", PROGRAM, str(directory), durability]
        enough = self.commits + commits
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                while self.commits < enough:
                    line = process.stdout.readline()
                    assert line, "the program ended by itself"
                    self.hear(line)
            finally:
                process.kill()
            for line in process.stdout:
                self.hear(line)
        assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("durability", ["none", "commit"])
def test_nothing_that_was_acknowledged_is_lost(tmp_path: Path, durability: str) -> None:
    witness = Witness()
    for round_number in range(3):
        witness.watch(tmp_path, durability, 20 + round_number)
    with Log(tmp_path) as log:
        found = {record.offset: record.value for record in log.read("t")}
        assert witness.written.items() <= found.items()
        assert list(found.values()) == [b"%d" % number for number in range(len(found))]
        consumer = log.consumer({"group.id": "g"})
        assert consumer.committed([TopicPartition("t", 0)])[0].offset >= witness.committed
