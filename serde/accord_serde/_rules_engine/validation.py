"""Inline rules: `confluent:rules` on a record or a field of a schema, checked when writing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from accord_serde._rules_engine.executors import RuleError
from accord_serde.serialization import SerializationError

if TYPE_CHECKING:
    from collections.abc import MutableMapping, Sequence

    from accord_serde._rules_engine.walks import FieldWalk

VALIDATION_RULES_PROP = "confluent:rules"

EXECUTION = "validation.rules.execution"
FAIL_FAST = "validation.rules.fail.fast"
EXECUTOR = "validation.rules.executor"


class ValidationRulesExecution(StrEnum):
    """When inline rules run."""

    DISABLED = "DISABLED"
    BEFORE_DOMAIN_RULES = "BEFORE_DOMAIN_RULES"
    AFTER_DOMAIN_RULES = "AFTER_DOMAIN_RULES"


@dataclass(frozen=True, slots=True)
class ValidationRule:
    """An inline rule; `sql` is only for people."""

    name: str | None = None
    doc: str | None = None
    expr: str | None = None
    sql: str | None = None


@dataclass(frozen=True, slots=True)
class ValidationRuleError:
    """An inline rule that did not hold at a path such as `addr.zip`, `tags[3]`, `scores["a"]`.

    `message` is what the rule itself said, `cause` why it could not be evaluated.
    """

    rule: ValidationRule
    field_path: str | None = None
    message: str | None = None
    cause: Exception | None = field(default=None, compare=False)

    def __str__(self) -> str:
        rule = self.rule
        detail = self.message or rule.doc or rule.sql or rule.expr
        cause = "" if self.cause is None else f" (caused by: {self.cause})"
        return f"{self.field_path or '<root>'}: {rule.name or 'unnamed'}: {detail}{cause}"


class ValidationRuleExecutor(ABC):
    """Evaluates inline rules."""

    @abstractmethod
    def execute(self, rule: ValidationRule, schema: Any, message: Any) -> Any:
        """Return whether the rule holds, or what is wrong, empty where nothing is.

        Raises RuleError where the rule cannot be evaluated.
        """


def parse_validation_rules(prop_value: object) -> list[ValidationRule]:
    """Read the value of `confluent:rules`; what is not a rule is left out."""
    if not isinstance(prop_value, list):
        return []
    return [
        ValidationRule(entry.get("name"), entry.get("doc"), entry.get("expr"), entry.get("sql"))
        for entry in prop_value
        if isinstance(entry, dict)
    ]


def default_validation_rule_executor() -> ValidationRuleExecutor:
    """Return the executor for CEL; a ValueError where its library is not installed."""
    try:
        from accord_serde.rules.cel.cel_validator import CelValidator  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ValueError(
            f"{EXECUTION} needs CEL: install `accord-serde[rules]`, or set {EXECUTOR}"
        ) from error
    return CelValidator()


def evaluate_validation_rule(
    executor: ValidationRuleExecutor,
    rule: ValidationRule,
    schema: Any,
    value: Any,
    path: str,
    out: list[ValidationRuleError],
) -> None:
    """Add to `out` when a rule does not hold; a rule that cannot be evaluated does not hold."""
    try:
        result = executor.execute(rule, schema, value)
    except RuleError as error:
        out.append(ValidationRuleError(rule, path, None, error))
        return
    if isinstance(result, bool):
        if not result:
            out.append(ValidationRuleError(rule, path))
    elif isinstance(result, str):
        if result:
            out.append(ValidationRuleError(rule, path, result))
    else:
        raise SerializationError(
            f"Validation rule '{rule.name or 'unnamed'}' resolved to an unexpected type: "
            f"{type(result).__name__}"
        )


@dataclass(frozen=True, slots=True)
class InlineRules:
    """The settings of a serializer about inline rules."""

    execution: ValidationRulesExecution
    fail_fast: bool
    executor: ValidationRuleExecutor | None

    @classmethod
    def from_conf(cls, conf: MutableMapping[str, Any]) -> InlineRules:
        """Take the three settings out of `conf`; a ValueError where one is wrong."""
        given = conf.pop(EXECUTION, ValidationRulesExecution.DISABLED)
        if given not in list(ValidationRulesExecution):
            names = ", ".join(ValidationRulesExecution)
            raise ValueError(f"{EXECUTION} must be one of {names}")
        fail_fast = conf.pop(FAIL_FAST, False)
        if not isinstance(fail_fast, bool):
            raise ValueError(f"{FAIL_FAST} must be a boolean value")  # noqa: TRY004 - as every bad setting
        execution = ValidationRulesExecution(given)
        executor = conf.pop(EXECUTOR, None)
        if execution is ValidationRulesExecution.DISABLED:
            return cls(execution, fail_fast, executor)
        if executor is None:
            executor = default_validation_rule_executor()
        if not isinstance(executor, ValidationRuleExecutor):
            raise ValueError(f"{EXECUTOR} must be a ValidationRuleExecutor instance")  # noqa: TRY004 - likewise
        return cls(execution, fail_fast, executor)

    def runs_at(self, point: ValidationRulesExecution | None = None) -> bool:
        """Tell whether to check at a point; without one, whether to check at all."""
        if point is None:
            return self.execution is not ValidationRulesExecution.DISABLED
        return self.execution is point

    def check(self, walk: FieldWalk, message: Any, ctx: Any, subject: str | None) -> None:
        """Raise one SerializationError that lists every rule that does not hold."""
        if self.executor is None or message is None:
            return
        violations = walk.violations(self.executor, message, fail_fast=self.fail_fast)
        if violations:
            raise SerializationError(_listed(violations)).at(ctx, subject=subject)


def _listed(violations: Sequence[ValidationRuleError]) -> str:
    count = len(violations)
    head = f"Validation rule failed ({count} violation{'' if count == 1 else 's'}):"
    return "\n".join([head, *(f"  - {violation}" for violation in violations)])
