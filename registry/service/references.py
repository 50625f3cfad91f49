"""Find the schemas that a schema refers to, directly or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from compat.errors import InvalidSchema, TooComplex
from compat.schema import Resolved
from registry.model import LATEST, Reference
from registry.names import Subject, parse_subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

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


@dataclass(frozen=True, slots=True)
class _Opened:
    """A reference whose own references are being followed."""

    reference: Reference
    target: SubjectVersion
    pending: Iterator[Reference]

    @property
    def place(self) -> tuple[Subject, int]:
        return self.target.row.subject, self.target.row.version

    @property
    def context(self) -> str:
        return self.target.row.subject.context


class Resolver:
    """Walk references depth first and collect every target once, dependencies first.

    `include_deleted` lets soft-deleted targets count, as they must for schemas already stored.
    The first target found under a name wins, as in Confluent 8.3. References may be chained as
    long as they may be many, so the walk keeps its own stack.
    """

    def __init__(
        self,
        reader: Reader,
        options: Options,
        *,
        include_deleted: bool,
        instead: Mapping[Subject, SubjectVersion] | None = None,
    ) -> None:
        self._reader = reader
        self._instead = instead or {}
        self._options = options
        self._include_deleted = include_deleted
        self._found: dict[str, Resolved] = {}
        self._targets: dict[tuple[Subject, int], SubjectVersion | None] = {}
        self._versions: dict[Subject, int] = {}
        self._steps = 0
        self._size = 0

    def resolve(self, references: Iterable[Reference], context: str) -> tuple[Resolved, ...]:
        """Return the closure; raises InvalidSchema for a target missing or circular, TooComplex."""
        for reference in references:
            self._follow(reference, context)
        return tuple(self._found.values())

    def _follow(self, reference: Reference, context: str) -> None:
        stack: list[_Opened] = []
        places: set[tuple[Subject, int]] = set()
        following: Reference | None = reference
        while following is not None or stack:
            if following is None:
                done = stack.pop()
                places.discard(done.place)
                self._keep(done)
            else:
                opened = self._opened(following, stack[-1].context if stack else context)
                if opened is not None:
                    _refuse_circle(opened, places)
                    places.add(opened.place)
                    stack.append(opened)
            following = next(stack[-1].pending, None) if stack else None

    def _opened(self, reference: Reference, context: str) -> _Opened | None:
        """Return the target with its references still to follow, None when it is known."""
        self._steps += 1
        if self._steps > self._options.max_references:
            msg = f"More than {self._options.max_references} references to resolve"
            raise TooComplex(msg)
        if reference.name in self._found:
            return None
        target = self._target(reference, context)
        self._refuse_conflict(target)
        return _Opened(reference, target, iter(target.content.references))

    def _keep(self, done: _Opened) -> None:
        reference, text = done.reference, done.target.content.text
        if reference.name in self._found:
            return
        self._size += len(text)
        if self._size > self._options.max_schema_bytes:
            msg = f"The schemas referred to are longer than {self._options.max_schema_bytes} bytes"
            raise TooComplex(msg)
        self._found[reference.name] = Resolved(
            reference.name, reference.subject, done.target.row.version, text
        )

    def _target(self, reference: Reference, context: str) -> SubjectVersion:
        target = self._looked_up(subject_of(reference, context), reference.version)
        if target is None or (target.row.deleted and not self._include_deleted):
            msg = (
                f'No schema reference found for subject "{reference.subject}" '
                f"and version {reference.version}"
            )
            raise InvalidSchema(msg)
        return target

    def _looked_up(self, subject: Subject, version: int) -> SubjectVersion | None:
        if subject in self._instead:
            return self._instead[subject]
        asked = subject, version
        if asked not in self._targets:
            self._targets[asked] = (
                self._reader.latest(subject)
                if version == LATEST
                else self._reader.version(subject, version)
            )
        return self._targets[asked]

    def _refuse_conflict(self, target: SubjectVersion) -> None:
        known = self._versions.setdefault(target.row.subject, target.row.version)
        if self._options.reference_versions_strict and known != target.row.version:
            msg = f"Conflicting reference versions for {target.row.subject}"
            raise InvalidSchema(msg)


def _refuse_circle(opened: _Opened, places: set[tuple[Subject, int]]) -> None:
    if opened.place in places:
        subject, version = opened.place
        msg = f'Circular reference to subject "{subject}" and version {version}'
        raise InvalidSchema(msg)
