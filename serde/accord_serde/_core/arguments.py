"""What serializers are given besides `conf`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from accord_serde._rules_engine.registry import RuleRegistry
from accord_serde._schemas import Schema

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., Any]")


def configured(
    rules: RuleRegistry | None, client: Any, rule_conf: dict[str, Any] | None
) -> RuleRegistry:
    """Return the registry of rules to use, its members told the settings."""
    chosen = RuleRegistry.get_global_instance() if rules is None else rules
    for member in (*chosen.get_executors(), *chosen.get_actions()):
        member.configure(client.config() if client else {}, rule_conf or {})
    return chosen


def schema_of(given: str | Schema | None, schema_type: str) -> Schema | None:
    """Return the schema a serializer was given as text or whole. Raises TypeError."""
    if isinstance(given, str):
        return Schema(given.strip(), schema_type)
    if given is None or isinstance(given, Schema):
        return given
    raise TypeError("You must pass either schema string or schema object")


def function(name: str, given: F | None) -> F | None:
    """Return a function a serializer was given. Raises ValueError: it is none."""
    if given is not None and not callable(given):
        raise ValueError(f"{name} must be callable with the signature {name}(object, ctx)")
    return given
