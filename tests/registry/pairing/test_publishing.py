"""The topic `_schemas` tells all that the registry's state is made of, once and in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from accord_log.kafka.records import Record, read_records, split_batches
from registry.model import Association, Config, Lifecycle, Metadata, Reference
from registry.names import DEFAULT, GLOBAL, Subject, parse_subject
from registry.pairing import journal, publisher, topic
from registry.pairing.publisher import Publisher
from registry.pairing.topic import NAME, SEQUENCE, SchemasTopic
from registry.service.config import ConfigUpdate
from registry.service.parsing import Draft
from registry.service.register import Registration

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from accord_log.broker.broker import Broker
    from registry.service.registry import Registry
    from registry.storage.sql.store import SqlStore


def register(registry: Registry, subject: str, text: str = '"string"', **more: Any) -> int:
    draft = Draft(parse_subject(subject), "AVRO", text, **more)
    return registry.registrations.register(Registration(draft)).schema_id


def publish(store: SqlStore, broker: Broker) -> None:
    Publisher(store, SchemasTopic(broker), broker.services.clock).step()


def records(broker: Broker) -> list[Record]:
    partition = broker.topics.partition(NAME, 0)
    assert partition is not None
    found: list[Record] = []
    while len(found) < partition.log.end_offset:
        read = partition.log.read(len(found), 1 << 20, below=partition.log.end_offset)
        found += [record for batch in split_batches(read) for record in read_records(batch)]
    return found


def told(broker: Broker) -> list[tuple[Any, Any]]:
    """Return keys and values."""
    return [
        (orjson.loads(one.key or b""), one.value and orjson.loads(one.value))
        for one in records(broker)
    ]


def sequences(broker: Broker) -> list[int]:
    return [int(dict(one.headers)[SEQUENCE] or b"") for one in records(broker)]


def test_a_registration_is_told_in_confluents_layout(
    registry: Registry, store: SqlStore, broker: Broker
) -> None:
    register(registry, "other")
    register(
        registry,
        "orders",
        '{"type":"record","name":"R","fields":[]}',
        references=(Reference("string", "other", 1),),
        metadata=Metadata(properties={"owner": "me"}),
    )
    publish(store, broker)
    first, second = told(broker)
    assert first == (
        {"keytype": "SCHEMA", "subject": "other", "version": 1, "magic": 1},
        {
            "subject": "other",
            "version": 1,
            "id": 1,
            "schemaType": "AVRO",
            "schema": '"string"',
            "deleted": False,
        },
    )
    assert second[1]["references"] == [{"name": "string", "subject": "other", "version": 1}]
    assert second[1]["metadata"] == {"properties": {"owner": "me"}}
    assert list(second[1]) == [
        *("subject", "version", "id", "schemaType", "references", "metadata", "schema", "deleted")
    ]
    assert orjson.dumps(second[0]).startswith(b'{"keytype":"SCHEMA","subject":"orders"')


def test_deletions_are_told_with_the_content_that_was_deleted(
    registry: Registry, store: SqlStore, broker: Broker
) -> None:
    """Whether it is read while it is there, or only when it is gone and another has its place."""
    subject = Subject(".", "orders")
    register(registry, "orders", '"int"')
    registry.deletions.delete_subject(subject)
    registry.deletions.delete_subject(subject, permanent=True)
    register(registry, "orders", '"long"')
    registry.deletions.delete_subject(subject)
    publish(store, broker)
    key = {"keytype": "SCHEMA", "subject": "orders", "version": 1, "magic": 1}
    values = [value for found, value in told(broker) if found == key]
    assert [value and (value["schema"], value["deleted"]) for value in values] == [
        ('"int"', False),
        ('"int"', True),
        None,
        ('"long"', False),
        ('"long"', True),
    ]


def test_settings_are_told_for_each_scope(
    registry: Registry, store: SqlStore, broker: Broker
) -> None:
    scopes = [DEFAULT, GLOBAL, Subject(".shop", ""), Subject(".", "orders")]
    for scope in scopes:
        registry.configs.update(scope, ConfigUpdate({"compatibility_level": "FULL"}))
        registry.modes.update(scope, "IMPORT", force=True)
    registry.modes.delete(scopes[-1])
    registry.configs.delete(scopes[-1])
    publish(store, broker)
    written = [None, ":.__GLOBAL:", ":.shop:", "orders"]
    assert [key for key, _ in told(broker) if key["keytype"] == "CONFIG"][:4] == [
        {"keytype": "CONFIG", "subject": subject, "magic": 0} for subject in written
    ]
    configs = [value for key, value in told(broker) if key["keytype"] == "CONFIG"]
    assert configs[0] == {"compatibilityLevel": "FULL"}
    assert configs[1] == {"subject": ":.__GLOBAL:", "compatibilityLevel": "FULL"}
    assert configs[-1] is None
    modes = [value for key, value in told(broker) if key["keytype"] == "MODE"]
    assert modes[0] == {"mode": "IMPORT"}
    assert modes[-1] is None


def association(**changes: Any) -> Association:
    values: dict[str, Any] = {
        "subject": Subject(".", "orders"),
        "guid": "g",
        "resource_name": "orders",
        "resource_namespace": "shop",
        "resource_id": "r",
        "resource_type": "topic",
        "association_type": "value",
        "lifecycle": Lifecycle.WEAK,
        "frozen": False,
        "created_ms": 1,
        "updated_ms": 1,
    }
    return Association(**values | changes)


def test_contexts_are_told(registry: Registry, store: SqlStore, broker: Broker) -> None:
    register(registry, ":.shop:orders")
    publish(store, broker)
    context, version = told(broker)
    assert context == (
        {"keytype": "CONTEXT", "tenant": "default", "context": ".shop", "magic": 0},
        {"tenant": "default", "context": ".shop"},
    )
    assert version[0]["subject"] == version[1]["subject"] == ":.shop:orders"


def test_associations_are_told(store: SqlStore, broker: Broker) -> None:
    with store.write() as writer:
        writer.set_association(association())
    with store.write() as writer:
        writer.set_association(association(subject=Subject(".", "sales")))
    with store.write() as writer:
        writer.delete_association(association())
    publish(store, broker)
    key = {
        "keytype": "ASSOC",
        "tenant": "default",
        "resourceName": "orders",
        "resourceNamespace": "shop",
        "resourceType": "topic",
        "associationType": "value",
    }
    orders, sales = ({**key, "subject": name, "magic": 0} for name in ("orders", "sales"))
    found = told(broker)
    assert [(one, value is None) for one, value in found] == [
        (orders, False),
        (orders, True),  # another subject makes it another key
        (sales, False),
        (sales, True),
    ]
    assert found[0][1] == {
        "subject": "orders",
        "guid": "g",
        "tenant": "default",
        "resourceName": "orders",
        "resourceNamespace": "shop",
        "resourceId": "r",
        "resourceType": "topic",
        "associationType": "value",
        "lifecycle": "WEAK",
        "frozen": False,
    }
    assert sequences(broker) == [1, 2, 2, 3]


def test_every_kind_of_change_is_told() -> None:
    from registry.model import ChangeKind  # noqa: PLC0415
    from registry.pairing.schemas_topic import WRITERS  # noqa: PLC0415

    assert set(WRITERS) == set(ChangeKind)


def test_what_was_published_is_not_published_again(
    registry: Registry, store: SqlStore, open_broker: Callable[[], Broker]
) -> None:
    """By a publisher of a later start, which finds in the topic how far the last one had got."""
    for number in range(3):
        register(registry, f"s{number}", f'{{"type":"fixed","name":"F","size":{number}}}')
        publish(store, open_broker())
        publish(store, open_broker())
    assert sequences(open_broker()) == [1, 2, 3]


def test_pages_and_batches_follow_on_one_another(
    registry: Registry, store: SqlStore, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "PAGE", 3)
    monkeypatch.setattr(publisher, "BATCH_BYTES", 150)
    for number in range(10):
        register(registry, f"s{number}")
    registry.deletions.delete_subject(Subject(".", "s4"))
    registry.deletions.delete_subject(Subject(".", "s4"), permanent=True)
    publish(store, broker)
    with store.read() as reader:
        assert sequences(broker) == list(range(1, reader.sequence() + 1))


def test_it_goes_on_from_the_highest_number_when_others_write_there_too(
    registry: Registry, store: SqlStore, broker: Broker
) -> None:
    register(registry, "a")
    publish(store, broker)
    stray = topic.encode_batch([Record(0, 1, b"key", b"value", ())])
    found = broker.topics.get(NAME)
    assert found is not None
    found.partitions[0].append(
        stray, topic.read_header(stray), found.config, now_ms=1, then=lambda _: None
    )
    register(registry, "b")
    publish(store, broker)
    numbers = [dict(one.headers).get(SEQUENCE) for one in records(broker)]
    assert numbers == [b"1", None, b"2"]


def test_a_topic_that_is_ahead_is_left_alone(
    registry: Registry, store: SqlStore, broker: Broker
) -> None:
    register(registry, "a")
    found = SchemasTopic(broker)
    found.append([(99, topic_entry())], at_ms=1)
    publish(store, broker)
    assert sequences(broker) == [99]
    broker.topics.delete(broker.topics.get(NAME), lambda _: None)  # type: ignore[arg-type]
    publish(store, broker)
    assert sequences(broker) == [1]


def topic_entry() -> Any:
    from registry.pairing.schemas_topic import Entry  # noqa: PLC0415

    return Entry(b"{}", None)


def test_the_topic_is_compacted_and_has_one_partition(store: SqlStore, broker: Broker) -> None:
    publish(store, broker)
    found = broker.topics.get(NAME)
    assert found is not None
    assert len(found.partitions) == 1
    assert found.config.is_compacted


def test_a_config_is_told_with_all_that_is_set(store: SqlStore, broker: Broker) -> None:
    with store.write() as writer:
        writer.set_config(Subject(".", "s"), Config(alias="t", normalize=True))
    publish(store, broker)
    assert told(broker)[-1][1] == {"subject": "s", "alias": "t", "normalize": True}
