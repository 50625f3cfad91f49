"""Which migration rules lead from the version a message was written with to the reader's."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from accord_serde._rules import RuleMode
from accord_serde._rules_engine.contexts import RulePhase
from accord_serde._rules_engine.execution import has_rules, run_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from accord_serde._rules_engine.registry import RuleRegistry
    from accord_serde._schemas import RegisteredSchema


class Migration(NamedTuple):
    """One step between two neighbouring versions; source is the writer's side of it."""

    rule_mode: RuleMode
    source: RegisteredSchema | None
    target: RegisteredSchema | None


def versions_between(writer: RegisteredSchema, reader: RegisteredSchema) -> range:
    """Return the versions to fetch, ascending, both ends left out; deleted ones count."""
    if writer.version is None or reader.version is None:
        return range(0)
    oldest, newest = sorted((writer.version, reader.version))
    return range(oldest + 1, newest)


def migrations(
    writer: RegisteredSchema, reader: RegisteredSchema, between: Sequence[RegisteredSchema]
) -> list[Migration]:
    """Return the steps that have rules, in the order to run them.

    `between` holds the schemas of `versions_between`, ascending.
    """
    mode = _direction(writer, reader)
    if mode is None:
        return []
    if mode is RuleMode.UPGRADE:
        steps = pairwise((writer, *between, reader))
        return [
            Migration(mode, older, newer) for older, newer in steps if _has_migration(newer, mode)
        ]
    steps = pairwise((writer, *reversed(between), reader))
    return [Migration(mode, newer, older) for newer, older in steps if _has_migration(newer, mode)]


def run_migrations(
    steps: Iterable[Migration],
    message: Any,
    *,
    registry: RuleRegistry,
    ser_ctx: Any,
    subject: str,
) -> Any:
    """Take a message over all steps."""
    for step in steps:
        if step.source is None or step.target is None:
            continue
        message = run_rules(
            registry=registry,
            ser_ctx=ser_ctx,
            subject=subject,
            phase=RulePhase.MIGRATION,
            mode=step.rule_mode,
            source=step.source.schema,
            target=step.target.schema,
            message=message,
        )
    return message


def _direction(writer: RegisteredSchema, reader: RegisteredSchema) -> RuleMode | None:
    if writer.version is None or reader.version is None or writer.version == reader.version:
        return None
    return RuleMode.UPGRADE if writer.version < reader.version else RuleMode.DOWNGRADE


def _has_migration(newer: RegisteredSchema, mode: RuleMode) -> bool:
    """Tell whether a version has rules to come from, or go to, the one before it."""
    return has_rules(newer.schema.rule_set, RulePhase.MIGRATION, mode)
