"""The quick way of known topics gives what the long way of first messages gives."""

from __future__ import annotations

import json
import re
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from serde_kits import ACCORD, WARM, Kit, Store

from accord_serde import (
    RegisteredSchema,
    Schema,
    dual_schema_id_deserializer,
    header_schema_id_serializer,
    prefix_schema_id_deserializer,
)
from accord_serde._core import reading, writing
from accord_serde.avro import AvroDeserializer, AvroSerializer
from accord_serde.rule_registry import RuleRegistry
from accord_serde.serde import RuleAction, RuleExecutor, ValidationRuleExecutor
from accord_serde.serialization import SerializationContext, SerializationError

if TYPE_CHECKING:
    from collections.abc import Callable

USER = '{"type":"record","name":"User","fields":[{"name":"id","type":"long"}]}'
LATER = '{"type":"record","name":"User","fields":[{"name":"id","type":"double"}]}'
OURS = Kit(ACCORD, None)
GUIDS = [str(uuid.UUID(int=number)) for number in (1, 2)]


class Registry:
    """A registry in memory that knows GUIDs too."""

    def __init__(self) -> None:
        self._client: Any = Store().client(OURS)

    def config(self) -> dict[str, Any]:
        return {}

    def get_associations_by_resource_name(self, **_: Any) -> list[Any]:
        return []

    def register_schema_full_response(self, *given: Any, **named: Any) -> RegisteredSchema:
        found = self._client.register_schema_full_response(*given, **named)
        guid = GUIDS[[USER, LATER].index(found.schema.schema_str)]
        return RegisteredSchema(found.subject, 1, found.schema_id, guid, found.schema)

    def get_schema(self, *given: Any) -> Schema:
        found: Schema = self._client.get_schema(*given)
        return found

    def get_schema_by_guid(self, guid: str, _: Any = None) -> Schema:
        return Schema((USER, LATER)[GUIDS.index(guid)])


def without_address(value: object) -> str:
    return re.sub(r"at 0x[0-9a-f]+", "at some place", str(value))


def outcome(function: Callable[..., Any], given: Any, ctx: SerializationContext) -> Any:
    """Return all that can be told of a call: the result, or all there is about the error."""
    try:
        result = function(given, ctx)
    except Exception as error:  # noqa: BLE001 - which one it is makes the outcome
        known = {name: without_address(value) for name, value in vars(error).items()}
        return type(error).__name__, without_address(error), known, repr(ctx.headers)
    return "gave", repr(result), repr(ctx.headers)


OBJECTS = st.sampled_from([{"id": 1}, {"id": 1 << 40}, {"id": "x"}, {}, {"id": 1 << 70}, None, 7])
PLACES = st.tuples(st.sampled_from(["one", "two"]), st.sampled_from(["key", "value"]))
WRITERS = st.sampled_from(
    [
        {},
        {"schema.id.serializer": header_schema_id_serializer},
        {"subject.name.strategy.type": "RECORD"},
        {"subject.name.strategy": lambda ctx, _: f"{ctx.topic}+{len(ctx.headers or ())}"},
        {"validate.strict": True},
    ]
)
HEADERS = st.sampled_from(["none", "list", "dict"])


def headers_of(kind: str) -> Any:
    return {"none": None, "list": [], "dict": {}}[kind]


WARMTH = st.sampled_from([0, WARM])


@given(WRITERS, st.booleans(), WARMTH, st.lists(st.tuples(PLACES, HEADERS, OBJECTS), max_size=12))
@settings(deadline=None)
def test_a_serializer_in_use_writes_as_a_new_one(
    conf: dict[str, Any], converts: bool, warm: int, messages: list[Any]
) -> None:
    registry = Registry()
    to_dict = (lambda each, ctx: {"id": len(ctx.topic)} | each) if converts else None
    used = AvroSerializer(registry, USER, to_dict, conf)
    for _ in range(warm):
        used({"id": 1}, SerializationContext("one", "value", []))
    for (topic, field), kind, value in messages:
        new = AvroSerializer(registry, USER, to_dict, conf)
        expected = outcome(new, value, SerializationContext(topic, field, headers_of(kind)))
        found = outcome(used, value, SerializationContext(topic, field, headers_of(kind)))
        assert found == expected


def framed() -> list[bytes]:
    start = [b"\x00\x00\x00\x00\x01", b"\x00\x00\x00\x00\x02", b"\x00\x00\x00\x00\x03"]
    start += [b"\x01" + uuid.UUID(guid).bytes for guid in GUIDS]
    return [*start, b"\x01" + bytes(15) + b"\x09", b"\x02", b"\x00", b""]


