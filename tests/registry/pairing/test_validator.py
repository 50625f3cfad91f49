"""Which records name a schema of their topic's subject, as the registry has it at the moment."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from accord_log.broker.topic_config import SchemaChecks
from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.kafka.records import Record
from registry.model import Association, Config, Lifecycle
from registry.names import Subject, parse_subject
from registry.pairing.gate import SchemaGate
from registry.pairing.validator import SchemaValidator
from registry.service.options import Options
from registry.service.parsing import Draft
from registry.service.register import Registration

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from registry.service.register import Registered
    from registry.service.registry import Registry
    from registry.storage.sql.store import SqlStore

USER = '{"type":"record","name":"User","namespace":"shop","fields":[]}'
FILE = 'syntax = "proto3"; package p; message A {} message B { message C {} }'


def checks(
    strategy: str = "TopicNameStrategy", *, key: bool = False, value: bool = True
) -> SchemaChecks:
    return SchemaChecks(key=key, value=value, key_strategy=strategy, value_strategy=strategy)


def of_value(payload: bytes | None, *headers: tuple[str, bytes | None]) -> Record:
    return Record(0, 0, None, payload, headers)


def framed(schema_id: int, rest: bytes = b"") -> Record:
    return of_value(b"\0" + schema_id.to_bytes(4, "big") + rest)


@pytest.fixture
def register(registry: Registry) -> Callable[..., Registered]:
    def one(subject: str, text: str = '"string"', kind: str = "AVRO") -> Registered:
        draft = Draft(parse_subject(subject), kind, text)
        return registry.registrations.register(Registration(draft))

    return one


@pytest.fixture
def validator(store: SqlStore) -> SchemaValidator:
    return SchemaValidator(store, Options())


def reasons(
    validator: SchemaValidator,
    records: Sequence[Record],
    asked: SchemaChecks | None = None,
    topic: str = "orders",
) -> list[str]:
    """Return the reasons, nothing for what is taken, of a first and of a second asking."""
    found = [dict(validator.refusals(topic, asked or checks(), records)) for _ in range(2)]
    assert found[0] == found[1]
    return [found[0].get(index, "") for index in range(len(records))]


Register = "Callable[..., Registered]"


def test_a_registered_schema_is_taken_and_others_are_not(
    validator: SchemaValidator, register: Callable[..., Registered]
) -> None:
    mine = register("orders-value").schema_id
    other = register("payments-value", '"int"').schema_id
    records = [framed(mine, b"x"), framed(other), framed(99), of_value(b"{}"), of_value(None)]
    assert reasons(validator, records) == [
        "",
        f"The value names schema {other}, which is not registered under orders-value",
        "The value names schema 99, which is not registered under orders-value",
        "The value names no schema",
        "",
    ]


def test_one_content_may_be_registered_under_many_subjects(
    validator: SchemaValidator, register: Callable[..., Registered]
) -> None:
    schema_id = register("payments-value").schema_id
    assert reasons(validator, [framed(schema_id)]) != [""]
    assert register("orders-value").schema_id == schema_id
    assert reasons(validator, [framed(schema_id)]) == [""]


def test_keys_are_checked_by_themselves(
    validator: SchemaValidator, register: Callable[..., Registered]
) -> None:
    key, value = register("orders-key", '"int"').schema_id, register("orders-value").schema_id
    whole = Record(0, 0, framed(key).value, framed(value).value)
    swapped = Record(0, 0, framed(value).value, framed(key).value)
    both = checks(key=True)
    assert reasons(validator, [whole], both) == [""]
    (reason,) = reasons(validator, [swapped], both)
    assert reason.startswith("The key names")
    assert reasons(validator, [Record(0, 0, b"plain", whole.value)]) == [""]


def test_a_soft_deleted_version_does_not_count(
    validator: SchemaValidator, register: Callable[..., Registered], registry: Registry
) -> None:
    schema_id = register("orders-value").schema_id
    assert reasons(validator, [framed(schema_id)]) == [""]
    registry.deletions.delete_subject(Subject(".", "orders-value"))
    assert "not registered" in reasons(validator, [framed(schema_id)])[0]
    register("orders-value")
    assert reasons(validator, [framed(schema_id)]) == [""]


def test_a_guid_in_a_header_counts_as_well(
    validator: SchemaValidator, register: Callable[..., Registered]
) -> None:
    mine, other = register("orders-value"), register("payments-value", '"int"')
    known, strange = (
        of_value(
            b"payload", ("__value_schema_id", b"\1" + bytes.fromhex(one.guid.replace("-", "")))
        )
        for one in (mine, other)
    )
    cut = of_value(b"payload", ("__value_schema_id", b"\1\2"))
    found = reasons(validator, [known, strange, cut])
    assert found[0] == ""
    assert found[1] == (
        f"The value names schema {other.guid}, which is not registered under orders-value"
    )
    assert found[2] == "The value names no schema"


def test_records_by_their_own_names(
    validator: SchemaValidator, register: Callable[..., Registered]
) -> None:
    by_record, by_both = checks("RecordNameStrategy"), checks("TopicRecordNameStrategy")
    schema_id = register("shop.User", USER).schema_id
    nameless = register("orders-value").schema_id
    assert reasons(validator, [framed(schema_id)], by_record) == [""]
    assert reasons(validator, [framed(schema_id)], by_both) == [
        f"The value names schema {schema_id}, which is not registered under orders-shop.User"
    ]
    register("orders-shop.User", USER)
    assert reasons(validator, [framed(schema_id)], by_both) == [""]
    assert reasons(validator, [framed(nameless), framed(99)], by_record) == [
        f"The value names schema {nameless}, which is no schema with a name",
        "The value names schema 99, which is no schema with a name",
    ]


def test_messages_go_by_their_place_in_the_file(
    validator: SchemaValidator, register: Callable[..., Registered]
) -> None:
    by_record = checks("RecordNameStrategy")
    schema_id = register("p.A", FILE, "PROTOBUF").schema_id
    register("p.B.C", FILE, "PROTOBUF")
    first, second, inner, nowhere, cut = (
        framed(schema_id, bytes.fromhex(path)) for path in ("00", "0202", "040200", "0210", "")
    )
    assert reasons(validator, [first, inner], by_record) == ["", ""]
    assert reasons(validator, [second], by_record) == [
        f"The value names schema {schema_id}, which is not registered under p.B"
    ]
    assert all(
        "no schema with a name" in reason
        for reason in reasons(validator, [nowhere, cut], by_record)
    )


def test_an_alias_stands_for_its_subject(
    validator: SchemaValidator,
    register: Callable[..., Registered],
    store: SqlStore,
) -> None:
    schema_id = register("company-orders").schema_id
    assert reasons(validator, [framed(schema_id)]) != [""]
    with store.write() as writer:
        writer.set_config(Subject(".", "orders-value"), Config(alias="company-orders"))
    assert reasons(validator, [framed(schema_id)]) == [""]


def test_a_topic_may_be_associated_with_a_subject(
    validator: SchemaValidator, register: Callable[..., Registered], store: SqlStore
) -> None:
    own = register("orders-value", '"long"').schema_id
    with store.write() as writer:
        writer.add_context(".shop")
    associated = register(":.shop:orders").schema_id
    with store.write() as writer:
        writer.set_association(
            Association(
                subject=Subject(".shop", "orders"),
                guid="g",
                resource_name="orders",
                resource_namespace="shop",
                resource_id="r",
                resource_type="topic",
                association_type="value",
                lifecycle=Lifecycle.WEAK,
                frozen=False,
                created_ms=1,
                updated_ms=1,
            )
        )
    assert associated == own  # ids are given by each context
    assert reasons(validator, [framed(associated), framed(2)]) == [
        "",
        "The value names schema 2, which is not registered under :.shop:orders",
    ]


def test_answers_come_from_memory_until_something_changes(
    validator: SchemaValidator, register: Callable[..., Registered]
) -> None:
    records = [framed(register("orders-value").schema_id)]
    assert validator.remembered("orders", checks(), records) is None
    validator.refusals("orders", checks(), records)
    assert validator.remembered("orders", checks(), records) == []
    assert validator.remembered("orders", checks(), [framed(99)]) is None
    register("payments-value")
    assert validator.remembered("orders", checks(), records) is None


def test_no_more_refusals_are_told_than_anybody_reads(validator: SchemaValidator) -> None:
    strange = [framed(number) for number in range(1000)]
    assert [index for index, _ in validator.refusals("orders", checks(), strange)] == list(
        range(100)
    )


def test_the_gate_is_shut_until_the_database_is_open(
    validator: SchemaValidator, register: Callable[..., Registered]
) -> None:
    records = [framed(register("orders-value").schema_id), framed(99)]
    gate = SchemaGate()
    with pytest.raises(KafkaError, match="not open yet") as caught:
        gate.refusals("orders", checks(), records)
    assert caught.value.code is ErrorCode.KAFKA_STORAGE_ERROR
    assert caught.value.code.is_retriable
    gate.open(validator)
    assert [index for index, _ in gate.refusals("orders", checks(), records)] == [1]
    gate.close()


class HangingValidator:
    """Has a database that does not answer until it is told to."""

    def __init__(self) -> None:
        self.goes_on = threading.Event()
        self.asked = 0

    def remembered(self, *_: object) -> None:
        return None

    def refusals(self, *_: object) -> list[tuple[int, str]]:
        self.asked += 1
        self.goes_on.wait()
        return []


def test_a_database_that_hangs_is_given_up_and_not_asked_again_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("registry.pairing.gate.PATIENCE_SECONDS", 0.01)
    gate, hanging = SchemaGate(), HangingValidator()
    gate.open(hanging)
    for _ in range(3):
        with pytest.raises(KafkaError, match="does not answer"):
            gate.refusals("orders", checks(), [])
    assert hanging.asked == 1
    monkeypatch.setattr("registry.pairing.gate.PATIENCE_SECONDS", 60)
    hanging.goes_on.set()
    assert answered(gate) == []
    gate.close()


def answered(gate: SchemaGate) -> list[tuple[int, str]]:
    """Return the answer that there is when the thread is free again."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return gate.refusals("orders", checks(), [])
        except KafkaError:
            assert time.monotonic() < deadline
            time.sleep(0.001)
