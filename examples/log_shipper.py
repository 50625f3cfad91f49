"""Ship the lines of another program's output to the log, as they are written.

some-program 2>&1 | python examples/log_shipper.py --program some-program
"""

from __future__ import annotations

import sys

from addresses import parser
from confluent_kafka import KafkaError, Message, Producer
from log_topics import make_topic

TOPIC = "log-lines"
LINES_IN_FLIGHT = 10_000


def main() -> None:
    arguments = parser()
    arguments.add_argument("--program", required=True, help="who wrote the lines")
    options = arguments.parse_args()

    make_topic(options.bootstrap_servers, TOPIC, partitions=3)
    # The program's name is the key: its lines share a partition, and so keep their order.
    producer = Producer({"bootstrap.servers": options.bootstrap_servers, "acks": "all"})
    shipped = 0
    for line in sys.stdin:
        text = line.rstrip("\n")
        producer.produce(TOPIC, key=options.program, value=text, on_delivery=complain)
        while len(producer) > LINES_IN_FLIGHT:
            producer.poll(0.1)
        producer.poll(0)
        shipped += 1
    producer.flush()
    print(f"{shipped} lines of {options.program} are in {TOPIC}")


def complain(error: KafkaError | None, message: Message) -> None:
    if error is not None:
        print(f"not shipped: {message.value()!r}: {error}", file=sys.stderr)


if __name__ == "__main__":
    main()
