"""Publish the changes of a PostgreSQL table, each exactly once, until Ctrl-C.

psql --single-transaction --file examples/table_changes.sql postgresql://localhost/shop
python examples/table_relay.py --database postgresql://localhost/shop

Changes wait in the table `outbox`. One Kafka transaction publishes some of them together with the
list of their numbers; then they are deleted. After a crash in between, that list tells which of
the waiting changes are published. An error ends the program; started again, it goes on.
"""

from __future__ import annotations

import json
import time

import psycopg
from addresses import parser
from confluent_kafka import Producer, TopicPartition
from log_topics import end_on_sigterm, make_topic, reader, replay

CHANGES = "customers"
PUBLISHED = "customers-published"
PAUSE_SECONDS = 0.2

Change = tuple[int, str, str | None]


def main() -> None:
    arguments = parser()
    arguments.add_argument("--database", required=True)
    arguments.add_argument("--batch", type=int, default=1000, help="changes in one transaction")
    options = arguments.parse_args()
    end_on_sigterm()

    kafka = options.bootstrap_servers
    make_topic(kafka, CHANGES, partitions=3, cleanup="compact")
    make_topic(kafka, PUBLISHED, cleanup="compact")
    # A second relay takes over: the transactions of the first are refused from here on.
    producer = Producer({"bootstrap.servers": kafka, "transactional.id": "customers-relay"})
    producer.init_transactions()
    try:
        with psycopg.connect(options.database, autocommit=True) as database:
            delete(database, last_published(kafka))
            relay(database, producer, options.batch)
    except KeyboardInterrupt:
        print("stopped")


def relay(database: psycopg.Connection, producer: Producer, batch: int) -> None:
    while True:
        changes = waiting(database, batch)
        if changes:
            publish(producer, changes)
            delete(database, [number for number, _, _ in changes])
        else:
            time.sleep(PAUSE_SECONDS)


def waiting(database: psycopg.Connection, batch: int) -> list[Change]:
    """Return the changes that wait.

    One with a lower number than these may still be committed, so numbers are deleted one by one.
    """
    query = "SELECT number, key, row::text FROM outbox ORDER BY number LIMIT %s"
    return database.execute(query, [batch]).fetchall()


def publish(producer: Producer, changes: list[Change]) -> None:
    producer.begin_transaction()
    for _, key, row in changes:
        producer.produce(CHANGES, key=key, value=row)
    numbers = json.dumps([number for number, _, _ in changes])
    producer.produce(PUBLISHED, key="numbers", value=numbers)
    producer.commit_transaction()
    print(f"{len(changes)} changes published", flush=True)


def last_published(kafka: str) -> list[int]:
    """Return the numbers of the changes that the last transaction published."""
    consumer = reader(kafka)
    numbers: list[int] = []
    for message in replay(consumer, [TopicPartition(PUBLISHED, 0, 0)]):
        numbers = json.loads(message.value())
    consumer.close()
    return numbers


def delete(database: psycopg.Connection, numbers: list[int]) -> None:
    database.execute("DELETE FROM outbox WHERE number = ANY(%s)", [numbers])


if __name__ == "__main__":
    main()
