"""Rules of type JSONATA: an expression over the whole message, mostly to migrate it."""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Protocol

from accord_serde._rules_engine.executors import RuleError, RuleExecutor
from accord_serde._rules_engine.registry import RuleRegistry

_limit = sys.getrecursionlimit()
try:
    from jsonata import Jsonata  # type: ignore[import-untyped]  # it has no types
except ImportError as error:
    raise ImportError("JSONata rules need `accord-serde[rules]` (jsonata-python)") from error
# The library sets the limit of the whole program, down as well.
sys.setrecursionlimit(max(_limit, sys.getrecursionlimit()))

if TYPE_CHECKING:
    from accord_serde._rules_engine.contexts import RuleContext

TIMEOUT_MS = "jsonata.timeout.ms"
MAX_DEPTH = "jsonata.max.depth"

_DEFAULT_TIMEOUT_MS = 60_000
_DEFAULT_MAX_DEPTH = 1_000
# A parsed expression takes some 500 bytes per character; rules have tens to thousands of them.
MAX_EXPRESSION = 64 * 1024
MAX_PROGRAMS = 1024


class _Expression(Protocol):
    def evaluate(self, message: Any, bindings: Any) -> Any: ...


class JsonataExecutor(RuleExecutor):
    """Gives what the expression makes of the message; a condition holds where that is true.

    The parameters `jsonata.timeout.ms` and `jsonata.max.depth` bound an evaluation.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, _Expression] = OrderedDict()

    def type(self) -> str:
        return "JSONATA"

    def transform(self, ctx: RuleContext, message: Any) -> Any:
        if not ctx.rule.expr:
            raise RuleError(f"JSONATA: rule {ctx.rule.name} has no expression")
        # Bindings of its own for each evaluation: several threads share the expression.
        bounds = Jsonata.Frame(None)
        bounds.set_runtime_bounds(
            _number(ctx, TIMEOUT_MS, _DEFAULT_TIMEOUT_MS),
            _number(ctx, MAX_DEPTH, _DEFAULT_MAX_DEPTH),
        )
        return _plain(self._compiled(ctx.rule.expr).evaluate(message, bounds))

    def _compiled(self, expr: str) -> _Expression:
        with self._lock:
            kept = self._kept.get(expr)
            if kept is None:
                kept = self._kept[expr] = _parsed(expr)
                if len(self._kept) > MAX_PROGRAMS:
                    self._kept.popitem(last=False)
            else:
                self._kept.move_to_end(expr)
            return kept

    @classmethod
    def register(cls) -> None:
        """Add an executor to the registry that the program shares."""
        RuleRegistry.register_rule_executor(cls())


def _parsed(expr: str) -> _Expression:
    if len(expr) > MAX_EXPRESSION:
        raise RuleError(f"JSONATA: the expression is longer than {MAX_EXPRESSION} characters")
    parsed: _Expression = Jsonata(expr)
    return parsed


def _number(ctx: RuleContext, name: str, default: int) -> int:
    given = ctx.get_parameter(name)
    if given is None:
        return default
    try:
        return int(given)
    except ValueError as error:
        raise RuleError(f"{name} must be a number, not {given!r}") from error


def _plain(value: Any) -> Any:
    """Return lists as lists: the library has a class of its own."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value
