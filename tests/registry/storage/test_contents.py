"""Contexts, ids and contents, on both databases."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from registry.errors import OperationNotPermitted
from registry.model import (
    MAX_ID,
    Content,
    EnableAt,
    Metadata,
    Reference,
    Rule,
    RuleKind,
    RuleMode,
    RuleSet,
)
from registry.names import Subject
from registry.storage.port import Conflict

if TYPE_CHECKING:
    from collections.abc import Callable

    from registry.model import Version
    from registry.storage.sql.store import SqlStore

    Register = Callable[..., Version]

FOO = Subject(".", "foo")
BAR = Subject(".", "bar")
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


def numbered(number: int) -> Content:
    return Content("AVRO", f'{{"type": "fixed", "name": "f", "size": {number}}}')


# contexts and ids


def test_the_default_context_exists_from_the_start(store: SqlStore) -> None:
    with store.read() as reader:
        assert reader.contexts() == ["."]
        assert reader.last_id(".") == 0


def test_contexts_are_listed_default_first_then_by_code_point(store: SqlStore) -> None:
    names = [".b", ".a", ".Z", ".😀", ".\uffff", ".a-b", ".a:"]
    with store.write() as writer:
        for name in names:
            writer.add_context(name)
            writer.add_context(name)
    with store.read() as reader:
        assert reader.contexts() == [".", *sorted(names)]


def test_ids_are_given_in_order_and_per_context(store: SqlStore) -> None:
    with store.write() as writer:
        writer.add_context(".c")
        assert [writer.next_id("."), writer.next_id("."), writer.next_id(".c")] == [1, 2, 1]
    with store.read() as reader:
        assert (reader.last_id("."), reader.last_id(".c"), reader.last_id(".none")) == (2, 1, 0)


def test_a_claimed_id_is_never_given_again(store: SqlStore) -> None:
    with store.write() as writer:
        writer.claim_id(".", 100)
        writer.claim_id(".", 7)
    with store.write() as writer:
        assert writer.next_id(".") == 101


def test_ids_end_at_the_largest_of_the_wire_format(store: SqlStore) -> None:
    with store.write() as writer:
        writer.claim_id(".", MAX_ID)
    with pytest.raises(OperationNotPermitted), store.write() as writer:
        writer.next_id(".")


def test_ids_are_not_reused_after_the_last_schema_is_gone(
    store: SqlStore, register: Register
) -> None:
    with store.write() as writer:
        register(writer, FOO, STRING)
        writer.delete_versions(FOO, [1])
    with store.write() as writer:
        assert register(writer, FOO, STRING).schema_id == 2


def test_a_deleted_context_is_gone_and_starts_anew(store: SqlStore, register: Register) -> None:
    with store.write() as writer:
        register(writer, STAGED, STRING)
        writer.delete_versions(STAGED, [1])
        writer.delete_context(".staging")
        writer.delete_context(".staging")
    with store.write() as writer:
        assert writer.contexts() == ["."]
        assert register(writer, STAGED, STRING).schema_id == 1


def test_a_context_with_versions_cannot_be_deleted(store: SqlStore, register: Register) -> None:
    with store.write() as writer:
        register(writer, STAGED, STRING)
    with pytest.raises(Conflict), store.write() as writer:
        writer.delete_context(".staging")
    with store.read() as reader:
        assert reader.contexts() == [".", ".staging"]


# schemas


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(STRING, id="bare"),
        pytest.param(FULL, id="everything"),
        pytest.param(Content("AVRO", "x", metadata=Metadata(), rule_set=RuleSet()), id="empty"),
        pytest.param(Content("AVRO", ""), id="no text"),
        pytest.param(Content("PROTOBUF", "я" * 1_000_000), id="long"),
        pytest.param(Content("AVRO", "%(id)s :id ? {} '; DROP TABLE"), id="markup"),
    ],
)
def test_a_content_comes_back_as_it_was(
    store: SqlStore, register: Register, content: Content
) -> None:
    with store.write() as writer:
        row = register(writer, FOO, content)
    with store.read() as reader:
        stored = reader.schema(".", row.schema_id)
        latest = reader.latest(FOO)
    assert stored is not None
    assert stored.content == content
    assert stored.guid == content.guid() == stored.content.guid()
    assert latest is not None
    assert (latest.row, latest.content) == (row, content)


def test_references_keep_their_order_and_spelling(store: SqlStore, register: Register) -> None:
    references = tuple(
        Reference(f"n{number}", text, 1) for number, text in enumerate(["foo", ":.:foo", "bar"])
    )
    content = Content("AVRO", '"x"', references)
    with store.write() as writer:
        register(writer, FOO, STRING)
        register(writer, BAR, INT)
        row = register(writer, Subject(".", "top"), content)
    with store.read() as reader:
        stored = reader.schema(".", row.schema_id)
        many = reader.schemas(".", [1, 2, 3])
    assert stored is not None
    assert stored.content.references == references
    assert many[row.schema_id] == stored
    assert many[1].content == STRING


def test_unknown_ids_and_guids_are_not_found(store: SqlStore) -> None:
    with store.read() as reader:
        for schema_id in (-(2**70), -1, 1, MAX_ID, MAX_ID + 1, 2**63, 2**70):
            assert reader.schema(".", schema_id) is None
            assert reader.version(FOO, schema_id) is None
            assert reader.schemas(".", [schema_id]) == {}
            assert reader.holders(".", schema_id) == []
        assert reader.primary_id(".", STRING.guid()) is None
        assert reader.guid_holders("none") == []


def test_many_contents_are_read_at_once(store: SqlStore, register: Register) -> None:
    with store.write() as writer:
        register(writer, FOO, STRING)
        for number in range(2, 124):
            content = replace(numbered(number), references=(Reference("r", "foo", 1),))
            register(writer, BAR, content)
    with store.read() as reader:
        found = reader.schemas(".", range(1000))
        newest_first = reader.subject_versions(BAR)
    assert sorted(found) == list(range(1, 124))
    assert all(found[number].content.references for number in range(2, 124))
    assert [one.content for one in newest_first] == [
        found[number].content for number in range(123, 1, -1)
    ]


def test_the_same_content_has_one_id_per_context(store: SqlStore, register: Register) -> None:
    guid = STRING.guid()
    with store.write() as writer:
        register(writer, BAR, INT)
        ids = [register(writer, one, STRING).schema_id for one in (FOO, BAR, STAGED)]
    assert ids == [2, 2, 1]
    with store.read() as reader:
        assert (reader.primary_id(".", guid), reader.primary_id(".staging", guid)) == (2, 1)
        assert reader.guid_holders(guid) == [(".", 2), (".staging", 1)]
        assert [(row.subject, row.version) for row in reader.holders(".", 2)] == [
            (BAR, 2),
            (FOO, 1),
        ]


def test_an_imported_twin_is_not_primary_until_the_first_is_gone(
    store: SqlStore, register: Register
) -> None:
    guid = STRING.guid()
    with store.write() as writer:
        register(writer, FOO, STRING, schema_id=9)
        register(writer, BAR, STRING, schema_id=3)
        assert writer.primary_id(".", guid) == 9
        assert writer.guid_holders(guid) == [(".", 9), (".", 3)]
    with store.write() as writer:
        writer.delete_versions(FOO, [1])
        assert writer.primary_id(".", guid) == 3
        assert writer.guid_holders(guid) == [(".", 3)]


def test_id_zero_can_be_imported(store: SqlStore, register: Register) -> None:
    with store.write() as writer:
        writer.add_schema(".", 0, STRING, STRING.guid())
        writer.add_version(FOO, 1, 0, STRING.guid())
    with store.read() as reader:
        assert reader.primary_id(".", STRING.guid()) == 0
        assert reader.last_id(".") == 0
    with store.write() as writer:
        assert register(writer, BAR, INT).schema_id == 1


def test_schemas_are_counted(store: SqlStore, register: Register) -> None:
    with store.write() as writer:
        assert writer.schema_count() == 0
        for subject, content in ((FOO, STRING), (BAR, STRING), (FOO, INT), (STAGED, STRING)):
            register(writer, subject, content)
    with store.read() as reader:
        assert reader.schema_count() == 3


def test_an_id_cannot_be_taken_twice(store: SqlStore, register: Register) -> None:
    with store.write() as writer:
        register(writer, FOO, STRING)
    with pytest.raises(Conflict), store.write() as writer:
        writer.add_schema(".", 1, INT, INT.guid())
    with store.read() as reader:
        stored = reader.schema(".", 1)
    assert stored is not None
    assert stored.content == STRING
