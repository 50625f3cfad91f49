"""Collect the errors among the log lines of all programs into a file, until Ctrl-C.

python examples/log_errors.py --into errors.txt

Started several times, with a file each, the collectors share the partitions out among themselves.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TextIO

from addresses import parser
from confluent_kafka import Consumer, KafkaException, Message
from log_topics import end_on_sigterm, make_topic

TOPIC = "log-lines"
ERROR = re.compile(r"\b(ERROR|CRITICAL|FATAL)\b")


def main() -> None:
    arguments = parser()
    arguments.add_argument("--into", type=Path, required=True, help="the file of errors")
    options = arguments.parse_args()
    end_on_sigterm()

    make_topic(options.bootstrap_servers, TOPIC, partitions=3)
    consumer = Consumer(
        {
            "bootstrap.servers": options.bootstrap_servers,
            "group.id": "error-collectors",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    consumer.subscribe([TOPIC])
    try:
        with options.into.open("a", encoding="utf-8") as file:
            while True:
                collect(consumer, file)
    except KeyboardInterrupt:
        print("stopped")
    finally:
        consumer.close()


def collect(consumer: Consumer, file: TextIO) -> None:
    """Write the errors among the next lines, and only then commit that they were read.

    A crash between the two writes some errors twice; it loses none.
    """
    messages = consumer.consume(500, timeout=1)
    if not messages:
        return
    for message in messages:
        line = described(message)
        if ERROR.search(line):
            print(line)
            file.write(f"{line}\n")
    file.flush()
    consumer.commit(asynchronous=False)


def described(message: Message) -> str:
    if message.error() is not None:
        raise KafkaException(message.error())
    program, line = (message.key() or b"?"), (message.value() or b"")
    return f"{program.decode()}: {line.decode(errors='replace')}"


if __name__ == "__main__":
    main()
