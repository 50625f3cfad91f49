"""Versions and what refers to them, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from registry.model import Content, Reference
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


def numbered(number: int) -> Content:
    return Content("AVRO", f'{{"type": "fixed", "name": "f", "size": {number}}}')


# versions


def test_versions_come_in_order_with_their_state(store: SqlStore, register: Register) -> None:
    with store.write() as writer:
        rows = [register(writer, FOO, numbered(number)) for number in range(1, 13)]
        writer.set_deleted(FOO, [2, 12, 99])
    with store.read() as reader:
        found = reader.versions(FOO)
        assert [row.version for row in found] == list(range(1, 13))
        assert [row.version for row in found if row.deleted] == [2, 12]
        assert found[0] == rows[0]
        newest = reader.subject_versions(FOO)
        assert [one.row.version for one in newest] == [11, 10, 9, 8, 7, 6, 5, 4, 3, 1]
        newest = reader.subject_versions(FOO, include_deleted=True)
        assert [one.row.version for one in newest] == list(range(12, 0, -1))
        assert newest[-1].content == numbered(1)


def test_latest_is_the_highest_live_version(store: SqlStore, register: Register) -> None:
    with store.write() as writer:
        for number in (1, 2):
            register(writer, FOO, numbered(number))
        writer.set_deleted(FOO, [2])
    with store.read() as reader:
        live, latest = reader.latest(FOO), reader.latest(FOO, include_deleted=True)
        assert live is not None
        assert latest is not None
        assert (live.row.version, latest.row.version) == (1, 2)
        assert reader.latest(BAR) is None
        assert reader.latest(BAR, include_deleted=True) is None
    with store.write() as writer:
        writer.set_deleted(FOO, [1])
        assert writer.latest(FOO) is None


def test_a_soft_deleted_version_can_be_read_and_brought_back(
    store: SqlStore, register: Register
) -> None:
    with store.write() as writer:
        register(writer, FOO, STRING)
        writer.set_deleted(FOO, [1])
        deleted = writer.version(FOO, 1)
        assert deleted is not None
        assert deleted.row.deleted
        writer.set_deleted(FOO, [1], deleted=False)
        restored = writer.version(FOO, 1)
    assert restored is not None
    assert not restored.row.deleted


def test_deleting_versions_removes_contents_nobody_uses(
    store: SqlStore, register: Register
) -> None:
    with store.write() as writer:
        register(writer, FOO, STRING)
        register(writer, FOO, INT)
        register(writer, BAR, INT)
        top = register(writer, FOO, Content("AVRO", '"x"', (Reference("r", "foo", 1),)))
        writer.delete_versions(FOO, [1, 2, 3, 77])
    with store.read() as reader:
        assert reader.versions(FOO) == []
        assert reader.subjects(context=None, dead=True) == [BAR]
        assert reader.schema(".", 1) is None
        assert reader.schema(".", top.schema_id) is None
        assert reader.guid_holders(STRING.guid()) == []
        kept = reader.schema(".", 2)
        assert kept is not None
        assert kept.content == INT
        assert reader.referrers(FOO) == []


def test_a_version_number_can_be_used_again_after_it_is_gone(
    store: SqlStore, register: Register
) -> None:
    with store.write() as writer:
        register(writer, FOO, STRING)
        writer.delete_versions(FOO, [1])
        assert register(writer, FOO, INT).version == 1
    with pytest.raises(Conflict), store.write() as writer:
        writer.add_version(FOO, 1, 2, INT.guid())


def test_a_version_needs_its_schema(store: SqlStore) -> None:
    with pytest.raises(Conflict), store.write() as writer:
        writer.add_version(FOO, 1, 1, STRING.guid())


def test_versions_start_at_one(store: SqlStore, register: Register) -> None:
    with store.write() as writer:
        register(writer, BAR, STRING)
    with pytest.raises(Conflict), store.write() as writer:
        writer.add_version(FOO, 0, 1, STRING.guid())


# references


def test_referrers_are_found_across_contexts(store: SqlStore, register: Register) -> None:
    with store.write() as writer:
        register(writer, FOO, STRING)
        register(writer, FOO, INT)
        register(writer, STAGED, STRING)
        by_plain = register(writer, BAR, Content("AVRO", "1", (Reference("r", "foo", 1),)))
        by_name = register(
            writer, Subject(".b", "x"), Content("AVRO", "2", (Reference("r", ":.:foo", 2),))
        )
        by_own = register(
            writer, Subject(".staging", "x"), Content("AVRO", "3", (Reference("r", "foo", 1),))
        )
    with store.read() as reader:
        assert reader.referrers(FOO, 1) == [(".", by_plain.schema_id)]
        assert reader.referrers(FOO, 2) == [(".b", by_name.schema_id)]
        assert reader.referrers(FOO) == [(".", by_plain.schema_id), (".b", by_name.schema_id)]
        assert reader.referrers(STAGED) == [(".staging", by_own.schema_id)]
        assert reader.referrers(BAR) == reader.referrers(FOO, 3) == []


def test_a_soft_deleted_referrer_counts_only_when_asked(
    store: SqlStore, register: Register
) -> None:
    with store.write() as writer:
        register(writer, FOO, STRING)
        row = register(writer, BAR, Content("AVRO", "1", (Reference("r", "foo", 1),)))
        writer.set_deleted(BAR, [1])
    with store.read() as reader:
        assert reader.referrers(FOO, 1) == []
        assert reader.referrers(FOO, 1, include_deleted=True) == [(".", row.schema_id)]


def test_a_version_referred_to_cannot_vanish(store: SqlStore, register: Register) -> None:
    with store.write() as writer:
        register(writer, FOO, STRING)
        register(writer, BAR, Content("AVRO", "1", (Reference("r", "foo", 1),)))
    with pytest.raises(Conflict), store.write() as writer:
        writer.delete_versions(FOO, [1])
    with store.read() as reader:
        assert len(reader.versions(FOO)) == 1
        assert reader.sequence() == 2


def test_a_reference_needs_its_target_by_the_end_of_the_transaction(
    store: SqlStore, register: Register
) -> None:
    referrer = Content("AVRO", "1", (Reference("r", "foo", 1),))
    with pytest.raises(Conflict), store.write() as writer:
        register(writer, BAR, referrer)
    with store.write() as writer:
        register(writer, BAR, referrer)
        register(writer, FOO, STRING)
