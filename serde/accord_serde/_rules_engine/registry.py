"""Executors, actions and overrides by type."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from accord_serde._rules_engine.original_key import INTEREST

if TYPE_CHECKING:
    from accord_serde._rules_engine.executors import RuleAction, RuleExecutor


@dataclass(frozen=True, slots=True)
class RuleOverride:
    """What replaces the actions of every rule of a type, or switches them off or on."""

    type: str
    on_success: str | None
    on_failure: str | None
    disabled: bool | None


class RuleRegistry:
    """Executors, actions and overrides; one registry is shared by the program."""

    __slots__ = ("_lock", "_rule_actions", "_rule_executors", "_rule_overrides")

    def __init__(self) -> None:
        self._rule_executors: dict[str, RuleExecutor] = {}
        self._rule_actions: dict[str, RuleAction] = {}
        self._rule_overrides: dict[str, RuleOverride] = {}
        self._lock = threading.Lock()

    def register_executor(self, rule_executor: RuleExecutor) -> None:
        with self._lock:
            self._rule_executors[rule_executor.type()] = rule_executor
        INTEREST.is_there = True

    def get_executor(self, name: str) -> RuleExecutor | None:
        return self._rule_executors.get(name)

    def get_executors(self) -> list[RuleExecutor]:
        with self._lock:
            return list(self._rule_executors.values())

    def register_action(self, rule_action: RuleAction) -> None:
        with self._lock:
            self._rule_actions[rule_action.type()] = rule_action
        INTEREST.is_there = True

    def get_action(self, name: str) -> RuleAction | None:
        return self._rule_actions.get(name)

    def get_actions(self) -> list[RuleAction]:
        with self._lock:
            return list(self._rule_actions.values())

    def register_override(self, rule_override: RuleOverride) -> None:
        with self._lock:
            self._rule_overrides[rule_override.type] = rule_override

    def get_override(self, name: str) -> RuleOverride | None:
        return self._rule_overrides.get(name)

    def get_overrides(self) -> list[RuleOverride]:
        with self._lock:
            return list(self._rule_overrides.values())

    def clear(self) -> None:
        with self._lock:
            self._rule_executors.clear()
            self._rule_actions.clear()
            self._rule_overrides.clear()

    @staticmethod
    def get_global_instance() -> RuleRegistry:
        return _SHARED

    @staticmethod
    def register_rule_executor(rule_executor: RuleExecutor) -> None:
        _SHARED.register_executor(rule_executor)

    @staticmethod
    def register_rule_action(rule_action: RuleAction) -> None:
        _SHARED.register_action(rule_action)

    @staticmethod
    def register_rule_override(rule_override: RuleOverride) -> None:
        _SHARED.register_override(rule_override)


_SHARED = RuleRegistry()
