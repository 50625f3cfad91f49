"""How everything here is measured: in short rounds, the compared things in turn.

The machine is shared and its speed drifts, so a number by itself says little. Within a round both
sides see the same machine; a round gives a ratio, and the rounds' median is the result. The order
is turned every other round. CPU time is taken where waiting is no part of the claim.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    Costs = dict[str, list[float]]

K = TypeVar("K")
WARM_UP = 2


@dataclass(frozen=True, slots=True)
class Claim:
    """One row of the results: a value of each round, and what their median has to stay below.

    With `at_least` the median has to be above it; without `reach` the row only informs. `costs`
    are the medians, in microseconds, of what was divided.
    """

    what: str
    against: str
    values: list[float]
    reach: float | None = None
    unit: str = "x"
    costs: Mapping[str, float] = field(default_factory=dict)
    at_least: bool = False

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def spread(self) -> tuple[float, float]:
        """Return the 10th and the 90th percentile."""
        if len(self.values) < 2:
            return self.median, self.median
        low, *_, high = statistics.quantiles(self.values, n=10, method="inclusive")
        return low, high

    @property
    def holds(self) -> bool:
        if self.reach is None:
            return True
        return self.median >= self.reach if self.at_least else self.median <= self.reach

    @property
    def goal(self) -> str:
        """Return what is to be reached, empty where nothing is."""
        sign = "≥" if self.at_least else "≤"
        return "" if self.reach is None else f"{sign} {self.reach:g}{self.unit}"

    def line(self) -> str:
        """Return the claim as a line that the runner reads."""
        return json.dumps(asdict(self))

    @classmethod
    def parse(cls, line: str) -> Claim:
        return cls(**json.loads(line))

    def __str__(self) -> str:
        low, high = self.spread
        measured = f"{self.median:.2f}{self.unit} [{low:.2f}-{high:.2f}]"
        goal = f", reach {self.goal}" if self.goal else ""
        costs = ", ".join(f"{name} {cost:.3g} us" for name, cost in self.costs.items())
        missed = "" if self.holds else "  MISSED"
        return f"{self.what} / {self.against}: {measured}{goal}{missed}\n    {costs}"


def ratio(
    what: str,
    against: str,
    costs: Costs,
    *,
    reach: float | None = None,
    of: tuple[str, str],
    at_least: bool = False,
) -> Claim:
    """Return the claim about the ratios of two columns of costs in seconds, round by round."""
    ours, floor = of
    values = [mine / least for mine, least in zip(costs[ours], costs[floor], strict=True)]
    medians = {name: statistics.median(costs[name]) * 1e6 for name in of}
    return Claim(what, against, values, reach, costs=medians, at_least=at_least)


def turns(names: Iterable[K], rounds: int) -> Iterator[tuple[K, bool]]:
    """Yield what to measure next, and whether it counts: the first rounds warm up."""
    order = list(names)
    for number in range(-WARM_UP, rounds):
        yield from ((name, number >= 0) for name in order[:: 1 if number % 2 else -1])


def cpu_costs(cases: Mapping[str, Callable[[], object]], rounds: int, seconds: float) -> Costs:
    """Return the CPU seconds of one call, by case and round."""
    costs: Costs = {name: [] for name in cases}
    repeats = {name: _repeat(case, seconds) for name, case in cases.items()}
    for name, counts in turns(cases, rounds):
        spent = _spent(cases[name], repeats[name])
        if counts:
            costs[name].append(spent / repeats[name])
    return costs


def _repeat(case: Callable[[], object], seconds: float) -> int:
    case()
    return max(1, int(seconds / max(_spent(case, 3) / 3, 1e-7)))


def _spent(case: Callable[[], object], repeat: int) -> float:
    started = time.process_time()
    for _ in range(repeat):
        case()
    return time.process_time() - started


def main(claims: Callable[[int], Iterable[Claim]], *, rounds: int) -> None:
    """Measure and print; as lines for the runner with `--lines`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--lines", action="store_true", help="as JSON, for the runner")
    options = parser.parse_args()
    for claim in claims(options.rounds):
        print(claim.line() if options.lines else claim, flush=True)
