"""What the serializers ask the registry: what the stock asks, and no more often."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from serde_kits import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from serde_kits import Kit

# A reader has a client of its own, as in another program: the stock's client takes what it has
# registered itself for the answer to its id, which need not be the text the registry has.
USER = '{"type":"record","name":"User","namespace":"shop","fields":[{"name":"id","type":"long"}]}'
LATER = USER.replace("]}", ',{"name":"city","type":"string","default":"?"}]}')
MONEY = USER.replace("User", "Money")
ORDER = (
    '{"type":"record","name":"Order","namespace":"shop","fields":'
    '[{"name":"total","type":"Money"},{"name":"by","type":"shop.Money"}]}'
)
ANN = {"id": 1 << 40}
TYPE = "subject.name.strategy.type"


def again(kit: Kit, client: Any) -> Any:
    """Make a client of the same registry that knows nothing."""
    return kit.client(client.config()["url"])


def plain(kit: Kit, client: Any, **conf: Any) -> None:
    """Write and read on two topics, keys and values, again and again."""
    keys = {name.replace("_", "."): value for name, value in conf.items()}
    serializer = kit.AvroSerializer(client, USER, conf=keys)
    deserializer = kit.AvroDeserializer(again(kit, client))
    for _ in range(3):
        for topic in ("one", "two"):
            for context in (kit.value(topic), kit.key(topic)):
                assert deserializer(serializer(ANN, context), context) == ANN


def normalized(kit: Kit, client: Any) -> None:
    plain(kit, client, normalize_schemas=True)


def looked_up(kit: Kit, client: Any) -> None:
    for topic in ("one", "two"):
        for side in ("key", "value"):
            kit.registered(client, f"{topic}-{side}", USER)
    plain(kit, again(kit, client), auto_register_schemas=False)


def bare_words(kit: Kit, client: Any) -> None:
    for text, value in (('"string"', "x"), (' "bytes"\n', b"x"), ('{"type": "int"}', 1)):
        kit.AvroSerializer(client, text)(value, kit.value(f"t{len(text)}"))


def named(kit: Kit, client: Any) -> None:
    for kind in ("TOPIC", "RECORD", "TOPIC_RECORD"):
        serializer = kit.AvroSerializer(client, USER, conf={TYPE: kind})
        deserializer = kit.AvroDeserializer(again(kit, client), conf={TYPE: kind})
        for _ in range(2):
            assert deserializer(serializer(ANN, kit.value("t")), kit.value("t")) == ANN


def latest(kit: Kit, client: Any) -> None:
    kit.registered(client, "t-value", USER)
    kit.registered(client, "t-value", LATER)
    other = again(kit, client)
    conf = {"use.latest.version": True}
    serializer = kit.AvroSerializer(other, None, conf=conf | {"auto.register.schemas": False})
    deserializer = kit.AvroDeserializer(again(kit, client), conf=conf)
    old = kit.AvroSerializer(client, USER)(ANN, kit.value("t"))
    for _ in range(3):
        message = serializer(ANN, kit.value("t"))
        assert deserializer(message, kit.value("t")) == ANN | {"city": "?"}
        assert deserializer(old, kit.value("t")) == ANN | {"city": "?"}


def by_id(kit: Kit, client: Any) -> None:
    found = kit.registered(client, "t-value", USER)
    other = again(kit, client)
    serializer = kit.AvroSerializer(other, None, conf={"use.schema.id": found.schema_id})
    for _ in range(3):
        serializer(ANN, kit.value("t"))


def by_metadata(kit: Kit, client: Any) -> None:
    properties = kit.the.MetadataProperties({"application": "1"})
    more = kit.the.Metadata(None, properties, None)
    kit.registered(client, "t-value", USER, metadata=more)
    other = again(kit, client)
    conf: dict[str, Any] = {"use.latest.with.metadata": {"application": "1"}}
    serializer = kit.AvroSerializer(other, None, conf=conf)
    deserializer = kit.AvroDeserializer(again(kit, client), conf=conf)
    for _ in range(3):
        assert deserializer(serializer(ANN, kit.value("t")), kit.value("t")) == ANN


def references(kit: Kit, client: Any) -> None:
    kit.registered(client, "money", MONEY)
    reference = kit.the.SchemaReference("shop.Money", "money", 1)
    order = kit.the.Schema(ORDER, "AVRO", [reference])
    serializer = kit.AvroSerializer(client, order)
    value = {"total": ANN, "by": ANN}
    for _ in range(2):
        message = serializer(value, kit.value("t"))
        assert kit.AvroDeserializer(again(kit, client), order)(message, kit.value("t")) == value
    assert kit.AvroDeserializer(again(kit, client))(message, kit.value("t")) == value


def headers(kit: Kit, client: Any) -> None:
    conf = {"schema.id.serializer": kit.the.header_schema_id_serializer}
    serializer = kit.AvroSerializer(client, USER, conf=conf)
    deserializer = kit.AvroDeserializer(again(kit, client))
    for _ in range(3):
        context = kit.value("t", [])
        assert deserializer(serializer(ANN, context), context) == ANN


def failures(kit: Kit, client: Any) -> None:
    """Ask again after an answer that was an error."""
    serializer = kit.AvroSerializer(client, USER, conf={"auto.register.schemas": False})
    deserializer = kit.AvroDeserializer(client)
    for _ in range(2):
        assert Outcome.of(kit, serializer, ANN, kit.value("t")).trouble == "SchemaRegistryError"
        message = b"\x00\x00\x00\x00\x63" + bytes(6)
        assert Outcome.of(kit, deserializer, message, kit.value("t")).trouble is not None


SCENARIOS = [
    plain,
    normalized,
    looked_up,
    bare_words,
    named,
    latest,
    by_id,
    by_metadata,
    references,
    headers,
    failures,
]


def meant(requests: list[tuple[str, str, Any]]) -> list[str]:
    """Return the requests without what means nothing, so that the same ones are equal."""
    found = []
    for method, path, body in requests:
        asked = dict(body or {})
        asked.pop("references", None) if not asked.get("references") else None
        if asked.get("schemaType") == "AVRO":
            asked.pop("schemaType")
        found.append(f"{method} {path} {json.dumps(asked, sort_keys=True)}")
    return found


def registrations(requests: list[str]) -> list[str]:
    return [each for each in requests if each.startswith("POST") and "/versions " in each]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.__name__)
def test_the_registry_is_asked_what_the_stock_asks_and_no_more_often(
    ours: Kit,
    stocks: Kit,
    tap: Any,
    fresh: Callable[[], str],
    scenario: Callable[[Kit, Any], None],
) -> None:
    asked = []
    for kit in (stocks, ours):
        scenario(kit, kit.client(fresh()))
        asked.append(meant(tap.take()))
    expected, found = asked
    assert set(found) <= set(expected)
    assert registrations(found) == registrations(expected)
    for each in set(found):
        assert found.count(each) <= expected.count(each), each
