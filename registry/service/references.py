"""Find the schemas that a schema refers to, directly or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compat.errors import InvalidSchema, TooComplex
from compat.schema import Resolved
from registry.model import LATEST, Reference
from registry.names import Subject, parse_subject

if TYPE_CHECKING:
    from collections.abc import Iterable

    from registry.model import SubjectVersion
    from registry.service.options import Options
    from registry.storage.port import Reader


def subject_of(reference: Reference, context: str) -> Subject:
    """Return the subject referred to; an unqualified one lives in the referrer's context."""
    return parse_subject(reference.subject, within=context)


def pinned(reader: Reader, references: Iterable[Reference], context: str) -> tuple[Reference, ...]:
    """Replace LATEST by the number of the latest live version, where there is one."""
    return tuple(_pin(reader, reference, context) for reference in references)


def _pin(reader: Reader, reference: Reference, context: str) -> Reference:
    if reference.version != LATEST:
        return reference
    latest = reader.latest(subject_of(reference, context))
    return (
        reference
        if latest is None
        else Reference(reference.name, reference.subject, latest.row.version)
    )


class Resolver:
    """Walk references depth first and collect every target once, dependencies first.

    `include_deleted` lets soft-deleted targets count, as they must for schemas already stored.
    The first target found under a name wins, as in Confluent 8.3.
    """

    def __init__(self, reader: Reader, options: Options, *, include_deleted: bool) -> None:
        self._reader = reader
        self._options = options
        self._include_deleted = include_deleted
        self._found: dict[str, Resolved] = {}
        self._versions: dict[Subject, int] = {}
        self._steps = 0

    def resolve(self, references: Iterable[Reference], context: str) -> tuple[Resolved, ...]:
        """Return the closure; raises InvalidSchema for a target missing, circular or too many."""
        for reference in references:
            self._visit(reference, context, ())
        return tuple(self._found.values())

    def _visit(
        self, reference: Reference, context: str, path: tuple[tuple[Subject, int], ...]
    ) -> None:
        self._count()
        if reference.name in self._found:
            return
        target = self._target(reference, context)
        place = (target.row.subject, target.row.version)
        if place in path:
            msg = f'Circular reference to subject "{place[0]}" and version {place[1]}'
            raise InvalidSchema(msg)
        self._refuse_conflict(target)
        for nested in target.content.references:
            self._visit(nested, target.row.subject.context, (*path, place))
        self._found.setdefault(
            reference.name,
            Resolved(reference.name, reference.subject, target.row.version, target.content.text),
        )

    def _count(self) -> None:
        self._steps += 1
        if self._steps > self._options.max_references:
            msg = f"More than {self._options.max_references} references to resolve"
            raise TooComplex(msg)

    def _target(self, reference: Reference, context: str) -> SubjectVersion:
        subject = subject_of(reference, context)
        if reference.version == LATEST:
            target = self._reader.latest(subject)
        else:
            target = self._reader.version(subject, reference.version)
        if target is None or (target.row.deleted and not self._include_deleted):
            msg = (
                f'No schema reference found for subject "{reference.subject}" '
                f"and version {reference.version}"
            )
            raise InvalidSchema(msg)
        return target

    def _refuse_conflict(self, target: SubjectVersion) -> None:
        known = self._versions.setdefault(target.row.subject, target.row.version)
        if self._options.reference_versions_strict and known != target.row.version:
            msg = f"Conflicting reference versions for {target.row.subject}"
            raise InvalidSchema(msg)
