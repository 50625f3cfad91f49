"""How soon a process that died is started again."""

from __future__ import annotations

from dataclasses import dataclass

# A process that lived this long was well; what ended it is taken for an accident, not for a habit.
STEADY_SECONDS = 30.0
FIRST_DELAY_SECONDS = 0.25
LONGEST_DELAY_SECONDS = 30.0
DOUBLINGS = 7


@dataclass(slots=True)
class Pace:
    """
    process lived    delay before the next
    ---------------  -----------------------------------------------
    STEADY or more   none, and earlier deaths are forgotten
    less             0.25 s, doubled with each death in a row, to 30 s
    """

    early_deaths: int = 0

    def delay_after(self, lifetime_seconds: float) -> float:
        """Note a death and return the seconds to wait."""
        if lifetime_seconds >= STEADY_SECONDS:
            self.early_deaths = 0
            return 0.0
        self.early_deaths += 1
        doublings = min(self.early_deaths - 1, DOUBLINGS)
        return min(FIRST_DELAY_SECONDS * 2.0**doublings, LONGEST_DELAY_SECONDS)
