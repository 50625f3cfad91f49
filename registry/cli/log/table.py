"""Rows in columns, for eyes and for `awk`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def show(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table: no borders, two spaces between columns, nothing behind the last."""
    texts = [list(head), *([_text(cell) for cell in row] for row in rows)]
    widths = [max(len(row[place]) for row in texts) for place in range(len(head))]
    for row in texts:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        typer.echo("  ".join(cells).rstrip())


def _text(cell: object) -> str:
    return "-" if cell is None or cell == "" else str(cell)
