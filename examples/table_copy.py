"""Keep a copy of a table from the changes that table_relay.py publishes, until Ctrl-C.

psql --command 'CREATE TABLE customers_copy (LIKE customers INCLUDING ALL)' \
    postgresql://localhost/reports
python examples/table_copy.py --database postgresql://localhost/reports

How far the topic is read is kept in the database of the copy, and changes with it in one
transaction: a change is applied once, whatever crashes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from addresses import parser
from confluent_kafka import KafkaException, TopicPartition
from log_topics import end_on_sigterm, partitions_of, reader
from psycopg import sql

if TYPE_CHECKING:
    from confluent_kafka import Message

CHANGES = "customers"
POSITIONS = "CREATE TABLE IF NOT EXISTS positions (partition int PRIMARY KEY, next bigint)"
ADVANCE = """
INSERT INTO positions VALUES (%s, %s) ON CONFLICT (partition) DO UPDATE SET next = excluded.next
"""
DELETE = sql.SQL("DELETE FROM {} WHERE id::text = %s")
INSERT = sql.SQL("INSERT INTO {0} SELECT * FROM jsonb_populate_record(NULL::{0}, %s::jsonb)")


def main() -> None:
    arguments = parser()
    arguments.add_argument("--database", required=True)
    arguments.add_argument("--table", default="customers_copy")
    options = arguments.parse_args()
    end_on_sigterm()

    consumer = reader(options.bootstrap_servers, at_end=False)
    try:
        with psycopg.connect(options.database, autocommit=True) as database:
            database.execute(POSITIONS)
            known = dict(database.execute("SELECT partition, next FROM positions").fetchall())
            numbers = partitions_of(consumer, CHANGES)
            consumer.assign([TopicPartition(CHANGES, one, known.get(one, 0)) for one in numbers])
            while True:
                messages = consumer.consume(1000, timeout=0.5)
                with database.transaction():
                    for message in messages:
                        apply(database, options.table, message)
    except KeyboardInterrupt:
        print("stopped")
    finally:
        consumer.close()


def apply(database: psycopg.Connection, table: str, message: Message) -> None:
    if message.error() is not None:
        raise KafkaException(message.error())
    name, row = sql.Identifier(table), message.value()
    key = message.key().decode()
    database.execute(DELETE.format(name), [key])
    if row is not None:
        database.execute(INSERT.format(name), [row.decode()])
    database.execute(ADVANCE, [message.partition(), message.offset() + 1])
    print(f"{key}: {'deleted' if row is None else row.decode()}", flush=True)


if __name__ == "__main__":
    main()
