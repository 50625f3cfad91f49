"""Tell what else breaks: every schema that refers to a subject, as if it moved to a candidate.

What moves is the newest live version of each subject that refers to the changed one, directly or
through others. Its text stays; wherever its references lead to the changed subject, they find the
candidate. It is then judged as its own next version would be: at its own level and policy, against
its own versions.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from compat.errors import InvalidSchema
from registry.errors import InvalidSchemaText
from registry.model import Content, SubjectVersion, Version
from registry.service.compatibility import in_group, judged_by, verdict
from registry.service.parsing import content_of
from registry.service.scopes import aliased, effective_config

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from compat.level import Level, Policy
    from compat.schema import ParsedSchema
    from registry.names import Subject
    from registry.service.options import Options
    from registry.service.parsing import Draft, SchemaReader
    from registry.storage.port import Reader, Store

# Beyond, one question would keep a thread for minutes.
MAX_DEPENDENTS = 10_000

Place = tuple["Subject", int]


@dataclass(frozen=True, slots=True)
class Dependent:
    """A schema that refers to the changed subject, and what would become of it.

    `through` are the versions between it and the changed subject, the nearest to it first; empty
    for a direct reference. `error` says why it could not even be read with the candidate.
    """

    version: Version
    through: tuple[Version, ...]
    level: Level
    policy: Policy
    messages: tuple[str, ...] = ()
    error: str = ""

    @property
    def is_compatible(self) -> bool:
        return not self.messages and not self.error


@dataclass(frozen=True, slots=True)
class Impact:
    """Everything that refers to a subject, in order of distance."""

    subject: Subject
    dependents: tuple[Dependent, ...]

    @property
    def is_compatible(self) -> bool:
        return all(dependent.is_compatible for dependent in self.dependents)


@dataclass(frozen=True, slots=True)
class Met:
    """A version found on the way up, and the one it refers to; None: the changed subject."""

    version: Version
    below: Met | None

    @property
    def through(self) -> tuple[Version, ...]:
        met, chain = self.below, []
        while met is not None:
            chain.append(met.version)
            met = met.below
        return tuple(chain)


class Impacts:
    """The use case behind /accord/v1/compatibility/impact."""

    def __init__(self, store: Store, options: Options, schemas: SchemaReader) -> None:
        self._store = store
        self._options = options
        self._schemas = schemas

    def of(self, draft: Draft) -> Impact:
        """Return what the draft would do as the next version of its subject.

        Raises InvalidSchemaText for a draft that is no schema, and when too much refers to it.
        """
        with self._store.read() as reader:
            draft = aliased(reader, draft)
            if draft.is_blank:
                raise InvalidSchemaText("Empty schema")
            parsed = self._schemas.draft(reader, draft, new=True)
            candidate = as_version(reader, draft, content_of(reader, draft, parsed))
            found = [met for met in referrers(reader, draft.subject) if is_newest(reader, met)]
            moved = [self._moved(reader, met, candidate) for met in found]
        return Impact(draft.subject, tuple(moved))

    def _moved(self, reader: Reader, met: Met, candidate: SubjectVersion) -> Dependent:
        subject = met.version.subject
        config = effective_config(reader, subject, self._options)
        level, policy = judged_by(config)
        dependent = Dependent(met.version, met.through, level, policy)
        history = reader.subject_versions(subject)
        newest = history[0]
        rows = in_group(history, newest.content.metadata, config)
        rows = rows if level.is_transitive else rows[:1]
        try:
            new = self._read(reader, newest, instead={candidate.row.subject: candidate})
            previous = [self._read(reader, row) for row in rows] if level.directions else []
            messages = verdict(level, policy, new=new, previous=previous, rows=rows, config=config)
        except InvalidSchema as error:
            return replace(dependent, error=str(error))
        return replace(dependent, messages=tuple(messages))

    def _read(
        self,
        reader: Reader,
        row: SubjectVersion,
        instead: Mapping[Subject, SubjectVersion] | None = None,
    ) -> ParsedSchema:
        context = row.row.subject.context
        return self._schemas.stored(reader, row.content, context, instead=instead)


def as_version(reader: Reader, draft: Draft, content: Content) -> SubjectVersion:
    """Return the draft as the version it would become."""
    latest = reader.latest(draft.subject, include_deleted=True)
    number = 1 if latest is None else latest.row.version + 1
    row = Version(draft.subject, number, 0, content.guid(), deleted=False, created_ms=0)
    return SubjectVersion(row, content)


def referrers(reader: Reader, subject: Subject) -> Iterator[Met]:
    """Yield every live version that refers to the subject, each once, the nearest first.

    Raises InvalidSchemaText beyond MAX_DEPENDENTS.
    """
    met: set[Place] = set()
    pending: deque[tuple[Subject, int | None, Met | None]] = deque([(subject, None, None)])
    while pending:
        target, number, below = pending.popleft()
        for version in holders(reader, target, number):
            place = (version.subject, version.version)
            if place in met or version.subject == subject:
                continue
            if len(met) >= MAX_DEPENDENTS:
                msg = f"More than {MAX_DEPENDENTS} schemas refer to '{subject}'"
                raise InvalidSchemaText(msg)
            met.add(place)
            found = Met(version, below)
            yield found
            pending.append((version.subject, version.version, found))


def holders(reader: Reader, subject: Subject, number: int | None) -> Iterator[Version]:
    """Yield the live versions whose schemas refer to a version of the subject (None: any)."""
    for context, schema_id in reader.referrers(subject, number):
        yield from (row for row in reader.holders(context, schema_id) if not row.deleted)


def is_newest(reader: Reader, met: Met) -> bool:
    """Tell whether nothing live follows the version: older ones will not move."""
    rows: Sequence[Version] = reader.versions(met.version.subject)
    return met.version.version == max(row.version for row in rows if not row.deleted)
