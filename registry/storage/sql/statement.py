"""A statement of SQLAlchemy, rendered once per dialect and handed to the driver as it is.

SQLAlchemy renders the SQL and owns the connections; the statement itself goes straight to the
driver, at a fifth of the cost of Connection.execute (case `statement` of benchmarks/storage.py).
Values therefore reach the driver, and rows come back, without SQLAlchemy's conversions: only
texts, integers, booleans and nulls may be bound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import sqlalchemy as sa

Value = str | int | None

INT64 = 2**63


class Statement:
    """SQL by dialect, with the values that stand in the statement itself."""

    __slots__ = ("_clause", "_rendered")

    def __init__(self, clause: sa.ClauseElement) -> None:
        self._clause = clause
        self._rendered: dict[str, tuple[str, dict[str, Value]]] = {}

    def rendered(
        self, dialect: sa.Dialect, values: Mapping[str, Value]
    ) -> tuple[str, Mapping[str, Value]]:
        """Return the SQL and all that is bound in it."""
        found = self._rendered.get(dialect.name)
        if found is None:
            found = self._rendered[dialect.name] = self._render(dialect)
        sql, constants = found
        return sql, ({**constants, **values} if constants else values)

    def _render(self, dialect: sa.Dialect) -> tuple[str, dict[str, Value]]:
        compiled = self._clause.compile(dialect=dialect)
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        return str(compiled), constants


def are_storable(values: Iterable[Value]) -> bool:
    """Tell whether every database keeps the values.

    PostgreSQL has no NUL in its texts; half a surrogate pair is no text; integers have 64 bits.
    """
    for value in values:
        if isinstance(value, str):
            if "\0" in value or not (value.isascii() or _is_encodable(value)):
                return False
        elif value is not None and not -INT64 <= value < INT64:
            return False
    return True


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
