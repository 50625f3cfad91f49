from __future__ import annotations

from registry.process.pace import LONGEST_DELAY_SECONDS, STEADY_SECONDS, Pace


def test_a_worker_that_lived_long_is_replaced_at_once() -> None:
    assert Pace().delay_after(STEADY_SECONDS) == 0.0


def test_deaths_in_a_row_are_answered_ever_more_slowly_up_to_a_limit() -> None:
    pace = Pace()
    delays = [pace.delay_after(0.1) for _ in range(12)]
    assert delays[:4] == [0.25, 0.5, 1.0, 2.0]
    assert delays == sorted(delays)
    assert delays[-1] == LONGEST_DELAY_SECONDS


def test_a_long_life_forgives_the_early_deaths_before_it() -> None:
    pace = Pace()
    pace.delay_after(0.1)
    pace.delay_after(0.1)
    pace.delay_after(STEADY_SECONDS)
    assert pace.delay_after(0.1) == 0.25
