"""Which config and which mode hold for a subject.

Source: Confluent 8.3: the subject's own, else its context's, else the one above all contexts, else
the server's. A subject's own config is completed from the default context's for some settings
only, and one without a level falls back on the server's, not on the context's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from registry.errors import OperationNotPermitted, SubjectTooLong
from registry.model import Config, Mode
from registry.names import (
    DEFAULT,
    GLOBAL,
    MAX_BYTES,
    Subject,
    delimited,
    is_too_long,
    parse_subject,
)

if TYPE_CHECKING:
    from registry.model import ScopeSettings
    from registry.service.options import Options
    from registry.service.parsing import Draft
    from registry.storage.port import Reader

INHERITED = (
    "normalize",
    "validate_fields",
    "validate_new_schemas",
    "validate_rules",
    "compatibility_policy",
    "compatibility_group",
)
CONTRACT_DEFAULTS = (
    "default_metadata",
    "override_metadata",
    "default_rule_set",
    "override_rule_set",
)


@dataclass(frozen=True, slots=True)
class Held:
    """What the scopes of a subject or a context have set, asked for at once."""

    subject: Subject
    own: ScopeSettings
    context: ScopeSettings
    top: ScopeSettings
    default: ScopeSettings

    @property
    def narrowest_first(self) -> tuple[ScopeSettings, ...]:
        return self.own, self.context, self.top

    def config(self, options: Options) -> Config:
        """Return the config that holds."""
        found = next((one.config for one in self.narrowest_first if one.config is not None), None)
        if found is None:
            return _server_config(options.compatibility_level, _or_server(None, options))
        if found is self.own.config and not self.subject.is_context:
            found = _inheriting(found, self.default.config)
        return replace(
            found,
            compatibility_level=found.compatibility_level or options.compatibility_level,
            validate_fields=_or_server(found.validate_fields, options),
        )

    def mode(self) -> Mode:
        """Return the mode that holds."""
        modes = (one.mode for one in self.narrowest_first if one.mode is not None)
        return next(modes, Mode.READWRITE)

    def meant(self) -> Subject:
        """Return the subject that this one's own config says it is another name for."""
        config = self.own.config
        if config is None or not config.alias or self.subject.is_context:
            return self.subject
        return parse_subject(config.alias, within=self.subject.context)


def held_for(reader: Reader, subject: Subject) -> Held:
    scopes = (subject, subject.context_level, GLOBAL, DEFAULT)
    return Held(subject, *reader.settings(scopes))


def effective_config(reader: Reader, subject: Subject, options: Options) -> Config:
    """Return the config that holds for a subject or a context."""
    return held_for(reader, subject).config(options)


@cache
def _server_config(level: str, validate_fields: bool | None) -> Config:  # noqa: FBT001  a setting
    return Config(compatibility_level=level, validate_fields=validate_fields)


def _or_server(validate_fields: bool | None, options: Options) -> bool | None:  # noqa: FBT001  a setting
    """Return the setting, or the server's where it is unset and the server says yes."""
    return True if validate_fields is None and options.validate_fields else validate_fields


def _inheriting(own: Config, top: Config | None) -> Config:
    if top is None:
        return own
    missing = {name: getattr(top, name) for name in INHERITED if getattr(own, name) is None}
    return replace(own, **missing)


def has_contract_defaults(config: Config) -> bool:
    """Tell whether the config adds metadata or rules to what is registered."""
    return any(getattr(config, name) is not None for name in CONTRACT_DEFAULTS)


def effective_mode(reader: Reader, subject: Subject) -> Mode:
    """Return the mode that holds for a subject or a context."""
    return held_for(reader, subject).mode()


def resolve_alias(reader: Reader, subject: Subject) -> Subject:
    """Return the subject that its own config says it is another name for, one step only."""
    return held_for(reader, subject).meant()


def aliased(reader: Reader, draft: Draft) -> Draft:
    """Return the draft for the subject that its subject stands for."""
    subject = resolve_alias(reader, draft.subject)
    return draft if subject == draft.subject else replace(draft, subject=subject)


def refuse_too_long(name: str) -> None:
    """Raise SubjectTooLong for the written name of a subject that not every database can index."""
    if is_too_long(name):
        raise SubjectTooLong(MAX_BYTES)


def refuse_readonly(reader: Reader, subject: Subject) -> None:
    """Raise OperationNotPermitted when the subject may not be changed."""
    if effective_mode(reader, subject).is_readonly:
        raise not_in_mode(subject, "is in read-only mode")


def not_in_mode(subject: Subject, state: str) -> OperationNotPermitted:
    """Return the error; the default context is written as nothing, hence two spaces."""
    context = delimited(subject.context)
    return OperationNotPermitted(f"Subject {subject} in context {context} {state}")
