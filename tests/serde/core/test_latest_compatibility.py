"""latest.compatibility.strict: the registry is asked before the latest version is written with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from accord_serde.serialization import SerializationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from serde_kits import Kit

USER = '{"type":"record","name":"User","fields":[{"name":"id","type":"long"}]}'
LATER = USER.replace("]}", ',{"name":"city","type":"string","default":"?"}]}')
OTHER = USER.replace("id", "number")
CONF = {"auto.register.schemas": False, "use.latest.version": True}
STRICT = CONF | {"latest.compatibility.strict": True}


def compatibility(tap: Any) -> list[str]:
    return [path for _, path, _ in tap.take() if path.startswith("compatibility")]


def test_a_schema_that_reads_the_latest_is_good(
    ours: Kit, tap: Any, fresh: Callable[[], str]
) -> None:
    client = ours.client(fresh())
    ours.registered(client, "topic-value", USER)
    for schema, asked in ((LATER, 1), (USER, 1), (None, 0)):
        tap.take()
        serializer = ours.AvroSerializer(client, schema, conf=STRICT)
        for _ in range(3):
            assert serializer({"id": 1}, ours.value("topic")) == b"\x00\x00\x00\x00\x01\x02"
        assert compatibility(tap) == ["compatibility/subjects/topic-value/versions/1"] * asked


def test_a_schema_that_does_not_fails_every_message_until_another_is_the_latest(
    ours: Kit, tap: Any, fresh: Callable[[], str]
) -> None:
    client = ours.client(fresh())
    ours.registered(client, "topic-value", USER)
    serializer = ours.AvroSerializer(client, OTHER, conf=STRICT)
    for _ in range(2):
        with pytest.raises(SerializationError, match="not compatible with version 1") as caught:
            serializer({"id": 1}, ours.value("topic"))
        assert caught.value.topic == "topic"
    assert len(compatibility(tap)) == 2
    client.set_compatibility("topic-value", "NONE")
    ours.registered(client, "topic-value", OTHER)
    client.clear_latest_caches()
    assert serializer({"number": 1}, ours.value("topic")) == b"\x00\x00\x00\x00\x02\x02"


def test_it_is_asked_again_for_a_new_latest_version(
    ours: Kit, tap: Any, fresh: Callable[[], str]
) -> None:
    url = fresh()
    client = ours.client(url)
    ours.registered(client, "topic-value", USER)
    serializer = ours.AvroSerializer(client, LATER, conf=STRICT)
    for _ in range(2):
        serializer({"id": 1}, ours.value("topic"))
    ours.registered(ours.client(url), "topic-value", LATER)
    client.clear_latest_caches()
    for _ in range(2):
        assert serializer({"id": 1}, ours.value("topic"))[4:5] == b"\x02"
    assert [path[-1] for path in compatibility(tap)] == ["1", "2"]


def test_it_is_not_asked_unless_the_settings_say_so(
    ours: Kit, tap: Any, fresh: Callable[[], str]
) -> None:
    client = ours.client(fresh())
    ours.registered(client, "topic-value", USER)
    serializer = ours.AvroSerializer(client, OTHER, conf=CONF)
    assert serializer({"id": 1}, ours.value("topic")) == b"\x00\x00\x00\x00\x01\x02"
    assert compatibility(tap) == []
    with pytest.raises(ValueError, match=r"latest.compatibility.strict must be a boolean value"):
        ours.AvroSerializer(client, USER, conf={"latest.compatibility.strict": "yes"})
