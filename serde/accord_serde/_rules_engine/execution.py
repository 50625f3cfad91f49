"""Runs the rules of a schema over a message.

mode      | rules of | list          | order
----------|----------|---------------|--------
WRITE     | target   | of the phase  | as listed
READ      | target   | of the phase  | reversed
UPGRADE   | target   | migration     | as listed
DOWNGRADE | source   | migration     | reversed
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, NamedTuple

from accord_serde._rules import Rule, RuleKind, RuleMode, RuleSet
from accord_serde._rules_engine.contexts import RuleContext, RulePhase
from accord_serde._rules_engine.dead_letters import failed_rule
from accord_serde._rules_engine.executors import (
    ErrorAction,
    NoneAction,
    RuleAction,
    RuleConditionError,
    RuleError,
)
from accord_serde._rules_engine.original_key import get_original_key
from accord_serde.serialization import MessageField, SerializationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from accord_serde._rules_engine.contexts import FieldTransformer
    from accord_serde._rules_engine.registry import RuleRegistry
    from accord_serde._schemas import Schema

_log = logging.getLogger("accord_serde.rules")

_LISTS = {
    RulePhase.MIGRATION: "migration_rules",
    RulePhase.DOMAIN: "domain_rules",
    RulePhase.ENCODING: "encoding_rules",
}
# The modes of rules that run in a mode.
_INCLUDED = {
    RuleMode.WRITE: {RuleMode.WRITE, RuleMode.WRITEREAD},
    RuleMode.READ: {RuleMode.READ, RuleMode.WRITEREAD},
    RuleMode.UPGRADE: {RuleMode.UPGRADE, RuleMode.UPDOWN},
    RuleMode.DOWNGRADE: {RuleMode.DOWNGRADE, RuleMode.UPDOWN},
    RuleMode.WRITEREAD: {RuleMode.WRITEREAD},
    RuleMode.UPDOWN: {RuleMode.UPDOWN},
}
_BACKWARD = {RuleMode.READ, RuleMode.DOWNGRADE}
_HERE = {None, "ALL", "CLIENT"}  # values of enableAt under which a client runs rules
_BUILT_IN: dict[str, RuleAction] = {"ERROR": ErrorAction(), "NONE": NoneAction()}


def has_rules(rule_set: RuleSet | None, phase: RulePhase, mode: RuleMode) -> bool:
    """Tell whether a rule set has rules for a phase that run in a mode."""
    if rule_set is None:
        return False
    rules: list[Rule] | None = getattr(rule_set, _LISTS[phase])
    return any(rule.mode in _INCLUDED[mode] for rule in rules or ())


def run_rules(  # noqa: PLR0913 - by keyword; all of it is in the context of a rule
    *,
    registry: RuleRegistry,
    ser_ctx: Any,
    subject: str,
    phase: RulePhase,
    mode: RuleMode,
    source: Schema | None = None,
    target: Schema | None,
    message: Any,
    inline_tags: Mapping[str, Iterable[str]] | None = None,
    field_transformer: FieldTransformer | None = None,
    original_message: Any = None,
) -> Any:
    """Run the rules of a phase and return the message that comes out of them.

    Raises SerializationError where an action stops the message, and RuleError where the action
    for a failure is not registered.
    """
    if message is None or target is None:
        return message
    plan = _plan(phase, mode, source=source, target=target)
    if not plan.rules:
        return message
    original = message if original_message is None else original_message
    is_key = getattr(ser_ctx, "field", None) == MessageField.KEY
    failed = failed_rule(ser_ctx)
    for index, rule in enumerate(plan.rules):
        if rule.mode not in _INCLUDED[mode] or _is_disabled(registry, rule, plan.enable_at):
            continue
        if failed is not None and failed == rule.name:
            continue
        ctx = RuleContext(
            plan.enable_at,
            ser_ctx,
            source,
            target,
            subject,
            mode,
            rule,
            index,
            plan.rules,
            inline_tags,
            field_transformer,
            original if is_key else get_original_key(),
            None if is_key else original,
        )
        message, is_over = _run_rule(registry, ctx, message)
        if is_over:
            break
    return message


class _Plan(NamedTuple):
    rules: Sequence[Rule]
    enable_at: str | None


def _plan(
    phase: RulePhase, mode: RuleMode, *, source: Schema | None, target: Schema | None
) -> _Plan:
    is_migration = mode in {RuleMode.UPGRADE, RuleMode.DOWNGRADE}
    owner = source if mode is RuleMode.DOWNGRADE else target
    rule_set = None if owner is None else owner.rule_set
    if rule_set is None:
        return _Plan((), None)
    rules: Sequence[Rule] = getattr(rule_set, _list_of(phase, is_migration=is_migration)) or ()
    return _Plan(rules[::-1] if mode in _BACKWARD else rules, rule_set.enable_at)


def _list_of(phase: RulePhase, *, is_migration: bool) -> str:
    return _LISTS[RulePhase.MIGRATION if is_migration else phase]


def _is_disabled(registry: RuleRegistry, rule: Rule, enable_at: str | None) -> bool:
    override = None if rule.type is None else registry.get_override(rule.type)
    if override is not None and override.disabled is not None:
        return override.disabled
    if rule.type is not None and enable_at not in _HERE:
        return True
    return bool(rule.disabled)


def _run_rule(registry: RuleRegistry, ctx: RuleContext, message: Any) -> tuple[Any, bool]:
    """Return the message after a rule, and whether the rules end with it."""
    rule = ctx.rule
    executor = None if rule.type is None else registry.get_executor(rule.type.upper())
    if executor is None:
        _act(registry, ctx, message, _missing_executor(rule), is_failure=True)
        return message, True
    try:
        result = executor.transform(ctx, message)
        if rule.kind is RuleKind.CONDITION and not result:
            raise RuleConditionError(rule)  # noqa: TRY301 - handled as any other failure of the rule
        if rule.kind is RuleKind.TRANSFORM:
            message = result
        _act(registry, ctx, message, None, is_failure=message is None)
    except SerializationError:
        raise
    except Exception as failure:  # noqa: BLE001 - executors are anybody's code; the action decides
        _act(registry, ctx, message, failure, is_failure=True)
    return message, False


def _missing_executor(rule: Rule) -> RuleError:
    if rule.type is None:
        return RuleError(f"Rule type is None for rule {rule.name}")
    return RuleError(f"Could not find rule executor of type {rule.type}")


def _act(
    registry: RuleRegistry,
    ctx: RuleContext,
    message: Any,
    failure: Exception | None,
    *,
    is_failure: bool,
) -> None:
    name = _action_name(registry, ctx, is_failure=is_failure)
    action = _BUILT_IN.get(name) or registry.get_action(name)
    if action is None:
        raise RuleError(f"Could not find rule action of type {name}") from failure
    try:
        action.run(ctx, message, failure)
    except SerializationError:
        raise
    except Exception:  # noqa: BLE001 - actions are anybody's code
        # As in Confluent's client: an action that breaks does not stop the message.
        _log.warning("action %s failed after rule %s", name, ctx.rule.name, exc_info=True)


def _action_name(registry: RuleRegistry, ctx: RuleContext, *, is_failure: bool) -> str:
    rule = ctx.rule
    override = None if rule.type is None else registry.get_override(rule.type)
    own, replaced = (
        (rule.on_failure, override and override.on_failure)
        if is_failure
        else (rule.on_success, override and override.on_success)
    )
    name = own if replaced is None else replaced
    if not name:
        return "ERROR" if is_failure else "NONE"
    if rule.mode in {RuleMode.WRITEREAD, RuleMode.UPDOWN} and "," in name:
        return name.split(",")[1 if ctx.rule_mode in _BACKWARD else 0]
    return name
