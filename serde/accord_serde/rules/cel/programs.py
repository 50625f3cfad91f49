"""CEL expressions, compiled once.

Beside what the library does, functions have dotted names (`decimals.gt(x, y)`), and `has()` tells
Protobuf fields that are not set from those that are.
"""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, cast

from accord_serde._rules_engine.executors import RuleError
from accord_serde.rules.cel.library import (
    CELEvalError,
    Environment,
    Evaluator,
    InterpretedRunner,
    Runner,
    celtypes,
    lark,
)

# Rules have tens to hundreds of characters; the library reads some 10 000 of them per second.
MAX_EXPRESSION = 32 * 1024
MAX_PROGRAMS = 1024

_MACROS = frozenset({"map", "filter", "all", "exists", "exists_one", "reduce", "min"})
_LEVELS = frozenset(
    {
        "expr",
        "conditionalor",
        "conditionaland",
        "relation",
        "addition",
        "multiplication",
        "unary",
        "member",
    }
)
_asking: ContextVar[bool] = ContextVar("accord_serde_cel_has", default=False)


def is_in_has() -> bool:
    """Tell whether `has()` is being evaluated."""
    return _asking.get()


class Programs:
    """The compiled expressions of an executor; those used last are kept."""

    def __init__(self, functions: dict[str, Any]) -> None:
        self._functions = functions
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Runner] = OrderedDict()
        self._environment = _environment()

    def run(self, expr: str, bindings: dict[str, Any]) -> Any:
        """Return the value of an expression; `now` is bound where it is mentioned.

        Raises CELParseError and CELEvalError, and what functions raise.
        """
        if "now" in expr:
            bindings.setdefault("now", celtypes.TimestampType(datetime.now(UTC)))
        result = self.compiled(expr).evaluate(bindings)
        return bool(result) if isinstance(result, celtypes.BoolType) else result

    def compiled(self, expr: str) -> Runner:
        with self._lock:
            program = self._kept.get(expr)
            if program is None:
                program = self._kept[expr] = self._compile(expr)
                if len(self._kept) > MAX_PROGRAMS:
                    self._kept.popitem(last=False)
            else:
                self._kept.move_to_end(expr)
            return program

    def _compile(self, expr: str) -> Runner:
        if len(expr) > MAX_EXPRESSION:
            raise RuleError(f"the expression is longer than {MAX_EXPRESSION} characters")
        tree = _shortened(self._environment.compile(expr))
        return self._environment.program(tree, self._functions)


def reason(error: Exception) -> str:
    """Return what an error of the library says, without the data that it repeats."""
    text = str(error.args[0]) if error.args else type(error).__name__
    return text.partition(" (in activation")[0]


def _environment() -> Environment:
    limit = sys.getrecursionlimit()
    environment = Environment(runner_class=_Runner)
    # The library sets the limit of the whole program, down as well.
    sys.setrecursionlimit(max(limit, sys.getrecursionlimit()))
    return environment


class _Evaluator(Evaluator):
    def sub_evaluator(self, ast: lark.Tree[Any]) -> Evaluator:
        return _Evaluator(ast, self.activation)

    def macro_has_eval(self, exprlist: lark.Tree[Any]) -> celtypes.BoolType:
        token = _asking.set(True)
        try:
            return super().macro_has_eval(exprlist)
        finally:
            _asking.reset(token)

    def member_dot_arg(self, tree: lark.Tree[Any]) -> Any:
        function = self._dotted_function(tree)
        if function is None:
            return super().member_dot_arg(tree)
        arguments = self.visit(tree.children[2]) if len(tree.children) > 2 else []  # noqa: PLR2004 - receiver, name, arguments
        values = [arguments] if isinstance(arguments, CELEvalError) else arguments
        errors = [value for value in values if isinstance(value, CELEvalError)]
        return errors[0] if errors else function(*values)

    def _dotted_function(self, tree: lark.Tree[Any]) -> Any:
        receiver, method = tree.children[:2]
        if method in _MACROS:
            return None
        path = _path(receiver)
        return None if path is None else self.activation.functions.get(f"{path}.{method}")


class _Runner(InterpretedRunner):
    def __init__(
        self,
        environment: Environment,
        ast: lark.Tree[Any],
        functions: Any = None,
    ) -> None:
        super().__init__(environment, ast, functions)
        # Not changed by evaluations, which work on copies of it.
        self._activation = self.new_activation()

    def evaluate(self, context: Any) -> Any:
        return _Evaluator(self.ast, self._activation).evaluate(context)


def _shortened(tree: Any) -> Any:
    """Leave out the levels of the grammar that have nothing to say: `a` is an expression that is
    a disjunction that is a conjunction … A third of an evaluation went into them.
    """
    while isinstance(tree, lark.Tree) and tree.data in _LEVELS and len(tree.children) == 1:
        tree = tree.children[0]
    if isinstance(tree, lark.Tree):
        tree.children = [_shortened(child) for child in tree.children]
    return tree


def _path(tree: Any) -> str | None:
    """Return the dotted name that a tree is nothing but, or None."""
    match tree:
        case lark.Tree(data="member" | "primary", children=[inner]):
            return _path(inner)
        case lark.Tree(data="ident", children=[lark.Token(value=name)]):
            return cast("str", name)
        case lark.Tree(data="member_dot", children=[receiver, lark.Token(value=name)]):
            path = _path(receiver)
            return None if path is None else f"{path}.{name}"
        case _:
            return None
