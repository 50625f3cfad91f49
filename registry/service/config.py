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
from registry.service.scopes import effective_config, refuse_readonly

if TYPE_CHECKING:
    from collections.abc import Mapping

    from registry.names import Subject
    from registry.service.options import Options
    from registry.storage.port import Store

SETTINGS = frozenset(f.name for f in fields(Config))


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
        """Return the scope's config, the one that holds for it when asked or when it is global.

        Raises SubjectLevelConfigNotFound.
        """
        with self._store.read() as reader:
            if effective or scope in (DEFAULT, GLOBAL):
                return effective_config(reader, scope, self._options)
            config = reader.config(scope)
        if config is None:
            raise SubjectLevelConfigNotFound(scope)
        return config

    def update(self, scope: Subject, update: ConfigUpdate, *, principal: str = "") -> Config:
        """Merge the changes into the stored config and return the result.

        Raises InvalidSubject, InvalidCompatibilityLevel, InvalidRuleSet, OperationNotPermitted.
        """
        if not is_valid(scope, as_scope=True):
            raise InvalidSubject(scope)
        values = _checked(update.values)
        with self._store.write(principal) as writer:
            refuse_readonly(writer, scope)
            merged = replace(writer.config(scope) or Config(), **values)
            writer.set_config(scope, merged)
        return merged

    def delete(self, scope: Subject, *, principal: str = "") -> Config:
        """Forget the scope's config and return what it was; raises SubjectNotFound.

        The default context and the level above all contexts always have one to return.
        """
        with self._store.write(principal) as writer:
            refuse_readonly(writer, scope)
            stored = writer.config(scope)
            if stored is None and scope not in (DEFAULT, GLOBAL):
                raise SubjectNotFound(scope)
            if scope in (DEFAULT, GLOBAL):
                old = effective_config(writer, scope, self._options)
            else:
                old = stored or Config()
            writer.delete_config(scope)
        return old

    def alias_of(self, subject: Subject, *, for_deks: bool = False) -> str | None:
        """Return what the subject's own config says it is another name for."""
        with self._store.read() as reader:
            config = reader.config(subject)
        if config is None:
            return None
        return (for_deks and config.alias_for_deks) or config.alias


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    assert values.keys() <= SETTINGS
    checked = dict(values)
    level = values.get("compatibility_level")
    if level is not None:
        checked["compatibility_level"] = _level(level)
    policy = values.get("compatibility_policy")
    if policy is not None:
        checked["compatibility_policy"] = policy if policy in set(Policy) else None
    for name in ("default_rule_set", "override_rule_set"):
        contracts.validate(values.get(name))
    return checked


def _level(text: str) -> str:
    try:
        return Level(text.upper()).value
    except ValueError:
        raise InvalidCompatibilityLevel from None
