"""Read and change the settings of a scope."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from compat.level import Level, Policy
from registry.errors import (
    InvalidCompatibilityLevel,
    InvalidSubject,
    SubjectLevelConfigNotFound,
    SubjectNotFound,
)
from registry.model import Config
from registry.names import DEFAULT, GLOBAL, is_valid
from registry.service import contracts
from registry.service.scopes import effective_config, refuse_readonly, refuse_too_long

if TYPE_CHECKING:
    from collections.abc import Mapping

    from registry.names import Subject
    from registry.service.options import Options
    from registry.storage.port import Store

SETTINGS = frozenset(f.name for f in fields(Config))
# Scopes that never lack a config.
TOP = (DEFAULT, GLOBAL)


@dataclass(frozen=True, slots=True)
class ConfigUpdate:
    """Settings to change: a name that is absent is kept, one that is None is cleared."""

    values: Mapping[str, Any]


class Configs:
    """The use cases behind /config."""

    def __init__(self, store: Store, options: Options) -> None:
        self._store = store
        self._options = options

    def get(self, scope: Subject, *, effective: bool = False) -> Config:
        """Return the config that holds for the scope.

        Unless that was asked for, a narrower scope must have one of its own: raises
        SubjectLevelConfigNotFound.
        """
        with self._store.read() as reader:
            if not (effective or scope in TOP or reader.config(scope)):
                raise SubjectLevelConfigNotFound(scope)
            return effective_config(reader, scope, self._options)

    def update(self, scope: Subject, update: ConfigUpdate, *, principal: str = "") -> Config:
        """Merge the changes into the stored config and return the result.

        Raises InvalidSubject, SubjectTooLong, InvalidCompatibilityLevel, InvalidRuleSet,
        OperationNotPermitted.
        """
        refuse_too_long(str(scope))
        if not is_valid(scope, as_scope=True):
            raise InvalidSubject(scope)
        values = _checked(update.values)
        with self._store.write(principal) as writer:
            refuse_readonly(writer, scope)
            merged = replace(writer.config(scope) or Config(), **values)
            writer.set_config(scope, merged)
        return merged

    def delete(self, scope: Subject, *, principal: str = "") -> Config:
        """Forget the scope's config and return what held; raises SubjectNotFound.

        The default context and the level above all contexts always have one to return.
        """
        with self._store.write(principal) as writer:
            if not (scope in TOP or writer.config(scope)):
                raise SubjectNotFound(scope)
            refuse_readonly(writer, scope)
            old = effective_config(writer, scope, self._options)
            writer.delete_config(scope)
        return old


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    assert values.keys() <= SETTINGS
    checked = dict(values)
    refuse_too_long(values.get("alias") or "")
    level = values.get("compatibility_level")
    if level is not None:
        checked["compatibility_level"] = _level(level)
    policy = values.get("compatibility_policy")
    if policy is not None:
        checked["compatibility_policy"] = _policy(policy)
    for name in ("default_rule_set", "override_rule_set"):
        contracts.validate(values.get(name))
    return checked


def _level(text: str) -> str:
    try:
        return Level(text.upper()).value
    except ValueError:
        raise InvalidCompatibilityLevel from None


def _policy(text: str) -> str | None:
    """Return the policy, None for one that is unknown (Confluent 8.3)."""
    policy = text.upper()
    return policy if policy in set(Policy) else None
