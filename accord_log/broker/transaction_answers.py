"""What the APIs of transactions say in older versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.kafka.errors import ErrorCode

if TYPE_CHECKING:
    from accord_log.broker.context import Context

FIRST_VERSION_WITH_FENCED = 2  # of AddPartitionsToTxn, AddOffsetsToTxn and EndTxn


def in_version(code: ErrorCode, context: Context) -> ErrorCode:
    """Return a code that the version knows."""
    if code is ErrorCode.PRODUCER_FENCED and context.version < FIRST_VERSION_WITH_FENCED:
        return ErrorCode.INVALID_PRODUCER_EPOCH
    return code
