"""Python functions written by a program, from the notation of the messages alone."""

from __future__ import annotations

import struct
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Source:
    """The text of a function, and the constants it uses."""

    def __init__(self, title: str, constants: dict[str, object]) -> None:
        self.title = title
        self.lines: list[str] = []
        self._constants = constants
        self._indent = 0
        self._count = 0

    def line(self, text: str) -> None:
        self.lines.append("    " * self._indent + text)

    @contextmanager
    def under(self, head: str) -> Iterator[None]:
        """Write what follows under `if …` or the like."""
        self.line(f"{head}:")
        self._indent += 1
        written = len(self.lines)
        yield
        if len(self.lines) == written:
            self.line("pass")
        self._indent -= 1

    def refuse(self, error: type[Exception], text: str, *, where: str) -> None:
        """Write what raises an error if `where` is so."""
        with self.under(f"if {where}"):
            self.line(f"raise {error.__name__}({f'{self.title}: {text}'!r})")

    def fresh(self, letter: str) -> str:
        """Return a name that nothing has yet."""
        self._count += 1
        return f"{letter}{self._count}"

    def constant(self, value: object) -> str:
        """Return the name by which the text gets a value."""
        name = self.fresh("K")
        self._constants[name] = value
        return name

    def compiled(self, name: str) -> Callable[..., Any]:
        """Return the function."""
        code = compile("\n".join(self.lines), f"<{self.title}>", "exec", dont_inherit=True)
        exec(code, self._constants)  # noqa: S102 - written above, from our own table
        function: Callable[..., Any] = self._constants[name]  # type: ignore[assignment]  # it is one
        return function


class Run:
    """Neighbours of fixed sizes, which one `struct.Struct` reads or writes together."""

    def __init__(self) -> None:
        self._codes: list[str] = []
        self._names: list[str] = []

    def add(self, code: str, *names: str) -> None:
        """Add a place, and what is read into it or written there; a pad byte has none."""
        self._codes.append(code)
        self._names += names

    def take(self) -> tuple[struct.Struct, list[str]]:
        """Return what there is, and begin anew."""
        taken = struct.Struct(">" + "".join(self._codes)), self._names
        self._codes, self._names = [], []
        return taken
