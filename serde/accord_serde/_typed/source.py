"""Converters as generated Python, which is what a person would write by hand, and as fast.

What comes from a class enters the text as a number of a bound object, as a `repr` of a str, or as
an attribute name that is an identifier: no name, default or doc can become code.
"""

from __future__ import annotations

from functools import partial
from keyword import iskeyword
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from accord_serde._typed.scalars import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from accord_serde._typed.shapes import Encoded

Statement: TypeAlias = "tuple[str | None, str]"
"""A line of Python, and the field it is about."""
FAILURES = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class Source:
    """Python text under way, and the objects it refers to."""

    def __init__(self) -> None:
        self.environment: dict[str, Any] = {**ENVIRONMENT, "FAILURES": FAILURES}
        self._names = 0

    def fresh(self, letter: str) -> str:
        self._names += 1
        return f"{letter}{self._names}"

    def bind(self, value: object) -> str:
        """Return the name under which the text has the object."""
        name = self.fresh("c")
        self.environment[name] = value
        return name

    def run(self, lines: list[str]) -> None:
        """Define in the environment what the lines define."""
        code = compile("\n".join(lines), "<accord_serde.typed>", "exec")
        exec(code, self.environment)  # noqa: S102  see the module's docstring

    def guarded(self, title: str, before: int, statements: Sequence[Statement]) -> list[str]:
        """Return the statements in a try that names the field of the one that failed.

        Its line tells which that was: nothing is tried twice, which at every level of nested
        records would be twice as often as at the level above. `before` lines come first.
        """
        first = before + 2
        fields = {line: field for line, (field, _) in enumerate(statements, first)}
        name = self.bind(partial(_blame_line, title, fields))
        return [
            "    try:",
            *(f"        {text}" for _, text in statements),
            "    except FAILURES as error:",
            f"        {name}(error)",
        ]

    def evaluate(self, expression: str) -> Any:
        return eval(expression, self.environment)  # noqa: S307  see the module's docstring

    def converter(self, expression: Callable[[str], str]) -> Callable[[object], object]:
        """Return the expression as a function of its value."""
        made: Callable[[object], object] = self.evaluate(f"lambda v: {expression('v')}")
        return made

    def filled(self, template: str, x: str, bound: object = None) -> str:
        """Return the template with the value in its place, evaluated once."""
        first = x
        if "{first}" in template and not x.isidentifier():
            name = self.fresh("t")
            first, x = f"({name} := {x})", name
        text = template.replace("{first}", first).replace("{x}", x)
        if "{bound}" in text:
            text = text.replace("{bound}", self.bind(bound))
        return f"({text})"

    def unless_none(self, x: str, expression: Callable[[str], str]) -> str:
        """Return the expression for a value that may be None."""
        name = x if x.isidentifier() else self.fresh("t")
        converted = expression(name)
        if converted == name:
            return x
        first = x if x == name else f"({name} := {x})"
        return f"(None if {first} is None else {converted})"

    def each(self, x: str, expression: Callable[[str], str], kind: str = "[]") -> str | None:
        """Return a comprehension over the items of x; None where they stay what they are."""
        item = self.fresh("i")
        converted = expression(item)
        return None if converted == item else f"{kind[0]}{converted} for {item} in {x}{kind[1]}"

    def each_value(self, x: str, expression: Callable[[str], str]) -> str | None:
        key, value = self.fresh("k"), self.fresh("i")
        converted = expression(value)
        if converted == value:
            return None
        return f"{{{key}: {converted} for {key}, {value} in {x}.items()}}"


def blame(title: str, field: str | None, error: Exception) -> NoReturn:
    """Raise the ValueError that names the field; pydantic's errors name theirs."""
    if type(error).__module__.startswith("pydantic"):
        raise error
    place = title if field is None else f"{title}.{field}"
    reason = f"there is no {error}" if isinstance(error, KeyError) else error
    raise ValueError(f"{place}: {reason}") from error


def _blame_line(title: str, fields: Mapping[int, str | None], error: Exception) -> NoReturn:
    line = error.__traceback__.tb_lineno if error.__traceback__ else 0
    blame(title, fields.get(line), error)


def attribute_of(x: str, name: str) -> str:
    return f"{x}.{name}" if is_plain(name) else f"getattr({x}, {name!r})"


def keyword_of(name: str, x: str) -> str:
    return f"{name}={x}" if is_plain(name) else f"**{{{name!r}: {x}}}"


def is_plain(name: str) -> bool:
    """Whether a name stands for itself in Python, which takes some letters for others."""
    return name.isidentifier() and name.isascii() and not iskeyword(name)


def scalar_writer(encoded: Encoded) -> Callable[[object], object]:
    """Return the function that writes a scalar."""
    source = Source()
    return source.converter(lambda x: source.filled(encoded.write or "{x}", x, encoded.bound))
