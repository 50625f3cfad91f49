"""The asyncio face of confluent_kafka."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from confluent_kafka import TopicPartition
from confluent_kafka.aio import AIOConsumer, AIOProducer
from confluent_log import PATIENCE_SECONDS, QUICK_CONSUMER, offset, values

if TYPE_CHECKING:
    from collections.abc import Callable

    from confluent_kafka import Message


def aio_producer(bootstrap: str, **settings: Any) -> AIOProducer:
    given = {name.replace("_", "."): value for name, value in settings.items()}
    return AIOProducer({"bootstrap.servers": bootstrap, **given}, buffer_timeout=0.01)


def aio_consumer(bootstrap: str, group: str) -> AIOConsumer:
    return AIOConsumer({"bootstrap.servers": bootstrap, "group.id": group, **QUICK_CONSUMER})


async def send(to: AIOProducer, topic: str, sent: list[bytes]) -> list[int]:
    futures = [await to.produce(topic, value, b"key") for value in sent]
    await to.flush()
    return [offset(message) for message in await asyncio.gather(*futures)]


async def drain(source: AIOConsumer, count: int) -> list[Message]:
    messages: list[Message] = []
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(messages) < count:
            messages += await source.consume(count - len(messages), 0.1)
    assert [message.error() for message in messages] == [None] * count
    return messages


async def shared(members: list[AIOConsumer]) -> list[int]:
    """Poll all members; return the sizes of their parts."""
    await asyncio.gather(*(member.poll(0.05) for member in members))
    parts = await asyncio.gather(*(member.assignment() for member in members))
    return sorted(map(len, parts))


def test_records_come_back_and_positions_are_kept(cluster: Any, topic: str, group: str) -> None:
    async def run() -> None:
        sent = [b"%d" % number for number in range(100)]
        async with aio_producer(cluster.bootstrap) as sender:
            assert await send(sender, topic, sent) == list(range(100))
        for part in (sent[:60], sent[60:]):
            async with aio_consumer(cluster.bootstrap, group) as source:
                await source.subscribe([topic])
                assert values(await drain(source, len(part))) == part
                await source.commit(asynchronous=False)
        async with aio_consumer(cluster.bootstrap, group) as source:
            (place,) = await source.committed([TopicPartition(topic, 0)])
            assert place.offset == 100
            assert await source.get_watermark_offsets(TopicPartition(topic, 0)) == (0, 100)

    asyncio.run(run())


def test_members_share_the_partitions(
    cluster: Any, make_topic: Callable[..., str], group: str
) -> None:
    async def run() -> None:
        topic = make_topic(4)
        members = [aio_consumer(cluster.bootstrap, group) for _ in range(2)]
        for member in members:
            await member.subscribe([topic])
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await shared(members) != [2, 2]:
                pass
            await members.pop().close()
            while await shared(members) != [4]:
                pass
        await members.pop().close()

    asyncio.run(run())


def test_transactions(cluster: Any, topic: str, unique: Callable[[str], str]) -> None:
    async def run() -> None:
        async with aio_producer(cluster.bootstrap, transactional_id=unique("txn")) as sender:
            await sender.init_transactions()
            for word in (b"aborted", b"committed"):
                await sender.begin_transaction()
                await send(sender, topic, [word] * 3)
                if word == b"aborted":
                    await sender.abort_transaction()
                else:
                    await sender.commit_transaction()
        async with aio_consumer(cluster.bootstrap, "unused") as source:
            await source.assign([TopicPartition(topic, 0, 0)])
            assert values(await drain(source, 3)) == [b"committed"] * 3

    asyncio.run(run())
