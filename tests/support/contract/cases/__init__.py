"""Every case, by family of routes."""

from __future__ import annotations

from contract.cases import (
    aliases,
    compatibility,
    compatibility_messages,
    config,
    config_changes,
    contexts,
    deletes,
    forms,
    lookup,
    mode,
    negotiation,
    references,
    refusals,
    register,
    schemas,
    server,
    subjects,
    tags,
    versions,
)

CASES = (
    *aliases.CASES,
    *compatibility.CASES,
    *compatibility_messages.CASES,
    *config.CASES,
    *config_changes.CASES,
    *contexts.CASES,
    *deletes.CASES,
    *forms.CASES,
    *lookup.CASES,
    *mode.CASES,
    *negotiation.CASES,
    *references.CASES,
    *refusals.CASES,
    *register.CASES,
    *schemas.CASES,
    *server.CASES,
    *subjects.CASES,
    *tags.CASES,
    *versions.CASES,
)
