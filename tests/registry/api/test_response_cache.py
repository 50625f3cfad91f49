"""What is kept, what is dropped, and what is never put."""

from __future__ import annotations

from typing import Any

import pytest

from registry.api.metrics import Metrics
from registry.api.response_cache import (
    DEPENDENCY_BYTES,
    ENTRY_BYTES,
    ON_ANYTHING,
    REMEMBERED_TOUCHES,
    Dependency,
    Finished,
    Key,
    ResponseCache,
    on_guid,
    on_schema,
    on_subject,
    touched_by,
)
from registry.model import Change, ChangeKind
from registry.names import Subject

COUNTER = Metrics().hits(route="/")
VERSION_KEY = {"context": ".", "subject": "s", "version": 1}
VERSION = {"id": 7, "guid": "g", "deleted": False, "createdMs": 1}


def named(name: str) -> Key:
    return name.encode(), b"", ""


def finished(*dependencies: Dependency, body: bytes = b"x") -> Finished:
    return Finished((), body, dependencies or (on_schema(".", 1),), COUNTER)


def change(
    kind: ChangeKind,
    named: dict[str, object],
    *,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> Change:
    return Change(1, 0, "", kind, named, before, after)


def registered(schema_id: int, *, subject: str = "s") -> Change:
    named = {"context": ".", "subject": subject, "version": 1}
    after = {"id": schema_id, "guid": f"g{schema_id}"}
    return change(ChangeKind.SCHEMA_REGISTERED, named, after=after)


def test_an_answer_that_was_put_is_found() -> None:
    cache = ResponseCache(max_bytes=100_000)
    answer = finished()
    assert cache.put(named("k"), answer, generation=cache.generation)
    assert cache.get(named("k")) is answer
    assert named("k") in cache
    assert cache.get(named("other")) is None


def test_what_was_not_used_goes_first() -> None:
    cache = ResponseCache(max_bytes=100_000, max_entries=2)
    for name in ("a", "b"):
        cache.put(named(name), finished(), generation=0)
    used = cache.get(named("a"))
    assert used is not None
    used.is_used = True
    cache.put(named("c"), finished(), generation=0)
    assert [named(name) in cache for name in "abc"] == [True, False, True]
    # Used once is not for ever.
    cache.put(named("d"), finished(), generation=0)
    cache.put(named("e"), finished(), generation=0)
    assert [named(name) in cache for name in "acde"] == [False, False, True, True]


def test_room_is_made_even_if_all_were_used() -> None:
    cache = ResponseCache(max_bytes=100_000, max_entries=3)
    for number in range(10):
        answer = finished()
        answer.is_used = True
        cache.put(named(str(number)), answer, generation=0)
        assert len(cache) <= 3


def test_bytes_are_bounded_and_counted_off_again() -> None:
    room = 10 * (ENTRY_BYTES + DEPENDENCY_BYTES)
    cache = ResponseCache(max_bytes=room)
    for number in range(100):
        cache.put(named(str(number)), finished(on_schema(".", number)), generation=0)
        assert cache.size <= room
    assert len(cache) == 9
    cache.drop(None)
    assert (len(cache), cache.size) == (0, 0)


def test_one_answer_may_not_empty_the_cache() -> None:
    cache = ResponseCache(max_bytes=16_000)
    assert not cache.put(named("k"), finished(body=b"x" * 1001), generation=0)
    assert cache.put(named("k"), finished(body=b"x" * 1000), generation=0)


def test_a_cache_without_room_keeps_nothing() -> None:
    cache = ResponseCache(max_bytes=0)
    cache.put(named("k"), finished(body=b""), generation=0)
    assert len(cache) == 0


def test_an_answer_put_twice_counts_once() -> None:
    cache = ResponseCache(max_bytes=100_000)
    cache.put(named("k"), finished(on_schema(".", 1)), generation=0)
    size = cache.size
    cache.put(named("k"), finished(on_schema(".", 2)), generation=0)
    assert (len(cache), cache.size) == (1, size)
    cache.drop([registered(1)])
    assert named("k") in cache
    cache.drop([registered(2)])
    assert named("k") not in cache


def test_a_change_drops_what_depends_on_it_and_nothing_else() -> None:
    cache = ResponseCache(max_bytes=100_000)
    subject = Subject(".", "s")
    answers = {
        named("id"): (on_schema(".", 7),),
        named("guid"): (on_guid("g"), on_schema(".", 99)),
        named("subject"): (on_subject(subject),),
        named("anything"): (ON_ANYTHING,),
        named("other id"): (on_schema(".", 8),),
        named("other context"): (on_schema(".ctx", 7),),
        named("other subject"): (on_subject(Subject(".ctx", "s")),),
    }
    for key, dependencies in answers.items():
        cache.put(key, finished(*dependencies), generation=0)
    cache.drop([change(ChangeKind.VERSION_DELETED, VERSION_KEY, before=VERSION)])
    left = {key for key in answers if key in cache}
    assert left == {named("other id"), named("other context"), named("other subject")}


@pytest.mark.parametrize(
    ("kind", "named", "documents", "touched"),
    [
        (
            ChangeKind.SCHEMA_REGISTERED,
            VERSION_KEY,
            {"after": VERSION},
            {on_subject(Subject(".", "s")), on_schema(".", 7), on_guid("g")},
        ),
        (
            ChangeKind.CONFIG_SET,
            {"context": ".", "subject": "s"},
            {"after": {"alias": "t"}},
            {on_subject(Subject(".", "s"))},
        ),
        (
            ChangeKind.CONFIG_DELETED,
            {"context": ".__GLOBAL", "subject": ""},
            {"before": {}},
            {on_subject(Subject(".__GLOBAL", ""))},
        ),
        (ChangeKind.MODE_SET, {"context": ".", "subject": "s"}, {}, set()),
        (ChangeKind.CONTEXT_CREATED, {"context": ".ctx"}, {}, set()),
        (ChangeKind.ASSOCIATION_SET, {"resourceId": "r"}, {}, set()),
    ],
)
def test_a_change_touches_what_its_documents_name(
    kind: ChangeKind, named: dict[str, object], documents: dict[str, Any], touched: set[Dependency]
) -> None:
    assert touched_by([change(kind, named, **documents)]) == {ON_ANYTHING, *touched}


@pytest.mark.parametrize("kind", ChangeKind)
def test_every_kind_of_change_is_known_or_drops_everything(kind: ChangeKind) -> None:
    touched = touched_by([change(kind, VERSION_KEY, after=VERSION)])
    assert touched is not None
    assert ON_ANYTHING in touched


@pytest.mark.parametrize(
    "vague",
    [
        change(ChangeKind.SCHEMA_REGISTERED, {"subject": "s"}, after=VERSION),
        change(ChangeKind.SCHEMA_REGISTERED, VERSION_KEY),
        change(ChangeKind.VERSION_DELETED, VERSION_KEY, before={"id": 7}),
        change(ChangeKind.CONFIG_SET, {"context": "."}),
    ],
)
def test_a_change_that_does_not_say_drops_everything(vague: Change) -> None:
    assert touched_by([registered(1), vague]) is None
    cache = ResponseCache(max_bytes=100_000)
    cache.put(named("k"), finished(on_schema(".", 99)), generation=0)
    cache.drop([vague])
    assert len(cache) == 0


def test_an_answer_computed_before_a_change_it_depends_on_is_not_put() -> None:
    cache = ResponseCache(max_bytes=100_000)
    begun = cache.generation
    cache.drop([registered(1)])
    assert not cache.put(named("k"), finished(on_schema(".", 1)), generation=begun)
    assert cache.put(named("other"), finished(on_schema(".", 2)), generation=begun)
    assert cache.put(named("k"), finished(on_schema(".", 1)), generation=cache.generation)


def test_an_answer_computed_before_everything_was_dropped_is_not_put() -> None:
    cache = ResponseCache(max_bytes=100_000)
    begun = cache.generation
    cache.drop(None)
    assert not cache.put(named("k"), finished(), generation=begun)
    assert cache.put(named("k"), finished(), generation=cache.generation)


def test_what_was_touched_is_remembered_within_bounds() -> None:
    cache = ResponseCache(max_bytes=100_000)
    begun = cache.generation
    cache.drop([registered(number) for number in range(REMEMBERED_TOUCHES)])
    assert not cache.put(named("k"), finished(on_schema(".", 1)), generation=begun)
    assert not cache.put(named("other"), finished(on_schema(".ctx", 1)), generation=begun)
    assert cache.put(named("other"), finished(on_schema(".ctx", 1)), generation=cache.generation)
