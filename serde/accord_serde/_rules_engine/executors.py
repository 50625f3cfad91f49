"""What runs rules, and what happens after them: the classes that users derive from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from accord_serde._rules import RuleKind, RuleMode
from accord_serde.serialization import SerializationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accord_serde._rules import Rule
    from accord_serde._rules_engine.contexts import FieldTransform, RuleContext


class RuleError(Exception):
    """A rule could not be run."""


class RuleConditionError(RuleError):
    """A condition did not hold."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(self.error_message(rule))

    @staticmethod
    def error_message(rule: Rule) -> str:
        if rule.doc:
            return rule.doc
        return f"Rule expr failed: {rule.expr}" if rule.expr else f"Rule failed: {rule.name}"


class RuleBase(ABC):
    """What a registry of rules holds."""

    def configure(self, client_conf: Mapping[str, Any], rule_conf: Mapping[str, Any]) -> None:  # noqa: B027 - optional
        """Take the client's settings and the `rule_conf` of each serializer that is made."""

    @abstractmethod
    def type(self) -> str:
        """Return the name that rules ask for."""

    def close(self) -> None:  # noqa: B027 - optional
        """Release what is held."""


class RuleExecutor(RuleBase):
    """Runs the rules of one type."""

    @abstractmethod
    def transform(self, ctx: RuleContext, message: Any) -> Any:
        """Return the new message, or for a condition whether it holds."""


class FieldRuleExecutor(RuleExecutor):
    """Runs rules on one field after the other."""

    @abstractmethod
    def new_transform(self, ctx: RuleContext) -> FieldTransform:
        """Return what to do with a field."""

    def transform(self, ctx: RuleContext, message: Any) -> Any:
        if self._is_repeated(ctx):
            return message
        if ctx.field_transformer is None:
            raise RuleError(f"{self.type()} needs fields: rule {ctx.rule.name} has none to look at")
        return ctx.field_transformer(ctx, self.new_transform(ctx), message)

    def _is_repeated(self, ctx: RuleContext) -> bool:
        """Tell whether another rule does the same: the one that was defined first wins.

        The list is in reverse order when reading, so the other one is then behind.
        """
        is_forward = ctx.rule_mode in {RuleMode.WRITE, RuleMode.UPGRADE}
        others = ctx.rules[: ctx.index] if is_forward else ctx.rules[ctx.index + 1 :]
        return any(self.are_transforms_with_same_tag(ctx.rule, other) for other in others)

    @staticmethod
    def are_transforms_with_same_tag(rule1: Rule, rule2: Rule) -> bool:
        if not rule1.tags or rule1.kind is not RuleKind.TRANSFORM:
            return False
        return (rule1.kind, rule1.mode, rule1.type, rule1.tags) == (
            rule2.kind,
            rule2.mode,
            rule2.type,
            rule2.tags,
        )


class RuleAction(RuleBase):
    """Runs after a rule."""

    @abstractmethod
    def run(self, ctx: RuleContext, message: Any, ex: Exception | None) -> None:
        """Act on a success, or on the failure `ex`; only a SerializationError stops the message."""


class ErrorAction(RuleAction):
    """Fails the message."""

    def type(self) -> str:
        return "ERROR"

    def run(self, ctx: RuleContext, message: Any, ex: Exception | None) -> None:  # noqa: ARG002 - the interface
        reason = "the message became null" if ex is None else str(ex) or type(ex).__name__
        raise failure(ctx, f"Rule {ctx.rule.name} failed: {reason}") from ex


class NoneAction(RuleAction):
    """Does nothing."""

    def type(self) -> str:
        return "NONE"

    def run(self, ctx: RuleContext, message: Any, ex: Exception | None) -> None:
        pass


def failure(ctx: RuleContext, reason: str) -> SerializationError:
    """Return the error that stops a message, with the place where it happened."""
    return SerializationError(reason).at(ctx.ser_ctx, subject=ctx.subject)
