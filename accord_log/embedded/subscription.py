"""Which topics a consumer subscribes to: by name, or by pattern, which starts with ^."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from accord_log.embedded.error import Local, failure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accord_log.broker.topics import Topics


class Wanted:
    """Names and patterns. Raises KafkaException for a pattern that is none, or none at all."""

    def __init__(self, topics: Sequence[str]) -> None:
        if not topics or not all(topics):
            raise _invalid()
        self.names = frozenset(name for name in topics if not name.startswith("^"))
        try:
            self._patterns = [re.compile(name) for name in topics if name.startswith("^")]
        except re.error:
            raise _invalid() from None

    def topics(self, known: Topics) -> frozenset[str]:
        """Return the names, and those of the topics there are that a pattern matches."""
        matching = {
            topic.name
            for topic in (known if self._patterns else ())
            if any(pattern.search(topic.name) for pattern in self._patterns)
        }
        return self.names | matching


def _invalid() -> Exception:
    return failure(Local.INVALID_ARG, "Failed to set subscription: Invalid argument")
