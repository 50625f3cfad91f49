"""aiokafka: records, groups, positions, transactions, administration."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, OffsetAndMetadata, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import (
    CommitFailedError,
    MessageSizeTooLargeError,
    OffsetOutOfRangeError,
    ProducerFenced,
    TopicAlreadyExistsError,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

PATIENCE_SECONDS = 60
WRITTEN = 1_700_000_000_000
ASSIGNORS = [RangePartitionAssignor, RoundRobinPartitionAssignor, StickyPartitionAssignor]


def run(work: Coroutine[Any, Any, None]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(2 * PATIENCE_SECONDS):
            await work

    asyncio.run(limited())


@asynccontextmanager
async def producing(cluster: Any, **settings: Any) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(bootstrap_servers=cluster.bootstrap, **settings)
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


@asynccontextmanager
async def consuming(cluster: Any, *topics: str, **settings: Any) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        *topics,
        bootstrap_servers=cluster.bootstrap,
        **{
            "auto_offset_reset": "earliest",
            "enable_auto_commit": False,
            "fetch_max_wait_ms": 50,
            "heartbeat_interval_ms": 100,
            "session_timeout_ms": 6000,
            **settings,
        },
    )
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


@asynccontextmanager
async def administering(cluster: Any) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=cluster.bootstrap)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def take(consumer: AIOKafkaConsumer, count: int) -> list[Any]:
    async with asyncio.timeout(PATIENCE_SECONDS):
        return [await consumer.getone() for _ in range(count)]


async def until(look: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not look():  # noqa: ASYNC110  # the client tells of no change
            await asyncio.sleep(0.02)


def test_every_part_of_a_record_comes_back(cluster: Any, topic: str) -> None:
    headers = [("trace", b"1"), ("trace", b"2"), ("empty", b"")]

    async def work() -> None:
        async with producing(cluster) as producer:
            sent = await producer.send_and_wait(
                topic, b"value", key=b"key", timestamp_ms=WRITTEN, headers=headers
            )
            await producer.send_and_wait(topic, None, key=b"tombstone")
            assert (sent.partition, sent.offset) == (0, 0)
        async with consuming(cluster, topic) as consumer:
            full, empty = await take(consumer, 2)
        assert (full.key, full.value, full.offset) == (b"key", b"value", 0)
        assert (full.timestamp, full.timestamp_type) == (WRITTEN, 0)
        assert list(full.headers) == headers
        assert (empty.key, empty.value) == (b"tombstone", None)

    run(work())


@pytest.mark.parametrize("codec", [None, "gzip", "snappy", "lz4", "zstd"])
def test_compressed_batches_come_back(cluster: Any, topic: str, codec: str | None) -> None:
    async def work() -> None:
        sent = [b"%d " % number * 40 for number in range(300)]
        async with producing(cluster, compression_type=codec, linger_ms=20) as producer:
            await asyncio.gather(*[await producer.send(topic, value) for value in sent])
        async with consuming(cluster, topic) as consumer:
            assert [record.value for record in await take(consumer, 300)] == sent

    run(work())


@pytest.mark.parametrize("acks", [0, 1, "all"])
def test_records_arrive_at_any_level_of_acknowledgement(
    cluster: Any, topic: str, acks: int | str
) -> None:
    async def work() -> None:
        async with producing(cluster, acks=acks) as producer:
            for number in range(20):
                await producer.send(topic, b"%d" % number)
        async with consuming(cluster, topic) as consumer:
            found = [record.value for record in await take(consumer, 20)]
        assert found == [b"%d" % number for number in range(20)]

    run(work())


def test_a_record_over_the_limit_is_refused(cluster: Any, topic: str) -> None:
    async def work() -> None:
        async with producing(cluster, max_request_size=5_000_000) as producer:
            with pytest.raises(MessageSizeTooLargeError):
                await producer.send_and_wait(topic, bytes(2_000_000))
            assert (await producer.send_and_wait(topic, b"small")).offset == 0

    run(work())


def test_an_idempotent_producer_writes_once_and_in_order(cluster: Any, topic: str) -> None:
    async def work() -> None:
        async with producing(cluster, enable_idempotence=True) as producer:
            sent = [await producer.send(topic, b"%d" % number) for number in range(500)]
            found = [record.offset for record in await asyncio.gather(*sent)]
            assert found == list(range(500))

    run(work())


@pytest.mark.parametrize("assignor", ASSIGNORS)
def test_members_share_the_partitions(
    cluster: Any, make_topic: Callable[..., str], group: str, assignor: Any
) -> None:
    topic = make_topic(6)
    settings = {"group_id": group, "partition_assignment_strategy": [assignor]}

    async def work() -> None:
        async with consuming(cluster, topic, **settings) as first:
            await until(lambda: len(first.assignment()) == 6)
            async with consuming(cluster, topic, **settings) as second:
                parts = (first.assignment, second.assignment)
                await until(lambda: [len(part()) for part in parts] == [3, 3])
                assert not first.assignment() & second.assignment()
                await exchange(first, second)
            await until(lambda: len(first.assignment()) == 6)

    async def exchange(*members: AIOKafkaConsumer) -> None:
        async with producing(cluster) as producer:
            for number in range(30):
                await producer.send(topic, b"%d" % number, partition=number % 6)
        found = [await take(member, 15) for member in members]
        numbers = sorted(int(record.value) for part in found for record in part)
        assert numbers == list(range(30))

    run(work())


def test_a_static_member_comes_back_to_its_part(
    cluster: Any, make_topic: Callable[..., str], group: str
) -> None:
    topic = make_topic(4)
    settings = {"group_id": group, "session_timeout_ms": 30_000}

    async def work() -> None:
        async with consuming(cluster, topic, group_instance_id="one", **settings) as first:
            async with consuming(cluster, topic, group_instance_id="two", **settings) as second:
                parts = (first.assignment, second.assignment)
                await until(lambda: [len(part()) for part in parts] == [2, 2])
                before = [part() for part in parts]
            async with consuming(cluster, topic, group_instance_id="two", **settings) as again:
                await until(lambda: again.assignment() == before[1])
                assert first.assignment() == before[0]

    run(work())


def test_a_group_goes_on_where_it_committed(cluster: Any, topic: str, group: str) -> None:
    place = TopicPartition(topic, 0)

    async def work() -> None:
        async with producing(cluster) as producer:
            for number in range(10):
                await producer.send_and_wait(topic, b"%d" % number)
        async with consuming(cluster, topic, group_id=group) as consumer:
            await take(consumer, 4)
            await consumer.commit()
            await consumer.commit({place: OffsetAndMetadata(5, "one more")})
        async with consuming(cluster, topic, group_id=group) as consumer:
            assert (await take(consumer, 1))[0].offset == 5
            assert await consumer.committed(place) == 5

    run(work())


def test_the_commit_of_a_member_left_behind_fails(
    cluster: Any, make_topic: Callable[..., str], group: str
) -> None:
    topic = make_topic(2)

    async def work() -> None:
        async with consuming(cluster, topic, group_id=group) as first:
            await until(lambda: len(first.assignment()) == 2)
            async with consuming(cluster, topic, group_id=group) as second:
                await until(lambda: len(second.assignment()) == 1)
                (place,) = second.assignment()
            with pytest.raises(CommitFailedError):
                await first_commit_after_leaving(second, place)

    async def first_commit_after_leaving(gone: AIOKafkaConsumer, place: TopicPartition) -> None:
        stale = gone._coordinator.member_id, gone._coordinator.generation  # noqa: SLF001  # a late commit
        async with consuming(cluster, group_id=group) as other:
            other._coordinator.member_id, other._coordinator.generation = stale  # noqa: SLF001  # likewise
            other.assign([place])
            await other.commit({place: 1})

    run(work())


def test_seeking_and_looking_up(cluster: Any, topic: str) -> None:
    place = TopicPartition(topic, 0)

    async def work() -> None:
        async with producing(cluster) as producer:
            for number in range(10):
                await producer.send_and_wait(topic, b"x", timestamp_ms=WRITTEN + number)
        async with consuming(cluster) as consumer:
            consumer.assign([place])
            for target in (7, 0, 3):
                consumer.seek(place, target)
                assert (await take(consumer, 1))[0].offset == target
            await consumer.seek_to_beginning()
            assert (await take(consumer, 1))[0].offset == 0
            assert await consumer.beginning_offsets([place]) == {place: 0}
            assert await consumer.end_offsets([place]) == {place: 10}
            found = await consumer.offsets_for_times({place: WRITTEN + 6})
            assert (found[place].offset, found[place].timestamp) == (6, WRITTEN + 6)
            assert await consumer.offsets_for_times({place: WRITTEN + 60}) == {place: None}

    run(work())


def test_a_paused_partition_waits(cluster: Any, make_topic: Callable[..., str]) -> None:
    topic = make_topic(2)
    held, free = TopicPartition(topic, 0), TopicPartition(topic, 1)

    async def work() -> None:
        async with producing(cluster) as producer, consuming(cluster) as consumer:
            consumer.assign([held, free])
            consumer.pause(held)
            await producer.send_and_wait(topic, b"held", partition=0)
            await producer.send_and_wait(topic, b"free", partition=1)
            assert [record.value for record in await take(consumer, 1)] == [b"free"]
            consumer.resume(held)
            assert [record.value for record in await take(consumer, 1)] == [b"held"]

    run(work())


def test_an_offset_out_of_range_is_an_error_where_no_reset_is_wanted(
    cluster: Any, topic: str
) -> None:
    async def work() -> None:
        async with consuming(cluster, auto_offset_reset="none") as consumer:
            consumer.assign([TopicPartition(topic, 0)])
            consumer.seek(TopicPartition(topic, 0), 1000)
            with pytest.raises(OffsetOutOfRangeError):
                await take(consumer, 1)

    run(work())


def test_what_is_committed_is_read_and_what_is_aborted_is_not(
    cluster: Any, topic: str, unique: Callable[[str], str]
) -> None:
    async def work() -> None:
        async with producing(cluster, transactional_id=unique("txn")) as producer:
            async with producer.transaction():
                await producer.send(topic, b"committed")
            await producer.begin_transaction()
            await producer.send_and_wait(topic, b"aborted")
            await producer.abort_transaction()
            async with producer.transaction():
                await producer.send(topic, b"committed too")
        for isolation, expected in (
            ("read_committed", [b"committed", b"committed too"]),
            ("read_uncommitted", [b"committed", b"aborted", b"committed too"]),
        ):
            async with consuming(cluster, topic, isolation_level=isolation) as consumer:
                records = await take(consumer, len(expected))
            assert [record.value for record in records] == expected

    run(work())


def test_offsets_are_committed_with_the_records(
    cluster: Any, topic: str, group: str, unique: Callable[[str], str]
) -> None:
    place = TopicPartition(topic, 0)

    async def work() -> None:
        async with (
            producing(cluster, transactional_id=unique("txn")) as producer,
            consuming(cluster, group_id=group) as consumer,
        ):
            await producer.begin_transaction()
            await producer.send_offsets_to_transaction({place: 5}, group)
            await producer.abort_transaction()
            async with producer.transaction():
                await producer.send_offsets_to_transaction({place: 7}, group)
            # Apache Kafka writes the markers after it has answered.
            await until_async(lambda: known(consumer))
            assert await consumer.committed(place) == 7

    async def known(consumer: AIOKafkaConsumer) -> bool:
        return await consumer.committed(place) is not None

    run(work())


def test_a_second_producer_of_the_same_name_fences_the_first(
    cluster: Any, topic: str, unique: Callable[[str], str]
) -> None:
    name = unique("txn")

    async def work() -> None:
        async with producing(cluster, transactional_id=name) as zombie:
            await zombie.begin_transaction()
            await zombie.send_and_wait(topic, b"of the zombie")
            async with producing(cluster, transactional_id=name) as heir:
                with pytest.raises(ProducerFenced):
                    await zombie.commit_transaction()
                async with heir.transaction():
                    await heir.send(topic, b"of the heir")
        async with consuming(cluster, topic, isolation_level="read_committed") as consumer:
            assert [record.value for record in await take(consumer, 1)] == [b"of the heir"]

    run(work())


def test_administration(cluster: Any, group: str, unique: Callable[[str], str]) -> None:
    name = unique("made")

    async def work() -> None:
        async with administering(cluster) as admin:
            wanted = NewTopic(name, 2, 1, topic_configs={"retention.ms": "1234"})
            await admin.create_topics([wanted])
            again = await admin.create_topics([wanted])
            assert again.topic_errors[0][1] == TopicAlreadyExistsError.errno
            await admin.create_partitions({name: NewPartitions(3)})
            await partitions_become(admin, 3)
            assert name in await admin.list_topics()
            await configs(admin)
            await records(admin)
            await groups(admin)
            await admin.delete_topics([name])
            await until_async(lambda: absent(admin))
            assert len((await admin.describe_cluster())["brokers"]) == 1

    async def partitions_become(admin: AIOKafkaAdminClient, count: int) -> None:
        async def there() -> bool:
            (found,) = await admin.describe_topics([name])
            return len(found["partitions"]) == count

        await until_async(there)

    async def configs(admin: AIOKafkaAdminClient) -> None:
        resource = ConfigResource(ConfigResourceType.TOPIC, name, {"retention.ms": "99"})
        await admin.alter_configs([resource])

        async def changed() -> bool:
            (answer,) = await admin.describe_configs([resource])
            entries = {entry[0]: entry[1] for entry in answer.resources[0][4]}
            return entries["retention.ms"] == "99"

        await until_async(changed)

    async def records(admin: AIOKafkaAdminClient) -> None:
        place = TopicPartition(name, 0)
        async with producing(cluster) as producer:
            for _ in range(5):
                await producer.send_and_wait(name, b"x", partition=0)
        assert await admin.delete_records({place: RecordsToDelete(before_offset=3)}) == {place: 3}

    async def groups(admin: AIOKafkaAdminClient) -> None:
        place = TopicPartition(name, 0)
        async with consuming(cluster, name, group_id=group) as consumer:
            await until(lambda: len(consumer.assignment()) == 3)
            await consumer.commit({place: 4})
            (answer,) = await admin.describe_consumer_groups([group])
            assert answer.groups[0][1] == group
            assert group in {found[0] for found in await admin.list_consumer_groups()}
        offsets = await admin.list_consumer_group_offsets(group)
        assert offsets[place].offset == 4

    async def absent(admin: AIOKafkaAdminClient) -> bool:
        return name not in await admin.list_topics()

    run(work())


async def until_async(look: Callable[[], Coroutine[Any, Any, bool]]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await look():  # noqa: ASYNC110  # likewise
            await asyncio.sleep(0.02)
