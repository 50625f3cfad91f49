"""Views are counted by minute and page, exactly, though the program is killed among them."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from committed_messages import committed
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic
from service import eventually

if TYPE_CHECKING:
    from example_programs import Examples

VIEWS_IN_ROUND = 400
NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
PAGES = ("/", "/docs", "/über")


def test_counts_are_exact_though_the_program_is_killed(examples: Examples) -> None:
    for topic, partitions in (("page-views", 3), ("view-counts", 1)):
        admin = AdminClient({"bootstrap.servers": examples.kafka})
        admin.create_topics([NewTopic(topic, partitions, 1)])[topic].result()
    chance = random.Random(11)  # noqa: S311  # nothing is to be kept secret
    expected: Counter[str] = Counter()
    for killed in (True, True, True, False):
        expected.update(view_pages(examples.kafka, chance))
        before = total(examples.kafka)
        with examples.running("window_counts.py", "--batch", "5") as program:
            if killed:
                eventually(lambda: total(examples.kafka) >= before + 50)  # noqa: B023  # called at once
                program.kill()
            else:
                eventually(lambda: total(examples.kafka) >= expected.total())
    published = counts(examples.kafka)
    assert {key: numbers[-1] for key, numbers in published.items()} == dict(expected)
    assert all(numbers == sorted(set(numbers)) for numbers in published.values())


def view_pages(kafka: str, chance: random.Random) -> list[str]:
    """Produce views of a quarter of an hour; return the window and page of each."""
    producer = Producer({"bootstrap.servers": kafka})
    viewed = []
    for _ in range(VIEWS_IN_ROUND):
        page, seconds = chance.choice(PAGES), chance.randrange(15 * 60)
        moment = int(NOON.timestamp() * 1000) + seconds * 1000
        producer.produce("page-views", key=page, value="", timestamp=moment)
        viewed.append(f"2026-03-14T12:{seconds // 60:02}Z {page}")
    assert producer.flush(60) == 0
    return viewed


def counts(kafka: str) -> dict[str, list[int]]:
    """Return the numbers published for each window and page, in order."""
    found: dict[str, list[int]] = defaultdict(list)
    for message in committed(kafka, "view-counts"):
        found[message.key().decode()].append(int(message.value()))
    return found


def total(kafka: str) -> int:
    return sum(numbers[-1] for numbers in counts(kafka).values())
