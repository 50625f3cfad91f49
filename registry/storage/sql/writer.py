"""The write transaction as the port's Writer: every change with its row in the journal."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from registry.documents import config_document
from registry.errors import OperationNotPermitted
from registry.model import MAX_ID, ChangeKind, Version
from registry.names import Subject, parse_subject
from registry.storage.sql import queries
from registry.storage.sql.reader import SqlReader
from registry.storage.sql.rows import (
    association_document,
    association_from,
    association_values,
    config_text,
    content_document,
    content_values,
    json_text,
    version_document,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from registry.documents import Document
    from registry.model import Association, Config, Content, Mode, SubjectVersion
    from registry.storage.sql.engine import Session


class SqlWriter(SqlReader):
    """Opened by the store with the head of the journal locked, closed by `finish`."""

    def __init__(self, session: Session, *, principal: str, head: int) -> None:
        super().__init__(session)
        self._principal = principal
        self._head = head
        self._sequence = head
        self._now_ms = time.time_ns() // 1_000_000
        self._last_ids: dict[str, int] = {}
        self._added: dict[tuple[str, int], Content] = {}

    def finish(self) -> bool:
        """Move the head of the journal; return whether anything was written to it."""
        if self._sequence == self._head:
            return False
        self._session.run(queries.SET_HEAD, head=self._sequence)
        return True

    def sequence(self) -> int:
        return self._sequence

    def _log(
        self,
        kind: ChangeKind,
        key: Mapping[str, object],
        *,
        before: Document | None = None,
        after: Document | None = None,
    ) -> None:
        self._sequence += 1
        self._session.run(
            queries.ADD_CHANGE,
            sequence=self._sequence,
            at_ms=self._now_ms,
            principal=self._principal,
            kind=kind.value,
            key=json_text(key),
            before=json_text(before),
            after=json_text(after),
        )

    # contexts

    def add_context(self, context: str) -> None:
        if self._last_id(context) is None:
            self._session.run(queries.ADD_CONTEXT, name=context, last_id=0)
            self._last_ids[context] = 0
            self._log(ChangeKind.CONTEXT_CREATED, {"context": context}, after={"lastId": 0})

    def delete_context(self, context: str) -> None:
        reached = self._last_id(context)
        if reached is not None:
            self._session.run(queries.DELETE_CONTEXT, name=context)
            del self._last_ids[context]
            self._log(ChangeKind.CONTEXT_DELETED, {"context": context}, before={"lastId": reached})

    def last_id(self, context: str) -> int:
        return self._last_id(context) or 0

    def next_id(self, context: str) -> int:
        schema_id = self.last_id(context) + 1
        if schema_id > MAX_ID:
            raise OperationNotPermitted(f"No ids are left in context {context}")
        self._reach_id(context, schema_id)
        return schema_id

    def claim_id(self, context: str, schema_id: int) -> None:
        if schema_id > self.last_id(context):
            self._reach_id(context, schema_id)

    def _last_id(self, context: str) -> int | None:
        """Return the highest id given; None when the context does not exist."""
        if context not in self._last_ids:
            row = self._session.row(queries.LAST_ID, name=context)
            if row is None:
                return None
            self._last_ids[context] = row[0]
        return self._last_ids[context]

    def _reach_id(self, context: str, schema_id: int) -> None:
        self._session.run(queries.SET_LAST_ID, context=context, reached=schema_id)
        self._last_ids[context] = schema_id

    # schemas

    def add_schema(self, context: str, schema_id: int, content: Content, guid: str) -> None:
        self._session.run(
            queries.ADD_SCHEMA,
            context=context,
            id=schema_id,
            guid=guid,
            **content_values(content),
        )
        self._added[context, schema_id] = content
        for ordinal, reference in enumerate(content.references):
            target = parse_subject(reference.subject, within=context)
            self._session.run(
                queries.ADD_REFERENCE,
                context=context,
                schema_id=schema_id,
                ordinal=ordinal,
                name=reference.name,
                subject=reference.subject,
                target_context=target.context,
                target_subject=target.name,
                target_version=reference.version,
            )

    def _drop_schema(self, context: str, schema_id: int, guid: str) -> None:
        """Remove a content that no version uses; a twin takes its place as primary."""
        was_primary = self.primary_id(context, guid) == schema_id
        self._session.run(queries.DELETE_REFERENCES, context=context, schema_id=schema_id)
        self._session.run(queries.DELETE_SCHEMA, context=context, id=schema_id)
        self._added.pop((context, schema_id), None)
        if was_primary:
            twin = self._session.value(queries.LOWEST_ID, context=context, guid=guid)
            if twin is not None:
                self._session.run(queries.MAKE_PRIMARY, in_context=context, schema_id=twin)

    # versions

    def add_version(self, subject: Subject, version: int, schema_id: int, guid: str) -> Version:
        row = Version(subject, version, schema_id, guid, deleted=False, created_ms=self._now_ms)
        self._session.run(
            queries.ADD_SUBJECT,
            context=subject.context,
            name=subject.name,
            written=str(subject),
        )
        self._session.run(
            queries.ADD_VERSION,
            context=subject.context,
            subject=subject.name,
            version=version,
            schema_id=schema_id,
            deleted=False,
            created_ms=self._now_ms,
        )
        self._log(
            ChangeKind.SCHEMA_REGISTERED,
            _version_key(row),
            after=version_document(row) | content_document(self._content(row)),
        )
        return row

    def _content(self, row: Version) -> Content:
        key = (row.subject.context, row.schema_id)
        if key not in self._added:
            stored = self.schema(*key)
            assert stored is not None
            self._added[key] = stored.content
        return self._added[key]

    def set_deleted(
        self, subject: Subject, versions: Collection[int], *, deleted: bool = True
    ) -> None:
        kind = ChangeKind.VERSION_SOFT_DELETED if deleted else ChangeKind.VERSION_RESTORED
        for old in self.versions(subject):
            if old.version in versions and old.deleted != deleted:
                self._session.run(
                    queries.SET_DELETED,
                    in_context=subject.context,
                    of_subject=subject.name,
                    number=old.version,
                    deleted=deleted,
                )
                new = replace(old, deleted=deleted)
                self._log(
                    kind,
                    _version_key(old),
                    before=version_document(old),
                    after=version_document(new),
                )

    def delete_versions(self, subject: Subject, versions: Collection[int]) -> None:
        removed: dict[int, str] = {}
        for version in sorted(set(versions)):
            old = self.version(subject, version)
            if old is not None:
                self._delete_version(old)
                removed[old.row.schema_id] = old.row.guid
        for schema_id, guid in removed.items():
            if not self._session.rows(
                queries.IS_IN_USE, context=subject.context, schema_id=schema_id
            ):
                self._drop_schema(subject.context, schema_id, guid)
        key = {"context": subject.context}
        if not self._session.rows(queries.HAS_VERSIONS, **key, subject=subject.name):
            self._session.run(queries.DELETE_SUBJECT, **key, name=subject.name)

    def _delete_version(self, old: SubjectVersion) -> None:
        self._session.run(
            queries.DELETE_VERSION,
            context=old.row.subject.context,
            subject=old.row.subject.name,
            version=old.row.version,
        )
        self._log(
            ChangeKind.VERSION_DELETED,
            _version_key(old.row),
            before=version_document(old.row) | content_document(old.content),
        )

    # settings

    def set_config(self, scope: Subject, config: Config) -> None:
        old = self.config(scope)
        self._session.run(
            queries.ADD_CONFIG if old is None else queries.SET_CONFIG,
            **_scope_values(scope, is_new=old is None),
            alias=config.alias,
            settings=config_text(config),
        )
        self._log(
            ChangeKind.CONFIG_SET,
            _key(scope),
            before=None if old is None else config_document(old),
            after=config_document(config),
        )

    def delete_config(self, scope: Subject) -> None:
        old = self.config(scope)
        if old is not None:
            self._session.run(queries.DELETE_CONFIG, **_scope_values(scope, is_new=False))
            self._log(ChangeKind.CONFIG_DELETED, _key(scope), before=config_document(old))

    def set_mode(self, scope: Subject, mode: Mode) -> None:
        old = self.mode(scope)
        self._session.run(
            queries.ADD_MODE if old is None else queries.SET_MODE,
            **_scope_values(scope, is_new=old is None),
            mode=mode.value,
        )
        self._log(
            ChangeKind.MODE_SET,
            _key(scope),
            before=None if old is None else {"mode": old.value},
            after={"mode": mode.value},
        )

    def delete_mode(self, scope: Subject) -> None:
        old = self.mode(scope)
        if old is not None:
            self._session.run(queries.DELETE_MODE, **_scope_values(scope, is_new=False))
            self._log(ChangeKind.MODE_DELETED, _key(scope), before={"mode": old.value})

    def modes_within(self, context: str) -> list[Subject]:
        rows = self._session.rows(queries.MODES_WITHIN, scope_context=context)
        return [Subject(context, name) for (name,) in rows]

    # associations

    def set_association(self, association: Association) -> None:
        old = self._association(association)
        values = association_values(association)
        if old is None:
            self._session.run(
                queries.ADD_ASSOCIATION, **values, created_sequence=self._sequence + 1
            )
        else:
            self._session.run(queries.SET_ASSOCIATION, **values, **_association_key(association))
        self._log(
            ChangeKind.ASSOCIATION_SET,
            _resource(association),
            before=None if old is None else association_document(old),
            after=association_document(association),
        )

    def delete_association(self, association: Association) -> None:
        old = self._association(association)
        if old is not None:
            self._session.run(queries.DELETE_ASSOCIATION, **_association_key(association))
            self._log(
                ChangeKind.ASSOCIATION_DELETED,
                _resource(association),
                before=association_document(old),
            )

    def _association(self, association: Association) -> Association | None:
        row = self._session.row(queries.ASSOCIATION, **_association_key(association))
        return None if row is None else association_from(row)


def _key(subject: Subject) -> dict[str, object]:
    return {"context": subject.context, "subject": subject.name}


def _version_key(row: Version) -> dict[str, object]:
    return {**_key(row.subject), "version": row.version}


def _scope_values(scope: Subject, *, is_new: bool) -> dict[str, str]:
    if is_new:
        return {"context": scope.context, "subject": scope.name}
    return {"scope_context": scope.context, "scope_subject": scope.name}


def _association_key(association: Association) -> dict[str, str]:
    return {
        "key_id": association.resource_id,
        "key_resource_type": association.resource_type,
        "key_association_type": association.association_type,
    }


def _resource(association: Association) -> dict[str, object]:
    return {
        "resourceId": association.resource_id,
        "resourceType": association.resource_type,
        "associationType": association.association_type,
    }
