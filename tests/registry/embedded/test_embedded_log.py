"""The log inside a program, alone and beside a registry."""

from __future__ import annotations

import json
import tempfile
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from pydantic import ValidationError

from accord_log.broker.lockfile import DirectoryInUse
from accord_log.server import CannotListen
from accord_serde import Schema
from registry.embedded import EmbeddedLog, EmbeddedRegistry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECONDS = 60
QUIET = {"log_level": 0}


def send(log: EmbeddedLog, topic: str, value: bytes) -> KafkaError | None:
    outcomes: list[KafkaError | None] = []
    producer = Producer({"bootstrap.servers": log.bootstrap_servers, **QUIET})
    producer.produce(topic, value, on_delivery=lambda error, _: outcomes.append(error))
    assert producer.flush(SECONDS) == 0
    return outcomes[0]


def values(log: EmbeddedLog, topic: str, count: int) -> list[Any]:
    consumer = Consumer({"bootstrap.servers": log.bootstrap_servers, "group.id": "g", **QUIET})
    consumer.assign([TopicPartition(topic, 0, 0)])
    found: list[Any] = []
    deadline = time.monotonic() + SECONDS
    while len(found) < count and time.monotonic() < deadline:
        found += [one.value() for one in consumer.consume(count, 0.2) if one.error() is None]
    consumer.close()
    return found


def names(log: EmbeddedLog) -> list[str]:
    admin = AdminClient({"bootstrap.servers": log.bootstrap_servers, **QUIET})
    return sorted(admin.list_topics(timeout=SECONDS).topics)


@pytest.fixture
def log() -> Iterator[EmbeddedLog]:
    with EmbeddedLog() as found:
        yield found


def test_clients_find_it_empty_and_use_it(log: EmbeddedLog) -> None:
    assert names(log) == []
    assert send(log, "t", b"v") is None
    assert values(log, "t", 1) == [b"v"]


def test_two_of_them_know_nothing_of_each_other(log: EmbeddedLog) -> None:
    with EmbeddedLog() as other:
        assert send(other, "t", b"v") is None
        assert names(log) == []


def test_an_outage_loses_nothing(log: EmbeddedLog) -> None:
    address = log.bootstrap_servers
    assert send(log, "t", b"1") is None
    log.stop()
    with pytest.raises(RuntimeError, match="does not run"):
        _ = log.broker
    producer = Producer({"bootstrap.servers": address, **QUIET})
    producer.produce("t", b"2")
    assert producer.flush(0.3) == 1
    log.start()
    log.start()
    assert log.bootstrap_servers == address
    assert producer.flush(SECONDS) == 0
    assert values(log, "t", 2) == [b"1", b"2"]


def test_a_directory_is_kept_and_used_by_one_at_a_time(tmp_path: Path) -> None:
    with EmbeddedLog(tmp_path) as first:
        assert send(first, "t", b"v") is None
        with pytest.raises(DirectoryInUse, match="in use by process"):
            EmbeddedLog(tmp_path)
    with EmbeddedLog(str(tmp_path)) as second:
        assert values(second, "t", 1) == [b"v"]


def test_settings_are_those_of_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCORD_DEFAULT_PARTITIONS", "5")
    with EmbeddedLog(default_partitions=3, kafka_host="127.0.0.1") as log:
        assert log.bootstrap_servers.startswith("127.0.0.1:")
        assert send(log, "t", b"v") is None
        topic = log.broker.topics.get("t")
        assert topic is not None
        assert len(topic.partitions) == 3


def test_a_taken_port_and_a_bad_setting_are_told(log: EmbeddedLog) -> None:
    port = int(log.bootstrap_servers.rpartition(":")[2])
    with pytest.raises(CannotListen, match=f":{port}: address already in use"):
        EmbeddedLog(kafka_port=port)
    with pytest.raises(ValidationError, match="log_durability"):
        EmbeddedLog(log_durability="perhaps")


def test_nothing_is_left_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = set(threading.enumerate())
    with EmbeddedRegistry() as registry, EmbeddedLog(registry=registry) as log:
        assert send(log, "t", b"v") is None
        assert len(list(tmp_path.iterdir())) == 2
    assert list(tmp_path.iterdir()) == []
    deadline = time.monotonic() + SECONDS
    while set(threading.enumerate()) - before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert set(threading.enumerate()) - before == set()


def test_beside_a_registry_records_can_be_checked() -> None:
    with EmbeddedRegistry() as registry, EmbeddedLog(registry=registry) as log:
        admin = AdminClient({"bootstrap.servers": log.bootstrap_servers, **QUIET})
        config = {"confluent.value.schema.validation": "true"}
        (created,) = admin.create_topics([NewTopic("t", 1, config=config)]).values()
        created.result(SECONDS)
        refused = send(log, "t", b"plain")
        assert refused is not None
        assert refused.code() == KafkaError.INVALID_RECORD
        schema_id = registry.client().register_schema("t-value", Schema('"int"'))
        assert send(log, "t", b"\0" + schema_id.to_bytes(4, "big") + b"\2") is None


def test_beside_a_registry_its_changes_are_a_topic() -> None:
    with EmbeddedRegistry() as registry, EmbeddedLog(registry=registry) as log:
        registry.client().register_schema("s", Schema('"int"'))
        (value,) = values(log, "_schemas", 1)
        assert json.loads(value)["schema"] == '"int"'


def test_without_a_registry_nothing_can_be_checked(log: EmbeddedLog) -> None:
    admin = AdminClient({"bootstrap.servers": log.bootstrap_servers, **QUIET})
    config = {"accord.value.schema.validation": "true"}
    (created,) = admin.create_topics([NewTopic("t", 1, config=config)]).values()
    created.result(SECONDS)
    refused = send(log, "t", b"v")
    assert refused is not None
    assert refused.code() == KafkaError.INVALID_RECORD


def test_it_can_be_used_without_the_network(log: EmbeddedLog) -> None:
    assert log.broker.directory.name == "log"
    assert list(log.broker.topics) == []
