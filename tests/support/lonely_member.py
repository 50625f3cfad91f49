"""A consumer for a test to kill: it prints the number of its partitions whenever it changes."""

from __future__ import annotations

import sys

from confluent_log import consumer

bootstrap, group, topic = sys.argv[1:]
member = consumer(bootstrap, group)
member.subscribe([topic])
before = 0
while True:
    member.poll(0.05)
    parts = len(member.assignment())
    if parts != before:
        print(parts, flush=True)  # noqa: T201  # the test reads it
    before = parts
