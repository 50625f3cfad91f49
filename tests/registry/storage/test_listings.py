"""Subjects and versions in order, in pages and by prefix, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from registry.model import Content
from registry.names import Subject

if TYPE_CHECKING:
    from collections.abc import Callable

    from registry.model import Version
    from registry.storage.sql.store import SqlStore

    Register = Callable[..., Version]

STRING = Content("AVRO", '"string"')
INT = Content("AVRO", '"int"')


ODD_NAMES = [
    "%",
    "_",
    "a",
    "a%",
    "a_b",
    "a\uffff",
    "a😀",
    "aa",
    "b",
    "B",
    "ä",
    "é",
    "a b",
    "a/b",
    "a'",
]


@pytest.fixture
def listed(store: SqlStore, register: Register) -> SqlStore:
    """Odd names in three contexts; of each, one version is live unless the name has a `b`."""
    with store.write() as writer:
        for context in (".", ".a", ".a-b"):
            for name in ODD_NAMES:
                subject = Subject(context, name)
                register(writer, subject, STRING)
                register(writer, subject, INT)
                writer.set_deleted(subject, [1, 2] if "b" in name else [2])
    return store


def expected(context: str | None, prefix: str) -> list[Subject]:
    contexts = [".", ".a", ".a-b"] if context is None else [context]
    found = [Subject(c, name) for c in contexts for name in ODD_NAMES if name.startswith(prefix)]
    return sorted(found, key=str)


@pytest.mark.parametrize("context", [None, ".", ".a", ".none"])
def test_subjects_are_listed_by_written_name(listed: SqlStore, context: str | None) -> None:
    for prefix in ["", "a", "a%", "_", "a\uffff", "a😀", "\U0010ffff", "z", "A"]:
        wanted = [one for one in expected(context, prefix) if one.context != ".none"]
        with listed.read() as reader:
            both = reader.subjects(context=context, prefix=prefix, live=True, dead=True)
            live = reader.subjects(context=context, prefix=prefix)
            dead = reader.subjects(context=context, prefix=prefix, live=False, dead=True)
            assert reader.subjects(context=context, live=False, dead=False) == []
        assert both == wanted
        assert live == [one for one in wanted if "b" not in one.name]
        assert dead == [one for one in wanted if "b" in one.name]


@pytest.mark.parametrize("context", [None, "."])
def test_pages_of_subjects_make_the_whole(listed: SqlStore, context: str | None) -> None:
    with listed.read() as reader:
        whole = reader.subjects(context=context)
        pages = [
            reader.subjects(context=context, limit=4, offset=offset)
            for offset in range(0, len(whole) + 4, 4)
        ]
    assert [one for page in pages for one in page] == whole
    assert all(len(page) == 4 for page in pages[:-2])


def test_versions_are_listed_by_written_subject_then_version(listed: SqlStore) -> None:
    with listed.read() as reader:
        every = reader.listing(context=None, include_deleted=True)
        live = reader.listing(context=None)
        latest = reader.listing(context=".a", include_deleted=True, latest_only=True)
        live_latest = reader.listing(context=".a", prefix="a", latest_only=True)
        page = reader.listing(context=None, include_deleted=True, limit=5, offset=3)
    keys = [(str(one.row.subject), one.row.version) for one in every]
    assert keys == sorted(keys)
    assert len(keys) == 3 * len(ODD_NAMES) * 2
    assert every[0].content == STRING
    assert page == every[3:8]
    assert live == [one for one in every if not one.row.deleted]
    assert {one.row.version for one in latest} == {2}
    assert len(latest) == len(ODD_NAMES)
    assert {one.row.version for one in live_latest} == {1}
    assert all(one.row.subject.name.startswith("a") for one in live_latest)


def test_a_prefix_may_end_in_the_last_character_before_the_surrogates(
    store: SqlStore, register: Register
) -> None:
    names = ["\ud7ff", "\ud7ff1", "\ue000", "\U0010ffff", "\U0010ffff\U0010ffff"]
    with store.write() as writer:
        for name in names:
            register(writer, Subject(".", name), STRING)
    with store.read() as reader:
        assert [s.name for s in reader.subjects(context=".", prefix="\ud7ff")] == names[:2]
        assert [s.name for s in reader.subjects(context=".", prefix="\U0010ffff")] == names[3:]
