"""An acknowledgement comes when what it promises is true, and a round serves all who wait."""

from __future__ import annotations

import errno
import threading
from typing import TYPE_CHECKING

import pytest
from faulty_files import MemoryFiles
from partition_logs import append, batch, open_log

from accord_log.log.flush import Durability, Flusher

if TYPE_CHECKING:
    from collections.abc import Iterator


class Gate:
    """A file whose sync waits until it is let through."""

    def __init__(self) -> None:
        self.began = threading.Semaphore(0)
        self.let = threading.Semaphore(0)
        self.syncs = 0
        self.error: OSError | None = None

    def sync(self) -> None:
        self.began.release()
        assert self.let.acquire(timeout=10)
        self.syncs += 1
        if self.error is not None:
            raise self.error


class Answers:
    """What callbacks were told."""

    def __init__(self) -> None:
        self.errors: list[Exception | None] = []
        self.came = threading.Semaphore(0)

    def __call__(self, error: Exception | None) -> None:
        self.errors.append(error)
        self.came.release()

    def wait(self, count: int = 1) -> list[Exception | None]:
        for _ in range(count):
            assert self.came.acquire(timeout=10)
        return self.errors


@pytest.fixture
def committing() -> Iterator[Flusher]:
    flusher = Flusher(Durability.COMMIT)
    yield flusher
    flusher.close()


def test_commit_answers_after_the_sync(committing: Flusher) -> None:
    gate, answers = Gate(), Answers()
    committing.settle([gate], answers)
    assert gate.began.acquire(timeout=10)
    assert not answers.errors
    gate.let.release()
    assert answers.wait() == [None]


def test_a_round_serves_all_who_came_before_it(committing: Flusher) -> None:
    gate, answers = Gate(), Answers()
    committing.settle([gate], answers)
    assert gate.began.acquire(timeout=10)
    for _ in range(20):  # these come while the first is synced
        committing.settle([gate], answers)
    gate.let.release()
    answers.wait()
    assert gate.began.acquire(timeout=10)
    assert len(answers.errors) == 1  # what came during a sync is not covered by it
    gate.let.release()
    answers.wait(20)
    assert gate.syncs == 2


def test_an_answer_waits_for_all_its_files(committing: Flusher) -> None:
    gates, answers = [Gate(), Gate()], Answers()
    committing.settle(gates, answers)
    gates[0].let.release()
    assert gates[1].began.acquire(timeout=10)
    assert not answers.errors
    gates[1].let.release()
    assert answers.wait() == [None]


def test_files_are_synced_side_by_side(committing: Flusher) -> None:
    gates, answers = [Gate(), Gate(), Gate()], Answers()
    committing.settle(gates, answers)
    for gate in gates:
        assert gate.began.acquire(timeout=10)
    for gate in gates:
        gate.let.release()
    assert answers.wait() == [None]


def test_an_error_is_told_to_those_who_wait_for_that_file(committing: Flusher) -> None:
    bad, good = Gate(), Gate()
    bad.error = OSError(errno.EIO, "lost")
    for gate in (bad, good):
        gate.let.release(2)
    answers, others = Answers(), Answers()
    first = Gate()
    committing.settle([first], Answers())
    assert first.began.acquire(timeout=10)
    committing.settle([bad], answers)
    committing.settle([good, bad], answers)
    committing.settle([good], others)
    first.let.release()
    assert answers.wait(2) == [bad.error, bad.error]
    assert others.wait() == [None]


def test_what_nobody_waits_for_is_synced_too(committing: Flusher) -> None:
    gate = Gate()
    committing.wrote(gate)
    gate.let.release()
    assert gate.began.acquire(timeout=10)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_caller_with_a_bug_does_not_stop_the_others(committing: Flusher) -> None:
    gate, answers = Gate(), Answers()
    gate.let.release(2)

    def fail(_: Exception | None) -> None:
        raise ValueError("a bug")

    committing.settle([gate], fail)
    committing.settle([gate], answers)
    assert answers.wait() == [None]


def test_none_answers_at_once_and_never_syncs() -> None:
    flusher, gate, answers = Flusher(Durability.NONE), Gate(), Answers()
    flusher.wrote(gate)
    flusher.settle([gate], answers)
    assert answers.errors == [None]
    flusher.close()
    assert gate.syncs == 0


def test_interval_answers_at_once_and_syncs_later() -> None:
    flusher, gate, answers = Flusher(Durability.INTERVAL, interval_ms=1), Gate(), Answers()
    flusher.settle([gate], answers)
    assert answers.errors == [None]
    gate.let.release(10)
    assert gate.began.acquire(timeout=10)
    flusher.settle([gate], answers)
    flusher.close()
    assert gate.syncs == 2


def test_the_end_syncs_what_is_left() -> None:
    for mode in (Durability.COMMIT, Durability.INTERVAL):
        flusher, gate, answers = Flusher(mode, interval_ms=1_000_000), Gate(), Answers()
        gate.let.release()
        flusher.settle([gate], answers)
        flusher.close()
        assert gate.syncs == 1
        assert answers.errors == [None]
        with pytest.raises(RuntimeError):
            flusher.wrote(gate)


# with a log


def test_what_was_acknowledged_survives_a_power_cut(committing: Flusher) -> None:
    files = MemoryFiles()
    log = open_log(files, flusher=committing, segment_bytes=300)
    for number in range(10):
        answers = Answers()
        append(log, [batch(b"%d" % number * 20)])
        log.settle(answers)
        assert answers.wait() == [None]
        assert open_log(files.after_power_cut()).end_offset == number + 1


def test_a_log_without_anything_new_is_not_synced_again() -> None:
    files = MemoryFiles()
    log = open_log(files)
    append(log, [batch(b"a")])
    log.sync()
    syncs = files.syncs
    log.sync()
    assert files.syncs == syncs


def test_a_failed_sync_is_told_to_the_producers_of_that_log(committing: Flusher) -> None:
    files = MemoryFiles()
    log = open_log(files, flusher=committing)
    append(log, [batch(b"a")])
    files.refusals = {"sync"}
    answers = Answers()
    log.settle(answers)
    (error,) = answers.wait()
    assert isinstance(error, OSError)
    assert log.failure


def test_a_log_may_be_closed_before_it_is_settled(committing: Flusher) -> None:
    files = MemoryFiles()
    log = open_log(files, flusher=committing)
    append(log, [batch(b"a")])
    log.close()
    answers = Answers()
    log.settle(answers)
    assert answers.wait() == [None]
