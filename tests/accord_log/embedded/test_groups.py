"""Groups of embedded members, and of these with librdkafka's on the network."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import confluent_kafka
import pytest
from embedded_members import drain, parts, poll_until, share

from accord_log import Consumer, KafkaError, Log, TopicPartition

if TYPE_CHECKING:
    from collections.abc import Callable

    Make = Callable[..., Consumer]

STRATEGIES = ["range", "roundrobin", "sticky", "cooperative-sticky"]
SHARED_STRATEGIES = ["range", "roundrobin", "cooperative-sticky"]  # what librdkafka has too


class Owners:
    """Sees that no partition is two members' at once."""

    def __init__(self) -> None:
        self.of: dict[int, str] = {}
        self.moves = 0

    def callbacks(self, name: str) -> dict[str, Any]:
        def gain(_: Any, places: list[Any]) -> None:
            for place in places:
                assert self.of.setdefault(place.partition, name) == name
                self.moves += 1

        def give_up(_: Any, places: list[Any]) -> None:
            for place in places:
                assert self.of.pop(place.partition) == name

        return {"on_assign": gain, "on_revoke": give_up}


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_members_share_come_and_go(log: Log, reader: Make, strategy: str) -> None:
    log.create_topic("t", 6)
    owners = Owners()
    members = [
        reader("g", partition_assignment_strategy=strategy, client_id=f"m{n}") for n in range(3)
    ]
    for number, member in enumerate(members, 1):
        member.subscribe(["t"], **owners.callbacks(f"m{number}"))
        share(members[:number], 6)
    members.pop(0).close()
    share(members, 6)
    members[0].unsubscribe()
    share(members[1:], 6)
    assert len(owners.of) == 6


def test_cooperation_moves_nothing_that_can_stay(log: Log, reader: Make) -> None:
    log.create_topic("t", 6)
    owners = Owners()
    members = [reader("g", partition_assignment_strategy="cooperative-sticky") for _ in range(2)]
    members[0].subscribe(["t"], **owners.callbacks("first"))
    share(members[:1], 6)
    members[1].subscribe(["t"], **owners.callbacks("second"))
    share(members, 6)
    assert owners.moves == 6 + 3


@pytest.mark.parametrize("strategy", SHARED_STRATEGIES)
def test_librdkafka_and_embedded_members_share_one_group(
    log: Log, reader: Make, strategy: str
) -> None:
    log.create_topic("t", 6)
    address = log.serve(port=0)
    inside = reader("g", partition_assignment_strategy=strategy)
    inside.subscribe(["t"])
    share([inside], 6)
    outside = confluent_kafka.Consumer(
        {
            "bootstrap.servers": address,
            "group.id": "g",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "heartbeat.interval.ms": 50,
            "session.timeout.ms": 6000,
            "fetch.wait.max.ms": 20,
            "partition.assignment.strategy": strategy,
        }
    )
    try:
        outside.subscribe(["t"])
        share([inside, outside], 6)
        for index in range(6):
            log.append("t", [b"%d" % index], partition=index)
        found: list[Any] = []
        while len(found) < 6:
            found += poll_until([inside, outside], lambda: True)
            for member in (inside, outside):
                message = member.poll(0.05)
                found += [message] if message is not None and message.error() is None else []
        assert sorted(message.value() for message in found) == [b"%d" % n for n in range(6)]
        third = reader("g", partition_assignment_strategy=strategy)
        third.subscribe(["t"])
        share([inside, outside, third], 6)
        inside.close()
        share([outside, third], 6)
    finally:
        outside.close()
    share([third], 6)


def test_commits_are_the_same_from_inside_and_outside(log: Log, reader: Make) -> None:
    log.append("t", [b"%d" % number for number in range(10)])
    address = log.serve(port=0)
    inside = reader("g")
    inside.subscribe(["t"])
    inside.commit(message=drain(inside, 4)[-1], asynchronous=False)
    inside.close()
    outside = confluent_kafka.Consumer({"bootstrap.servers": address, "group.id": "g"})
    outside.subscribe(["t"])
    message = outside.poll(60)
    assert message is not None
    assert message.value() == b"4"
    outside.commit(message, asynchronous=False)
    outside.close()
    assert reader("g").committed([TopicPartition("t", 0)])[0].offset == 5


def test_what_the_network_writes_is_read_inside(log: Log, reader: Make) -> None:
    address = log.serve(port=0)
    outside = confluent_kafka.Producer({"bootstrap.servers": address})
    outside.produce("t", b"v", b"k", headers={"h": b"1"})
    outside.flush()
    consumer = reader()
    consumer.subscribe(["t"])
    (message,) = drain(consumer, 1)
    assert (message.key(), message.value(), message.headers()) == (b"k", b"v", [("h", b"1")])


