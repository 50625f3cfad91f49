"""kafka-python: records, groups, positions, transactions, administration."""

from __future__ import annotations

import threading
import time
import warnings
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

# kafka-python reads its own message definitions in a way that Python means to drop.
with warnings.catch_warnings(action="ignore"):
    from kafka import (
        KafkaAdminClient,
        KafkaConsumer,
        KafkaProducer,
        OffsetAndMetadata,
        OffsetSpec,
        TopicPartition,
    )
    from kafka.admin import ConfigResource, ConfigResourceType, NewPartitions, NewTopic
    from kafka.errors import (
        MessageSizeTooLargeError,
        NoOffsetForPartitionError,
        OffsetOutOfRangeError,
        ProducerFencedError,
        TopicAlreadyExistsError,
        UnknownTopicOrPartitionError,
    )

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE_SECONDS = 60
WRITTEN = 1_700_000_000_000

pytestmark = pytest.mark.filterwarnings("ignore:read_text is deprecated:DeprecationWarning")


def producer(cluster: Any, **settings: Any) -> Any:
    return closing(KafkaProducer(bootstrap_servers=cluster.bootstrap, **settings))


def consumer(cluster: Any, *topics: str, **settings: Any) -> Any:
    quick = {
        "auto_offset_reset": "earliest",
        "enable_auto_commit": False,
        "fetch_max_wait_ms": 50,
        "heartbeat_interval_ms": 100,
        "session_timeout_ms": 30_000,
    }
    made = KafkaConsumer(bootstrap_servers=cluster.bootstrap, **quick | settings)
    if topics:
        # A leader that joins before it has heard of the topics shares nothing out, and stays so.
        until(lambda: all(made.partitions_for_topic(topic) for topic in topics))
        made.subscribe(topics)
    return closing(made)


@pytest.fixture
def manager(cluster: Any) -> Iterator[KafkaAdminClient]:
    made = KafkaAdminClient(bootstrap_servers=cluster.bootstrap)
    yield made
    made.close()


def take(source: KafkaConsumer, count: int) -> list[Any]:
    """Return the next `count` records."""
    found: list[Any] = []
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(found) < count and time.monotonic() < deadline:
        for records in source.poll(100, max_records=count - len(found)).values():
            found += records
    assert len(found) == count
    return found


def until(look: Callable[[], object]) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := look()):
        assert time.monotonic() < deadline, f"never came true: {look}"
        time.sleep(0.02)
    return found


def send(to: KafkaProducer, topic: str, sent: list[bytes], **fields: Any) -> list[int]:
    futures = [to.send(topic, value, **fields) for value in sent]
    to.flush()
    return [future.get(PATIENCE_SECONDS).offset for future in futures]


def test_every_part_of_a_record_comes_back(cluster: Any, topic: str) -> None:
    headers = [("trace", b"1"), ("trace", b"2"), ("empty", b"")]
    with producer(cluster) as sender:
        send(sender, topic, [b"value"], key=b"key", timestamp_ms=WRITTEN, headers=headers)
        sender.send(topic, None, key=b"tombstone").get(PATIENCE_SECONDS)
    with consumer(cluster, topic) as source:
        full, empty = take(source, 2)
    assert (full.key, full.value, full.offset) == (b"key", b"value", 0)
    assert (full.timestamp, full.timestamp_type) == (WRITTEN, 0)
    assert [tuple(header) for header in full.headers] == headers
    assert (empty.key, empty.value) == (b"tombstone", None)


@pytest.mark.parametrize("codec", [None, "gzip", "snappy", "lz4", "zstd"])
def test_compressed_batches_come_back(cluster: Any, topic: str, codec: str | None) -> None:
    sent = [b"%d " % number * 40 for number in range(300)]
    with producer(cluster, compression_type=codec, linger_ms=20) as sender:
        assert send(sender, topic, sent) == list(range(300))
    with consumer(cluster, topic) as source:
        assert [record.value for record in take(source, 300)] == sent


@pytest.mark.parametrize("acks", [0, 1, "all"])
def test_records_arrive_at_any_level_of_acknowledgement(
    cluster: Any, topic: str, acks: int | str
) -> None:
    sent = [b"%d" % number for number in range(50)]
    with producer(cluster, acks=acks, enable_idempotence=False) as sender:
        send(sender, topic, sent)
    with consumer(cluster, topic) as source:
        assert [record.value for record in take(source, 50)] == sent


def test_a_record_over_the_limit_is_refused(cluster: Any, topic: str) -> None:
    with (
        producer(cluster, max_request_size=5_000_000) as sender,
        pytest.raises(MessageSizeTooLargeError),
    ):
        send(sender, topic, [bytes(2_000_000)])
    with producer(cluster) as sender:
        assert send(sender, topic, [b"small"]) == [0]


