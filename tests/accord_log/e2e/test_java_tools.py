"""Apache Kafka's own command-line tools."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from apache_kafka import Unavailable, tool
from confluent_kafka import TopicPartition
from confluent_log import Member, consumer, drain, eventually, producer, read, send

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from confluent_kafka import Consumer
    from confluent_kafka.admin import AdminClient

PATIENCE_SECONDS = 120
GROUPS = "tools.consumer.group.ConsumerGroupCommand"

pytestmark = pytest.mark.foreign


@pytest.fixture
def java(cluster: Any) -> Callable[..., str]:
    """Run a tool, which may be named with a subcommand, on the cluster; return what it prints."""

    def run(main: str, *arguments: str, given: str = "", code: int = 0) -> str:
        address = ("--bootstrap-server", cluster.bootstrap)
        done = subprocess.run(
            java_command(main, *address, *arguments),
            input=given,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


def java_command(main: str, *arguments: str) -> list[str]:
    main, *subcommand = main.split()
    main = main if main.startswith("kafka.") else f"org.apache.kafka.{main}"
    try:
        return tool(main, *subcommand, *arguments)
    except Unavailable as reason:
        pytest.skip(str(reason))


def test_topics(java: Callable[..., str], unique: Callable[[str], str]) -> None:
    name = unique("java")
    config = ("--config", "retention.ms=1234", "--config", "cleanup.policy=compact")
    java("tools.TopicCommand", "--create", "--topic", name, "--partitions", "2", *config)
    assert "already exists" in java("tools.TopicCommand", "--create", "--topic", name, code=1)
    java("tools.TopicCommand", "--alter", "--topic", name, "--partitions", "3")
    assert name in java("tools.TopicCommand", "--list").split()
    described = java("tools.TopicCommand", "--describe", "--topic", name)
    assert "PartitionCount: 3" in described
    assert "retention.ms=1234" in described
    assert re.findall(r"Partition: (\d)\s+Leader: (\d+)", described) == [
        ("0", "1"),
        ("1", "1"),
        ("2", "1"),
    ]
    java("tools.TopicCommand", "--delete", "--topic", name)
    assert name not in java("tools.TopicCommand", "--list").split()


def test_the_console_producer_and_consumer(java: Callable[..., str], topic: str) -> None:
    parsing = ("parse.key=true", "parse.headers=true", "null.marker=NULL")
    properties = [part for each in parsing for part in ("--reader-property", each)]
    given = "a:1,b:2\tkey\tvalue\na:3\tgone\tNULL\n"
    java("tools.ConsoleProducer", "--topic", topic, *properties, given=given)
    printing = ("print.key=true", "print.headers=true", "print.offset=true", "print.partition=true")
    properties = [part for each in printing for part in ("--formatter-property", each)]
    first = ("--from-beginning", "--max-messages", "2")
    printed = java("tools.consumer.ConsoleConsumer", "--topic", topic, *first, *properties)
    assert "Partition:0\tOffset:0\ta:1,b:2\tkey\tvalue\n" in printed
    assert "Partition:0\tOffset:1\ta:3\tgone\tnull\n" in printed


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
def test_the_console_producer_compresses(
    cluster: Any, java: Callable[..., str], topic: str, codec: str
) -> None:
    lines = [f"{number} {'x' * 50}" for number in range(100)]
    given = "\n".join(lines) + "\n"
    java("tools.ConsoleProducer", "--topic", topic, "--compression-codec", codec, given=given)
    assert read(cluster.bootstrap, topic, 100) == [line.encode() for line in lines]


def test_java_reads_what_was_committed(
    cluster: Any, java: Callable[..., str], topic: str, unique: Callable[[str], str]
) -> None:
    sender = producer(cluster.bootstrap, transactional_id=unique("txn"), compression_type="zstd")
    sender.init_transactions(60)
    for word in (b"aborted", b"committed"):
        sender.begin_transaction()
        send(sender, topic, [word] * 3)
        if word == b"aborted":
            sender.abort_transaction(60)
        else:
            sender.commit_transaction(60)
    options = ("--isolation-level", "read_committed", "--max-messages", "3")
    printed = java("tools.consumer.ConsoleConsumer", "--topic", topic, "--from-beginning", *options)
    assert printed.splitlines()[:3] == ["committed"] * 3


@pytest.fixture
def reader(
    cluster: Any, make_topic: Callable[..., str], group: str
) -> Iterator[tuple[str, Consumer]]:
    """A topic of two partitions, and a group's only member, which has committed 3 of 5 records."""
    topic = make_topic(2)
    send(producer(cluster.bootstrap), topic, [b"x"] * 5, partition=0)
    source = consumer(cluster.bootstrap, group, client_id="reader")
    source.subscribe([topic])
    drain(source, 3)
    source.commit(offsets=[TopicPartition(topic, 0, 3)], asynchronous=False)
    yield topic, source
    source.close()


