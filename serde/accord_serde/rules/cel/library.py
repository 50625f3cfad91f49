"""The CEL library, and what is said where it is not installed."""

from __future__ import annotations

try:
    import lark
    from celpy import Environment, InterpretedRunner, Runner, celtypes
    from celpy.celparser import CELParseError
    from celpy.evaluation import CELEvalError, Evaluator, base_functions
except ImportError as error:
    raise ImportError("CEL rules need `accord-serde[rules]` (cel-python)") from error

__all__ = [
    "CELEvalError",
    "CELParseError",
    "Environment",
    "Evaluator",
    "InterpretedRunner",
    "Runner",
    "base_functions",
    "celtypes",
    "lark",
]
