"""Read what is registered: subjects, versions, and schemas by id, GUID or property."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from compat.schema import SchemaType
from registry.errors import SchemaNotFound, SubjectNotFound, VersionNotFound
from registry.model import LATEST, SubjectVersion
from registry.names import DEFAULT_CONTEXT, WILDCARD, Subject, parse_subject
from registry.service.references import subject_of
from registry.service.scopes import resolve_alias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from compat.schema import EntityTags
    from registry.model import Content, Reference, Version
    from registry.service.options import Options
    from registry.service.parsing import SchemaReader
    from registry.storage.port import Reader, Store

ALL_TAGS = "*"


@dataclass(frozen=True, slots=True)
class Form:
    """How a schema is to be shown: `format`, `referenceFormat` and `findTags` of the contract."""

    text: str = ""
    qualified_references: bool = False
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """A schema as it is answered; subject and version are None when only an identity was asked."""

    context: str
    subject: Subject | None
    version: int | None
    schema_id: int
    guid: str
    content: Content
    created_ms: int | None = None
    deleted: bool | None = None
    tags: tuple[EntityTags, ...] = ()
    max_id: int | None = None


class Catalog:
    """The use cases that only read."""

    def __init__(self, store: Store, options: Options, schemas: SchemaReader) -> None:
        self._store = store
        self._options = options
        self._schemas = schemas

    # subjects and versions

    def subjects(
        self, prefix: str, *, include_deleted: bool = False, only_deleted: bool = False
    ) -> list[str]:
        """Return written subject names in order; `:*:` in front of the prefix means any context."""
        context, bare = scope_of_prefix(prefix)
        with self._store.read() as reader:
            found = reader.subjects(
                context=context,
                prefix=bare,
                live=not only_deleted,
                dead=include_deleted or only_deleted,
            )
        return [str(subject) for subject in found]

    def versions(
        self,
        subject: Subject,
        *,
        include_deleted: bool = False,
        only_deleted: bool = False,
        negate_deleted: bool = False,
    ) -> list[int]:
        """Return version numbers in ascending order; raises SubjectNotFound when none is visible.

        With `negate_deleted` the soft-deleted ones are there, as negative numbers.
        """
        with self._store.read() as reader:
            subject = resolve_alias(reader, subject)
            rows = reader.versions(subject)
        if negate_deleted:
            include_deleted = True
        if only_deleted:
            rows = [row for row in rows if row.deleted]
        elif not include_deleted:
            rows = [row for row in rows if not row.deleted]
        if not rows:
            raise SubjectNotFound(subject)
        return [-row.version if negate_deleted and row.deleted else row.version for row in rows]

    def version(
        self,
        subject: Subject,
        number: int,
        *,
        include_deleted: bool = False,
        form: Form | None = None,
    ) -> Shown:
        """Return one version; an unqualified subject is looked for in every context.

        Raises SubjectNotFound when the subject shows no version at all, else VersionNotFound.
        """
        with self._store.read() as reader:
            subject = resolve_alias(reader, subject)
            found = find_version(reader, subject, number, include_deleted=include_deleted)
            return self._shown(reader, found, form or Form())

    def latest_with_metadata(
        self, subject: Subject, pairs: Sequence[tuple[str, str]], *, form: Form, deleted: bool
    ) -> Shown:
        """Return the highest version whose properties contain every pair.

        Without pairs any version that has properties will do. Raises SubjectNotFound,
        SchemaNotFound.
        """
        with self._store.read() as reader:
            subject = resolve_alias(reader, subject)
            found = reader.subject_versions(subject, include_deleted=deleted)
            if not found:
                raise SubjectNotFound(subject)
            for candidate in found:
                metadata = candidate.content.metadata
                properties = {} if metadata is None else metadata.properties
                if properties and all(properties.get(key) == value for key, value in pairs):
                    return self._shown(reader, candidate, form)
        raise SchemaNotFound

    def referenced_by(
        self, subject: Subject, number: int, *, include_deleted: bool = False
    ) -> list[int]:
        """Return the ids of the schemas that refer to the version, by context then id."""
        with self._store.read() as reader:
            subject = resolve_alias(reader, subject)
            found = find_version(reader, subject, number, include_deleted=True)
            row = found.row
            referrers = reader.referrers(row.subject, row.version, include_deleted=include_deleted)
        return [schema_id for _, schema_id in referrers]

    # by identity

    def by_id(
        self, schema_id: int, subject: str = "", *, form: Form | None = None, max_id: bool = False
    ) -> Shown:
        """Return the schema with the id; raises SchemaNotFound.

        Source: Confluent 8.3: no subject means the default context, `:.ctx:` that context, a
        qualified subject must hold the id, a bare one is preferred where it holds it.
        """
        with self._store.read() as reader:
            row = self._holder(reader, schema_id, subject)
            stored = reader.schema(row.subject.context, schema_id) if row else None
            if row is None or stored is None:
                raise SchemaNotFound(schema_id)
            shown = self._shown(reader, SubjectVersion(row, stored.content), form or Form())
            if not max_id:
                return shown
            return replace(shown, max_id=reader.last_id(row.subject.context))

    def holders(
        self, schema_id: int, subject: str = "", *, include_deleted: bool = False
    ) -> list[Version]:
        """Return the versions that hold the id, one a subject; raises SchemaNotFound.

        A subject chooses the context, as it does for the schema itself; all holders are listed.
        """
        with self._store.read() as reader:
            holder = self._holder(reader, schema_id, subject)
            if holder is None:
                raise SchemaNotFound
            rows = reader.holders(holder.subject.context, schema_id)
        visible = [row for row in rows if include_deleted or not row.deleted]
        return list({row.subject: row for row in visible}.values())

    def by_guid(self, guid: str, *, form: Form | None = None) -> Shown:
        """Return the schema with the identity, the default context first; raises SchemaNotFound."""
        with self._store.read() as reader:
            for context, schema_id in _default_first(_guid_holders(reader, guid)):
                row = _preferred(reader.holders(context, schema_id))
                stored = reader.schema(context, schema_id)
                if row is not None and stored is not None:
                    shown = self._shown(reader, SubjectVersion(row, stored.content), form or Form())
                    return replace(shown, subject=None, version=None)
        raise SchemaNotFound(guid)

    def guid_ids(self, guid: str) -> list[tuple[str, int]]:
        """Return (context, id) of every place that holds the content; empty when unknown."""
        with self._store.read() as reader:
            return sorted(_guid_holders(reader, guid))

    def types(self) -> list[str]:
        return [SchemaType.JSON.value, SchemaType.PROTOBUF.value, SchemaType.AVRO.value]

    # parts

    def _holder(self, reader: Reader, schema_id: int, subject: str) -> Version | None:
        asked = resolve_alias(reader, parse_subject(subject))
        rows = reader.holders(asked.context, schema_id)
        if not asked.name:
            row = _preferred(rows)
        else:
            row = _preferred(r for r in rows if r.subject == asked)
            if row is None and asked.is_default and not subject.startswith(":."):
                row = self._holder_elsewhere(reader, schema_id, asked) or _preferred(rows)
        return row

    def _holder_elsewhere(self, reader: Reader, schema_id: int, asked: Subject) -> Version | None:
        for context in reader.contexts():
            if context != asked.context:
                rows = reader.holders(context, schema_id)
                row = _preferred(r for r in rows if r.subject.name == asked.name)
                if row is not None:
                    return row
        return None

    def _shown(self, reader: Reader, found: SubjectVersion, form: Form) -> Shown:
        row, content = found.row, found.content
        context = row.subject.context
        tags: tuple[EntityTags, ...] = ()
        if form.tags:
            tags = _selected(self._schemas.tags(reader, content, context), form.tags)
        text = self._schemas.rendered(reader, content, context, form.text)
        content = replace(content, text=text)
        if form.qualified_references:
            content = replace(content, references=_qualified(content.references, context))
        return Shown(
            context,
            row.subject,
            row.version,
            row.schema_id,
            row.guid,
            content,
            created_ms=row.created_ms,
            deleted=row.deleted,
            tags=tags,
        )


def find_version(
    reader: Reader, subject: Subject, number: int, *, include_deleted: bool
) -> SubjectVersion:
    """Return one version, an unqualified subject's from whichever context has it.

    Raises SubjectNotFound, VersionNotFound.
    """
    found = _version_in(reader, subject, number, include_deleted=include_deleted)
    if found is None and subject.is_default:
        for context in reader.contexts():
            if found is None and context != DEFAULT_CONTEXT:
                elsewhere = Subject(context, subject.name)
                found = _version_in(reader, elsewhere, number, include_deleted=include_deleted)
    if found is not None:
        return found
    if any(include_deleted or not row.deleted for row in reader.versions(subject)):
        raise VersionNotFound(number)
    raise SubjectNotFound(subject)


def _version_in(
    reader: Reader, subject: Subject, number: int, *, include_deleted: bool
) -> SubjectVersion | None:
    if number == LATEST:
        return reader.latest(subject)
    found = reader.version(subject, number)
    if found is None or (found.row.deleted and not include_deleted):
        return None
    return found


def scope_of_prefix(prefix: str) -> tuple[str | None, str]:
    """Split a `subjectPrefix` into the context, None for any, and the prefix of the bare name."""
    if prefix.startswith(WILDCARD):
        return None, prefix.removeprefix(WILDCARD)
    subject = parse_subject(prefix)
    return subject.context, subject.name


def _preferred(rows: Iterable[Version]) -> Version | None:
    """Return the live version with the highest number of the first subject, else a dead one."""
    return min(rows, key=lambda row: (row.deleted, str(row.subject), -row.version), default=None)


def _guid_holders(reader: Reader, guid: str) -> Sequence[tuple[str, int]]:
    try:
        return reader.guid_holders(str(uuid.UUID(guid)))
    except ValueError:
        return []


def _default_first(holders: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    return sorted(holders, key=lambda holder: (holder[0] != DEFAULT_CONTEXT, holder))


def _selected(tags: Iterable[EntityTags], wanted: tuple[str, ...]) -> tuple[EntityTags, ...]:
    keep: Callable[[EntityTags], bool] = (
        (lambda _: bool(wanted))
        if ALL_TAGS in wanted
        else (lambda entity: bool(set(entity.tags) & set(wanted)))
    )
    return tuple(entity for entity in tags if keep(entity))


def _qualified(references: Iterable[Reference], context: str) -> tuple[Reference, ...]:
    return tuple(
        replace(reference, subject=str(subject_of(reference, context))) for reference in references
    )
