"""Bank accounts as events: rewind to a moment, and tell what happened from there on.

python examples/account_history.py --since 2026-03-14T15:00:00Z
"""

from __future__ import annotations

from datetime import UTC, datetime

from account_balances import offsets_at
from account_events import CONTEXT, TOPIC, AccountEvent
from addresses import parser
from confluent_kafka import TopicPartition
from log_topics import partitions_of, reader, replay

from accord_serde import SchemaRegistryClient
from accord_serde.avro import AvroDeserializer


def main() -> None:
    arguments = parser()
    arguments.add_argument("--since", type=datetime.fromisoformat, required=True)
    options = arguments.parse_args()

    consumer = reader(options.bootstrap_servers)
    deserialize = AvroDeserializer(
        SchemaRegistryClient({"url": options.registry}), record=AccountEvent
    )
    offsets = offsets_at(consumer, partitions_of(consumer, TOPIC), options.since)
    starts = [TopicPartition(TOPIC, number, offset) for number, offset in offsets.items()]
    messages = sorted(replay(consumer, starts), key=lambda message: message.timestamp()[1])
    for message in messages:
        event = deserialize(message.value(), CONTEXT)
        moment = datetime.fromtimestamp(message.timestamp()[1] / 1000, UTC)
        print(f"{moment:%H:%M:%S} {event.account} {event.change:+}")
    consumer.close()


if __name__ == "__main__":
    main()