def test_a_group_is_described(
    java: Callable[..., str], group: str, reader: tuple[str, Consumer]
) -> None:
    topic, _ = reader
    described = java(GROUPS, "--describe", "--group", group)
    assert re.search(rf"{group}\s+{topic}\s+0\s+3\s+5\s+2\s+reader-", described)
    members = java(GROUPS, "--describe", "--group", group, "--members", "--verbose")
    assert re.search(rf"reader-\S+\s+/127.0.0.1\s+reader\s+2\s+.*{topic}:0,1", members)
    state = java(GROUPS, "--describe", "--group", group, "--state")
    assert re.search(r"range\s+Stable\s+1\b", state)
    assert re.search(rf"{group}\s+Stable", java(GROUPS, "--list", "--state"))


def test_a_group_is_moved_and_deleted(
    java: Callable[..., str], group: str, reader: tuple[str, Consumer], tmp_path: Path
) -> None:
    topic, source = reader
    refused = java(GROUPS, "--delete", "--group", group)
    assert "GroupNotEmptyException" in refused
    source.close()
    plan = tmp_path / "plan.csv"
    plan.write_text(f"{topic},0,1\n{topic},1,0\n")
    one = ("--topic", f"{topic}:0")
    move = ("--reset-offsets", "--group", group, "--execute")
    for how, expected in (((*one, "--shift-by", "-1"), 2), (("--from-file", str(plan)), 1)):
        assert re.search(rf"{topic}\s+0\s+{expected}\b", java(GROUPS, *move, *how))
    java(GROUPS, "--delete-offsets", "--group", group, *one)
    described = java(GROUPS, "--describe", "--group", group)
    assert re.search(rf"{topic}\s+1\s+0\b", described)
    assert not re.search(rf"{topic}\s+0\s", described)
    java(GROUPS, "--delete", "--group", group)
    assert group not in java(GROUPS, "--list").split()


def test_configs(java: Callable[..., str], topic: str) -> None:
    def configs(*arguments: str) -> str:
        entity = ("--entity-type", "topics", "--entity-name", topic)
        return java("kafka.admin.ConfigCommand", *entity, *arguments)

    configs("--alter", "--add-config", "retention.ms=4321,cleanup.policy=[compact,delete]")
    described = configs("--describe")
    assert "retention.ms=4321" in described
    assert "cleanup.policy=compact,delete" in described
    configs("--alter", "--delete-config", "retention.ms")
    assert "retention.ms=604800000" in configs("--describe", "--all")


def test_offsets_and_deleted_records(
    cluster: Any, java: Callable[..., str], topic: str, tmp_path: Path
) -> None:
    for number in range(10):
        send(producer(cluster.bootstrap), topic, [b"x"], timestamp=5000 + number)
    plan = tmp_path / "plan.json"
    places = [{"topic": topic, "partition": 0, "offset": 4}]
    plan.write_text(json.dumps({"version": 1, "partitions": places}))
    deleted = java("tools.DeleteRecordsCommand", "--offset-json-file", str(plan))
    assert "low_watermark: 4" in deleted
    for when, expected in (("-2", 4), ("-1", 10), ("-3", 9), ("5006", 6)):
        printed = java("tools.GetOffsetShell", "--topic", topic, "--time", when)
        assert f"{topic}:0:{expected}" in printed


def test_performance_tools(cluster: Any, java: Callable[..., str], topic: str) -> None:
    amount = ("--num-records", "2000", "--record-size", "100", "--throughput", "-1")
    settings = ("--command-property", "compression.type=lz4", "--command-property", "acks=all")
    printed = java("tools.ProducerPerformance", "--topic", topic, *amount, *settings)
    assert "2000 records sent" in printed
    assert len(read(cluster.bootstrap, topic, 2000)) == 2000
    java(
        "tools.ConsumerPerformance", "--topic", topic, "--num-records", "2000", "--timeout", "30000"
    )


def test_performance_with_transactions(
    cluster: Any, java: Callable[..., str], topic: str, unique: Callable[[str], str]
) -> None:
    amount = ("--num-records", "500", "--record-size", "100", "--throughput", "-1")
    transactions = ("--transactional-id", unique("txn"), "--transaction-duration-ms", "50")
    printed = java("tools.ProducerPerformance", "--topic", topic, *amount, *transactions)
    assert "500 records sent" in printed
    assert len(read(cluster.bootstrap, topic, 500)) == 500


def test_transactions(
    cluster: Any, java: Callable[..., str], topic: str, unique: Callable[[str], str]
) -> None:
    name = unique("txn")
    sender = producer(cluster.bootstrap, transactional_id=name)
    sender.init_transactions(60)
    sender.begin_transaction()
    send(sender, topic, [b"open"])
    main = "tools.TransactionsCommand"
    assert re.search(rf"{name}\s+\d+\s+\d+\s+Ongoing", java(main, "list"))
    described = java(main, "describe", "--transactional-id", name)
    assert re.search(rf"Ongoing\s.*{topic}-0", described)
    producers = java(main, "describe-producers", "--topic", topic, "--partition", "0")
    assert re.search(r"^\d+\s+\d+\s+-?\d+\s+0\s+\d+\s+0\s*$", producers, re.MULTILINE)
    sender.commit_transaction(60)
    eventually(lambda: re.search(rf"{name}\s+\d+\s+\d+\s+CompleteCommit", java(main, "list")))