STARTS = st.sampled_from(framed())
PAYLOADS = st.sampled_from([b"\x02", b"\x00" * 8, b"\x80", b"", b"\x00\x00\x00\x00\x01\x02"])
IN_HEADERS = st.none() | st.tuples(
    st.sampled_from(["__key_schema_id", "__value_schema_id"]), STARTS
)
READERS = st.sampled_from(
    [
        {},
        {"schema.id.deserializer": dual_schema_id_deserializer},
        {"schema.id.deserializer": prefix_schema_id_deserializer},
        {"subject.name.strategy.type": "RECORD"},
    ]
)


@given(
    READERS,
    st.sampled_from([None, LATER]),
    st.booleans(),
    WARMTH,
    st.lists(st.tuples(PLACES, IN_HEADERS, HEADERS, STARTS, PAYLOADS), max_size=12),
)
@settings(deadline=None)
def test_a_deserializer_in_use_reads_as_a_new_one(
    conf: dict[str, Any], schema: str | None, converts: bool, warm: int, messages: list[Any]
) -> None:
    registry = Registry()
    for text in (USER, LATER):
        registry.register_schema_full_response("s", Schema(text))
    registry.get_schema_by_guid(GUIDS[0])
    from_dict = (lambda each, ctx: (ctx.topic, 1 / each["id"])) if converts else None
    used = AvroDeserializer(registry, schema, from_dict, conf=conf)
    for _ in range(warm):
        used(b"\x00\x00\x00\x00\x01\x02", SerializationContext("one", "value"))
    for (topic, field), header, kind, start, payload in messages:
        given_headers = headers_of(kind)
        if header is not None and kind != "none":
            given_headers = type(given_headers)([header])
        ctx = SerializationContext(topic, field, given_headers, partition=1, offset=2)
        new = AvroDeserializer(registry, schema, from_dict, conf=conf)
        assert outcome(used, start + payload, ctx) == outcome(new, start + payload, ctx)


class Positive(ValidationRuleExecutor):
    """Holds for numbers above nought."""

    def execute(self, rule: Any, schema: Any, message: Any) -> Any:  # noqa: ARG002
        return message > 0


def test_rules_inside_the_schema_are_checked_for_every_message(ours: Kit, url: str) -> None:
    text = json.loads(USER)
    text["fields"][0]["confluent:rules"] = [{"name": "positive", "expr": "this > 0"}]
    for when in ("BEFORE_DOMAIN_RULES", "AFTER_DOMAIN_RULES"):
        conf = {"validation.rules.execution": when, "validation.rules.executor": Positive()}
        serializer = ours.AvroSerializer(ours.client(url), json.dumps(text), conf=conf)
        for _ in range(3):
            assert serializer({"id": 1}, ours.value("topic"))[5:] == b"\x02"
            with pytest.raises(SerializationError, match="id: positive") as caught:
                serializer({"id": -1}, ours.value("topic"))
            assert (caught.value.topic, caught.value.subject) == ("topic", "topic-value")


class Adding(RuleExecutor):
    """Adds one to the id of each message."""

    def type(self) -> str:
        return "ADD"

    def transform(self, ctx: Any, message: Any) -> Any:  # noqa: ARG002
        return message | {"id": message["id"] + 1}


