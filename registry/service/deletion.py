"""Soft and permanent deletes of versions and subjects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from registry.errors import (
    AssociationForSubjectExists,
    ReferenceExists,
    SubjectNotFound,
    SubjectNotSoftDeleted,
    SubjectSoftDeleted,
    VersionNotFound,
    VersionNotSoftDeleted,
    VersionSoftDeleted,
)
from registry.model import LATEST, AssociationQuery
from registry.service.scopes import refuse_readonly, resolve_alias

if TYPE_CHECKING:
    from collections.abc import Sequence

    from registry.model import Version
    from registry.names import Subject
    from registry.storage.port import Reader, Store, Writer


class Deletions:
    """The use cases behind DELETE of a subject or a version."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def delete_subject(
        self, subject: Subject, *, permanent: bool = False, principal: str = ""
    ) -> list[int]:
        """Return the versions affected.

        Raises SubjectNotFound, SubjectSoftDeleted, SubjectNotSoftDeleted, ReferenceExists,
        OperationNotPermitted, AssociationForSubjectExists.
        """
        with self._store.write(principal) as writer:
            subject = resolve_alias(writer, subject)
            refuse_readonly(writer, subject)
            rows = _rows(writer, subject)
            if writer.associations(AssociationQuery(subject=subject)):
                raise AssociationForSubjectExists(subject)
            live = [row for row in rows if not row.deleted]
            numbers = _purge(writer, subject, rows) if permanent else retire(writer, subject, live)
        self._store.settle()
        return numbers

    def delete_version(
        self, subject: Subject, number: int, *, permanent: bool = False, principal: str = ""
    ) -> int:
        """Return the number of the version deleted; LATEST means the latest live one.

        Raises SubjectNotFound, VersionNotFound, VersionSoftDeleted, VersionNotSoftDeleted,
        ReferenceExists, OperationNotPermitted, AssociationForSubjectExists.
        """
        with self._store.write(principal) as writer:
            subject = resolve_alias(writer, subject)
            refuse_readonly(writer, subject)
            rows = _rows(writer, subject)
            row = _wanted(rows, number)
            if permanent and not row.deleted:
                raise VersionNotSoftDeleted(subject, row.version)
            if not permanent and row.deleted:
                raise VersionSoftDeleted(subject, row.version)
            _refuse_referenced(writer, row, permanent=permanent)
            if permanent:
                _remove(writer, subject, [row.version], last=len(rows) == 1)
            else:
                _refuse_associated(writer, subject, rows)
                writer.set_deleted(subject, [row.version])
        self._store.settle()
        return row.version


def _rows(reader: Reader, subject: Subject) -> Sequence[Version]:
    rows = reader.versions(subject)
    if not rows:
        raise SubjectNotFound(subject)
    return rows


def _wanted(rows: Sequence[Version], number: int) -> Version:
    if number == LATEST:
        row = next((row for row in reversed(rows) if not row.deleted), None)
    else:
        row = next((row for row in rows if row.version == number), None)
    if row is None:
        raise VersionNotFound(number)
    return row


def retire(writer: Writer, subject: Subject, live: Sequence[Version]) -> list[int]:
    if not live:
        raise SubjectSoftDeleted(subject)
    _refuse_referenced_subject(writer, subject, live, permanent=False)
    numbers = [row.version for row in live]
    writer.set_deleted(subject, numbers)
    return numbers


def _purge(writer: Writer, subject: Subject, rows: Sequence[Version]) -> list[int]:
    if any(not row.deleted for row in rows):
        raise SubjectNotSoftDeleted(subject)
    _refuse_referenced_subject(writer, subject, rows, permanent=True)
    numbers = [row.version for row in rows]
    _remove(writer, subject, numbers, last=True)
    return numbers


def _remove(writer: Writer, subject: Subject, numbers: list[int], *, last: bool) -> None:
    """Delete for good; the subject's settings go with its last version."""
    writer.delete_versions(subject, numbers)
    if last:
        writer.delete_config(subject)
        writer.delete_mode(subject)


def _refuse_referenced(reader: Reader, row: Version, *, permanent: bool) -> None:
    if reader.referrers(row.subject, row.version, include_deleted=permanent):
        raise ReferenceExists(schema_key(row))


def _refuse_referenced_subject(
    reader: Reader, subject: Subject, rows: Sequence[Version], *, permanent: bool
) -> None:
    """References from within the subject do not hold it, for they go with it."""
    for row in rows:
        for context, schema_id in reader.referrers(subject, row.version, include_deleted=permanent):
            holders = reader.holders(context, schema_id)
            if any(h.subject != subject and (permanent or not h.deleted) for h in holders):
                raise ReferenceExists(schema_key(row))


def _refuse_associated(writer: Writer, subject: Subject, rows: Sequence[Version]) -> None:
    live = [row for row in rows if not row.deleted]
    if len(live) == 1 and writer.associations(AssociationQuery(subject=subject)):
        raise AssociationForSubjectExists(subject)


def schema_key(row: Version) -> str:
    return f"{{magic=1,keytype=SCHEMA,subject={row.subject},version={row.version}}}"
