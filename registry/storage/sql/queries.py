"""Every SQL statement of the service, readers first.

Versions come with the guid of their content, `VERSION`, or with all of it, `SUBJECT_VERSION`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, delete, insert, select, update

from registry.storage.sql.statement import Statement
from registry.storage.sql.tables import (
    TEXT,
    associations,
    changes,
    configs,
    contexts,
    journal_head,
    modes,
    schema_references,
    schemas,
    subjects,
    versions,
)

# Statements with a list have this many places; a shorter list repeats its last item.
BATCH = 50
# A subject, its context, the level above all contexts, and the default context.
SCOPES = 4


def _number(name: str) -> sa.BindParameter[int]:
    """Return a parameter that may be out of a column's range without the database refusing it."""
    return bindparam(name, type_=sa.BigInteger())


def _items(name: str) -> list[sa.BindParameter[int]]:
    return [_number(f"{name}{place}") for place in range(BATCH)]


def _equal(*columns: sa.Column[Any], **renamed: sa.Column[Any]) -> sa.ColumnElement[bool]:
    named = {column.name: column for column in columns} | renamed
    return sa.and_(*(column == _parameter(name, column) for name, column in named.items()))


def _parameter(name: str, column: sa.Column[Any]) -> sa.BindParameter[Any]:
    return _number(name) if isinstance(column.type, sa.Integer) else bindparam(name)


# the journal

HEAD = Statement(select(journal_head.c.sequence))
HEAD_LOCKED = Statement(select(journal_head.c.sequence).with_for_update())
CHANGES = Statement(
    select(changes)
    .where(changes.c.sequence > _number("after"))
    .order_by(changes.c.sequence)
    .limit(_number("limit"))
)
SET_HEAD = Statement(update(journal_head).values(sequence=_number("head")))
ADD_CHANGE = Statement(insert(changes))

# contexts

CONTEXTS = Statement(select(contexts.c.name).order_by(contexts.c.name))
LAST_ID = Statement(select(contexts.c.last_id).where(_equal(contexts.c.name)))
ADD_CONTEXT = Statement(insert(contexts))
SET_LAST_ID = Statement(
    update(contexts).where(_equal(context=contexts.c.name)).values(last_id=_number("reached"))
)
DELETE_CONTEXT = Statement(delete(contexts).where(_equal(contexts.c.name)))

# schemas

CONTENT = (
    schemas.c.type,
    schemas.c.text,
    schemas.c.metadata,
    schemas.c.rule_set,
    schemas.c.reference_count,
)
_STORED = select(schemas.c.context, schemas.c.id, schemas.c.guid, *CONTENT)

SCHEMA = Statement(_STORED.where(_equal(schemas.c.context, schemas.c.id)))
SCHEMAS = Statement(_STORED.where(_equal(schemas.c.context), schemas.c.id.in_(_items("id"))))
SCHEMA_COUNT = Statement(select(sa.func.count()).select_from(schemas))
PRIMARY_ID = Statement(
    select(schemas.c.id).where(_equal(schemas.c.context, schemas.c.guid), schemas.c.is_primary)
)
LOWEST_ID = Statement(
    select(sa.func.min(schemas.c.id)).where(_equal(schemas.c.context, schemas.c.guid))
)
GUID_HOLDERS = Statement(
    select(schemas.c.context, schemas.c.id)
    .where(_equal(schemas.c.guid))
    .order_by(schemas.c.context, schemas.c.is_primary.desc(), schemas.c.id)
)
# The first id of a content in a context is primary.
_HAS_PRIMARY = sa.exists().where(_equal(schemas.c.context, schemas.c.guid), schemas.c.is_primary)
ADD_SCHEMA = Statement(
    insert(schemas).values(
        {column.name: bindparam(column.name, type_=column.type) for column in schemas.c}
        | {"is_primary": sa.not_(_HAS_PRIMARY)}
    )
)
MAKE_PRIMARY = Statement(
    update(schemas)
    .where(_equal(in_context=schemas.c.context, schema_id=schemas.c.id))
    .values(is_primary=sa.true())
)
DELETE_SCHEMA = Statement(delete(schemas).where(_equal(schemas.c.context, schemas.c.id)))

# references

_REFERENCES = select(
    schema_references.c.schema_id,
    schema_references.c.name,
    schema_references.c.subject,
    schema_references.c.target_version,
)
REFERENCES = Statement(
    _REFERENCES.where(_equal(schema_references.c.context, schema_references.c.schema_id)).order_by(
        schema_references.c.ordinal
    )
)
REFERENCES_OF_MANY = Statement(
    _REFERENCES.where(
        _equal(schema_references.c.context), schema_references.c.schema_id.in_(_items("id"))
    ).order_by(schema_references.c.schema_id, schema_references.c.ordinal)
)
ADD_REFERENCE = Statement(insert(schema_references))
DELETE_REFERENCES = Statement(
    delete(schema_references).where(
        _equal(schema_references.c.context, schema_references.c.schema_id)
    )
)


