"""Groups and their offsets through confluent_kafka's AdminClient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from confluent_kafka import (
    ConsumerGroupState,
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
    TopicPartition,
)
from confluent_log import Member, consumer, drain, eventually, producer, send

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from confluent_kafka.admin import AdminClient


@pytest.fixture
def member(cluster: Any, group: str, make_topic: Callable[..., str]) -> Iterator[Member]:
    """The only member of a group, which has two partitions."""
    topic = make_topic(2)
    joined = Member(consumer(cluster.bootstrap, group, client_id="reader"), [topic])
    eventually(lambda: len(joined.partitions) == 2)
    yield joined
    joined.leave()


@pytest.fixture
def left(cluster: Any, group: str, topic: str) -> str:
    """The topic of a group without members, which has committed offset 3 of it."""
    send(producer(cluster.bootstrap), topic, [b"x"] * 5)
    source = consumer(cluster.bootstrap, group)
    source.subscribe([topic])
    drain(source, 3)
    source.commit(offsets=[TopicPartition(topic, 0, 3)], asynchronous=False)
    source.close()
    return topic


def refusal(future: Any) -> int:
    with pytest.raises(KafkaException) as raised:
        future.result()
    return raised.value.args[0].code()


def only(futures: dict[Any, Any]) -> Any:
    (future,) = futures.values()
    return future


def state(admin: AdminClient, group: str) -> ConsumerGroupState:
    return only(admin.describe_consumer_groups([group])).result().state


def offsets(admin: AdminClient, group: str) -> dict[tuple[str, int], int]:
    asked = [ConsumerGroupTopicPartitions(group)]
    found = only(admin.list_consumer_group_offsets(asked)).result()
    return {(place.topic, place.partition): place.offset for place in found.topic_partitions}


def test_a_living_group_is_described(admin: AdminClient, group: str, member: Member) -> None:
    eventually(lambda: state(admin, group) == ConsumerGroupState.STABLE)
    found = only(admin.describe_consumer_groups([group])).result()
    assert (found.group_id, found.is_simple_consumer_group) == (group, False)
    assert found.partition_assignor == "range"
    (one,) = found.members
    assert (one.client_id, one.group_instance_id) == ("reader", None)
    assert one.host.strip("/") == "127.0.0.1"
    assert one.member_id.startswith("reader-")
    places = {(place.topic, place.partition) for place in one.assignment.topic_partitions}
    assert places == member.assigned


def test_groups_are_listed_by_their_state(
    admin: AdminClient, group: str, member: Member, left: str
) -> None:
    # Both fixtures use the one group: it has a member, and offsets of the topic `left`.
    assert (left, 0) in offsets(admin, group)
    eventually(lambda: len(member.partitions) == 2)
    for wanted, there in ((ConsumerGroupState.STABLE, True), (ConsumerGroupState.EMPTY, False)):
        eventually(lambda wanted=wanted, there=there: (group in listed(admin, {wanted})) == there)


def listed(admin: AdminClient, states: set[ConsumerGroupState]) -> set[str]:
    found = admin.list_consumer_groups(states=states).result()
    assert found.errors == []
    return {group.group_id for group in found.valid}


def test_a_group_of_none_is_dead(admin: AdminClient, group: str) -> None:
    # Apache Kafka 4 answers GROUP_ID_NOT_FOUND, those before say that the group is dead.
    future = only(admin.describe_consumer_groups([group]))
    try:
        assert future.result().state == ConsumerGroupState.DEAD
    except KafkaException as error:
        assert error.args[0].code() == KafkaError.GROUP_ID_NOT_FOUND  # noqa: PT017  # either will do


def test_a_group_with_members_is_not_deleted(
    admin: AdminClient, group: str, member: Member
) -> None:
    assert refusal(only(admin.delete_consumer_groups([group]))) == KafkaError.NON_EMPTY_GROUP
    assert len(member.partitions) == 2


def test_a_deleted_group_has_no_offsets(admin: AdminClient, group: str, left: str) -> None:
    eventually(lambda: state(admin, group) == ConsumerGroupState.EMPTY)
    assert offsets(admin, group) == {(left, 0): 3}
    only(admin.delete_consumer_groups([group])).result()
    assert offsets(admin, group) == {}
    again = only(admin.delete_consumer_groups([group]))
    assert refusal(again) == KafkaError.GROUP_ID_NOT_FOUND


def test_offsets_of_an_empty_group_may_be_set(
    cluster: Any, admin: AdminClient, group: str, left: str
) -> None:
    eventually(lambda: state(admin, group) == ConsumerGroupState.EMPTY)
    wanted = ConsumerGroupTopicPartitions(group, [TopicPartition(left, 0, 1)])
    only(admin.alter_consumer_group_offsets([wanted])).result()
    assert offsets(admin, group) == {(left, 0): 1}
    source = consumer(cluster.bootstrap, group)
    source.subscribe([left])
    assert drain(source, 1)[0].offset() == 1
    source.close()


def test_offsets_of_a_group_with_members_may_not_be_set(
    admin: AdminClient, group: str, member: Member
) -> None:
    eventually(lambda: state(admin, group) == ConsumerGroupState.STABLE)
    topic, partition = next(iter(member.assigned))
    wanted = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, partition, 1)])
    (answer,) = only(admin.alter_consumer_group_offsets([wanted])).result().topic_partitions
    assert answer.error.code() == KafkaError.UNKNOWN_MEMBER_ID
    assert offsets(admin, group) == {}


def test_offsets_of_a_deleted_topic_are_gone(admin: AdminClient, group: str, left: str) -> None:
    assert offsets(admin, group) == {(left, 0): 3}
    only(admin.delete_topics([left])).result()
    eventually(lambda: offsets(admin, group) == {})
