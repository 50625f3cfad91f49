"""One snapshot of the tables as the port's Reader."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from registry.model import (
    MAX_ID,
    Mode,
    Reference,
    ScopeSettings,
    StoredSchema,
    SubjectVersion,
)
from registry.names import Subject
from registry.storage.sql import queries
from registry.storage.sql.rows import (
    association_from,
    change_from,
    config_read,
    content_from,
    version_from,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from registry.model import Association, AssociationQuery, Change, Config, Content, Version
    from registry.storage.sql.engine import Session
    from registry.storage.sql.rows import Row
    from registry.storage.sql.statement import Value

NO_LIMIT = 2**63 - 1
LAST_CHARACTER = 0x10FFFF
SURROGATES = range(0xD800, 0xE000)
# The columns of queries.SUBJECT_VERSION that make the version; the content follows.
VERSION_WIDTH = 7
STORED_WIDTH = 3
NOTHING_SET = ScopeSettings()


class SqlReader:
    def __init__(self, session: Session) -> None:
        self._session = session

    def sequence(self) -> int:
        return self._session.value(queries.HEAD) or 0

    def changes(self, *, after: int, limit: int) -> list[Change]:
        rows = self._session.rows(queries.CHANGES, after=after, limit=limit)
        return [change_from(row) for row in rows]

    # contexts

    def contexts(self) -> list[str]:
        return [name for (name,) in self._session.rows(queries.CONTEXTS)]

    def last_id(self, context: str) -> int:
        return self._session.value(queries.LAST_ID, name=context) or 0

    # schemas

    def schema(self, context: str, schema_id: int) -> StoredSchema | None:
        row = self._session.row(queries.SCHEMA, context=context, id=schema_id)
        return None if row is None else self._stored([row])[0]

    def schemas(self, context: str, schema_ids: Collection[int]) -> dict[int, StoredSchema]:
        rows: list[Row] = []
        for batch in _batches(schema_ids):
            rows += self._session.rows(queries.SCHEMAS, context=context, **batch)
        return {stored.id: stored for stored in self._stored(rows)}

    def schema_count(self) -> int:
        found: int = self._session.value(queries.SCHEMA_COUNT)
        return found

    def primary_id(self, context: str, guid: str) -> int | None:
        found: int | None = self._session.value(queries.PRIMARY_ID, context=context, guid=guid)
        return found

    def guid_holders(self, guid: str) -> list[tuple[str, int]]:
        return [
            (context, id_) for context, id_ in self._session.rows(queries.GUID_HOLDERS, guid=guid)
        ]

    def holders(self, context: str, schema_id: int) -> list[Version]:
        rows = self._session.rows(queries.HOLDERS, context=context, schema_id=schema_id)
        return [version_from(row) for row in rows]

    # versions

    def versions(self, subject: Subject) -> list[Version]:
        rows = self._session.rows(queries.VERSIONS, context=subject.context, subject=subject.name)
        return [version_from(row) for row in rows]

    def version(self, subject: Subject, version: int) -> SubjectVersion | None:
        rows = self._session.rows(
            queries.VERSION, context=subject.context, subject=subject.name, version=version
        )
        return next(iter(self._with_contents(rows)), None)

    def latest(self, subject: Subject, *, include_deleted: bool = False) -> SubjectVersion | None:
        rows = self._session.rows(
            queries.LATEST if include_deleted else queries.LATEST_LIVE,
            context=subject.context,
            subject=subject.name,
        )
        return next(iter(self._with_contents(rows)), None)

    def subject_versions(
        self, subject: Subject, *, include_deleted: bool = False
    ) -> list[SubjectVersion]:
        rows = self._session.rows(
            queries.SUBJECT_VERSIONS if include_deleted else queries.SUBJECT_VERSIONS_LIVE,
            context=subject.context,
            subject=subject.name,
        )
        return self._with_contents(rows)

    def subjects(
        self,
        *,
        context: str | None,
        prefix: str = "",
        live: bool = True,
        dead: bool = False,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Subject]:
        if not (live or dead):
            return []
        names, bounds = _named(context, prefix)
        rows = self._session.rows(
            queries.listed_subjects(names, live=live, dead=dead),
            limit=NO_LIMIT if limit is None else limit,
            offset=offset,
            **bounds,
        )
        return [Subject(context, name) for context, name in rows]

    def listing(
        self,
        *,
        context: str | None,
        prefix: str = "",
        include_deleted: bool = False,
        latest_only: bool = False,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[SubjectVersion]:
        names, bounds = _named(context, prefix)
        rows = self._session.rows(
            queries.listed_versions(
                names, include_deleted=include_deleted, latest_only=latest_only
            ),
            limit=NO_LIMIT if limit is None else limit,
            offset=offset,
            **bounds,
        )
        return self._with_contents(rows)

    # references

    def referrers(
        self, subject: Subject, version: int | None = None, *, include_deleted: bool = False
    ) -> list[tuple[str, int]]:
        values: dict[str, Value] = {"context": subject.context, "subject": subject.name}
        if version is not None:
            values["version"] = version
        statement = queries.referrers(
            one_version=version is not None, include_deleted=include_deleted
        )
        return [(context, id_) for context, id_ in self._session.rows(statement, **values)]

    # settings

    def config(self, scope: Subject) -> Config | None:
        settings: str | None = self._session.value(
            queries.CONFIG, scope_context=scope.context, scope_subject=scope.name
        )
        return None if settings is None else config_read(settings)

    def settings(self, scopes: Sequence[Subject]) -> list[ScopeSettings]:
        found: dict[int, str] = dict(self._session.rows(queries.SETTINGS, **_placed(scopes)))
        if not found:
            return [NOTHING_SET] * len(scopes)
        return [
            ScopeSettings(
                config=config_read(found[place]) if place in found else None,
                mode=Mode(found[mode]) if (mode := place + queries.SCOPES) in found else None,
            )
            for place in range(len(scopes))
        ]

    def mode(self, scope: Subject) -> Mode | None:
        mode: str | None = self._session.value(
            queries.MODE, scope_context=scope.context, scope_subject=scope.name
        )
        return None if mode is None else Mode(mode)

    def aliases(self) -> list[tuple[Subject, str]]:
        rows = self._session.rows(queries.ALIASES)
        return [(Subject(context, name), alias) for context, name, alias in rows]

    # associations

    def associations(self, query: AssociationQuery) -> list[Association]:
        criteria = _criteria(query)
        rows = self._session.rows(queries.associations_by(frozenset(criteria)), **criteria)
        found = [association_from(row) for row in rows]
        wanted = query.association_types
        return [one for one in found if not wanted or one.association_type in wanted]

    # contents

    def _stored(self, rows: Sequence[Row]) -> list[StoredSchema]:
        references = self._references((row[0], row[1]) for row in rows if row[-1])
        return [
            StoredSchema(
                row[0],
                row[1],
                row[2],
                content_from(row[STORED_WIDTH:], references.get((row[0], row[1]), ())),
            )
            for row in rows
        ]

    def _with_contents(self, rows: Sequence[Row]) -> list[SubjectVersion]:
        """Make versions of rows; versions that share a content share one object."""
        references = self._references((row[0], row[3]) for row in rows if row[-1])
        contents: dict[tuple[str, int], Content] = {}
        found = []
        for row in rows:
            key = (row[0], row[3])
            if key not in contents:
                contents[key] = content_from(row[VERSION_WIDTH:], references.get(key, ()))
            found.append(SubjectVersion(version_from(row[:VERSION_WIDTH]), contents[key]))
        return found

    def _references(
        self, keys: Iterable[tuple[str, int]]
    ) -> dict[tuple[str, int], list[Reference]]:
        found: dict[tuple[str, int], list[Reference]] = {}
        for context, group in groupby(sorted(set(keys)), key=itemgetter(0)):
            ids = [schema_id for _, schema_id in group]
            for schema_id, name, subject, version in self._reference_rows(context, ids):
                reference = Reference(name, subject, version)
                found.setdefault((context, schema_id), []).append(reference)
        return found

    def _reference_rows(self, context: str, schema_ids: list[int]) -> Iterator[Row]:
        if len(schema_ids) == 1:
            yield from self._session.rows(
                queries.REFERENCES, context=context, schema_id=schema_ids[0]
            )
            return
        for batch in _batches(schema_ids):
            yield from self._session.rows(queries.REFERENCES_OF_MANY, context=context, **batch)


def _batches(schema_ids: Collection[int]) -> Iterator[dict[str, int]]:
    """Spread ids over the places of a statement, the last one repeated to fill it."""
    known = [schema_id for schema_id in sorted(set(schema_ids)) if 0 <= schema_id <= MAX_ID]
    for start in range(0, len(known), queries.BATCH):
        batch = known[start : start + queries.BATCH]
        batch += batch[-1:] * (queries.BATCH - len(batch))
        yield {f"id{place}": schema_id for place, schema_id in enumerate(batch)}


def _placed(scopes: Sequence[Subject]) -> dict[str, Value]:
    """Spread scopes over the places of a statement, the last one repeated to fill it."""
    assert 0 < len(scopes) <= queries.SCOPES
    values: dict[str, Value] = {}
    for place in range(queries.SCOPES):
        scope = scopes[min(place, len(scopes) - 1)]
        values[f"context{place}"] = scope.context
        values[f"subject{place}"] = scope.name
    return values


def _named(context: str | None, prefix: str) -> tuple[queries.Names, dict[str, Value]]:
    upper = _after(prefix)
    bounds = {"context": context, "lower": prefix or None, "upper": upper}
    return (
        queries.Names(
            by_context=context is not None,
            is_bounded_below=bool(prefix),
            is_bounded_above=upper is not None,
        ),
        {name: bound for name, bound in bounds.items() if bound is not None},
    )


def _after(prefix: str) -> str | None:
    """Return the first text after all those with the prefix, None when there is no such text."""
    bare = prefix.rstrip(chr(LAST_CHARACTER))
    if not bare:
        return None
    point = ord(bare[-1]) + 1
    if point in SURROGATES:
        point = SURROGATES.stop
    return bare[:-1] + chr(point)


def _criteria(query: AssociationQuery) -> dict[str, Value]:
    criteria = {
        "context": None if query.subject is None else query.subject.context,
        "subject": None if query.subject is None else query.subject.name,
        "resource_namespace": query.resource_namespace,
        "resource_name": query.resource_name,
        "resource_id": query.resource_id,
        "resource_type": query.resource_type,
        "lifecycle": query.lifecycle and query.lifecycle.value,
    }
    return {name: value for name, value in criteria.items() if value is not None}
