"""Which config and which mode hold for a subject.

Source: Confluent 8.3: the subject's own, else its context's, else the one above all contexts, else
the server's. A subject's own config is completed from the default context's for some settings
only, and one without a level falls back on the server's, not on the context's.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from registry.errors import OperationNotPermitted
from registry.model import Config, Mode
from registry.names import DEFAULT, GLOBAL, Subject, delimited, parse_subject

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


def settings_for(reader: Reader, subject: Subject) -> dict[Subject, ScopeSettings]:
    """Return what the scopes to ask have set, narrowest first, and after them the default one.

    All the functions below ask for the same, which costs a snapshot one statement.
    """
    scopes = list(dict.fromkeys((subject, subject.context_level, GLOBAL, DEFAULT)))
    return dict(zip(scopes, reader.settings(scopes), strict=True))


def scopes_of(subject: Subject) -> tuple[Subject, ...]:
    """Return the scopes to ask, narrowest first."""
    return subject, subject.context_level, GLOBAL


def effective_config(reader: Reader, subject: Subject, options: Options) -> Config:
    """Return the config that holds for a subject or a context."""
    settings = settings_for(reader, subject)
    found = Config()
    for scope in scopes_of(subject):
        stored = settings[scope].config
        if stored is not None:
            found = stored if scope.is_context else _inheriting(stored, settings[DEFAULT].config)
            break
    if found.validate_fields is None and options.validate_fields:
        found = replace(found, validate_fields=True)
    return replace(
        found, compatibility_level=found.compatibility_level or options.compatibility_level
    )


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
    settings = settings_for(reader, subject)
    modes = (settings[scope].mode for scope in scopes_of(subject))
    return next((mode for mode in modes if mode is not None), Mode.READWRITE)


def resolve_alias(reader: Reader, subject: Subject) -> Subject:
    """Return the subject that its own config says it is another name for, one step only."""
    config = None if subject.is_context else settings_for(reader, subject)[subject].config
    if config is None or not config.alias:
        return subject
    return parse_subject(config.alias, within=subject.context)


def aliased(reader: Reader, draft: Draft) -> Draft:
    """Return the draft for the subject that its subject stands for."""
    subject = resolve_alias(reader, draft.subject)
    return draft if subject == draft.subject else replace(draft, subject=subject)


def refuse_readonly(reader: Reader, subject: Subject) -> None:
    """Raise OperationNotPermitted when the subject may not be changed."""
    if effective_mode(reader, subject).is_readonly:
        raise not_in_mode(subject, "is in read-only mode")


def not_in_mode(subject: Subject, state: str) -> OperationNotPermitted:
    """Return the error; the default context is written as nothing, hence two spaces."""
    context = delimited(subject.context)
    return OperationNotPermitted(f"Subject {subject} in context {context} {state}")
