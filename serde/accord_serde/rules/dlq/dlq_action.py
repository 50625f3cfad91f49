"""The action DLQ: the message goes to another topic, and fails."""

from __future__ import annotations

import copy
import json
import logging
import struct
import threading
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, Self

from accord_serde._rules import Rule, RuleKind
from accord_serde._rules_engine.contexts import FieldType, RuleContext
from accord_serde._rules_engine.dead_letters import (
    DLQ_HEADER_PREFIX,
    DLQ_RULE_EXCEPTION_HEADER,
    DLQ_RULE_MODE_HEADER,
    DLQ_RULE_NAME_HEADER,
    DLQ_RULE_SUBJECT_HEADER,
    DLQ_RULE_TOPIC_HEADER,
)
from accord_serde._rules_engine.executors import FieldRuleExecutor, RuleAction, failure
from accord_serde._rules_engine.registry import RuleRegistry

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord_serde._rules_engine.contexts import FieldContext, FieldTransform

__all__ = ["DlqAction", "FieldRedactionExecutor"]

_log = logging.getLogger("accord_serde.rules")

_INT64 = 2**63
_PRODUCER_DEFAULTS = {
    "enable.idempotence": False,
    "acks": "all",
    "max.in.flight.requests.per.connection": 1,
    "message.timeout.ms": 0,  # for ever
}


class DeadLetterProducer(Protocol):
    """What is needed of a producer; `poll` and `on_delivery` are used where it has `poll`."""

    def produce(self, topic: str, **record: Any) -> object: ...

    def flush(self) -> object: ...


class FieldRedactionExecutor(FieldRuleExecutor):
    """Puts `<REDACTED>` in the place of text and bytes."""

    TYPE = "REDACT"
    REDACTED_STRING = "<REDACTED>"
    REDACTED_BYTES = b"<REDACTED>"

    def type(self) -> str:
        return self.TYPE

    def new_transform(self, ctx: RuleContext) -> FieldTransform:  # noqa: ARG002 - the interface
        return self._redacted

    def _redacted(self, _: RuleContext, field: FieldContext, value: Any) -> Any:
        if value is None:
            return None
        if field.field_type is FieldType.STRING:
            return self.REDACTED_STRING
        return self.REDACTED_BYTES if field.field_type is FieldType.BYTES else value

    @classmethod
    def register(cls) -> Self:
        """Add an executor to the registry that the program shares."""
        executor = cls()
        RuleRegistry.register_rule_executor(executor)
        return executor


class DlqAction(RuleAction):
    """Sends the message as it was before the rules to a topic, then fails it.

    `conf` and the serializer's `rule_conf` take:

    - `dlq.topic`: the topic; else the rule's parameter of that name
    - `dlq.auto.flush`: whether to wait for every dead letter to be sent
    - `dlq.redact.rule.types`: the fields that rules of these types are about are redacted
    - `producer`: an object with `produce(topic, key=, value=, headers=)` and `flush()`

    Everything else in `conf` configures the producer of `confluent_kafka` that is made for the
    first dead letter where none is given. A dead letter that cannot be sent is logged.
    """

    TYPE = "DLQ"

    DLQ_TOPIC = "dlq.topic"
    DLQ_AUTO_FLUSH = "dlq.auto.flush"
    DLQ_REDACT_RULE_TYPES = "dlq.redact.rule.types"
    DLQ_REDACT_RULE_TYPES_DEFAULT = "ENCRYPT,ENCRYPT_PAYLOAD"
    PRODUCER = "producer"

    HEADER_PREFIX = DLQ_HEADER_PREFIX
    RULE_NAME = DLQ_RULE_NAME_HEADER
    RULE_MODE = DLQ_RULE_MODE_HEADER
    RULE_SUBJECT = DLQ_RULE_SUBJECT_HEADER
    RULE_TOPIC = DLQ_RULE_TOPIC_HEADER
    RULE_EXCEPTION = DLQ_RULE_EXCEPTION_HEADER

    def __init__(self, conf: Mapping[str, Any] | None = None) -> None:
        self._conf = dict(conf or {})
        self._lock = threading.Lock()
        self._producer: Any = self._conf.get(self.PRODUCER)

    def type(self) -> str:
        return self.TYPE

    def configure(self, client_conf: Mapping[str, Any], rule_conf: Mapping[str, Any]) -> None:  # noqa: ARG002 - the interface
        own = {
            name: value
            for name, value in (rule_conf or {}).items()
            if name == self.PRODUCER or name.startswith("dlq.")
        }
        with self._lock:
            self._conf |= own
            # Not by its truth: a producer whose queue is empty has the length 0.
            if own.get(self.PRODUCER) is not None:
                self._producer = own[self.PRODUCER]

    def run(self, ctx: RuleContext, message: Any, ex: Exception | None) -> None:  # noqa: ARG002 - what was sent in is kept instead
        topic = self._conf.get(self.DLQ_TOPIC) or ctx.get_parameter(self.DLQ_TOPIC)
        if not topic:
            raise failure(ctx, "Could not send to DLQ as no topic is configured")
        try:
            self._send(ctx, topic, ex)
        except Exception:  # noqa: BLE001 - the rule's failure is what the caller must see
            _log.error("could not send a dead letter to %s", topic, exc_info=True)
        raise failure(ctx, f"Rule failed: {ctx.rule.name}") from ex

    def close(self) -> None:
        """Wait until what was sent has arrived."""
        with self._lock:
            producer, self._producer = self._producer, None
        if producer is not None:
            producer.flush()

    @classmethod
    def register(cls, conf: Mapping[str, Any] | None = None) -> Self:
        """Add an action to the registry that the program shares."""
        action = cls(conf)
        RuleRegistry.register_rule_action(action)
        return action

    def _send(self, ctx: RuleContext, topic: str, ex: Exception | None) -> None:
        redact = self._redaction(ctx)
        record = {
            "key": _bytes(ctx.original_key, redact),
            "value": _bytes(ctx.original_value, redact),
            "headers": _headers(ctx, ex),
        }
        producer = self._opened()
        if hasattr(producer, "poll"):
            producer.produce(topic, **record, on_delivery=_reported(topic))
            producer.poll(0)
        else:
            producer.produce(topic, **record)
        if str(self._conf.get(self.DLQ_AUTO_FLUSH, "")).lower() == "true":
            producer.flush()

    def _opened(self) -> Any:
        with self._lock:
            if self._producer is None:
                from confluent_kafka import Producer  # noqa: PLC0415 - only where none is given

                own = {
                    name: value
                    for name, value in self._conf.items()
                    if name != self.PRODUCER and not name.startswith("dlq.")
                }
                self._producer = Producer(_PRODUCER_DEFAULTS | own)
            return self._producer

    def _redaction(self, ctx: RuleContext) -> Callable[[Any], Any]:
        """Return what takes the fields of the chosen rules out of a copy of a message."""
        conf = self._conf.get(self.DLQ_REDACT_RULE_TYPES) or self.DLQ_REDACT_RULE_TYPES_DEFAULT
        types = {name.strip() for name in str(conf).split(",")}
        chosen = [rule for rule in ctx.rules if rule.type in types]
        if not chosen:
            return lambda message: message
        tags = sorted({tag for rule in chosen for tag in rule.tags or ()})
        redacting = _with_rule(ctx, tags)
        return lambda message: FieldRedactionExecutor().transform(redacting, copy.deepcopy(message))


