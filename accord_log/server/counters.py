"""What a server counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Counters:
    """Counts since the start, and how many connections there are; written by one thread."""

    requests: Counter[int] = field(default_factory=Counter)  # by API key
    bytes_received: int = 0
    bytes_sent: int = 0

    connections: int = 0
    connections_accepted: int = 0
    connections_refused: int = 0
    connections_idle: int = 0  # closed for that

    protocol_errors: int = 0
    tls_failures: int = 0
    authentication_failures: int = 0
    handler_failures: int = 0
