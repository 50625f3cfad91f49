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


@pytest.mark.parametrize("durability", ["none", "commit"])
def test_nothing_that_was_acknowledged_is_lost(tmp_path: Path, durability: str) -> None:
    written: dict[int, bytes] = {}
    committed = 0
    for round_number in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(tmp_path), durability],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        commits = 0
        for line in process.stdout:
            kind, offset, *value = line.split()
            if kind == "record":
                assert written.setdefault(int(offset), value[0].encode()) == value[0].encode()
            else:
                committed, commits = int(offset), commits + 1
            if commits == 20 + round_number:
                process.send_signal(signal.SIGKILL)
                break
        for line in process.stdout:
            kind, offset, *value = line.split()
            if kind == "record":
                written[int(offset)] = value[0].encode()
            else:
                committed = int(offset)
        process.stdout.close()
        assert process.wait(60) == -signal.SIGKILL
    with Log(tmp_path) as log:
        found = {record.offset: record.value for record in log.read("t")}
        assert written.items() <= found.items()
        assert list(found.values()) == [b"%d" % number for number in range(len(found))]
        consumer = log.consumer({"group.id": "g"})
        assert consumer.committed([TopicPartition("t", 0)])[0].offset >= committed
