"""Data-contract rules: what they are told, what runs them, in which order, and what follows."""

from __future__ import annotations

from accord_serde._rules_engine.contexts import (
    FieldContext,
    FieldTransform,
    FieldTransformer,
    FieldType,
    RuleContext,
    RulePhase,
)
from accord_serde._rules_engine.dead_letters import (
    DLQ_HEADER_PREFIX,
    DLQ_RULE_EXCEPTION_HEADER,
    DLQ_RULE_MODE_HEADER,
    DLQ_RULE_NAME_HEADER,
    DLQ_RULE_SUBJECT_HEADER,
    DLQ_RULE_TOPIC_HEADER,
)
from accord_serde._rules_engine.execution import has_rules, run_rules
from accord_serde._rules_engine.executors import (
    ErrorAction,
    FieldRuleExecutor,
    NoneAction,
    RuleAction,
    RuleBase,
    RuleConditionError,
    RuleError,
    RuleExecutor,
)
from accord_serde._rules_engine.migrations import (
    Migration,
    migrations,
    run_migrations,
    versions_between,
)
from accord_serde._rules_engine.original_key import (
    clear_original_key,
    get_original_key,
    set_original_key,
)
from accord_serde._rules_engine.registry import RuleOverride, RuleRegistry
from accord_serde._rules_engine.validation import (
    VALIDATION_RULES_PROP,
    InlineRules,
    ValidationRule,
    ValidationRuleError,
    ValidationRuleExecutor,
    ValidationRulesExecution,
    default_validation_rule_executor,
    evaluate_validation_rule,
    parse_validation_rules,
)
from accord_serde._rules_engine.walks import FieldWalk

__all__ = [
    "DLQ_HEADER_PREFIX",
    "DLQ_RULE_EXCEPTION_HEADER",
    "DLQ_RULE_MODE_HEADER",
    "DLQ_RULE_NAME_HEADER",
    "DLQ_RULE_SUBJECT_HEADER",
    "DLQ_RULE_TOPIC_HEADER",
    "VALIDATION_RULES_PROP",
    "ErrorAction",
    "FieldContext",
    "FieldRuleExecutor",
    "FieldTransform",
    "FieldTransformer",
    "FieldType",
    "FieldWalk",
    "InlineRules",
    "Migration",
    "NoneAction",
    "RuleAction",
    "RuleBase",
    "RuleConditionError",
    "RuleContext",
    "RuleError",
    "RuleExecutor",
    "RuleOverride",
    "RulePhase",
    "RuleRegistry",
    "ValidationRule",
    "ValidationRuleError",
    "ValidationRuleExecutor",
    "ValidationRulesExecution",
    "clear_original_key",
    "default_validation_rule_executor",
    "evaluate_validation_rule",
    "get_original_key",
    "has_rules",
    "migrations",
    "parse_validation_rules",
    "run_migrations",
    "run_rules",
    "set_original_key",
    "versions_between",
]
