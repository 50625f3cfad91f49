"""The body of a function that appends bytes to a list."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from accord_serde._avro.source import Body

if TYPE_CHECKING:
    from collections.abc import Iterator

# So many pieces are appended sooner than a tuple is made of them.
FEW = 3
# CPython makes larger tuples out of lists.
MAX_TUPLE = 30


class Output(Body):
    """Collects expressions for bytes, and writes as many as it can in one statement.

    Expressions are evaluated in their order, but later than the statements between them.
    """

    def __init__(self, indent: int = 1) -> None:
        super().__init__(indent)
        self.pending: list[str] = []
        self.is_begun = False

    def add(self, *pieces: str) -> None:
        self.pending += pieces

    def flush(self) -> None:
        if not self.is_begun:
            self.line(f"out = [{', '.join(self.pending)}]")
            self.is_begun = True
        elif len(self.pending) <= FEW:
            for piece in self.pending:
                self.line(f"out.append({piece})")
        elif len(self.pending) <= MAX_TUPLE:
            self.line(f"out += ({', '.join(self.pending)})")
        else:
            self.line(f"out += [{', '.join(self.pending)}]")
        self.pending = []

    @contextmanager
    def branch(self, head: str) -> Iterator[None]:
        """Write what follows, pieces too, under `if …` or the like."""
        with self.under(head):
            yield
            self.flush()

    @contextmanager
    def each(self, head: str) -> Iterator[None]:
        with self.loop(head):
            yield
            self.flush()
