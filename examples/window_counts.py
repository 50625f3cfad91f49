"""Count the views of each page in each minute while they happen, each view exactly once.

echo /home: | accord produce page-views --key-separator :
python examples/window_counts.py

A view is a message whose key is the page and whose timestamp is the moment. A count is a message
of the topic `view-counts`, with "minute page" as its key; the last one holds. One transaction
writes the new counts and commits the views that they count, so a crash counts no view twice and
none never. An error ends the program; started again, it goes on.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from addresses import parser
from confluent_kafka import Consumer, KafkaException, Message, Producer, TopicPartition
from log_topics import end_on_sigterm, make_topic, partitions_of, reader, replay

VIEWS = "page-views"
COUNTS = "view-counts"
WINDOW_MS = 60_000


def main() -> None:
    arguments = parser()
    arguments.add_argument("--batch", type=int, default=1000, help="most views in a transaction")
    options = arguments.parse_args()
    end_on_sigterm()

    kafka = options.bootstrap_servers
    make_topic(kafka, VIEWS, partitions=3)
    make_topic(kafka, COUNTS, cleanup="compact")
    # What a crashed program has begun is undone here; one that still runs is shut out.
    producer = Producer({"bootstrap.servers": kafka, "transactional.id": "view-counter"})
    producer.init_transactions()
    counts = counts_so_far(kafka)
    views = reader(kafka, "view-counter", at_end=False)
    asked = [TopicPartition(VIEWS, number) for number in partitions_of(views, VIEWS)]
    views.assign(views.committed(asked))
    try:
        while True:
            messages = views.consume(options.batch, timeout=0.5)
            if messages:
                publish(producer, views, count(counts, messages))
    except KeyboardInterrupt:
        print("stopped")
    finally:
        views.close()


def counts_so_far(kafka: str) -> Counter[str]:
    """Return all counts: they are kept in memory, and the topic is where they come from."""
    counts: Counter[str] = Counter()
    consumer = reader(kafka)
    for message in replay(consumer, [TopicPartition(COUNTS, 0, 0)]):
        counts[message.key().decode()] = int(message.value())
    consumer.close()
    return counts


def count(counts: Counter[str], messages: list[Message]) -> dict[str, int]:
    """Count the views; return the counts that changed."""
    changed = {}
    for message in messages:
        if message.error() is not None:
            raise KafkaException(message.error())
        key = f"{window_of(message)} {message.key().decode()}"
        counts[key] += 1
        changed[key] = counts[key]
    return changed


def window_of(message: Message) -> str:
    moment = message.timestamp()[1]
    start = moment - moment % WINDOW_MS
    return f"{datetime.fromtimestamp(start / 1000, UTC):%Y-%m-%dT%H:%MZ}"


def publish(producer: Producer, views: Consumer, changed: dict[str, int]) -> None:
    producer.begin_transaction()
    for key, number in changed.items():
        producer.produce(COUNTS, key=key, value=str(number))
    read = views.position(views.assignment())
    producer.send_offsets_to_transaction(read, views.consumer_group_metadata())
    producer.commit_transaction()
    for key, number in changed.items():
        print(f"{key}: {number}", flush=True)


if __name__ == "__main__":
    main()
