"""What the engine needs to know of a format: a walk over its messages, one object per schema.

Each format has one in its `fields` module, made once per schema and kept with it:

- `inline_tags`: full name of a field (record or message, dot, field) -> its `confluent:tags`.
- `transform(ctx, field_transform, message)`: the `field_transformer` of `run_rules`. For every
  field it calls `ctx.enter_field(container, full_name, name, field_type, None)`, then, where the
  rule has no tags or one in common with the field, `field_transform(ctx, field, value)` for each
  scalar in it with `field.field_type` set to the scalar's type, then `ctx.exit_field()`. Where the
  rule is a CONDITION a field that gives False is a RuleConditionError; otherwise the result takes
  the place of the value. What the caller handed in is not changed.
- `violations(executor, message, fail_fast=...)`: the inline rules (`confluent:rules`) that do not
  hold, by `validation.evaluate_validation_rule`, on records with the record as `this` and on
  fields with their value, absent and null values left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accord_serde._rules_engine.contexts import FieldTransform, RuleContext
    from accord_serde._rules_engine.validation import ValidationRuleError, ValidationRuleExecutor


class FieldWalk(Protocol):
    """The walk over the messages of one schema."""

    @property
    def inline_tags(self) -> Mapping[str, set[str]]: ...

    def transform(self, ctx: RuleContext, field_transform: FieldTransform, message: Any) -> Any: ...

    def violations(
        self,
        executor: ValidationRuleExecutor,
        message: Any,
        *,
        fail_fast: bool = False,
    ) -> list[ValidationRuleError]: ...
