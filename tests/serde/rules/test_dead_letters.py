"""The action DLQ, with Confluent's client and with ours."""

from __future__ import annotations

import struct
import uuid
from typing import Any

import pytest
from confluent_kafka import KafkaException
from google.protobuf.wrappers_pb2 import StringValue

from accord_serde._rules import Rule, RuleMode
from accord_serde._rules_engine import RuleContext
from accord_serde.rules.dlq import dlq_action


class Recorder:
    """A producer that keeps what it is given."""

    def __init__(self, *, breaks: bool = False) -> None:
        self.records: list[dict[str, Any]] = []
        self.calls: list[str] = []
        self.breaks = breaks

    def __len__(self) -> int:
        return 0

    def produce(self, topic: str, **record: Any) -> None:
        if self.breaks:
            raise BufferError("full")
        record.pop("on_delivery", None)
        self.records.append({"topic": topic} | record)

    def poll(self, timeout: float) -> int:
        self.calls.append(f"poll {timeout}")
        return 0

    def flush(self) -> int:
        self.calls.append("flush")
        return 0


class Dlq:
    """A client with the action DLQ and a rule that fails."""

    def __init__(self, library: Any) -> None:
        self.library = library
        self.module = library.module("rules.dlq.dlq_action")
        self.producer = Recorder()

        class Fail(library.RuleExecutor):
            def type(self) -> str:
                return "FAIL"

            def transform(self, ctx: Any, message: Any) -> Any:  # noqa: ARG002 - the interface
                raise ValueError("because")

        library.registry.register_executor(Fail())

    def action(self, **conf: Any) -> Any:
        made = self.module.DlqAction({"dlq.topic": "dead", "producer": self.producer} | conf)
        self.library.registry.register_action(made)
        return made

    def fail(self, message: Any, *rules: Any, avro: Any = None, **given: Any) -> Any:
        rule = {"name": "bad", "type": "FAIL", "mode": "WRITEREAD", "on_failure": "DLQ"}
        rule |= given.pop("rule", {})
        target = self.library.schema(domain=[*rules, self.library.rule(**rule)])
        with pytest.raises(
            self.library.SerializationError, match=given.pop("match", "Rule failed: bad")
        ):
            self.library.run(message, target=target, avro=avro, **given)
        return self.producer.records


@pytest.fixture
def dlq(library: Any) -> Dlq:
    return Dlq(library)


@pytest.mark.parametrize(
    ("message", "value"),
    [
        (b"raw", b"raw"),
        (bytearray(b"raw"), b"raw"),
        (memoryview(b"raw"), b"raw"),
        ("text", b"text"),
        (7, struct.pack(">q", 7)),
        (-7, struct.pack(">q", -7)),
        (2**63, b"9223372036854775808"),
        (1.5, struct.pack(">d", 1.5)),
        (True, b"true"),
        (uuid.UUID(int=1), b"00000000-0000-0000-0000-000000000001"),
        (
            {"b": b"\xff", "c": uuid.UUID(int=1), "ä": "ö"},
            b'{"b": "\\u00ff", "c": "00000000-0000-0000-0000-000000000001", "\\u00e4": "\\u00f6"}',
        ),
        ([1, None], b"[1, null]"),
        (StringValue(value="x"), b'"x"'),
    ],
)
def test_a_dead_letter_has_the_message(dlq: Dlq, message: Any, value: bytes) -> None:
    dlq.action()
    (record,) = dlq.fail(message)
    assert (record["topic"], record["key"], record["value"]) == ("dead", None, value)


@pytest.mark.parametrize(
    ("headers", "before"),
    [
        (None, []),
        ([("h", b"1"), ("h", "2"), ("n", None)], [("h", b"1"), ("h", b"2"), ("n", None)]),
        ({"h": bytearray(b"1"), "i": 2}, [("h", b"1"), ("i", b"2")]),
    ],
)
def test_its_headers_tell_what_failed(dlq: Dlq, headers: Any, before: Any) -> None:
    dlq.action()
    (record,) = dlq.fail("m", mode="READ", ctx=dlq.library.context(headers=headers))
    assert record["headers"] == [
        *before,
        ("__rule.name", b"bad"),
        ("__rule.mode", b"READ"),
        ("__rule.subject", b"orders-value"),
        ("__rule.topic", b"orders"),
        ("__rule.exception", b"because"),
    ]


def test_the_key_goes_along(dlq: Dlq) -> None:
    dlq.action()
    dlq.library.set_original_key("k")
    try:
        (record,) = dlq.fail("m")
    finally:
        dlq.library.clear_original_key()
    assert (record["key"], record["value"]) == (b"k", b"m")


def test_of_a_key_there_is_no_value(dlq: Dlq) -> None:
    dlq.action()
    (record,) = dlq.fail("k", ctx=dlq.library.context(field="KEY"))
    assert (record["key"], record["value"]) == (b"k", None)


def test_when_reading_it_is_the_bytes_that_came(dlq: Dlq) -> None:
    dlq.action()
    (record,) = dlq.fail({"a": 1}, mode="READ", original=b"wire")
    assert record["value"] == b"wire"


def test_it_is_what_came_before_all_rules(dlq: Dlq) -> None:
    dlq.action()
    module = dlq.library.module("rules.cel.cel_executor")
    dlq.library.registry.register_executor(module.CelExecutor())
    (record,) = dlq.fail({"a": 1}, dlq.library.rule(expr="{'a': 2}"))
    assert record["value"] == b'{"a": 1}'


def test_a_message_that_becomes_null_has_no_exception(dlq: Dlq) -> None:
    dlq.action()
    module = dlq.library.module("rules.cel.cel_executor")
    dlq.library.registry.register_executor(module.CelExecutor())
    (record,) = dlq.fail("m", rule={"type": "CEL", "expr": "null"})
    assert [name for name, _ in record["headers"]][-1] == "__rule.topic"


