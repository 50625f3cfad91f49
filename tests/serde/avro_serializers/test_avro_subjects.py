"""Which subject a message belongs to, and where its schema id stands."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from serde_kits import Outcome, told

if TYPE_CHECKING:
    from serde_kits import Kit
    from stock_face import Settled

USER = '{"type":"record","name":"User","namespace":"shop","fields":[{"name":"id","type":"long"}]}'
ANN = {"id": 1 << 40}  # longer than a prefix, as the stock looks for one before it looks at headers
PAYLOAD = b"\x80\x80\x80\x80\x80\x40"
UNION = json.dumps([json.loads(USER), "null"])
TYPE = "subject.name.strategy.type"
CONF = "subject.name.strategy.conf"
FALLBACK = "subject.name.strategy.fallback.type"
CLUSTER = "subject.name.strategy.kafka.cluster.id"


def own_strategy(ctx: Any, _record: str | None) -> str:
    return f"{ctx.topic}.{ctx.field}"


@pytest.mark.parametrize(
    ("conf", "subject"),
    [
        ({}, "topic-{}"),
        ({TYPE: "TOPIC"}, "topic-{}"),
        ({TYPE: "topic_record"}, "topic-shop.User"),
        ({TYPE: "RECORD"}, "shop.User"),
        ({TYPE: "ASSOCIATED"}, "topic-{}"),
        ({CONF: {FALLBACK: "TOPIC"}}, "topic-{}"),
        ({CONF: {FALLBACK: None}}, "topic-{}"),
        ({CONF: {FALLBACK: "record"}}, "shop.User"),
        ({CONF: {FALLBACK: "TOPIC_RECORD"}}, "topic-shop.User"),
        ({"subject.name.strategy": own_strategy}, "topic.{}"),
        ({"subject.name.strategy": own_strategy, TYPE: "TOPIC"}, "topic.{}"),
    ],
    ids=told,
)
@pytest.mark.parametrize("side", ["key", "value"])
def test_a_strategy_names_the_subject(
    kit: Kit, url: str, conf: dict[str, Any], subject: str, side: str
) -> None:
    client, context = kit.client(url), getattr(kit, side)("topic")
    serializer = kit.AvroSerializer(client, USER, conf=conf)
    deserializer = kit.AvroDeserializer(client, conf=conf)
    for _ in range(3):
        message = serializer(ANN, context)
        assert message == b"\x00\x00\x00\x00\x01" + PAYLOAD
        assert deserializer(message, context) == ANN
    assert client.get_latest_version(subject.format(side)).schema_id == 1


def test_the_strategies_are_functions_too(kit: Kit, url: str) -> None:
    functions = {
        kit.the.topic_subject_name_strategy: "topic-value",
        kit.the.record_subject_name_strategy: "shop.User",
        kit.the.topic_record_subject_name_strategy: "topic-shop.User",
    }
    client, context = kit.client(url), kit.value("topic")
    for function, subject in functions.items():
        assert function(context, "shop.User") == subject
        conf = {"subject.name.strategy": function}
        assert kit.AvroSerializer(client, USER, conf=conf)(ANN, context)[5:] == PAYLOAD
        assert client.get_latest_version(subject).schema_id == 1


def test_a_strategy_is_asked_with_the_name_of_the_schema(kit: Kit, url: str) -> None:
    asked = []

    def strategy(ctx: Any, record: str | None) -> str:
        asked.append((ctx.topic, str(ctx.field), record))
        return f"s{len(asked)}"

    client, context = kit.client(url), kit.key("topic")
    for text, value in ((USER, ANN), (UNION, ANN), ('"long"', 7), ('{"type":"long"}', 7)):
        kit.AvroSerializer(client, text, conf={"subject.name.strategy": strategy})(value, context)
    names = ["shop.User", None, "long", "long"]
    assert asked == [("topic", "key", name) for name in names]


@pytest.mark.parametrize("kind", ["RECORD", "TOPIC_RECORD"])
def test_a_union_has_no_name_to_make_a_subject_of(kit: Kit, url: str, kind: str) -> None:
    serializer = kit.AvroSerializer(kit.client(url), UNION, conf={TYPE: kind})
    with pytest.raises(Exception, match=r"."):  # the stock stumbles over the id it has not
        serializer(ANN, kit.value("topic"))


@pytest.mark.parametrize(
    ("conf", "subject"),
    [
        ({}, "topic-value"),
        ({TYPE: "RECORD"}, "shop.User"),
        ({TYPE: "TOPIC_RECORD"}, "topic-shop.User"),
        ({CONF: {FALLBACK: "RECORD"}}, "shop.User"),
    ],
    ids=told,
)
def test_a_reader_finds_its_latest_version_by_the_name_of_the_record(
    kit: Kit, url: str, conf: dict[str, Any], subject: str
) -> None:
    client, context = kit.client(url), kit.value("topic")
    message = kit.AvroSerializer(client, USER, conf=conf)(ANN, context)
    later = USER.replace("]}", ',{"name":"city","type":"string","default":"?"}]}')
    kit.registered(client, subject, later)
    other = kit.client(url)
    deserializer = kit.AvroDeserializer(other, conf=conf | {"use.latest.version": True})
    for _ in range(2):
        assert deserializer(message, context) == ANN | {"city": "?"}


def associate(
    kit: Kit, client: Settled, topic: str, cluster: str = "lkc-1", **subjects: str
) -> None:
    info, request = kit.the.AssociationCreateOrUpdateInfo, kit.the.AssociationCreateOrUpdateRequest
    infos = [info(subject, kind, "WEAK") for kind, subject in subjects.items()]
    resource = f"{cluster}-{topic}"
    client.create_association(request(topic, cluster, resource, "topic", infos))


def test_one_association_names_the_subject(kit: Kit, url: str, name: str) -> None:
    client = kit.client(url)
    for cluster, side, subject in (("lkc-1", "value", "mine"), ("lkc-2", "key", "my-key")):
        kit.registered(client, subject, USER)
        associate(kit, client, name, cluster=cluster, **{side: subject})
    for context in (kit.value(name), kit.key(name)):
        for conf in ({}, {TYPE: "ASSOCIATED", CONF: {FALLBACK: "NONE"}}):
            serializer = kit.AvroSerializer(client, USER, conf=conf)
            deserializer = kit.AvroDeserializer(client, conf=conf | {"use.latest.version": True})
            for _ in range(2):
                message = serializer(ANN, context)
                assert message == b"\x00\x00\x00\x00\x01" + PAYLOAD
                assert deserializer(message, context) == ANN
    assert not [each for each in client.get_subjects() if name + "-" in each]


def test_two_associations_are_one_too_many(kit: Kit, url: str, name: str) -> None:
    client = kit.client(url)
    kit.registered(client, "mine", USER)
    kit.registered(client, "other", USER)
    associate(kit, client, name, value="mine")
    associate(kit, client, name, cluster="lkc-2", value="other")
    serializer = kit.AvroSerializer(client, USER)
    for _ in range(2):
        with pytest.raises(kit.the.SerializationError, match="Multiple associated subjects found"):
            serializer(ANN, kit.value(name))
    named = kit.AvroSerializer(client, USER, conf={CONF: {CLUSTER: "lkc-2"}})
    assert named(ANN, kit.value(name))[5:] == PAYLOAD


def test_no_association_and_no_fallback_are_too_few(kit: Kit, url: str, name: str) -> None:
    client = kit.client(url)
    serializer = kit.AvroSerializer(client, USER, conf={CONF: {FALLBACK: "NONE"}})
    with pytest.raises(kit.the.SerializationError, match="No associated subject found for topic"):
        serializer(ANN, kit.value(name))
    kit.registered(client, "mine", USER)
    associate(kit, client, name, value="mine")
    assert serializer(ANN, kit.value(name))[5:] == PAYLOAD


@pytest.mark.parametrize("fallback", ["ASSOCIATED", "nonsense", "", 7])
def test_a_fallback_that_is_none_is_named_when_it_is_needed(
    kit: Kit, url: str, fallback: object
) -> None:
    serializer = kit.AvroSerializer(kit.client(url), USER, conf={CONF: {FALLBACK: fallback}})
    with pytest.raises(ValueError, match=f"^Invalid value for {FALLBACK}: "):
        serializer(ANN, kit.value("topic"))


def test_no_fallback_is_looked_at_where_there_is_an_association(
    kit: Kit, url: str, name: str
) -> None:
    client = kit.client(url)
    kit.registered(client, "mine", USER)
    associate(kit, client, name, value="mine")
    for fallback in ("ASSOCIATED", "NONE"):
        serializer = kit.AvroSerializer(client, USER, conf={CONF: {FALLBACK: fallback}})
        assert serializer(ANN, kit.value(name))[5:] == PAYLOAD
    wrong = kit.AvroSerializer(client, USER, conf={CONF: {FALLBACK: "nonsense"}})
    with pytest.raises(ValueError, match=f"^Invalid value for {FALLBACK}: nonsense"):
        wrong(ANN, kit.value(name))


@pytest.mark.parametrize("text", ['"long"', UNION])
def test_what_has_no_name_has_no_latest_version_to_be_read_with(
    kit: Kit, url: str, text: str
) -> None:
    client, context = kit.client(url), kit.value("topic")
    value = 1 << 40 if text == '"long"' else ANN
    message = kit.AvroSerializer(client, text)(value, context)
    for kind in ("RECORD", "TOPIC_RECORD"):
        conf = {TYPE: kind, "use.latest.version": True}
        deserializer = kit.AvroDeserializer(client, conf=conf)
        for _ in range(2):
            assert deserializer(message, context) == value


def resolver(kit: Kit, outcome: Any, calls: list[int]) -> Any:
    def resolve() -> str:
        calls.append(1)
        if isinstance(outcome, Exception):
            raise outcome
        return str(outcome)

    async def resolve_async() -> str:
        return resolve()

    return resolve_async if kit.is_async else resolve


def set_resolver(kit: Kit, serde: Settled, resolve: Any) -> None:
    setter = "set_async_cluster_id_resolver" if kit.is_async else "set_cluster_id_resolver"
    getattr(serde.stock, setter)(resolve)


def test_the_cluster_decides_between_associations(kit: Kit, url: str, name: str) -> None:
    client, context = kit.client(url), kit.value(name)
    for cluster in ("lkc-1", "lkc-2"):
        kit.registered(client, f"in-{cluster}", USER)
        associate(kit, client, name, cluster=cluster, value=f"in-{cluster}")
    calls: list[int] = []
    message = b"\x00\x00\x00\x00\x01" + PAYLOAD
    for make, given, made in (
        (kit.AvroSerializer, ANN, message),
        (kit.AvroDeserializer, message, ANN),
    ):
        serde = make(client, USER)
        set_resolver(kit, serde, resolver(kit, "lkc-2", calls))
        assert calls == []  # only when it is needed
        for _ in range(3):
            assert serde(given, context) == made
        assert calls == [1]
        calls.clear()


def test_a_cluster_named_by_the_settings_is_not_asked_for(kit: Kit, url: str, name: str) -> None:
    client, calls = kit.client(url), []
    kit.registered(client, "mine", USER)
    associate(kit, client, name, cluster="lkc-9", value="mine")
    conf = {CONF: {CLUSTER: "lkc-9", FALLBACK: "NONE"}}
    serializer = kit.AvroSerializer(client, USER, conf=conf)
    set_resolver(kit, serializer, resolver(kit, "lkc-1", calls))
    assert serializer(ANN, kit.value(name))[5:] == PAYLOAD
    assert calls == []


@pytest.mark.parametrize("outcome", ["", RuntimeError("no broker")], ids=["empty", "raises"])
def test_a_cluster_that_is_not_to_be_had_fails_the_message_and_is_asked_for_again(
    kit: Kit, url: str, outcome: Any
) -> None:
    calls: list[int] = []
    serializer = kit.AvroSerializer(kit.client(url), USER)
    set_resolver(kit, serializer, resolver(kit, outcome, calls))
    for _ in range(2):
        with pytest.raises(kit.the.SerializationError, match=CLUSTER):
            serializer(ANN, kit.value("topic"))
    assert calls == [1, 1]
    set_resolver(kit, serializer, resolver(kit, "lkc-1", calls))
    assert serializer(ANN, kit.value("topic"))[5:] == PAYLOAD


def test_other_strategies_have_no_use_for_the_cluster(kit: Kit, url: str) -> None:
    calls: list[int] = []
    serializer = kit.AvroSerializer(kit.client(url), USER, conf={TYPE: "TOPIC"})
    set_resolver(kit, serializer, resolver(kit, "lkc-1", calls))
    assert serializer(ANN, kit.value("topic"))[5:] == PAYLOAD
    assert calls == []


def test_associations_are_remembered_until_they_are_to_be_forgotten(
    kit: Kit, url: str, name: str
) -> None:
    """What was written fast because of an association must not outlive it."""
    client, context = kit.client(url), kit.value(name)
    strategy = kit.stock_class("AssociatedNameStrategy")()
    conf = {"subject.name.strategy": strategy}
    serializer = kit.AvroSerializer(client, USER, conf=conf)
    deserializer = kit.AvroDeserializer(client, conf=conf | {"use.latest.version": True})
    message = serializer(ANN, context)
    assert deserializer(message, context) == ANN
    later = USER.replace("]}", ',{"name":"city","type":"string","default":"?"}]}')
    kit.registered(client, "mine", USER)
    kit.registered(client, "mine", later)
    associate(kit, client, name, value="mine")
    for _ in range(2):
        assert serializer(ANN, context) == message
        assert deserializer(message, context) == ANN
    client.delete_subject(f"{name}-value")
    kit.call(strategy.clear_cache)
    for _ in range(2):
        assert serializer(ANN, context) == message
        assert deserializer(message, context) == ANN | {"city": "?"}
    assert not [each for each in client.get_subjects() if name + "-" in each]


def test_a_strategy_can_be_asked_by_itself(kit: Kit, url: str, name: str) -> None:
    client = kit.client(url)
    kit.registered(client, "mine", USER)
    associate(kit, client, name, value="mine")
    strategy = kit.stock_class("AssociatedNameStrategy")()

    def ask(ctx: Any, client: Any, conf: Any = None) -> Any:
        return kit.call(strategy, ctx, "shop.User", client, conf)

    assert ask(kit.value(name), client).endswith(":mine")  # behind the context it is in
    assert ask(kit.value("other"), client, {FALLBACK: "RECORD"}) == "shop.User"
    assert ask(kit.value("third"), None, {FALLBACK: "RECORD"}) == "third-value"
    assert ask(kit.key(None), client) is None
    with pytest.raises(ValueError, match=r"^SerializationContext is required"):
        ask(None, client)


HEADERS = {"key": "__key_schema_id", "value": "__value_schema_id"}


@pytest.mark.parametrize("side", ["key", "value"])
@pytest.mark.parametrize("kind", [list, dict])
def test_the_guid_goes_into_a_header(kit: Kit, url: str, kind: type, side: str) -> None:
    client = kit.client(url)
    conf = {"schema.id.serializer": kit.the.header_schema_id_serializer}
    serializer = kit.AvroSerializer(client, USER, conf=conf)
    deserializer = kit.AvroDeserializer(kit.client(url))
    for _ in range(3):
        headers = kind()
        context = getattr(kit, side)("topic", headers)
        assert serializer(ANN, context) == PAYLOAD
        guid = uuid.UUID(client.get_latest_version(f"topic-{side}").guid)
        assert dict(headers) == {HEADERS[side]: b"\x01" + guid.bytes}
        assert deserializer(PAYLOAD, context) == ANN


@pytest.mark.parametrize(
    ("headers", "text"), [(None, "Missing headers"), ((), "Invalid headers type")]
)
def test_without_headers_there_is_no_place_for_the_guid(
    kit: Kit, url: str, headers: Any, text: str
) -> None:
    conf = {"schema.id.serializer": kit.the.header_schema_id_serializer}
    serializer = kit.AvroSerializer(kit.client(url), USER, conf=conf)
    with pytest.raises(kit.the.SerializationError, match=text):
        serializer(ANN, kit.value("topic", headers))
    by_name = kit.AvroSerializer(kit.client(url), USER, conf=conf | {TYPE: "RECORD"})
    with pytest.raises(kit.the.SerializationError, match="SerializationContext is required"):
        by_name(ANN, None)


@pytest.mark.parametrize("kind", [list, dict])
def test_a_dual_reader_takes_both_frames_in_turns_and_a_prefix_reader_one(
    kit: Kit, url: str, kind: type
) -> None:
    client = kit.client(url)
    conf = {"schema.id.serializer": kit.the.header_schema_id_serializer}
    headed, framed = kit.AvroSerializer(client, USER, conf=conf), kit.AvroSerializer(client, USER)
    headers = kind()
    bare = headed(ANN, kit.value("topic", headers))
    message = framed(ANN, kit.value("topic"))
    dual = kit.AvroDeserializer(client)
    reading = {"schema.id.deserializer": kit.the.prefix_schema_id_deserializer}
    prefix = kit.AvroDeserializer(client, conf=reading)
    for _ in range(3):
        assert dual(message, kit.value("topic")) == ANN
        assert dual(bare, kit.value("topic", headers)) == ANN
        assert dual(message, kit.value("topic", kind())) == ANN
        assert dual(message, kit.value("topic", kind([("other", b"x")]))) == ANN
        assert dual(message, kit.value("topic", kind([(HEADERS["key"], b"\x01" * 17)]))) == ANN
        assert prefix(message, kit.value("topic")) == ANN
        assert prefix(message, kit.value("topic", headers)) == ANN
        with pytest.raises(kit.the.SerializationError):
            prefix(bare, kit.value("topic", headers))
        with pytest.raises(kit.the.SerializationError):
            dual(bare, kit.value("topic"))


def test_a_header_may_hold_the_id_and_the_payload_the_guid(kit: Kit, url: str) -> None:
    """No serializer writes them there, and every deserializer reads them."""
    client = kit.client(url)
    guid = uuid.UUID(kit.registered(client, "topic-value", USER).guid).bytes
    deserializer = kit.AvroDeserializer(client)
    message = kit.AvroSerializer(client, USER)(ANN, kit.value("topic"))
    headers = [(HEADERS["value"], b"\x00\x00\x00\x00\x01")]
    for _ in range(3):
        assert deserializer(PAYLOAD, kit.value("topic", headers)) == ANN
        assert deserializer(b"\x01" + guid + PAYLOAD, kit.value("topic")) == ANN
        assert deserializer(message, kit.value("topic")) == ANN


def test_a_prefix_reader_does_not_take_an_id_from_a_header(kit: Kit, url: str) -> None:
    client = kit.client(url)
    reading = {"schema.id.deserializer": kit.the.prefix_schema_id_deserializer}
    prefix = kit.AvroDeserializer(client, conf=reading)
    message = kit.AvroSerializer(client, USER)(ANN, kit.value("topic"))
    headers = [(HEADERS["value"], b"\x00\x00\x00\x00\x01")]
    for _ in range(3):
        assert prefix(message, kit.value("topic")) == ANN
        assert prefix(message, kit.value("topic", headers)) == ANN


@pytest.mark.parametrize("header", [b"", b"\x02", b"\x01\x02", b"\x00\x00"])
def test_a_header_that_holds_no_id_fails_the_message(kit: Kit, url: str, header: bytes) -> None:
    client = kit.client(url)
    message = kit.AvroSerializer(client, USER)(ANN, kit.value("topic"))
    deserializer = kit.AvroDeserializer(client)
    for _ in range(2):
        context = kit.value("topic", [(HEADERS["value"], header)])
        assert Outcome.of(kit, deserializer, message, context).trouble is not None
        assert deserializer(message, kit.value("topic")) == ANN


def test_an_own_function_places_the_id(kit: Kit, url: str) -> None:
    seen = []

    def place(payload: bytes, ctx: Any, schema_id: Any) -> bytes:
        seen.append(
            (str(ctx.field), schema_id.schema_type, schema_id.id, schema_id.message_indexes)
        )
        assert schema_id.id_to_bytes() == b"\x00\x00\x00\x00\x01"
        assert schema_id.guid_to_bytes() == b"\x01" + schema_id.guid.bytes
        return payload + b"/" + schema_id.guid.bytes

    def find(data: bytes, _ctx: Any, schema_id: Any) -> Any:
        payload, _, guid = data.partition(b"/")
        schema_id.guid = uuid.UUID(bytes=guid)
        return payload

    client = kit.client(url)
    serializer = kit.AvroSerializer(client, USER, conf={"schema.id.serializer": place})
    deserializer = kit.AvroDeserializer(client, conf={"schema.id.deserializer": find})
    for context in (kit.value("topic"), kit.key("topic"), kit.value("topic")):
        message = serializer(ANN, context)
        assert message.startswith(PAYLOAD + b"/")
        assert deserializer(message, context) == ANN
    assert seen == [(side, "AVRO", 1, None) for side in ("value", "key", "value")]


def test_an_own_function_that_finds_no_id_fails_the_message(kit: Kit, url: str) -> None:
    conf = {"schema.id.deserializer": lambda data, _ctx, _schema_id: data}
    deserializer = kit.AvroDeserializer(kit.client(url), conf=conf)
    with pytest.raises(kit.the.SerializationError):
        deserializer(b"\x00\x00\x00\x00\x01" + PAYLOAD, kit.value("topic"))
