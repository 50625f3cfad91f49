"""Bank accounts as events: the balances, from replaying all that happened.

python examples/account_balances.py
python examples/account_balances.py --snapshot balances.json     replay only what came since
python examples/account_balances.py --at 2026-03-14T15:00:00Z    as they were at that moment
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from account_events import CONTEXT, TOPIC, AccountEvent
from addresses import parser
from confluent_kafka import OFFSET_END, TopicPartition
from log_topics import partitions_of, reader, replay

from accord_serde import SchemaRegistryClient
from accord_serde.avro import AvroDeserializer

if TYPE_CHECKING:
    from confluent_kafka import Consumer, Message


@dataclass
class Balances:
    """What the events before some offset of each partition add up to."""

    amounts: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    offsets: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))

    def apply(self, event: AccountEvent, message: Message) -> None:
        self.amounts[event.account] += event.change
        self.offsets[message.partition()] = message.offset() + 1

    def save(self, path: Path) -> None:
        """Write the snapshot beside the one it replaces: a crash leaves one of the two."""
        amounts = {account: str(amount) for account, amount in self.amounts.items()}
        new = path.with_suffix(".new")
        new.write_text(json.dumps({"amounts": amounts, "offsets": self.offsets}))
        new.replace(path)

    @classmethod
    def load(cls, path: Path) -> Balances:
        found, saved = cls(), json.loads(path.read_text())
        found.amounts.update({name: Decimal(text) for name, text in saved["amounts"].items()})
        found.offsets.update({int(number): at for number, at in saved["offsets"].items()})
        return found


def main() -> None:
    arguments = parser()
    way = arguments.add_mutually_exclusive_group()
    way.add_argument("--snapshot", type=Path, help="start from this file, and write it anew")
    way.add_argument("--at", type=datetime.fromisoformat, help="only what came before")
    options = arguments.parse_args()

    snapshot = options.snapshot
    balances = Balances.load(snapshot) if snapshot and snapshot.exists() else Balances()
    consumer = reader(options.bootstrap_servers)
    deserialize = AvroDeserializer(
        SchemaRegistryClient({"url": options.registry}), record=AccountEvent
    )
    partitions = partitions_of(consumer, TOPIC)
    ends = offsets_at(consumer, partitions, options.at) if options.at else {}
    starts = [TopicPartition(TOPIC, number, balances.offsets[number]) for number in partitions]
    replayed = 0
    for message in replay(consumer, starts, ends):
        balances.apply(deserialize(message.value(), CONTEXT), message)
        replayed += 1
    consumer.close()
    print(f"{replayed} events replayed")
    for account, amount in sorted(balances.amounts.items()):
        print(f"{account}: {amount}")
    if snapshot:
        balances.save(snapshot)


def offsets_at(consumer: Consumer, partitions: list[int], moment: datetime) -> dict[int, int]:
    """Return the first offset of each partition that is not before the moment, if it has one."""
    milliseconds = int(moment.timestamp() * 1000)
    asked = [TopicPartition(TOPIC, number, milliseconds) for number in partitions]
    found = consumer.offsets_for_times(asked, timeout=30)
    return {one.partition: one.offset for one in found if one.offset != OFFSET_END}


if __name__ == "__main__":
    main()
