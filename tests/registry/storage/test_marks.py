"""The shared numbers vouch for what is settled, and for nothing else."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from registry.model import Mode
from registry.names import Subject
from registry.storage.sql import watch as module
from registry.storage.sql.marks import Marks
from registry.storage.sql.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

FOO = Subject(".", "foo")
KILLED_WHILE_COMMITTING = """
import os, signal, sys
from pathlib import Path
from registry.storage.sql.marks import Marks
with Marks(Path(sys.argv[1])).committing():
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def marks(tmp_path: Path) -> Marks:
    return Marks(tmp_path / "marks")


def test_a_commit_is_counted_before_it_is_made(marks: Marks, tmp_path: Path) -> None:
    """Another process sees it begun, and settled only when it is over."""
    other = Marks(tmp_path / "marks")
    assert other.settled() == 0
    with marks.committing():
        assert other.begun == 1
        assert other.settled() is None
    assert other.settled() == 1


def test_a_commit_that_fails_is_over_too(marks: Marks) -> None:
    with pytest.raises(ZeroDivisionError), marks.committing():
        raise ZeroDivisionError
    assert marks.settled() == 1


def test_the_end_of_an_earlier_commit_does_not_unsettle_a_later_one(marks: Marks) -> None:
    with marks.committing(), marks.committing():
        pass
    assert marks.settled() == 2


def test_a_killed_writer_leaves_nothing_vouched_for(marks: Marks, tmp_path: Path) -> None:
    """The next commit puts it right."""
    subprocess.run([sys.executable, "-c", KILLED_WHILE_COMMITTING, tmp_path / "marks"], check=False)
    assert marks.begun == 1
    assert marks.settled() is None
    with marks.committing():
        pass
    assert marks.settled() == 2


def test_nothing_is_vouched_for_while_a_commit_is_under_way(tmp_path: Path) -> None:
    """A refresh in the middle of a commit may have missed it."""
    store = open_store(f"sqlite:///{tmp_path / 'accord.db'}")
    watch = store.watch(lambda _: None)
    watch.refresh()
    assert watch.unchanged()
    with Marks(tmp_path / "accord.db-marks").committing():
        assert not watch.unchanged()
        watch.refresh()
        assert not watch.unchanged()
    watch.refresh()
    assert watch.unchanged()
    store.close()


def test_a_commit_that_nobody_counted_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by a program that is not Accord's; SQLite itself is asked from time to time."""
    monkeypatch.setattr(module, "CHECK_SECONDS", 0.0)
    store = open_store(f"sqlite:///{tmp_path / 'accord.db'}")
    with store.write() as writer:
        writer.set_mode(FOO, Mode.READONLY)
    watch = store.watch(lambda _: None)
    watch.refresh()
    assert watch.unchanged()
    with sqlite3.connect(tmp_path / "accord.db") as foreign:
        foreign.execute("UPDATE modes SET mode = 'READWRITE'")
    foreign.close()
    assert not watch.unchanged()
    store.close()
