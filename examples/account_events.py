"""Bank accounts as events: put what happened on the topic; nothing there is ever changed.

python examples/account_events.py deposit ada 100.00
python examples/account_events.py withdraw ada 30.00
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Annotated

from addresses import parser
from confluent_kafka import Producer
from log_topics import make_topic

from accord_serde import SchemaRegistryClient
from accord_serde.avro import AvroSerializer
from accord_serde.serialization import MessageField, SerializationContext
from accord_serde.typed import Digits

TOPIC = "account-events"
CONTEXT = SerializationContext(TOPIC, MessageField.VALUE)


class Kind(Enum):
    DEPOSIT = "DEPOSIT"
    WITHDRAWAL = "WITHDRAWAL"


KINDS = {"deposit": Kind.DEPOSIT, "withdraw": Kind.WITHDRAWAL}


@dataclass
class AccountEvent:
    account: str
    kind: Kind
    amount: Annotated[Decimal, Digits(12, 2)]

    @property
    def change(self) -> Decimal:
        """The amount, with the sign that it has in the balance."""
        return self.amount if self.kind is Kind.DEPOSIT else -self.amount


def main() -> None:
    arguments = parser()
    arguments.add_argument("action", choices=KINDS)
    arguments.add_argument("account")
    arguments.add_argument("amount", type=Decimal)
    options = arguments.parse_args()

    make_topic(options.bootstrap_servers, TOPIC, partitions=3)
    serialize = AvroSerializer(SchemaRegistryClient({"url": options.registry}), record=AccountEvent)
    producer = Producer({"bootstrap.servers": options.bootstrap_servers, "acks": "all"})
    event = AccountEvent(options.account, KINDS[options.action], options.amount)
    # The account is the key: its events share a partition, and so keep their order.
    producer.produce(TOPIC, key=event.account, value=serialize(event, CONTEXT))
    producer.flush()
    print(event)


if __name__ == "__main__":
    main()
