"""What must be true of a log after any number of crashes."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from crash_writers import COMMITTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crash_actor import Place
    from crash_contents import Row
    from crash_writers import IdempotentWriter, TransactionalWriter

    Contents = Mapping[Place, list[Row]]


class Part(NamedTuple):
    """A record of a transaction, as its value tells."""

    name: str
    transaction: int
    number: int  # from 0
    size: int  # of the transaction

    @classmethod
    def read(cls, value: bytes) -> Part:
        name, *numbers = value.decode().split("/")
        return cls(name, *map(int, numbers))


def each_once_and_in_order(writer: IdempotentWriter, held: Contents) -> int:
    """Check that all that was acknowledged is there once, in order; return how much it is."""
    total = 0
    for place, count in writer.sent.items():
        mine = [row for row in held[place] if row.value.startswith(f"{writer.name}/".encode())]
        numbers = [int(row.value.rpartition(b"/")[2]) for row in mine]
        assert numbers == list(range(count)), f"{place}: {_difference(numbers, count)}"
        _stands_where_told(writer, place, mine)
        total += count
    return total


def the_latest_in_order(writer: IdempotentWriter, held: Contents) -> None:
    """Check a topic that loses its oldest records: what is left has no holes."""
    for place, count in writer.sent.items():
        numbers = [int(row.value.rpartition(b"/")[2]) for row in held[place]]
        assert numbers == list(range(count - len(numbers), count)), _difference(numbers, count)
        assert numbers or not count
        _stands_where_told(writer, place, held[place])


def the_last_of_each_key(writer: IdempotentWriter, held: Contents) -> None:
    """Check a compacted topic: of each key there is the last record, and nothing out of order."""
    for place, count in writer.sent.items():
        numbers = [int(row.value.rpartition(b"/")[2]) for row in held[place]]
        assert numbers == sorted(set(numbers)), f"{place}: {numbers}"
        last = set(range(max(0, count - writer.keys), count))
        assert last <= set(numbers), f"{place}: {last - set(numbers)} missing"
        _stands_where_told(writer, place, held[place])


def the_last_of_each_key_committed(writer: TransactionalWriter, held: Contents) -> None:
    """Check a compacted topic of transactions: of each key there is what was committed last."""
    for place in writer.places:
        last: dict[bytes | None, bytes] = {}
        parts = [Part.read(row.value) for row in held[place]]
        _in_order(parts)
        assert all(writer.outcomes[part.transaction] == COMMITTED for part in parts)
        for row in held[place]:
            last[row.key] = row.value
        expected = writer.tables.get(place, {})
        assert last == expected, f"{place}: {sorted(last.items() ^ expected.items())}"


def _stands_where_told(writer: IdempotentWriter, place: Place, rows: Iterable[Row]) -> None:
    there = {row.value: row.offset for row in rows}
    told = writer.acknowledged[place]
    moved = [
        (value, offset, there[value])
        for offset, value in told
        if offset >= 0 and there.get(value, offset) != offset
    ]
    assert not moved, f"{place}: not where their producer was told: {moved[:5]}"


def _difference(numbers: list[int], count: int) -> str:
    counted = Counter(numbers)
    doubled = [number for number, times in counted.items() if times > 1]
    missing = [number for number in range(count) if number not in counted]
    turned = [(before, after) for before, after in pairwise(numbers) if after < before]
    return f"of {count}: doubled {doubled[:9]}, missing {missing[:9]}, out of order {turned[:9]}"


def whole_or_not_at_all(writers: Iterable[TransactionalWriter], held: Contents) -> int:
    """Check the committed records; return how many transactions were committed."""
    seen: dict[tuple[str, int], Counter[int]] = defaultdict(Counter)
    counts: dict[tuple[str, int], int] = {}
    for rows in held.values():
        parts = [Part.read(row.value) for row in rows]
        _in_order(parts)
        for part in parts:
            seen[part.name, part.transaction][part.number] += 1
            counts[part.name, part.transaction] = part.size
    committed = {
        (writer.name, number)
        for writer in writers
        for number, outcome in writer.outcomes.items()
        if outcome == COMMITTED
    }
    assert seen.keys() == committed, (
        f"lost: {sorted(committed - seen.keys())[:9]}, "
        f"never committed: {sorted(seen.keys() - committed)[:9]}"
    )
    for one, indexes in seen.items():
        assert indexes == Counter(range(counts[one])), f"{one}: {indexes} of {counts[one]}"
    return len(committed)


def _in_order(parts: list[Part]) -> None:
    before: dict[str, tuple[int, int]] = {}
    for part in parts:
        now = part.transaction, part.number
        assert before.get(part.name, (-1, -1)) < now, f"{part} after {before[part.name]}"
        before[part.name] = now
