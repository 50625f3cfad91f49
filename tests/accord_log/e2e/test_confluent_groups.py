"""Groups of confluent_kafka consumers: who reads what, as members come, go and die."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from confluent_kafka import KafkaError
from confluent_log import Member, consumer, eventually, producer, send

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from confluent_kafka.admin import AdminClient

LONELY = Path(__file__).parents[2] / "support" / "lonely_member.py"
STRATEGIES = ["range", "roundrobin", "cooperative-sticky"]


@pytest.fixture
def six(make_topic: Callable[..., str]) -> str:
    """A topic of six partitions."""
    return make_topic(6)


@pytest.fixture
def join(cluster: Any, group: str, six: str) -> Iterator[Callable[..., Member]]:
    """Add a member to the group; all leave when the test is over."""
    members: list[Member] = []

    def add(**settings: Any) -> Member:
        members.append(Member(consumer(cluster.bootstrap, group, **settings), [six]))
        return members[-1]

    yield add
    for member in members:
        member.leave()


def share(members: list[Member], sizes: list[int], partitions: int = 6) -> bool:
    """Tell whether the members have parts of these sizes, and all partitions between them."""
    parts = [member.partitions for member in members]
    whole = set().union(*parts) == set(range(partitions))
    return whole and sorted(map(len, parts)) == sizes


def send_numbers(bootstrap: str, topic: str, numbers: range) -> None:
    sender = producer(bootstrap)
    for number in numbers:
        send(sender, topic, [b"%d" % number], partition=number % 6)


def seen(members: list[Member]) -> Counter[bytes | None]:
    total: Counter[bytes | None] = Counter()
    for member in members:
        total += member.seen
    return total


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_members_share_the_partitions(
    cluster: Any, six: str, join: Callable[..., Member], strategy: str
) -> None:
    settings = {"partition_assignment_strategy": strategy}
    first = join(**settings)
    eventually(lambda: share([first], [6]))
    second = join(**settings)
    eventually(lambda: share([first, second], [3, 3]))
    third = join(**settings)
    everyone = [first, second, third]
    eventually(lambda: share(everyone, [2, 2, 2]))
    send_numbers(cluster.bootstrap, six, range(60))
    expected = Counter(b"%d" % number for number in range(60))
    eventually(lambda: seen(everyone).total() >= 60)
    assert seen(everyone) == expected
    second.leave()
    eventually(lambda: share([first, third], [3, 3]))
    third.leave()
    eventually(lambda: share([first], [6]))
    assert [member.errors for member in everyone] == [[], [], []]


def test_range_gives_neighbours_and_roundrobin_deals(
    cluster: Any, six: str, unique: Callable[[str], str]
) -> None:
    parts = {}
    for strategy in ("range", "roundrobin"):
        name = unique(strategy)
        settings = {"partition_assignment_strategy": strategy}
        members = [Member(consumer(cluster.bootstrap, name, **settings), [six]) for _ in range(2)]
        eventually(lambda these=members: share(these, [3, 3]))
        parts[strategy] = sorted(sorted(member.partitions) for member in members)
        for member in members:
            member.leave()
    assert parts == {"range": [[0, 1, 2], [3, 4, 5]], "roundrobin": [[0, 2, 4], [1, 3, 5]]}


def test_cooperative_members_keep_what_need_not_move(join: Callable[..., Member]) -> None:
    settings = {"partition_assignment_strategy": "cooperative-sticky"}
    first = join(**settings)
    eventually(lambda: share([first], [6]))
    before = first.partitions
    second = join(**settings)
    eventually(lambda: share([first, second], [3, 3]))
    assert first.partitions < before
    assert sum(first.lost) == 3
    assert second.lost == []


def test_a_surplus_member_waits_for_its_turn(join: Callable[..., Member]) -> None:
    members = [join() for _ in range(7)]
    eventually(lambda: share(members, [0, 1, 1, 1, 1, 1, 1]))
    idle = next(member for member in members if not member.partitions)
    busy = next(member for member in members if member.partitions)
    busy.leave()
    eventually(lambda: idle.partitions)


def test_a_dead_members_part_is_taken_over(
    cluster: Any, six: str, group: str, join: Callable[..., Member]
) -> None:
    living = join()
    lonely = subprocess.Popen(
        [sys.executable, LONELY, cluster.bootstrap, group, six], stdout=subprocess.PIPE, text=True
    )
    try:
        assert lonely.stdout is not None
        assert lonely.stdout.readline() == "3\n"
        eventually(lambda: len(living.partitions) == 3)
    finally:
        lonely.send_signal(signal.SIGKILL)
        lonely.communicate()
    eventually(lambda: share([living], [6]))


def test_a_static_member_comes_back_to_its_part(join: Callable[..., Member]) -> None:
    settings = {"session_timeout_ms": 30_000}
    first = join(group_instance_id="one", **settings)
    second = join(group_instance_id="two", **settings)
    eventually(lambda: share([first, second], [3, 3]))
    kept, assignments = first.partitions, len(first.gained)
    part = second.partitions
    second.leave()
    again = join(group_instance_id="two", **settings)
    eventually(lambda: again.partitions == part)
    assert (first.partitions, len(first.gained), again.errors) == (kept, assignments, [])


def test_a_second_static_member_of_the_same_name_fences_the_first(
    join: Callable[..., Member],
) -> None:
    first = join(group_instance_id="same")
    eventually(lambda: share([first], [6]))
    second = join(group_instance_id="same")
    eventually(lambda: share([second], [6]))
    eventually(lambda: first.errors)
    codes = {error.code() for error in first.errors}
    assert codes <= {KafkaError.FENCED_INSTANCE_ID, KafkaError._FATAL}  # noqa: SLF001  # so is it published
    assert second.errors == []


def test_members_of_different_strategies_cannot_mix(join: Callable[..., Member]) -> None:
    first = join(partition_assignment_strategy="range")
    eventually(lambda: share([first], [6]))
    second = join(partition_assignment_strategy="cooperative-sticky")
    eventually(lambda: second.errors)
    assert second.errors[0].code() == KafkaError.INCONSISTENT_GROUP_PROTOCOL
    assert share([first], [6])


def test_a_group_follows_a_growing_topic(
    admin: AdminClient, six: str, join: Callable[..., Member]
) -> None:
    from confluent_kafka.admin import NewPartitions  # noqa: PLC0415

    member = join(topic_metadata_refresh_interval_ms=200)
    eventually(lambda: share([member], [6]))
    admin.create_partitions([NewPartitions(six, 8)])[six].result()
    eventually(lambda: share([member], [8], partitions=8))
