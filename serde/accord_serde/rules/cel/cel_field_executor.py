"""Rules of type CEL_FIELD: an expression over one scalar field after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accord_serde._rules_engine.executors import FieldRuleExecutor
from accord_serde._rules_engine.registry import RuleRegistry
from accord_serde.rules.cel.cel_executor import CelExecutor
from accord_serde.rules.cel.library import celtypes
from accord_serde.rules.cel.values import to_cel

if TYPE_CHECKING:
    from accord_serde._rules_engine.contexts import FieldContext, FieldTransform, RuleContext


class CelFieldExecutor(FieldRuleExecutor):
    """Runs `body`, or `guard; body`, on values that are neither records, enums nor fixed.

    Bound are `value`, `fullName`, `name`, `typeName`, `tags`, `message` and `now`.
    """

    def __init__(self) -> None:
        self._executor = CelExecutor()

    def type(self) -> str:
        return "CEL_FIELD"

    def new_transform(self, ctx: RuleContext) -> FieldTransform:  # noqa: ARG002 - the interface
        return self._field_transform

    def _field_transform(self, ctx: RuleContext, field: FieldContext, value: Any) -> Any:
        if not field.is_primitive():
            return value
        text = celtypes.StringType
        bindings = {
            "value": lambda: _field_to_cel(field, value),
            "fullName": lambda: text(field.full_name),
            "name": lambda: text(field.name),
            "typeName": lambda: text(field.type_name()),
            "tags": lambda: celtypes.ListType([text(tag) for tag in sorted(field.tags)]),
            "message": lambda: to_cel(field.containing_message),
        }
        return self._executor.execute(ctx, value, bindings)

    @classmethod
    def register(cls) -> None:
        """Add an executor to the registry that the program shares."""
        RuleRegistry.register_rule_executor(cls())


def _field_to_cel(field: FieldContext, value: Any) -> Any:
    if field.field_descriptor is None:
        return to_cel(value)
    from accord_serde.rules.cel.protobuf_values import scalar_to_cel  # noqa: PLC0415 - an extra of its own

    return scalar_to_cel(value, field.field_descriptor)
