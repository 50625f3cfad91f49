"""The headers of a dead letter, and how a replayed one is known by them."""

from __future__ import annotations

from typing import Any

DLQ_HEADER_PREFIX = "__rule."
DLQ_RULE_NAME_HEADER = "__rule.name"
DLQ_RULE_MODE_HEADER = "__rule.mode"
DLQ_RULE_SUBJECT_HEADER = "__rule.subject"
DLQ_RULE_TOPIC_HEADER = "__rule.topic"
DLQ_RULE_EXCEPTION_HEADER = "__rule.exception"


def failed_rule(ser_ctx: Any) -> str | None:
    """Return the rule that made a dead letter of this message before; it is not run again."""
    headers = getattr(ser_ctx, "headers", None)
    if not headers:
        return None
    name = dict(headers).get(DLQ_RULE_NAME_HEADER)  # of headers that repeat, the last
    if isinstance(name, bytes | bytearray):
        return name.decode("utf-8", errors="replace")
    return name if isinstance(name, str) else None
