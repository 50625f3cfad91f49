"""A cache that asks its watch serves nothing older than what was acknowledged."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from registry.model import Config, Mode
from registry.names import GLOBAL, Subject
from registry.storage.sql import watch as module
from registry.storage.sql.store import SqlStore, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from registry.model import Change
    from registry.storage.port import Watch

FOO = Subject(".", "foo")
WRITER = """
import sys
from registry.model import Mode
from registry.names import GLOBAL
from registry.storage.sql.store import open_store
store = open_store(sys.argv[1])
with store.write() as writer:
    writer.set_mode(GLOBAL, Mode.READONLY)
store.settle()
store.close()
"""


class Dropped:
    """What a cache was told to drop, and what its watch said meanwhile."""

    def __init__(self, store: SqlStore) -> None:
        self.calls: list[list[int] | None] = []
        self.seen: list[tuple[int, bool]] = []
        self.watch: Watch = store.watch(self.drop)

    def drop(self, changes: Sequence[Change] | None) -> None:
        self.calls.append(None if changes is None else [change.sequence for change in changes])
        self.seen.append((self.watch.sequence, self.watch.unchanged()))


@pytest.fixture
def other(database_url: str) -> Iterator[SqlStore]:
    """A second node."""
    opened = open_store(database_url)
    yield opened
    opened.close()


def write(store: SqlStore, times: int = 1) -> None:
    with store.write() as writer:
        for _ in range(times):
            writer.set_mode(FOO, Mode.READONLY)


def test_a_fresh_watch_knows_nothing(store: SqlStore) -> None:
    write(store)
    dropped = Dropped(store)
    assert not dropped.watch.unchanged()
    assert dropped.watch.sequence == -1
    dropped.watch.refresh()
    assert dropped.calls == [None]
    assert dropped.watch.sequence == 1


def test_a_write_of_the_same_store_is_seen_at_once(store: SqlStore) -> None:
    dropped = Dropped(store)
    dropped.watch.refresh()
    write(store, 2)
    assert not dropped.watch.unchanged()
    dropped.watch.refresh()
    dropped.watch.refresh()
    write(store)
    dropped.watch.refresh()
    assert dropped.calls == [None, [1, 2], [3]]
    assert dropped.watch.sequence == 3


def test_a_settled_write_of_another_store_is_seen(store: SqlStore, other: SqlStore) -> None:
    dropped = Dropped(store)
    for number in range(1, 4):
        dropped.watch.refresh()
        write(other)
        other.settle()
        assert not dropped.watch.unchanged()
        dropped.watch.refresh()
        assert dropped.calls[-1] == [number]


def test_a_settled_write_of_another_process_is_seen(store: SqlStore, database_url: str) -> None:
    dropped = Dropped(store)
    dropped.watch.refresh()
    subprocess.run([sys.executable, "-c", WRITER, database_url], check=True)
    assert not dropped.watch.unchanged()
    dropped.watch.refresh()
    assert dropped.calls == [None, [1]]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_file_is_unchanged_until_it_changes(store: SqlStore, other: SqlStore) -> None:
    watch = Dropped(store).watch
    watch.refresh()
    assert watch.unchanged()
    with store.write(), other.read() as reader:
        reader.sequence()
    assert watch.unchanged()
    write(other)
    assert not watch.unchanged()
    watch.refresh()
    assert watch.unchanged()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_lease_is_trusted_while_it_lasts(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LEASE_SECONDS", 3600)
    watch = Dropped(store).watch
    watch.refresh()
    assert watch.unchanged()
    write(store)
    assert not watch.unchanged()


def test_too_many_changes_are_not_listed(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_CHANGES", 3)
    dropped = Dropped(store)
    dropped.watch.refresh()
    write(store, 3)
    dropped.watch.refresh()
    write(store, 4)
    dropped.watch.refresh()
    write(store)
    dropped.watch.refresh()
    assert dropped.calls == [None, [1, 2, 3], None, [8]]


def test_nothing_is_unchanged_before_it_was_dropped(store: SqlStore) -> None:
    dropped = Dropped(store)
    dropped.watch.refresh()
    write(store)
    dropped.watch.refresh()
    assert dropped.seen == [(0, False), (1, False)]


def test_a_write_during_a_refresh_is_not_missed(store: SqlStore) -> None:
    learned: list[int] = []

    def drop(changes: Sequence[Change] | None) -> None:
        learned.extend(change.sequence for change in changes or ())
        if len(learned) < 3:
            write(store)

    watch = store.watch(drop)
    for _ in range(3):
        assert not watch.unchanged()
        watch.refresh()
    assert not watch.unchanged()
    watch.refresh()
    assert learned == [1, 2, 3]


def test_a_drop_that_failed_is_done_again_and_wholly(store: SqlStore) -> None:
    calls: list[object] = []

    def drop(changes: Sequence[Change] | None) -> None:
        calls.append(changes)
        if len(calls) == 2:
            raise ZeroDivisionError

    watch = store.watch(drop)
    watch.refresh()
    write(store)
    with pytest.raises(ZeroDivisionError):
        watch.refresh()
    assert not watch.unchanged()
    watch.refresh()
    assert calls[2] is None


class Cache:
    """The smallest cache that follows the protocol: one answer, filled and dropped under a lock."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._answer: int | None = None
        self._watch = store.watch(self._drop)

    def _drop(self, _: object) -> None:
        with self._lock:
            self._answer = None

    def get(self) -> int:
        if not self._watch.unchanged():
            self._watch.refresh()
        with self._lock:
            if self._answer is not None:
                return self._answer
        sequence = self._watch.sequence
        with self._store.read(snapshot=False) as reader:
            config = reader.config(GLOBAL)
        answer = 0 if config is None else int(config.alias or 0)
        with self._lock:
            if self._watch.sequence == sequence:
                self._answer = answer
        return answer


def test_no_answer_is_older_than_what_was_acknowledged(store: SqlStore, other: SqlStore) -> None:
    acknowledged = 0
    is_over = threading.Event()
    stale: list[tuple[int, int]] = []
    served = 0

    def serve(cache: Cache) -> None:
        nonlocal served
        while not is_over.is_set():
            before = acknowledged
            answer = cache.get()
            served += 1
            if answer < before:
                stale.append((answer, before))

    caches = [Cache(store), Cache(other)]
    threads = [threading.Thread(target=serve, args=(cache,)) for cache in caches * 2]
    for thread in threads:
        thread.start()
    for number in range(1, 16):
        writing = (store, other)[number % 2]
        with writing.write() as writer:
            writer.set_config(GLOBAL, Config(alias=str(number)))
        writing.settle()
        acknowledged = number
    is_over.set()
    for thread in threads:
        thread.join()
    assert stale == []
    assert served > len(threads)
