"""Rules of type CEL: an expression over the whole message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accord_serde._rules import RuleKind
from accord_serde._rules_engine.executors import RuleError, RuleExecutor
from accord_serde._rules_engine.registry import RuleRegistry
from accord_serde.rules.cel.functions import FUNCTIONS
from accord_serde.rules.cel.library import CELEvalError, CELParseError
from accord_serde.rules.cel.programs import Programs, reason
from accord_serde.rules.cel.values import to_cel, to_python

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord_serde._rules_engine.contexts import RuleContext

IGNORE_GUARD_SEPARATOR = "cel.ignore.guard.separator"

_Bindings = dict[str, "Callable[[], Any]"]


class CelExecutor(RuleExecutor):
    """Runs `body`, or `guard; body`: the body only where the guard holds.

    `message` is the message, `now` the time. A transformation gives the whole new message.
    """

    def __init__(self) -> None:
        self._programs = Programs(FUNCTIONS)

    def type(self) -> str:
        return "CEL"

    def transform(self, ctx: RuleContext, message: Any) -> Any:
        return self.execute(ctx, message, {"message": lambda: to_cel(message)})

    def execute(self, ctx: RuleContext, message: Any, bindings: _Bindings) -> Any:
        """Return what the expression makes of a message or a field's value.

        A binding is made only where the expression mentions its name.
        """
        expr = ctx.rule.expr
        if expr is None:
            return message
        bound = {name: make() for name, make in bindings.items() if name in expr}
        guard, body = self._parts(ctx, expr)
        is_condition = ctx.rule.kind is RuleKind.CONDITION
        try:
            if guard and not self._programs.run(guard, bound):
                return True if is_condition else message
            result = self._programs.run(body, bound)
            return result if is_condition else _like(message, result)
        except (CELEvalError, CELParseError) as error:
            raise RuleError(f"CEL: {reason(error)}") from error

    @staticmethod
    def _parts(ctx: RuleContext, expr: str) -> tuple[str, str]:
        is_whole = (ctx.get_parameter(IGNORE_GUARD_SEPARATOR) or "").lower() == "true"
        if is_whole or ";" not in expr:
            return "", expr
        guard, _, body = expr.partition(";")
        return guard.strip(), body

    @classmethod
    def register(cls) -> None:
        """Add an executor to the registry that the program shares."""
        RuleRegistry.register_rule_executor(cls())


def _like(message: Any, result: Any) -> Any:
    if not hasattr(message, "DESCRIPTOR"):
        return to_python(result)
    from accord_serde.rules.cel.protobuf_results import to_message  # noqa: PLC0415 - an extra of its own

    return to_message(result, type(message))
