"""A producer for a test to kill: it writes to a transaction that it never ends.

Arguments: bootstrap servers, transactional id, time-out in milliseconds, topic, partitions. It
writes a line once the records are acknowledged.
"""

from __future__ import annotations

import sys
import time

from crash_writers import Session

bootstrap, name, timeout_ms, topic, partitions = sys.argv[1:]
session = Session(bootstrap, name, **{"transaction.timeout.ms": int(timeout_ms)})
session.producer.begin_transaction()
for index in range(int(partitions)):
    value = f"{name}/0/{index}/{partitions}".encode()
    session.attempt(session.producer.produce, topic, value, None, index)
session.producer.flush(30)
print("open", flush=True)  # noqa: T201  # the test reads it
time.sleep(600)