@cache
def referrers(*, one_version: bool, include_deleted: bool) -> Statement:
    """Select (context, id) of schemas in use that refer to a subject or one version of it."""
    in_use = (versions.c.context == schema_references.c.context) & (
        versions.c.schema_id == schema_references.c.schema_id
    )
    target = {"context": schema_references.c.target_context}
    target["subject"] = schema_references.c.target_subject
    if one_version:
        target["version"] = schema_references.c.target_version
    if not include_deleted:
        in_use &= sa.not_(versions.c.deleted)
    return Statement(
        select(schema_references.c.context, schema_references.c.schema_id)
        .where(_equal(**target), sa.exists().where(in_use))
        .distinct()
        .order_by(schema_references.c.context, schema_references.c.schema_id)
    )


# versions

_IS_OF_SUBJECT = _equal(versions.c.context, versions.c.subject)
_HAS_CONTENT = (versions.c.context == schemas.c.context) & (versions.c.schema_id == schemas.c.id)
_VERSION_COLUMNS = (
    versions.c.context,
    versions.c.subject,
    versions.c.version,
    versions.c.schema_id,
    schemas.c.guid,
    versions.c.deleted,
    versions.c.created_ms,
)
_VERSION = select(*_VERSION_COLUMNS).join_from(versions, schemas, _HAS_CONTENT)
_SUBJECT_VERSION = select(*_VERSION_COLUMNS, *CONTENT).join_from(versions, schemas, _HAS_CONTENT)
_NEWEST_FIRST = _SUBJECT_VERSION.where(_IS_OF_SUBJECT).order_by(versions.c.version.desc())
_IS_LIVE = sa.not_(versions.c.deleted)

VERSIONS = Statement(_VERSION.where(_IS_OF_SUBJECT).order_by(versions.c.version))
VERSION = Statement(_SUBJECT_VERSION.where(_IS_OF_SUBJECT, _equal(versions.c.version)))
LATEST = Statement(_NEWEST_FIRST.limit(1))
LATEST_LIVE = Statement(_NEWEST_FIRST.where(_IS_LIVE).limit(1))
SUBJECT_VERSIONS = Statement(_NEWEST_FIRST)
SUBJECT_VERSIONS_LIVE = Statement(_NEWEST_FIRST.where(_IS_LIVE))
# Inside one context names sort as they do when written out.
HOLDERS = Statement(
    _VERSION.where(_equal(versions.c.context, versions.c.schema_id)).order_by(
        versions.c.subject, versions.c.version
    )
)
IS_IN_USE = Statement(
    select(versions.c.version).where(_equal(versions.c.context, versions.c.schema_id)).limit(1)
)
HAS_VERSIONS = Statement(select(versions.c.version).where(_IS_OF_SUBJECT).limit(1))
ADD_VERSION = Statement(insert(versions))
SET_DELETED = Statement(
    update(versions)
    .where(
        _equal(
            in_context=versions.c.context,
            of_subject=versions.c.subject,
            number=versions.c.version,
        )
    )
    .values(deleted=bindparam("deleted"))
)
DELETE_VERSION = Statement(delete(versions).where(_IS_OF_SUBJECT, _equal(versions.c.version)))

# subjects

_NEW_SUBJECT = [bindparam(name, type_=TEXT) for name in ("context", "name", "written")]
_IS_KNOWN = sa.exists().where(_equal(subjects.c.context, subjects.c.name))
ADD_SUBJECT = Statement(
    insert(subjects).from_select(
        [subjects.c.context, subjects.c.name, subjects.c.written],
        select(*_NEW_SUBJECT).where(sa.not_(_IS_KNOWN)),
    )
)
DELETE_SUBJECT = Statement(delete(subjects).where(_equal(subjects.c.context, subjects.c.name)))


@dataclass(frozen=True, slots=True)
class Names:
    """Which subjects a listing takes: of one context or all, from a name on, up to a name."""

    by_context: bool
    is_bounded_below: bool
    is_bounded_above: bool

    def condition(self, table: sa.Table, name: sa.Column[str]) -> sa.ColumnElement[bool]:
        return sa.and_(
            table.c.context == bindparam("context") if self.by_context else sa.true(),
            name >= bindparam("lower") if self.is_bounded_below else sa.true(),
            name < bindparam("upper") if self.is_bounded_above else sa.true(),
        )


_IS_OF_LISTED = (versions.c.context == subjects.c.context) & (versions.c.subject == subjects.c.name)


