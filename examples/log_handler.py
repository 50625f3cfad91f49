"""Send what a Python program logs straight to the log, with a handler of `logging`.

python examples/log_handler.py --bootstrap-servers localhost:9092
"""

from __future__ import annotations

import logging

from addresses import parser
from confluent_kafka import Producer
from log_topics import make_topic

TOPIC = "log-lines"
LOG = logging.getLogger("billing")


class KafkaHandler(logging.Handler):
    """Puts each record on the topic; one with a traceback is one message of many lines."""

    def __init__(self, kafka: str, program: str) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
        self._program = program
        self._producer = Producer({"bootstrap.servers": kafka})

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._producer.produce(TOPIC, key=self._program, value=self.format(record))
            self._producer.poll(0)
        except Exception:  # noqa: BLE001  # logging never ends the program that logs
            self.handleError(record)

    def flush(self) -> None:
        self._producer.flush()


def main() -> None:
    options = parser().parse_args()
    make_topic(options.bootstrap_servers, TOPIC, partitions=3)
    handler = KafkaHandler(options.bootstrap_servers, "billing")
    logging.basicConfig(level=logging.INFO, handlers=[handler])

    LOG.info("invoice %d is sent", 7)
    try:
        _ = 100 / 0
    except ZeroDivisionError:
        LOG.exception("invoice %d has no lines", 8)
    handler.flush()
    print(f"two records are in {TOPIC}")


if __name__ == "__main__":
    main()
