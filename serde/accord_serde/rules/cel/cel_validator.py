"""Inline rules (`confluent:rules`) in CEL."""

from __future__ import annotations

from typing import Any

from accord_serde._rules_engine.executors import RuleError
from accord_serde._rules_engine.validation import ValidationRule, ValidationRuleExecutor
from accord_serde.rules.cel.decimals import decimal_of
from accord_serde.rules.cel.functions import FUNCTIONS
from accord_serde.rules.cel.library import CELEvalError, CELParseError
from accord_serde.rules.cel.programs import Programs, reason
from accord_serde.rules.cel.values import to_cel


class CelValidator(ValidationRuleExecutor):
    """Evaluates expressions over `this` and `now` that give a bool, or what is wrong."""

    def __init__(self) -> None:
        self._programs = Programs(FUNCTIONS)

    def execute(self, rule: ValidationRule, schema: Any, message: Any) -> bool | str:
        """Return whether a value is right, or what is wrong with it.

        `schema` matters for Protobuf only, where it is the field's descriptor.
        """
        name = rule.name or "unnamed"
        if message is None:
            raise RuleError(f"Validation rule '{name}' received a null value")
        if not rule.expr:
            raise RuleError(f"Validation rule '{name}' has no expression")
        result = self._evaluated(name, rule, _this(schema, message))
        if isinstance(result, bool):
            return result
        if isinstance(result, str):
            return str(result)
        kind = type(result).__name__
        raise RuleError(f"Validation rule '{name}' must return bool or string; got {kind}")

    def _evaluated(self, name: str, rule: ValidationRule, this: Any) -> Any:
        assert rule.expr is not None
        try:
            return self._programs.run(rule.expr, {"this": this})
        except CELParseError as error:
            raise RuleError(f"Could not compile validation rule '{name}'") from error
        except CELEvalError as error:
            detail = f" ({rule.doc})" if rule.doc else ""
            raise RuleError(
                f"Could not execute validation rule '{name}'{detail}: {reason(error)}"
            ) from error


def _this(schema: Any, value: Any) -> Any:
    number = decimal_of(value)
    if number is not None:
        return number
    if hasattr(schema, "containing_type") and not hasattr(value, "DESCRIPTOR"):
        from accord_serde.rules.cel.protobuf_values import field_to_cel  # noqa: PLC0415 - an extra of its own

        return field_to_cel(value, schema)
    return to_cel(value)
