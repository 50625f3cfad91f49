"""Python functions written by a program.

Nothing of a schema gets into their text but names that are plain identifiers: every other name,
default or symbol is a constant beside it.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
# What a schema may have of parts: the functions of one with as many take a quarter of a second.
MAX_PARTS = 1500
# CPython refuses a function with 20 loops inside one another; some are left for `try`.
MAX_LOOPS = 16


class Uncompilable(Exception):
    """The schema has something, or is as large, as is not worth a function of its own."""


class Source:
    """The text of functions and the constants they use."""

    def __init__(self) -> None:
        self._constants: dict[str, object] = {}
        self._names: dict[int, str] = {}
        self._functions: list[str] = []
        self._count = 0
        self._parts = 0

    def count_part(self) -> None:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise Uncompilable

    def fresh(self, letter: str) -> str:
        self._count += 1
        return f"{letter}{self._count}"

    def constant(self, value: object) -> str:
        """Return the name by which the text gets a value."""
        name = self._names.get(id(value))
        if name is None:
            name = self._names[id(value)] = self.fresh("K")
            self._constants[name] = value
        return name

    def key(self, text: str) -> str:
        """Return an expression for the name of a field."""
        return repr(text) if IDENTIFIER.fullmatch(text) else self.constant(text)

    def add(self, head: str, body: Body) -> None:
        self._functions.append("\n".join([f"def {head}:", *body.lines]))

    def compiled(self, name: str) -> Callable[..., Any]:
        """Return one of the functions."""
        namespace = dict(self._constants)
        code = compile("\n".join(self._functions), "<accord_serde avro>", "exec", dont_inherit=True)
        exec(code, namespace)  # noqa: S102 - written above, from nothing that a schema says
        function: Callable[..., Any] = namespace[name]  # type: ignore[assignment]  # it is one
        return function


class Body:
    """The lines of a function."""

    def __init__(self, indent: int = 1) -> None:
        self.lines: list[str] = []
        self._indent = indent
        self._loops = 0

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

    @contextmanager
    def loop(self, head: str) -> Iterator[None]:
        self._loops += 1
        if self._loops > MAX_LOOPS:
            raise Uncompilable
        with self.under(head):
            yield
        self._loops -= 1
