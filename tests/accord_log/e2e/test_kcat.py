"""kcat, the command-line client on librdkafka."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from typing import TYPE_CHECKING, Any

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import OffsetSpec
from confluent_log import eventually

if TYPE_CHECKING:
    from collections.abc import Callable

    from confluent_kafka.admin import AdminClient

PATIENCE_SECONDS = 60
QUICK = (
    *("-X", "heartbeat.interval.ms=100"),
    *("-X", "session.timeout.ms=6000"),
    *("-X", "auto.offset.reset=earliest"),
)

pytestmark = pytest.mark.skipif(shutil.which("kcat") is None, reason="kcat is not installed")


@pytest.fixture
def kcat(cluster: Any) -> Callable[..., str]:
    """Run kcat against the cluster; return what it prints."""

    def run(*arguments: str, given: str = "") -> str:
        done = subprocess.run(
            ["kcat", "-b", cluster.bootstrap, "-q", *arguments],
            input=given,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_keys_headers_and_nulls(kcat: Callable[..., str], topic: str) -> None:
    headers = ("-H", "trace=1", "-H", "trace=2")
    kcat("-P", "-t", topic, "-K", ":", *headers, given="a:first\nb:second\n")
    kcat("-P", "-t", topic, "-K", ":", "-Z", given="gone:\n")
    lines = kcat("-C", "-t", topic, "-o", "beginning", "-e", "-J").splitlines()
    records = [json.loads(line) for line in lines]
    assert [(one["key"], one["payload"], one["offset"]) for one in records] == [
        ("a", "first", 0),
        ("b", "second", 1),
        ("gone", None, 2),
    ]
    assert records[0]["headers"] == ["trace", "1", "trace", "2"]


@pytest.mark.parametrize("codec", ["none", "gzip", "snappy", "lz4", "zstd"])
def test_compressed_batches_come_back(kcat: Callable[..., str], topic: str, codec: str) -> None:
    lines = "".join(f"{number} {'x' * 80}\n" for number in range(300))
    kcat("-P", "-t", topic, "-z", codec, given=lines)
    assert kcat("-C", "-t", topic, "-o", "beginning", "-e", "-X", "check.crcs=true") == lines


@pytest.mark.parametrize("acks", ["0", "1", "all"])
def test_records_arrive_at_any_level_of_acknowledgement(
    kcat: Callable[..., str], topic: str, acks: str
) -> None:
    kcat("-P", "-t", topic, "-X", f"acks={acks}", given="one\ntwo\n")
    assert kcat("-C", "-t", topic, "-o", "beginning", "-c", "2") == "one\ntwo\n"


def test_reading_a_part(kcat: Callable[..., str], topic: str) -> None:
    kcat("-P", "-t", topic, given="".join(f"{number}\n" for number in range(10)))
    assert kcat("-C", "-t", topic, "-o", "7", "-e") == "7\n8\n9\n"
    assert kcat("-C", "-t", topic, "-o", "-2", "-e") == "8\n9\n"
    assert kcat("-C", "-t", topic, "-o", "3", "-c", "2") == "3\n4\n"
    assert kcat("-C", "-t", topic, "-o", "s@1", "-c", "1") == "0\n"


def test_offsets_for_times(kcat: Callable[..., str], admin: AdminClient, topic: str) -> None:
    kcat("-P", "-t", topic, given="one\n")
    place = TopicPartition(topic, 0)
    newest = admin.list_offsets({place: OffsetSpec.max_timestamp()})[place].result().timestamp
    assert kcat("-Q", "-t", f"{topic}:0:{newest}").strip() == f"{topic} [0] offset 0"
    assert kcat("-Q", "-t", f"{topic}:0:{newest + 1}").strip() == f"{topic} [0] offset -1"


def test_a_group_goes_on_where_it_stopped(kcat: Callable[..., str], topic: str, group: str) -> None:
    kcat("-P", "-t", topic, given="one\ntwo\nthree\n")
    read = (*QUICK, "-G", group, topic)
    assert kcat("-c", "2", *read) == "one\ntwo\n"
    kcat("-P", "-t", topic, given="four\n")
    assert kcat("-c", "2", *read) == "three\nfour\n"


def test_two_members_share_a_topic(
    cluster: Any, make_topic: Callable[..., str], kcat: Callable[..., str], group: str
) -> None:
    topic = make_topic(2)
    command = ["kcat", "-b", cluster.bootstrap, "-u", "-f", "%p %s\\n", *QUICK, "-G", group, topic]
    members = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    too_late = threading.Timer(PATIENCE_SECONDS, lambda: [member.kill() for member in members])
    too_late.start()
    try:
        found = [shared_out(member) for member in members]
        assert sorted(found) == [f"{topic} [0]", f"{topic} [1]"]
        for partition in ("0", "1"):
            kcat("-P", "-t", topic, "-p", partition, given=f"for {partition}\n")
        lines = {member.stdout.readline() for member in members if member.stdout}
        assert lines == {"0 for 0\n", "1 for 1\n"}
    finally:
        too_late.cancel()
        for member in members:
            member.terminate()
            member.communicate()


def shared_out(member: subprocess.Popen[str]) -> str:
    """Return the one partition that a member ends up with, as it tells of it."""
    assert member.stderr is not None
    for line in member.stderr:
        if "assigned" in line and "," not in line:
            return line.partition("assigned: ")[2].strip()
    raise AssertionError("kcat ended early")


def test_metadata(kcat: Callable[..., str], cluster: Any, make_topic: Callable[..., str]) -> None:
    topic = make_topic(3)
    found = json.loads(kcat("-L", "-J", "-t", topic))
    (broker,) = found["brokers"]
    assert broker["name"] == cluster.bootstrap
    (described,) = found["topics"]
    assert described["topic"] == topic
    assert [place["leader"] for place in described["partitions"]] == [broker["id"]] * 3


def test_transactions_are_all_or_nothing(
    kcat: Callable[..., str], topic: str, unique: Callable[[str], str]
) -> None:
    name = ("-X", f"transactional.id={unique('txn')}")
    kcat("-P", "-t", topic, *name, given="one\ntwo\n")
    read = ("-C", "-t", topic, "-o", "beginning", "-X", "isolation.level=read_committed")
    assert kcat(*read, "-c", "2") == "one\ntwo\n"


def test_producing_creates_a_topic(
    kcat: Callable[..., str], admin: AdminClient, unique: Callable[[str], str]
) -> None:
    name = unique("made-by-kcat")
    kcat("-P", "-t", name, given="x\n")
    eventually(lambda: name in admin.list_topics().topics)
    assert kcat("-C", "-t", name, "-o", "beginning", "-e") == "x\n"