def test_producing_creates_a_topic(cluster: Any, unique: Callable[[str], str]) -> None:
    name = unique("made-by-producing")
    with producer(cluster) as sender:
        assert send(sender, name, [b"x"]) == [0]
        assert sender.partitions_for(name) == {0}


class Member:
    """A consumer in a group, polled by a thread of its own."""

    def __init__(self, source: KafkaConsumer) -> None:
        self.source = source
        self.assigned: set[TopicPartition] = set()
        self.values: list[bytes] = []
        self._leave = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def leave(self) -> None:
        self._leave.set()
        self._thread.join(PATIENCE_SECONDS)

    def _run(self) -> None:
        while not self._leave.is_set():
            # A poll that ends while the member joins leaves it without heartbeats, so it has time.
            for records in self.source.poll(1000).values():
                self.values += [record.value for record in records]
            self.assigned = set(self.source.assignment())
        self.source.close()
        self.assigned = set()


def test_members_share_the_partitions(
    cluster: Any, make_topic: Callable[..., str], group: str
) -> None:
    topic = make_topic(6)
    members: list[Member] = []
    try:
        for sizes in ([6], [3, 3], [2, 2, 2]):
            members.append(Member(consumer(cluster, topic, group_id=group).thing))
            until(lambda sizes=sizes: [len(one.assigned) for one in members] == sizes)
        assert len(set().union(*(one.assigned for one in members))) == 6
        with producer(cluster) as sender:
            for number in range(30):
                send(sender, topic, [b"%d" % number], partition=number % 6)
        until(lambda: sum(len(one.values) for one in members) >= 30)
        found = sorted(int(value) for one in members for value in one.values)
        assert found == list(range(30))
        members.pop().leave()
        until(lambda: [len(one.assigned) for one in members] == [3, 3])
    finally:
        for one in members:
            one.leave()


def test_a_group_goes_on_where_it_committed(cluster: Any, topic: str, group: str) -> None:
    place = TopicPartition(topic, 0)
    with producer(cluster) as sender:
        send(sender, topic, [b"%d" % number for number in range(10)])
    with consumer(cluster, topic, group_id=group) as source:
        take(source, 4)
        source.commit()
        assert source.committed(place) == 4
        source.commit({place: OffsetAndMetadata(6, "two more", -1)})
    with consumer(cluster, topic, group_id=group) as source:
        assert take(source, 1)[0].offset == 6
        assert source.committed(place, metadata=True).metadata == "two more"


def test_seeking_and_looking_up(cluster: Any, topic: str) -> None:
    place = TopicPartition(topic, 0)
    with producer(cluster) as sender:
        for number in range(10):
            send(sender, topic, [b"x"], timestamp_ms=WRITTEN + number)
    with consumer(cluster) as source:
        source.assign([place])
        for target in (7, 0, 3):
            source.seek(place, target)
            assert take(source, 1)[0].offset == target
        assert source.beginning_offsets([place]) == {place: 0}
        assert source.end_offsets([place]) == {place: 10}
        found = source.offsets_for_times({place: WRITTEN + 6})[place]
        assert (found.offset, found.timestamp) == (6, WRITTEN + 6)
        assert source.offsets_for_times({place: WRITTEN + 60}) == {place: None}


def test_a_paused_partition_waits(cluster: Any, make_topic: Callable[..., str]) -> None:
    topic = make_topic(2)
    held, free = TopicPartition(topic, 0), TopicPartition(topic, 1)
    with producer(cluster) as sender, consumer(cluster) as source:
        source.assign([held, free])
        source.pause(held)
        send(sender, topic, [b"held"], partition=0)
        send(sender, topic, [b"free"], partition=1)
        assert [record.value for record in take(source, 1)] == [b"free"]
        source.resume(held)
        assert [record.value for record in take(source, 1)] == [b"held"]


def test_without_a_reset_a_position_must_exist(cluster: Any, topic: str, group: str) -> None:
    place = TopicPartition(topic, 0)
    with consumer(cluster, auto_offset_reset="none", group_id=group) as source:
        source.assign([place])
        with pytest.raises(NoOffsetForPartitionError):
            take(source, 1)
        source.seek(place, 1000)
        with pytest.raises(OffsetOutOfRangeError):
            take(source, 1)


