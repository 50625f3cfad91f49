"""A transactional id as the ledger keeps it: JSON, that one can read in an emergency."""

from __future__ import annotations

import json

from accord_log.broker.transaction_state import ProducerIdentity, Transaction, TransactionState

VERSION = 1


class NewerTransaction(Exception):
    """A record is of a version that this program does not know."""


def write_transaction(transaction: Transaction) -> bytes:
    stored = {
        "version": VERSION,
        "state": transaction.state,
        "producer": transaction.producer,
        "previous": transaction.previous,
        "timeout": transaction.timeout_ms,
        "partitions": sorted(transaction.partitions),
        "groups": sorted(transaction.groups),
        "started": transaction.started_ms,
        "updated": transaction.updated_ms,
    }
    return json.dumps(stored, separators=(",", ":")).encode()


def read_transaction(value: bytes) -> Transaction:
    """Return what was written. Raises NewerTransaction."""
    stored = json.loads(value)
    if stored["version"] != VERSION:
        text = f"version {stored['version']} of a transaction is not known, only {VERSION}"
        raise NewerTransaction(text)
    return Transaction(
        state=TransactionState(stored["state"]),
        producer=ProducerIdentity._make(stored["producer"]),
        previous=ProducerIdentity._make(stored["previous"]),
        timeout_ms=stored["timeout"],
        partitions=frozenset((topic, index) for topic, index in stored["partitions"]),
        groups=frozenset(stored["groups"]),
        started_ms=stored["started"],
        updated_ms=stored["updated"],
    )
