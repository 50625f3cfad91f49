"""The registry of rule executors and actions."""

from __future__ import annotations

from accord_serde._rules_engine.registry import RuleOverride, RuleRegistry

__all__ = ["RuleOverride", "RuleRegistry"]
