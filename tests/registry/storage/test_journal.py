"""The journal and the transactions it follows, on both databases."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from registry.model import (
    Association,
    ChangeKind,
    Config,
    Content,
    EnableAt,
    Lifecycle,
    Metadata,
    Mode,
    Rule,
    RuleKind,
    RuleMode,
    RuleSet,
)
from registry.names import Subject, parse_subject
from registry.storage.port import Conflict, UnstorableText

if TYPE_CHECKING:
    from collections.abc import Callable

    from registry.model import Version
    from registry.storage.sql.store import SqlStore

    Register = Callable[..., Version]

FOO = Subject(".", "foo")
STAGED = Subject(".staging", "foo")
STRING = Content("AVRO", '"string"')
INT = Content("AVRO", '"int"')
RULE = Rule(
    name="r",
    doc="why",
    kind=RuleKind.CONDITION,
    mode=RuleMode.WRITE,
    type="CEL",
    tags=frozenset({"PII", "A"}),
    params={"k": "v", "empty": ""},
    expr="x > 1",
    on_success="NONE",
    on_failure="DLQ",
    disabled=True,
)
FULL = Content(
    "JSON",
    '{"ключ": "\\u0000", "😀": 1}',
    metadata=Metadata(
        tags={"**.ssn": frozenset({"PII", "B"}), "none": frozenset()},
        properties={"owner": "x", "b": ""},
        sensitive=frozenset({"owner"}),
    ),
    rule_set=RuleSet((RULE,), (replace(RULE, name="s"),), (RULE,), EnableAt.SERVER),
)
TOPIC = Association(
    subject=FOO,
    guid="g1",
    resource_name="topic",
    resource_namespace="lkc1",
    resource_id="id1",
    resource_type="topic",
    association_type="value",
    lifecycle=Lifecycle.STRONG,
    frozen=True,
    created_ms=1,
    updated_ms=2,
)


# the journal


def test_every_mutation_writes_its_row(store: SqlStore, register: Register) -> None:
    with store.write("alice") as writer:
        register(writer, STAGED, FULL)
        writer.set_deleted(STAGED, [1])
        writer.set_deleted(STAGED, [1])
        writer.set_deleted(STAGED, [1], deleted=False)
        writer.delete_versions(STAGED, [1])
        writer.delete_context(".staging")
    with store.write("bob") as writer:
        writer.set_config(FOO, Config(normalize=True))
        writer.set_config(FOO, Config(normalize=False))
        writer.delete_config(FOO)
        writer.set_mode(FOO, Mode.IMPORT)
        writer.delete_mode(FOO)
        writer.set_association(TOPIC)
        writer.delete_association(TOPIC)
        assert writer.sequence() == 13
    with store.read() as reader:
        assert reader.sequence() == 13
        changes = reader.changes(after=0, limit=100)
        assert reader.changes(after=3, limit=2) == changes[3:5]
    assert [change.sequence for change in changes] == list(range(1, 14))
    assert [change.principal for change in changes] == ["alice"] * 6 + ["bob"] * 7
    assert [change.kind for change in changes] == [
        ChangeKind.CONTEXT_CREATED,
        ChangeKind.SCHEMA_REGISTERED,
        ChangeKind.VERSION_SOFT_DELETED,
        ChangeKind.VERSION_RESTORED,
        ChangeKind.VERSION_DELETED,
        ChangeKind.CONTEXT_DELETED,
        ChangeKind.CONFIG_SET,
        ChangeKind.CONFIG_SET,
        ChangeKind.CONFIG_DELETED,
        ChangeKind.MODE_SET,
        ChangeKind.MODE_DELETED,
        ChangeKind.ASSOCIATION_SET,
        ChangeKind.ASSOCIATION_DELETED,
    ]
    registered = changes[1]
    assert registered.key == {"context": ".staging", "subject": "foo", "version": 1}
    assert registered.before is None
    assert registered.after is not None
    assert registered.after["schema"] == FULL.text
    assert registered.after["id"] == 1
    assert changes[4].before == registered.after
    assert changes[4].after is None
    assert (changes[7].before, changes[7].after) == ({"normalize": True}, {"normalize": False})
    assert (changes[9].before, changes[9].after) == (None, {"mode": "IMPORT"})
    assert len({change.at_ms for change in changes[:6]}) == 1


def test_what_changes_nothing_writes_nothing(store: SqlStore) -> None:
    with store.write() as writer:
        writer.delete_config(FOO)
        writer.delete_mode(FOO)
        writer.delete_versions(FOO, [1])
        writer.set_deleted(FOO, [1])
        writer.add_context(".")
        writer.delete_association(TOPIC)
    with store.read() as reader:
        assert reader.sequence() == 0
        assert reader.changes(after=0, limit=1) == []


# transactions


def test_an_exception_takes_everything_back(store: SqlStore, register: Register) -> None:
    def write_and_fail() -> None:
        with store.write() as writer:
            register(writer, STAGED, STRING)
            writer.set_mode(FOO, Mode.READONLY)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    with store.write() as writer:
        assert writer.sequence() == 0
        assert writer.contexts() == ["."]
        assert writer.mode(FOO) is None
        assert writer.subjects(context=None) == []


def test_a_failure_that_was_swallowed_still_fails_the_transaction(
    store: SqlStore, register: Register
) -> None:
    def write_through_a_conflict() -> None:
        with store.write() as writer:
            register(writer, FOO, STRING)
            with pytest.raises(Conflict):
                writer.add_schema(".", 1, INT, INT.guid())
            writer.set_mode(FOO, Mode.READONLY)

    with pytest.raises(Conflict):
        write_through_a_conflict()
    with store.read() as reader:
        assert reader.sequence() == 0
        assert reader.versions(FOO) == []
        assert reader.mode(FOO) is None


def test_a_writer_sees_its_own_changes(store: SqlStore, register: Register) -> None:
    with store.write() as writer:
        register(writer, FOO, STRING)
        assert writer.sequence() == 1
        assert [change.sequence for change in writer.changes(after=0, limit=9)] == [1]
        latest = writer.latest(FOO)
        assert latest is not None
        assert latest.content == STRING


def test_a_reader_keeps_its_snapshot(store: SqlStore, register: Register) -> None:
    with store.read() as reader, store.read(snapshot=False) as loose:
        assert (reader.sequence(), loose.sequence()) == (0, 0)
        with store.write() as writer:
            register(writer, FOO, STRING)
        assert (reader.sequence(), loose.sequence()) == (0, 1)
        assert reader.versions(FOO) == []
        assert len(loose.versions(FOO)) == 1


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "a\tb",
        "é",
        "日本語",
        "😀",
        "a'b\"c",
        "%s",
        ":x",
        "a:b",
        ".a",
        "\U0010ffff",
        "a" * 5000,
    ],
)
def test_any_name_is_a_subject(store: SqlStore, register: Register, name: str) -> None:
    subject = Subject(".ctx", name)
    with store.write() as writer:
        row = register(writer, subject, STRING)
    with store.read() as reader:
        assert reader.versions(subject) == [row]
        assert reader.subjects(context=None) == [subject]
        assert parse_subject(str(subject)) == subject


@pytest.mark.parametrize("name", ["a\0b", "\ud800"])
def test_names_no_database_keeps_are_refused_and_never_found(
    store: SqlStore, register: Register, name: str
) -> None:
    subject = Subject(".", name)
    with store.read() as reader:
        assert reader.versions(subject) == []
        assert reader.latest(subject) is None
        assert reader.config(subject) is None
        assert reader.subjects(context=None, prefix=name) == []
        assert reader.schema(name, 1) is None
    with pytest.raises(UnstorableText), store.write() as writer:
        register(writer, subject, STRING)


def test_ping_answers(store: SqlStore) -> None:
    store.ping()