class Keys(RuleAction):
    """Writes down the key that goes with each value."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def type(self) -> str:
        return "KEYS"

    def run(self, ctx: Any, message: Any, ex: Exception | None) -> None:  # noqa: ARG002
        self.seen.append(ctx.original_key)


def rule(kit: Kit, mode: str) -> Any:
    return kit.the.Rule(
        name="add",
        doc=None,
        kind=kit.the.RuleKind.TRANSFORM,
        mode=kit.the.RuleMode(mode),
        type="ADD",
        tags=None,
        params=None,
        expr=None,
        on_success="KEYS",
        on_failure=None,
        disabled=False,
    )


def rules(*actions: RuleAction) -> RuleRegistry:
    registry = RuleRegistry()
    registry.register_executor(Adding())
    for action in actions:
        registry.register_action(action)
    return registry


LATEST: dict[str, Any] = {"use.latest.version": True}


def test_rules_beside_the_schema_run_for_every_message(ours: Kit, url: str) -> None:
    client, actions = ours.client(url), Keys()
    rule_set = ours.the.RuleSet(None, [rule(ours, "WRITEREAD")])
    ours.registered(client, "topic-value", USER, rule_set=rule_set)
    conf = LATEST | {"auto.register.schemas": False}
    serializer = ours.AvroSerializer(client, None, conf=conf, rule_registry=rules(actions))
    plain = ours.AvroDeserializer(client, rule_registry=rules(actions))
    latest = ours.AvroDeserializer(client, conf=LATEST, rule_registry=rules(actions))
    for _ in range(3):
        message = serializer({"id": 1}, ours.value("topic"))
        assert message == b"\x00\x00\x00\x00\x01\x04"
        assert plain(message, ours.value("topic")) == {"id": 3}
        assert latest(message, ours.value("topic")) == {"id": 3}
    assert actions.seen == [None] * 9


def test_rules_that_come_with_a_later_version_run(ours: Kit, url: str) -> None:
    client = ours.client(url)
    ours.registered(client, "topic-value", USER)
    conf = LATEST | {"auto.register.schemas": False}
    serializer = ours.AvroSerializer(client, None, conf=conf, rule_registry=rules(Keys()))
    deserializer = ours.AvroDeserializer(client, conf=LATEST, rule_registry=rules(Keys()))
    for _ in range(3):
        message = serializer({"id": 1}, ours.value("topic"))
        assert message == b"\x00\x00\x00\x00\x01\x02"
        assert deserializer(message, ours.value("topic")) == {"id": 1}
    rule_set = ours.the.RuleSet(None, [rule(ours, "WRITEREAD")])
    ours.registered(ours.client(url), "topic-value", USER, rule_set=rule_set)
    client.clear_latest_caches()
    for _ in range(3):
        assert serializer({"id": 1}, ours.value("topic")) == b"\x00\x00\x00\x00\x02\x04"
        assert deserializer(message, ours.value("topic")) == {"id": 2}


def test_a_value_is_known_with_its_key_and_without_that_of_another(ours: Kit, url: str) -> None:
    """However quickly the key was written, and whoever knows of the action."""
    client, actions = ours.client(url), Keys()
    rule_set = ours.the.RuleSet(None, [rule(ours, "WRITEREAD")])
    ours.registered(client, "topic-value", USER, rule_set=rule_set)
    conf = LATEST | {"auto.register.schemas": False}
    keys = ours.AvroSerializer(client, '"string"')
    values = ours.AvroSerializer(client, None, conf=conf, rule_registry=rules(actions))
    others = ours.AvroSerializer(client, USER)
    read_keys = ours.AvroDeserializer(client)
    read_values = ours.AvroDeserializer(client, rule_registry=rules(actions))

    for key, other in [("a", False), ("b", False), (None, False), ("c", True), ("d", True)]:
        message = None if key is None else keys(key, ours.key("topic"))
        if other:
            others({"id": 1}, ours.value("other"))
        value = values({"id": 1}, ours.value("topic"))
        if message is not None:
            read_keys(message, ours.key("topic"))
        if other:
            others({"id": 1}, ours.value("other"))
        read_values(value, ours.value("topic"))
    written, read = actions.seen[0::2], actions.seen[1::2]
    assert written == ["a", "b", None, None, None]
    assert [each and each[6:] for each in read] == [b"a", b"b", None, None, None]


@pytest.mark.parametrize("field", ["key", "value", "none"])
def test_three_fields_of_one_topic_take_turns(field: str) -> None:
    registry, conf = Registry(), {"subject.name.strategy.type": "TOPIC"}
    serializer = AvroSerializer(registry, USER, conf=conf)
    deserializer = AvroDeserializer(registry, conf=conf)
    found = []
    for each in [field, "none", "key", "value", field] * 3:
        ctx = SerializationContext("topic", each)
        message = serializer({"id": 1}, ctx)
        assert deserializer(message, ctx) == {"id": 1}
        found.append((each, message))
    assert len(set(found)) == 3


def test_topics_beyond_the_number_of_lanes_are_served_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MAX_LANES", 3)
    monkeypatch.setattr(reading, "MAX_LANES", 3)
    monkeypatch.setattr(reading, "MAX_DECODERS", 1)
    registry = Registry()
    serializers = [AvroSerializer(registry, text) for text in (USER, LATER)]
    deserializer = AvroDeserializer(registry)
    for _ in range(3):
        for topic in "abcdefgh":
            for field in ("key", "value"):
                for serializer in serializers:
                    ctx = SerializationContext(topic, field)
                    assert deserializer(serializer({"id": 1}, ctx), ctx) == {"id": 1}


def test_preparing_a_topic_finds_out_what_its_first_message_would(ours: Kit, url: str) -> None:
    client = ours.client(url)
    serializer = ours.AvroSerializer(client, USER)
    prepared = serializer.prepare("topic")
    assert (prepared.schema_type, prepared.id) == ("AVRO", 1)
    assert serializer.prepare("topic", "key").id == 1
    assert client.get_latest_version("topic-key").schema_id == 1
    assert serializer({"id": 1}, ours.value("topic")) == b"\x00\x00\x00\x00\x01\x02"
    careful = ours.AvroSerializer(client, USER, conf={"auto.register.schemas": False})
    with pytest.raises(ours.the.SchemaRegistryError):
        careful.prepare("unknown")
    nothing = ours.AvroSerializer(client, None)
    with pytest.raises(SerializationError) as caught:
        nothing.prepare("topic")
    assert caught.value.topic == "topic"