def test_a_hanging_transaction_is_aborted(
    cluster: Any, java: Callable[..., str], topic: str, unique: Callable[[str], str]
) -> None:
    sender = producer(cluster.bootstrap, transactional_id=unique("txn"))
    sender.init_transactions(60)
    sender.begin_transaction()
    send(sender, topic, [b"hanging"])
    place = ("--topic", topic, "--partition", "0", "--start-offset", "0")
    java("tools.TransactionsCommand", "abort", *place)
    send(producer(cluster.bootstrap), topic, [b"after"])
    assert read(cluster.bootstrap, topic, 1) == [b"after"]


def test_verifiable_producer_and_consumer(java: Callable[..., str], topic: str, group: str) -> None:
    sent = events(java("tools.VerifiableProducer", "--topic", topic, "--max-messages", "300"))
    assert sum(event["name"] == "producer_send_success" for event in sent) == 300
    options = ("--group-id", group, "--max-messages", "300", "--reset-policy", "earliest")
    seen = events(java("tools.VerifiableConsumer", "--topic", topic, *options))
    assert sum(event["count"] for event in seen if event["name"] == "records_consumed") == 300
    commits = [event for event in seen if event["name"] == "offsets_committed"]
    assert all(event["success"] for event in commits)
    assert commits[-1]["offsets"][0]["offset"] == 300


def events(printed: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in printed.splitlines() if line.startswith("{")]


@pytest.mark.parametrize(
    "assignor",
    ["RangeAssignor", "RoundRobinAssignor", "StickyAssignor", "CooperativeStickyAssignor"],
)
def test_java_members_share_a_group(
    cluster: Any, make_topic: Callable[..., str], group: str, assignor: str
) -> None:
    topic = make_topic(4)
    with (
        joined(cluster, topic, group, assignor) as one,
        joined(cluster, topic, group, assignor) as two,
    ):
        assert parted(one) | parted(two) == {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("java_name", "name"),
    [("RangeAssignor", "range"), ("CooperativeStickyAssignor", "cooperative-sticky")],
)
def test_a_group_of_java_and_librdkafka(
    cluster: Any, make_topic: Callable[..., str], group: str, java_name: str, name: str
) -> None:
    topic = make_topic(4)
    other = Member(consumer(cluster.bootstrap, group, partition_assignment_strategy=name), [topic])
    try:
        eventually(lambda: other.partitions == {0, 1, 2, 3})
        with joined(cluster, topic, group, java_name) as one:
            part = parted(one)
            eventually(lambda: other.partitions == {0, 1, 2, 3} - part)
        eventually(lambda: other.partitions == {0, 1, 2, 3})
    finally:
        other.leave()


@contextmanager
def joined(cluster: Any, topic: str, group: str, assignor: str) -> Iterator[subprocess.Popen[str]]:
    """A Java consumer in a group, until it is killed."""
    command = java_command(
        "tools.VerifiableConsumer",
        *("--bootstrap-server", cluster.bootstrap, "--topic", topic, "--group-id", group),
        *("--session-timeout", "6000", "--reset-policy", "earliest", "--verbose"),
        *("--assignment-strategy", f"org.apache.kafka.clients.consumer.{assignor}"),
    )
    member = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    too_late = threading.Timer(PATIENCE_SECONDS, member.kill)
    too_late.start()
    try:
        yield member
    finally:
        too_late.cancel()
        member.kill()
        member.communicate()


def parted(member: subprocess.Popen[str]) -> set[int]:
    """Return the partitions of the member, once it has two."""
    held: set[int] = set()
    assert member.stdout is not None
    for line in member.stdout:
        event = json.loads(line)
        named = {place["partition"] for place in event.get("partitions", [])}
        if event["name"] == "partitions_assigned":
            held |= named
        if event["name"] == "partitions_revoked":
            held -= named
        if event["name"].startswith("partitions_") and len(held) == 2:
            return held
    raise AssertionError("the consumer ended early")


def test_the_new_group_protocol(
    cluster: Any, java: Callable[..., str], topic: str, group: str
) -> None:
    """Apache Kafka serves it; Accord's log does not have it, and the client says so at once."""
    send(producer(cluster.bootstrap), topic, [b"x"])
    options = ("--group", group, "--max-messages", "1", "--from-beginning")
    protocol = ("--command-property", "group.protocol=consumer", "--timeout-ms", "30000")
    main = "tools.consumer.ConsoleConsumer"
    printed = java(main, "--topic", topic, *options, *protocol)
    if cluster.is_apache:
        assert printed.startswith("x\n")
    else:
        assert "The cluster does not support the new CONSUMER group protocol" in printed


def test_the_cluster(java: Callable[..., str], admin: AdminClient) -> None:
    printed = java("tools.ClusterTool cluster-id")
    assert admin.describe_cluster().result().cluster_id in printed


def test_java_sees_the_versions(java: Callable[..., str], cluster: Any) -> None:
    printed = java("tools.BrokerApiVersionsCommand")
    assert cluster.bootstrap in printed
    assert re.search(r"Produce\(0\): .*\[usable: \d+\]", printed)