def _with_rule(ctx: RuleContext, tags: list[str]) -> RuleContext:
    rule = Rule(
        name="redact", kind=RuleKind.TRANSFORM, mode=ctx.rule_mode, type="REDACT", tags=tags
    )
    return RuleContext(
        ctx.enabled_env,
        ctx.ser_ctx,
        ctx.source,
        ctx.target,
        ctx.subject,
        ctx.rule_mode,
        rule,
        0,
        [rule],
        ctx.inline_tags,
        ctx.field_transformer,
    )


def _bytes(message: Any, redact: Callable[[Any], Any]) -> bytes | None:
    """Return bytes as they are, scalars as Kafka's serializers write them, the rest as JSON."""
    match message:
        case None:
            return None
        case bytes() | bytearray() | memoryview():
            return bytes(message)
        case str() | uuid.UUID():
            return str(message).encode()
        case int() if not isinstance(message, bool) and -_INT64 <= message < _INT64:
            return struct.pack(">q", message)
        case float():
            return struct.pack(">d", message)
        case _:
            return _json(redact(message))


def _json(message: Any) -> bytes:
    if hasattr(message, "DESCRIPTOR"):
        from google.protobuf.json_format import MessageToJson  # noqa: PLC0415 - an extra

        return MessageToJson(message).encode()
    return json.dumps(message, default=_json_value).encode()


def _json_value(value: Any) -> str:
    is_bytes = isinstance(value, bytes | bytearray)
    return bytes(value).decode("latin-1") if is_bytes else str(value)


def _headers(ctx: RuleContext, ex: Exception | None) -> list[tuple[str, bytes | None]]:
    incoming = getattr(ctx.ser_ctx, "headers", None) or ()
    pairs = list(incoming.items() if isinstance(incoming, Mapping) else incoming)
    pairs += [
        (DLQ_RULE_NAME_HEADER, ctx.rule.name),
        (DLQ_RULE_MODE_HEADER, ctx.rule_mode.value),
        (DLQ_RULE_SUBJECT_HEADER, ctx.subject),
        (DLQ_RULE_TOPIC_HEADER, getattr(ctx.ser_ctx, "topic", None)),
    ]
    if ex is not None:
        pairs.append((DLQ_RULE_EXCEPTION_HEADER, str(ex)))
    return [(name, _header(value)) for name, value in pairs]


def _header(value: Any) -> bytes | None:
    if value is None or isinstance(value, bytes):
        return value
    return bytes(value) if isinstance(value, bytearray) else str(value).encode()


def _reported(topic: str) -> Callable[[Any, Any], None]:
    def report(error: Any, _: Any) -> None:
        if error is not None:
            _log.error("could not send a dead letter to %s: %s", topic, error)

    return report