def test_a_rebalance_commits_what_was_read(log: Log, reader: Make) -> None:
    log.create_topic("t", 2)
    for index in range(2):
        log.append("t", [b"v"] * 5, partition=index)
    first = reader("g", enable_auto_commit=True, auto_commit_interval_ms=1_000_000)
    first.subscribe(["t"])
    drain(first, 10)
    second = reader("g")
    second.subscribe(["t"])
    share([first, second], 2)
    committed = second.committed([TopicPartition("t", index) for index in range(2)])
    assert [place.offset for place in committed] == [5, 5]
    assert second.poll(0) is None


def test_callbacks_may_choose_where_to_begin(log: Log, reader: Make) -> None:
    log.append("t", [b"%d" % number for number in range(10)])

    def begin(consumer: Consumer, places: list[TopicPartition]) -> None:
        for place in places:
            place.offset = 7
        consumer.assign(places)

    consumer = reader("g")
    consumer.subscribe(["t"], on_assign=begin)
    assert drain(consumer, 1)[0].value() == b"7"


def test_a_member_that_does_not_poll_is_passed_over(log: Log, reader: Make) -> None:
    log.create_topic("t", 2)
    lost: list[Any] = []
    limits = {"session_timeout_ms": 1000, "max_poll_interval_ms": 1000}
    slow, quick = reader("g", **limits), reader("g", **limits)
    slow.subscribe(["t"], on_lost=lambda _, places: lost.extend(places))
    share([slow], 2)
    quick.subscribe(["t"])
    share([quick], 2)
    enough = time.monotonic() + 2
    poll_until([quick], lambda: time.monotonic() > enough)
    event = slow.poll(10)
    assert event is not None
    assert event.error() == KafkaError._MAX_POLL_EXCEEDED  # noqa: SLF001 - the name it has
    assert {place.partition for place in lost} == {0, 1}
    share([slow, quick], 2)


def test_slow_work_does_not_end_the_session(log: Log, reader: Make) -> None:
    log.create_topic("t", 2)
    slow = reader("g", session_timeout_ms=1500)
    slow.subscribe(["t"])
    share([slow], 2)
    member = slow.memberid()
    time.sleep(2.5)
    assert slow.poll(0) is None
    assert slow.memberid() == member
    assert parts(slow) == {0, 1}


def test_a_static_member_has_its_partitions_back(log: Log, reader: Make) -> None:
    log.create_topic("t", 4)
    names = ("one", "two")
    members = [reader("g", group_instance_id=name) for name in names]
    for member in members:
        member.subscribe(["t"])
    share(members, 4)
    before, generation = parts(members[0]), members[1].consumer_group_metadata().generation_id
    members[0].close()
    members[0] = reader("g", group_instance_id="one")
    members[0].subscribe(["t"])
    share(members, 4)
    assert parts(members[0]) == before
    assert members[1].consumer_group_metadata().generation_id == generation


def test_who_takes_a_static_name_fences_who_had_it(log: Log, reader: Make) -> None:
    log.create_topic("t", 1)
    old, new = reader("g", group_instance_id="one"), reader("g", group_instance_id="one")
    old.subscribe(["t"])
    share([old], 1)
    new.subscribe(["t"])
    share([new], 1)
    event = old.poll(10)
    assert event is not None
    assert event.error() == KafkaError.FENCED_INSTANCE_ID
    error = event.error()
    assert error is not None
    assert error.fatal()
    assert parts(old) == set()


def test_a_group_reads_everything_once_through_rebalances(log: Log, reader: Make) -> None:
    """Members come and go while records are written; what is committed is read once."""
    log.create_topic("t", 4)
    total, seen = 400, set()

    def write() -> None:
        for number in range(total):
            log.append("t", [b"%d" % number], partition=number % 4)

    writer = threading.Thread(target=write)
    writer.start()
    strategy = {"partition_assignment_strategy": "cooperative-sticky", "enable_auto_commit": True}
    members = [reader("g", **strategy)]
    members[0].subscribe(["t"])
    deadline = time.monotonic() + 60
    while len(seen) < total and time.monotonic() < deadline:
        for member in members:
            for message in member.consume(20, 0.01):
                assert message.error() is None
                assert message.value() not in seen
                seen.add(message.value())
        if len(members) < 3 and len(seen) > 100 * len(members):
            members.append(reader("g", **strategy))
            members[-1].subscribe(["t"])
        elif len(members) == 3 and len(seen) > 300:
            members.pop(0).close()
    writer.join()
    assert len(seen) == total