@pytest.mark.parametrize(
    ("conf", "params", "topic"),
    [
        ({}, {"dlq.topic": "other"}, "dead"),
        ({"dlq.topic": None}, {"dlq.topic": "other"}, "other"),
        ({"dlq.topic": ""}, {"dlq.topic": "other"}, "other"),
    ],
)
def test_the_topic_is_the_actions_then_the_rules(
    dlq: Dlq, conf: Any, params: Any, topic: str
) -> None:
    dlq.action(**conf)
    (record,) = dlq.fail("m", rule={"params": params})
    assert record["topic"] == topic


def test_without_topic_nothing_is_sent(dlq: Dlq) -> None:
    dlq.action(**{"dlq.topic": None})
    assert dlq.fail("m", match="Could not send to DLQ as no topic is configured") == []


@pytest.mark.parametrize(
    ("flush", "calls"),
    [
        (None, ["poll 0"]),
        ("false", ["poll 0"]),
        (True, ["poll 0", "flush"]),
        ("TRUE", ["poll 0", "flush"]),
    ],
)
def test_it_is_flushed_where_that_is_asked_for(dlq: Dlq, flush: Any, calls: list[str]) -> None:
    dlq.action(**{"dlq.auto.flush": flush})
    dlq.fail("m")
    assert dlq.producer.calls == calls


def test_a_serializers_configuration_counts(dlq: Dlq) -> None:
    action = dlq.action()
    other = Recorder()
    action.configure({"dlq.topic": "no"}, {"dlq.topic": "new", "producer": other, "acks": "1"})
    action.configure({}, {})
    dlq.fail("m")
    assert [record["topic"] for record in other.records] == ["new"]
    assert dlq.producer.records == []
    action.close()
    assert other.calls[-1] == "flush"


def test_a_broken_producer_leaves_the_failure_of_the_rule(dlq: Dlq) -> None:
    dlq.producer.breaks = True
    dlq.action()
    assert dlq.fail("m") == []


AVRO = {
    "type": "record",
    "name": "R",
    "fields": [
        {"name": "s", "type": "string", "confluent:tags": ["PII"]},
        {"name": "b", "type": ["null", "bytes"], "confluent:tags": ["PII"]},
        {"name": "i", "type": "int", "confluent:tags": ["PII"]},
        {"name": "open", "type": "string"},
    ],
}


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        (None, b'{"s": "<REDACTED>", "b": "<REDACTED>", "i": 1, "open": "o"}'),
        ("MASK", b'{"s": "a", "b": "b", "i": 1, "open": "o"}'),
        ("MASK, ENCRYPT", b'{"s": "<REDACTED>", "b": "<REDACTED>", "i": 1, "open": "o"}'),
    ],
)
def test_fields_that_rules_would_encrypt_are_redacted(
    dlq: Dlq, types: Any, expected: bytes
) -> None:
    dlq.action(**{"dlq.redact.rule.types": types})
    message = {"s": "a", "b": b"b", "i": 1, "open": "o"}
    encrypt = dlq.library.rule(name="e", type="ENCRYPT", tags=["PII"], disabled=True)
    (record,) = dlq.fail(dict(message), encrypt, avro=AVRO)
    assert record["value"] == expected


def test_a_null_stays_null_where_it_is_redacted(dlq: Dlq) -> None:
    dlq.action()
    encrypt = dlq.library.rule(name="e", type="ENCRYPT", tags=["PII"], disabled=True)
    (record,) = dlq.fail({"s": "a", "b": None, "i": 1, "open": "o"}, encrypt, avro=AVRO)
    assert record["value"] == b'{"s": "<REDACTED>", "b": null, "i": 1, "open": "o"}'


def test_registering_gives_the_action(library: Any) -> None:
    module = library.module("rules.dlq.dlq_action")
    shared = library.RuleRegistry.get_global_instance()
    try:
        action = module.DlqAction.register({"dlq.topic": "t"})
        executor = module.FieldRedactionExecutor.register()
        assert shared.get_action("DLQ") is action
        assert shared.get_executor("REDACT") is executor
    finally:
        shared.clear()


# Ours alone


def test_a_producer_needs_no_more_than_produce_and_flush() -> None:
    class Plain:
        def __init__(self) -> None:
            self.records: list[Any] = []

        def produce(self, topic: str, *, key: Any, value: Any, headers: Any) -> None:
            self.records.append((topic, key, value, headers[0]))

        def flush(self) -> None:
            self.records.append("flushed")

    producer = Plain()
    action = dlq_action.DlqAction(
        {"dlq.topic": "t", "producer": producer, "dlq.auto.flush": "true"}
    )
    action._send(_context(), "t", None)  # noqa: SLF001 - without a rule around it
    assert producer.records == [("t", None, b"v", ("__rule.name", b"r")), "flushed"]


def test_a_producer_is_made_of_the_configuration_when_it_is_needed() -> None:
    action = dlq_action.DlqAction({"acks": "1", "dlq.topic": "t"})
    assert action._producer is None  # noqa: SLF001 - that is what is tested
    assert type(action._opened()).__name__ == "Producer"  # noqa: SLF001
    action.close()


def test_a_producers_configuration_is_librdkafkas() -> None:
    action = dlq_action.DlqAction({"no.such.property": "1"})
    with pytest.raises(KafkaException, match=r"no\.such\.property"):
        action._opened()  # noqa: SLF001 - without a rule around it


def _context() -> Any:
    rule = Rule(name="r")
    place = (None, None, None, None, "s", RuleMode.WRITE)
    return RuleContext(*place, rule, 0, [rule], None, None, None, "v")
