"""The differences between an Avro reader and writer, and which of them a policy refuses."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from compat.level import Policy

if TYPE_CHECKING:
    from collections.abc import Mapping


class Kind(StrEnum):
    """Spelt as Avro Java spells `SchemaIncompatibilityType`, as far as it has the kind."""

    NAME_MISMATCH = "NAME_MISMATCH"
    FIXED_SIZE_MISMATCH = "FIXED_SIZE_MISMATCH"
    MISSING_ENUM_SYMBOLS = "MISSING_ENUM_SYMBOLS"
    READER_FIELD_MISSING_DEFAULT_VALUE = "READER_FIELD_MISSING_DEFAULT_VALUE"
    TYPE_MISMATCH = "TYPE_MISMATCH"
    MISSING_UNION_BRANCH = "MISSING_UNION_BRANCH"
    # A field of the reader and its aliases find several fields of the writer. Avro Java throws.
    AMBIGUOUS_FIELD = "AMBIGUOUS_FIELD"

    # No reader fails on these, but the value may mean something else.
    LOGICAL_TYPE_ADDED = "LOGICAL_TYPE_ADDED"
    LOGICAL_TYPE_REMOVED = "LOGICAL_TYPE_REMOVED"
    LOGICAL_TYPE_CHANGED = "LOGICAL_TYPE_CHANGED"
    DECIMAL_SCALE_CHANGED = "DECIMAL_SCALE_CHANGED"
    DECIMAL_PRECISION_DECREASED = "DECIMAL_PRECISION_DECREASED"
    DECIMAL_PRECISION_INCREASED = "DECIMAL_PRECISION_INCREASED"


UNREADABLE = frozenset(
    {
        Kind.NAME_MISMATCH,
        Kind.FIXED_SIZE_MISMATCH,
        Kind.MISSING_ENUM_SYMBOLS,
        Kind.READER_FIELD_MISSING_DEFAULT_VALUE,
        Kind.TYPE_MISMATCH,
        Kind.MISSING_UNION_BRANCH,
        Kind.AMBIGUOUS_FIELD,
    }
)

# A decimal that only gets more digits means what it meant; Iceberg allows this one widening.
MISREAD = frozenset(
    {
        Kind.LOGICAL_TYPE_ADDED,
        Kind.LOGICAL_TYPE_REMOVED,
        Kind.LOGICAL_TYPE_CHANGED,
        Kind.DECIMAL_SCALE_CHANGED,
        Kind.DECIMAL_PRECISION_DECREASED,
    }
)

BREAKING: Mapping[Policy, frozenset[Kind]] = {
    Policy.STRICT: UNREADABLE,
    Policy.LENIENT: UNREADABLE,
    Policy.LOGICAL: UNREADABLE | MISREAD,
}