def test_what_is_committed_is_read_and_what_is_aborted_is_not(
    cluster: Any, topic: str, unique: Callable[[str], str]
) -> None:
    with producer(cluster, transactional_id=unique("txn")) as sender:
        sender.init_transactions()
        for word in (b"committed", b"aborted", b"committed too"):
            sender.begin_transaction()
            send(sender, topic, [word])
            if word == b"aborted":
                sender.abort_transaction()
            else:
                sender.commit_transaction()
    for isolation, expected in (
        ("read_committed", [b"committed", b"committed too"]),
        ("read_uncommitted", [b"committed", b"aborted", b"committed too"]),
    ):
        with consumer(cluster, topic, isolation_level=isolation) as source:
            assert [record.value for record in take(source, len(expected))] == expected


def test_offsets_are_committed_with_the_records(
    cluster: Any, topic: str, group: str, unique: Callable[[str], str]
) -> None:
    place = TopicPartition(topic, 0)
    with (
        producer(cluster, transactional_id=unique("txn")) as sender,
        consumer(cluster, topic, group_id=group) as source,
    ):
        until(lambda: source.poll(50) or source.assignment())
        sender.init_transactions()
        for finish, offset in ((sender.abort_transaction, 2), (sender.commit_transaction, 3)):
            sender.begin_transaction()
            offsets = {place: OffsetAndMetadata(offset, "", -1)}
            sender.send_offsets_to_transaction(offsets, source.group_metadata())
            finish()
        assert until(lambda: source.committed(place)) == 3


def test_a_second_producer_of_the_same_name_fences_the_first(
    cluster: Any, topic: str, unique: Callable[[str], str]
) -> None:
    name = unique("txn")
    with (
        producer(cluster, transactional_id=name) as zombie,
        producer(cluster, transactional_id=name) as heir,
    ):
        zombie.init_transactions()
        zombie.begin_transaction()
        send(zombie, topic, [b"of the zombie"])
        heir.init_transactions()
        with pytest.raises(ProducerFencedError):
            zombie.commit_transaction()
        heir.begin_transaction()
        send(heir, topic, [b"of the heir"])
        heir.commit_transaction()
    with consumer(cluster, topic, isolation_level="read_committed") as source:
        assert [record.value for record in take(source, 1)] == [b"of the heir"]


def test_topics_are_administered(
    cluster: Any, manager: KafkaAdminClient, unique: Callable[[str], str]
) -> None:
    name = unique("made")
    wanted = NewTopic(name, 2, 1, topic_configs={"retention.ms": "1234"})
    manager.create_topics([wanted])
    with pytest.raises(TopicAlreadyExistsError):
        manager.create_topics([wanted])
    manager.create_partitions({name: NewPartitions(3)})
    until(lambda: len(manager.describe_topics([name])[0]["partitions"]) == 3)
    assert name in manager.list_topics()
    with producer(cluster) as sender:
        send(sender, name, [b"x"] * 5, partition=0)
    place = TopicPartition(name, 0)
    assert manager.delete_records({place: 3})[place]["low_watermark"] == 3
    earliest = manager.list_partition_offsets({place: OffsetSpec.EARLIEST})
    assert earliest[place].offset == 3
    manager.delete_topics([name])
    until(lambda: name not in manager.list_topics())
    with pytest.raises(UnknownTopicOrPartitionError):
        manager.delete_topics([name])


def test_settings_are_administered(manager: KafkaAdminClient, topic: str) -> None:
    resource = ConfigResource(ConfigResourceType.TOPIC, topic, {"retention.ms": "99"})

    def retention(**options: Any) -> str:
        found = manager.describe_configs([resource], config_filter="all", **options)
        return found["topic"][topic]["retention.ms"]["value"]

    manager.alter_configs([resource])
    until(lambda: retention() == "99")
    manager.reset_configs([ConfigResource(ConfigResourceType.TOPIC, topic, ["retention.ms"])])
    until(lambda: retention() == "604800000")


def test_groups_are_administered(
    cluster: Any, manager: KafkaAdminClient, topic: str, group: str
) -> None:
    place = TopicPartition(topic, 0)
    with consumer(cluster, topic, group_id=group) as source:
        until(lambda: source.poll(50) or source.assignment())
        source.commit({place: OffsetAndMetadata(0, "", -1)})
        assert group in {found["group_id"] for found in manager.list_groups()}
        described = manager.describe_groups([group])[group]
        assert (described["group_state"], len(described["members"])) == ("Stable", 1)
    manager.alter_group_offsets(group, {place: OffsetAndMetadata(7, "", -1)})
    assert manager.list_group_offsets({group: None})[group][place].offset == 7
    manager.delete_groups([group])
    until(lambda: group not in {found["group_id"] for found in manager.list_groups()})


def test_the_cluster_is_one_broker(cluster: Any, manager: KafkaAdminClient) -> None:
    found = manager.describe_cluster()
    (broker,) = found["brokers"]
    assert f"{broker['host']}:{broker['port']}" == cluster.bootstrap
