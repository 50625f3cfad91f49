"""Topics, their configurations and the cluster through confluent_kafka's AdminClient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from confluent_kafka import KafkaError, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import (
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ConfigSource,
    NewPartitions,
    NewTopic,
    OffsetSpec,
    ResourceType,
)
from confluent_log import eventually, producer, read, send

if TYPE_CHECKING:
    from collections.abc import Callable

    from confluent_kafka.admin import AdminClient

WEEK_MS = "604800000"


def refusal(future: Any) -> int:
    """Return the code of the error that a request ends with."""
    with pytest.raises(KafkaException) as raised:
        future.result()
    return raised.value.args[0].code()


def only(futures: dict[Any, Any]) -> Any:
    (future,) = futures.values()
    return future


def config(admin: AdminClient, kind: ResourceType, name: str) -> dict[str, ConfigEntry]:
    return only(admin.describe_configs([ConfigResource(kind, name)])).result()


def alter(admin: AdminClient, topic: str, name: str, value: Any, how: AlterConfigOpType) -> Any:
    entry = ConfigEntry(name, value, incremental_operation=how)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    return only(admin.incremental_alter_configs([resource]))


def test_a_topic_is_as_it_was_asked_for(admin: AdminClient, unique: Callable[[str], str]) -> None:
    name = unique("made")
    wanted = NewTopic(name, 5, 1, config={"retention.ms": "1234", "cleanup.policy": "compact"})
    only(admin.create_topics([wanted])).result()
    eventually(lambda: name in admin.list_topics().topics)
    described = only(admin.describe_topics(TopicCollection([name]))).result()
    assert (described.name, described.is_internal) == (name, False)
    assert [place.id for place in described.partitions] == [0, 1, 2, 3, 4]
    (broker,) = only({"": admin.describe_cluster()}).result().nodes
    for place in described.partitions:
        assert (place.leader.id, [node.id for node in place.isr]) == (broker.id, [broker.id])
    entries = config(admin, ResourceType.TOPIC, name)
    assert (entries["retention.ms"].value, entries["cleanup.policy"].value) == ("1234", "compact")


def test_topics_have_ids_of_their_own(admin: AdminClient, make_topic: Callable[..., str]) -> None:
    names = [make_topic(), make_topic()]
    found = admin.describe_topics(TopicCollection(names))
    ids = {str(future.result().topic_id) for future in found.values()}
    assert len(ids) == 2


def test_a_topic_is_made_once(admin: AdminClient, topic: str) -> None:
    again = only(admin.create_topics([NewTopic(topic, 1, 1)]))
    assert refusal(again) == KafkaError.TOPIC_ALREADY_EXISTS


@pytest.mark.parametrize(
    ("partitions", "replicas", "settings", "code"),
    [
        (0, 1, {}, KafkaError.INVALID_PARTITIONS),
        (1, 3, {}, KafkaError.INVALID_REPLICATION_FACTOR),
        (1, 1, {"no.such.setting": "1"}, KafkaError.INVALID_CONFIG),
        (1, 1, {"retention.ms": "soon"}, KafkaError.INVALID_CONFIG),
        (1, 1, {"cleanup.policy": "burn"}, KafkaError.INVALID_CONFIG),
        (1, 1, {"max.message.bytes": "-5"}, KafkaError.INVALID_CONFIG),
    ],
)
def test_what_cannot_be_made_is_refused(
    admin: AdminClient,
    unique: Callable[[str], str],
    partitions: int,
    replicas: int,
    settings: dict[str, str],
    code: int,
) -> None:
    name = unique("refused")
    wanted = NewTopic(name, partitions, replicas, config=settings)
    assert refusal(only(admin.create_topics([wanted]))) == code
    assert name not in admin.list_topics().topics


def test_a_trial_makes_nothing(admin: AdminClient, unique: Callable[[str], str]) -> None:
    name = unique("trial")
    only(admin.create_topics([NewTopic(name, 1, 1)], validate_only=True)).result()
    assert name not in admin.list_topics().topics


def test_the_broker_chooses_where_nothing_is_said(
    admin: AdminClient, unique: Callable[[str], str]
) -> None:
    name = unique("default")
    only(admin.create_topics([NewTopic(name)])).result()
    eventually(lambda: name in admin.list_topics().topics)
    (place,) = admin.list_topics(name).topics[name].partitions.values()
    assert len(place.replicas) == 1


def test_a_deleted_topic_is_gone(cluster: Any, admin: AdminClient, topic: str) -> None:
    send(producer(cluster.bootstrap), topic, [b"old"])
    only(admin.delete_topics([topic])).result()
    eventually(lambda: topic not in admin.list_topics().topics)
    assert refusal(only(admin.delete_topics([topic]))) == KafkaError.UNKNOWN_TOPIC_OR_PART
    described = only(admin.describe_topics(TopicCollection([topic])))
    assert refusal(described) == KafkaError.UNKNOWN_TOPIC_OR_PART


def test_a_topic_made_anew_is_empty(cluster: Any, admin: AdminClient, topic: str) -> None:
    send(producer(cluster.bootstrap), topic, [b"old"] * 5)
    only(admin.delete_topics([topic])).result()
    eventually(lambda: topic not in admin.list_topics().topics)
    only(admin.create_topics([NewTopic(topic, 1, 1)])).result()
    eventually(lambda: topic in admin.list_topics().topics)
    assert send(producer(cluster.bootstrap), topic, [b"new"]).offsets == [0]
    assert read(cluster.bootstrap, topic, 1) == [b"new"]


def test_a_topic_grows_but_does_not_shrink(
    cluster: Any, admin: AdminClient, make_topic: Callable[..., str]
) -> None:
    topic = make_topic(2)
    only(admin.create_partitions([NewPartitions(topic, 4)])).result()
    eventually(lambda: len(admin.list_topics(topic).topics[topic].partitions) == 4)
    assert send(producer(cluster.bootstrap), topic, [b"x"], partition=3).offsets == [0]
    for count in (1, 4):
        request = admin.create_partitions([NewPartitions(topic, count)])
        assert refusal(only(request)) == KafkaError.INVALID_PARTITIONS
    absent = admin.create_partitions([NewPartitions("no-such-topic", 4)])
    assert refusal(only(absent)) == KafkaError.UNKNOWN_TOPIC_OR_PART


def test_settings_say_where_they_come_from(
    admin: AdminClient, make_topic: Callable[..., str]
) -> None:
    entries = config(admin, ResourceType.TOPIC, make_topic(segment_ms="600000"))
    assert (entries["segment.ms"].value, entries["segment.ms"].is_default) == ("600000", False)
    assert entries["segment.ms"].source == ConfigSource.DYNAMIC_TOPIC_CONFIG.value
    assert (entries["retention.ms"].value, entries["retention.ms"].is_default) == (WEEK_MS, True)
    assert entries["cleanup.policy"].value == "delete"
    assert entries["max.message.bytes"].value == "1048588"


def test_settings_change_one_by_one(admin: AdminClient, topic: str) -> None:
    def now(name: str) -> tuple[str | None, bool]:
        entry = config(admin, ResourceType.TOPIC, topic)[name]
        return entry.value, entry.is_default

    alter(admin, topic, "retention.ms", "5000", AlterConfigOpType.SET).result()
    alter(admin, topic, "segment.ms", "7000", AlterConfigOpType.SET).result()
    eventually(lambda: now("segment.ms") == ("7000", False))
    assert now("retention.ms") == ("5000", False)
    alter(admin, topic, "cleanup.policy", "compact", AlterConfigOpType.APPEND).result()
    eventually(lambda: set(str(now("cleanup.policy")[0]).split(",")) == {"compact", "delete"})
    alter(admin, topic, "cleanup.policy", "delete", AlterConfigOpType.SUBTRACT).result()
    eventually(lambda: now("cleanup.policy") == ("compact", False))
    alter(admin, topic, "retention.ms", None, AlterConfigOpType.DELETE).result()
    eventually(lambda: now("retention.ms") == (WEEK_MS, True))


def test_settings_that_are_none_are_refused(admin: AdminClient, topic: str) -> None:
    for name, value in (("no.such.setting", "1"), ("retention.ms", "soon")):
        request = alter(admin, topic, name, value, AlterConfigOpType.SET)
        assert refusal(request) == KafkaError.INVALID_CONFIG
    absent = alter(admin, "no-such-topic", "retention.ms", "1", AlterConfigOpType.SET)
    assert refusal(absent) == KafkaError.UNKNOWN_TOPIC_OR_PART


def test_the_brokers_settings(admin: AdminClient) -> None:
    broker = next(iter(admin.list_topics().brokers))
    entries = config(admin, ResourceType.BROKER, str(broker))
    assert entries["auto.create.topics.enable"].value == "true"
    assert entries["message.max.bytes"].value == "1048588"
    assert entries["num.partitions"].value == "1"


def test_the_cluster_is_one_broker(cluster: Any, admin: AdminClient) -> None:
    found = admin.describe_cluster().result()
    (broker,) = found.nodes
    assert f"{broker.host}:{broker.port}" == cluster.bootstrap
    assert found.controller.id == broker.id
    listed = admin.list_topics()
    assert (listed.cluster_id, list(listed.brokers)) == (found.cluster_id, [broker.id])
    assert found.cluster_id


def test_deleted_records_are_not_read_again(cluster: Any, admin: AdminClient, topic: str) -> None:
    sent = [b"%d" % number for number in range(10)]
    for value in sent:
        send(producer(cluster.bootstrap), topic, [value])
    place = TopicPartition(topic, 0, 4)
    assert only(admin.delete_records([place])).result().low_watermark == 4
    assert read(cluster.bootstrap, topic, 6) == sent[4:]
    beyond = only(admin.delete_records([TopicPartition(topic, 0, 100)]))
    assert refusal(beyond) == KafkaError.OFFSET_OUT_OF_RANGE
    everything = TopicPartition(topic, 0, -1)
    assert only(admin.delete_records([everything])).result().low_watermark == 10


def test_offsets_are_listed(cluster: Any, admin: AdminClient, topic: str) -> None:
    sender = producer(cluster.bootstrap)
    for at in (5000, 9000, 7000):
        send(sender, topic, [b"x"], timestamp=at)
    place = TopicPartition(topic, 0)
    expected = {
        OffsetSpec.earliest(): (0, -1),
        OffsetSpec.latest(): (3, -1),
        OffsetSpec.max_timestamp(): (1, 9000),
        OffsetSpec.for_timestamp(6000): (1, 9000),
        OffsetSpec.for_timestamp(9001): (-1, -1),
    }
    for spec, (offset, timestamp) in expected.items():
        found = only(admin.list_offsets({place: spec})).result()
        assert (found.offset, found.timestamp) == (offset, timestamp)
