from __future__ import annotations

from accord_serde._call import Forget, Memory, Slot
from accord_serde._memory import Memories, Shelf


class Clock:
    """A clock that stands still until it is set."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def slot(key: object, subject: str | None = None) -> Slot:
    return Slot(Memory.PLACE, subject, key)  # type: ignore[arg-type] - any key will do


def test_what_was_used_last_is_kept() -> None:
    shelf = Shelf(2)
    for key in "ab":
        shelf.put(slot(key), key, 0)
    assert shelf.get(slot("a")) == "a"
    shelf.put(slot("c"), "c", 0)
    assert [shelf.get(slot(key)) for key in "abc"] == ["a", None, "c"]


def test_putting_again_counts_as_use() -> None:
    shelf = Shelf(2)
    for key in "abac":
        shelf.put(slot(key), key, 0)
    assert [shelf.get(slot(key)) for key in "abc"] == ["a", None, "c"]


def test_what_outlives_its_time_is_old() -> None:
    clock = Clock()
    shelf = Shelf(2, ttl=10, clock=clock)
    shelf.put(slot("a"), "a", 0)
    clock.now += 9.9
    assert shelf.get(slot("a")) == "a"
    clock.now += 0.1
    assert shelf.get(slot("a")) is None
    assert shelf.old(slot("a")) == "a"
    shelf.put(slot("a"), "b", 0)
    assert shelf.get(slot("a")) == "b"


def test_using_what_is_old_counts_as_use() -> None:
    shelf = Shelf(2, ttl=0, keeps_old=True)
    for key in "ab":
        shelf.put(slot(key), key, 0)
    assert shelf.old(slot("a")) == "a"
    shelf.put(slot("c"), "c", 0)
    assert [shelf.old(slot(key)) for key in "abc"] == ["a", None, "c"]
    assert [shelf.get(slot(key)) for key in "ac"] == [None, None]


def test_what_is_old_from_the_start_gives_way() -> None:
    shelf = Shelf(2)
    shelf.put_old(slot("a"), "old")
    assert (shelf.get(slot("a")), shelf.old(slot("a"))) == (None, "old")
    shelf.put(slot("a"), "new", 0)
    shelf.put_old(slot("a"), "old")
    assert shelf.get(slot("a")) == "new"


def test_a_subject_in_doubt_has_only_old_answers() -> None:
    shelf = Shelf(5)
    before = shelf.generation
    for key, subject in [("a", "s"), ("b", "t")]:
        shelf.put(slot(key, subject), key, before)
    shelf.age("s")
    shelf.put(slot("c", "s"), "c", before)
    assert [shelf.get(slot(*place)) for place in [("a", "s"), ("b", "t"), ("c", "s")]] == [
        None,
        "b",
        None,
    ]
    assert [shelf.old(slot(*place)) for place in [("a", "s"), ("c", "s")]] == ["a", None]


def test_without_capacity_or_time_nothing_is_kept() -> None:
    for shelf in (Shelf(0), Shelf(1, ttl=0)):
        shelf.put(slot("a"), "a", 0)
        assert shelf.get(slot("a")) is None
        assert shelf.old(slot("a")) is None
    assert Shelf(1, ttl=0).is_bare
    assert not Shelf(0).is_bare


def test_dropping_a_subject_leaves_the_others() -> None:
    shelf = Shelf(5)
    for key, subject in [("a", "s"), ("b", "s"), ("c", "t"), ("d", None)]:
        shelf.put(slot(key, subject), key, 0)
    shelf.drop("s")
    kept = [shelf.get(slot(*place)) for place in [("a", "s"), ("b", "s"), ("c", "t"), ("d", None)]]
    assert kept == [None, None, "c", "d"]


def test_an_answer_under_way_while_its_subject_is_dropped_is_not_kept() -> None:
    shelf = Shelf(5)
    before = shelf.generation
    shelf.drop("s")
    shelf.put(slot("a", "s"), "old", before)
    assert shelf.get(slot("a", "s")) is None
    shelf.put(slot("a", "s"), "new", shelf.generation)
    assert shelf.get(slot("a", "s")) == "new"


def test_clearing_forgets_what_is_kept_and_what_is_under_way() -> None:
    shelf = Shelf(5)
    before = shelf.generation
    shelf.put(slot("a"), "a", before)
    shelf.drop(None)
    shelf.put(slot("b"), "b", before)
    assert [shelf.get(slot(key)) for key in "ab"] == [None, None]


def test_a_change_makes_only_the_memories_it_names_stale() -> None:
    memories = Memories(5, latest_ttl=60)
    slots = {memory: Slot(memory, "s", "key") for memory in Memory}
    for memory, place in slots.items():
        memories.shelf(place).put(place, memory, 0)
    memories.note(Forget("s", (Memory.LATEST,)))
    kept = [memory for memory, place in slots.items() if memories.shelf(place).get(place)]
    assert kept == [Memory.CONTENT, Memory.PLACE]