@cache
def listed_subjects(names: Names, *, live: bool, dead: bool) -> Statement:
    """Select (context, name) of subjects; each has at least one version."""
    has_live = sa.exists().where(_IS_OF_LISTED, _IS_LIVE)
    wanted = {(True, False): has_live, (False, True): sa.not_(has_live)}.get((live, dead))
    return Statement(
        select(subjects.c.context, subjects.c.name)
        .where(names.condition(subjects, subjects.c.name), sa.true() if wanted is None else wanted)
        .order_by(subjects.c.name if names.by_context else subjects.c.written)
        .limit(_number("limit"))
        .offset(_number("offset"))
    )


@cache
def listed_versions(names: Names, *, include_deleted: bool, latest_only: bool) -> Statement:
    """Select versions with their contents."""
    chosen = names.condition(versions, versions.c.subject)
    if not include_deleted:
        chosen &= _IS_LIVE
    if latest_only:
        chosen &= versions.c.version == _highest(include_deleted=include_deleted)
    if names.by_context:
        found = _SUBJECT_VERSION.order_by(versions.c.subject, versions.c.version)
    else:
        found = _SUBJECT_VERSION.join(subjects, _IS_OF_LISTED).order_by(
            subjects.c.written, versions.c.version
        )
    return Statement(found.where(chosen).limit(_number("limit")).offset(_number("offset")))


def _highest(*, include_deleted: bool) -> sa.ScalarSelect[int]:
    others = versions.alias("others")
    is_other = (others.c.context == versions.c.context) & (others.c.subject == versions.c.subject)
    if not include_deleted:
        is_other &= sa.not_(others.c.deleted)
    return select(sa.func.max(others.c.version)).where(is_other).scalar_subquery()


# settings


def _is_scope(table: sa.Table) -> sa.ColumnElement[bool]:
    return _equal(scope_context=table.c.context, scope_subject=table.c.subject)


CONFIG = Statement(select(configs.c.settings).where(_is_scope(configs)))
ALIASES = Statement(
    select(configs.c.context, configs.c.subject, configs.c.alias)
    .where(configs.c.alias.is_not(None), configs.c.subject != sa.literal_column("''"))
    .order_by(configs.c.context, configs.c.subject)
)
ADD_CONFIG = Statement(insert(configs))
SET_CONFIG = Statement(
    update(configs)
    .where(_is_scope(configs))
    .values(alias=bindparam("alias"), settings=bindparam("settings"))
)
DELETE_CONFIG = Statement(delete(configs).where(_is_scope(configs)))


def _settings(place: int, table: sa.Table, value: sa.Column[Any], scope: int) -> sa.Select[Any]:
    return select(sa.literal_column(str(place)), value).where(
        table.c.context == bindparam(f"context{scope}"),
        table.c.subject == bindparam(f"subject{scope}"),
    )


# Configs first, then modes, each in its place.
SETTINGS = Statement(
    sa.union_all(
        *(_settings(n, configs, configs.c.settings, n) for n in range(SCOPES)),
        *(_settings(SCOPES + n, modes, modes.c.mode, n) for n in range(SCOPES)),
    )
)

MODE = Statement(select(modes.c.mode).where(_is_scope(modes)))
MODES_WITHIN = Statement(
    select(modes.c.subject).where(_equal(scope_context=modes.c.context)).order_by(modes.c.subject)
)
ADD_MODE = Statement(insert(modes))
SET_MODE = Statement(update(modes).where(_is_scope(modes)).values(mode=bindparam("mode")))
DELETE_MODE = Statement(delete(modes).where(_is_scope(modes)))

# associations

CRITERIA = {
    "context": associations.c.context,
    "subject": associations.c.subject,
    "resource_namespace": associations.c.resource_namespace,
    "resource_name": associations.c.resource_name,
    "resource_id": associations.c.resource_id,
    "resource_type": associations.c.resource_type,
    "association_type": associations.c.association_type,
    "lifecycle": associations.c.lifecycle,
}
_ASSOCIATION = [column for column in associations.c if column.name != "created_sequence"]
_IS_ASSOCIATION = sa.and_(
    associations.c.resource_id == bindparam("key_id"),
    associations.c.resource_type == bindparam("key_resource_type"),
    associations.c.association_type == bindparam("key_association_type"),
)


@cache
def associations_by(criteria: frozenset[str]) -> Statement:
    """Select associations by the columns named."""
    return Statement(
        select(*_ASSOCIATION)
        .where(*(CRITERIA[name] == bindparam(name) for name in sorted(criteria)))
        .order_by(associations.c.created_sequence)
    )


ASSOCIATION = Statement(select(*_ASSOCIATION).where(_IS_ASSOCIATION))
ADD_ASSOCIATION = Statement(insert(associations))
SET_ASSOCIATION = Statement(
    update(associations)
    .where(_IS_ASSOCIATION)
    .values({column.name: bindparam(column.name) for column in _ASSOCIATION})
)
DELETE_ASSOCIATION = Statement(delete(associations).where(_IS_ASSOCIATION))
