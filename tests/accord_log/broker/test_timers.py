"""What is due is done, in order, once, unless it was cancelled."""

from __future__ import annotations

import threading

from accord_log.broker.timers import FEW, Timers


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now


def test_calls_are_made_when_due_in_order_of_time() -> None:
    clock = Clock()
    timers = Timers(clock)
    seen: list[str] = []
    timers.call_in(20, lambda: seen.append("late"))
    timers.call_in(10, lambda: seen.append("early"))
    assert timers.run_due() == 0
    clock.now = 10
    assert timers.run_due() == 1
    clock.now = 25
    assert timers.run_due() == 1
    assert seen == ["early", "late"]


def test_a_cancelled_call_is_not_made() -> None:
    timers = Timers(Clock())
    seen: list[str] = []
    timer = timers.call_in(0, lambda: seen.append("never"))
    timer.cancel()
    timer.cancel()
    assert timers.run_due() == 0
    assert seen == []


def test_a_call_may_set_the_next() -> None:
    timers = Timers(Clock())
    seen: list[str] = []
    timers.call_in(0, lambda: timers.call_in(0, lambda: seen.append("second")))
    assert timers.run_due() == 2
    assert seen == ["second"]


def test_cancelled_timers_do_not_pile_up() -> None:
    timers = Timers(Clock())
    kept = timers.call_in(1000, lambda: None)
    for _ in range(50 * FEW):
        timers.call_in(1000, lambda: None).cancel()
    assert timers.size <= 2 * FEW + 2
    assert not kept.is_cancelled


def test_a_thread_wakes_up_for_an_earlier_call() -> None:
    timers = Timers()
    done = threading.Event()
    thread = threading.Thread(target=timers.run)
    thread.start()
    timers.call_in(600_000, lambda: None)
    timers.call_in(1, done.set)
    assert done.wait(10)
    timers.stop()
    thread.join(10)
    assert not thread.is_alive()
