"""List schemas with everything about them (GET /schemas)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from registry.model import AssociationQuery
from registry.names import parse_subject
from registry.service.catalog import scope_of_prefix

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from registry.model import Association, RuleSet, SubjectVersion
    from registry.names import Subject
    from registry.storage.port import Reader, Store

UNASSOCIATED = "NONE"


@dataclass(frozen=True, slots=True)
class ListingQuery:
    """What GET /schemas was asked for; empty criteria mean any."""

    prefix: str = ""
    aliases: bool = False
    include_deleted: bool = False
    latest_only: bool = False
    rule_type: str = ""
    resource_type: str = ""
    association_types: tuple[str, ...] = ()
    lifecycles: tuple[str, ...] = ()
    offset: int = 0
    limit: int | None = None

    @property
    def is_plain(self) -> bool:
        """Tell whether the database alone decides what is listed."""
        return not (self.aliases or self.rule_type or self.wants_associations)

    @property
    def wants_associations(self) -> bool:
        return bool(self.resource_type or self.association_types or self.lifecycles)


@dataclass(frozen=True, slots=True)
class Listed:
    """One version with the aliases that lead to it and the associations it has."""

    found: SubjectVersion
    aliases: tuple[str, ...] = ()
    associations: tuple[Association, ...] = ()


class Listing:
    """The use case behind GET /schemas."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def schemas(self, query: ListingQuery) -> list[Listed]:
        """Return one page of versions by written subject, then number."""
        if query.is_plain:
            return self._page(query)
        end = None if query.limit is None else query.offset + query.limit
        return self._chosen(query)[query.offset : end]

    def _page(self, query: ListingQuery) -> list[Listed]:
        context, prefix = scope_of_prefix(query.prefix)
        with self._store.read() as reader:
            rows = reader.listing(
                context=context,
                prefix=prefix,
                include_deleted=query.include_deleted,
                latest_only=query.latest_only,
                limit=query.limit,
                offset=query.offset,
            )
        return [Listed(row) for row in rows]

    def _chosen(self, query: ListingQuery) -> list[Listed]:
        with self._store.read() as reader:
            aliases = _aliases(reader, query) if query.aliases else {}
            rows = _rows(reader, query, also=aliases.keys())
            if query.latest_only:
                rows = _latest(rows)
            if query.rule_type:
                rows = [row for row in rows if _has_rule(row.content.rule_set, query.rule_type)]
            listed = [Listed(row, tuple(sorted(aliases.get(row.row.subject, ())))) for row in rows]
            if query.wants_associations:
                listed = _with_associations(listed, reader, query)
        return listed


def _rows(
    reader: Reader, query: ListingQuery, *, also: AbstractSet[Subject]
) -> list[SubjectVersion]:
    """Return the versions with the prefix, and those of some other subjects."""
    context, prefix = scope_of_prefix(query.prefix)
    rows = list(
        reader.listing(context=context, prefix=prefix, include_deleted=query.include_deleted)
    )
    if not also:
        return rows
    held = {row.row.subject for row in rows}
    for subject in also - held:
        rows += reader.subject_versions(subject, include_deleted=query.include_deleted)
    return sorted(rows, key=lambda row: (str(row.row.subject), row.row.version))


def _aliases(reader: Reader, query: ListingQuery) -> dict[Subject, list[str]]:
    """Return the aliases that have the prefix, by the subject each leads to."""
    context, prefix = scope_of_prefix(query.prefix)
    found: dict[Subject, list[str]] = {}
    for source, alias in reader.aliases():
        if source.name.startswith(prefix) and context in (None, source.context):
            target = parse_subject(alias, within=source.context)
            found.setdefault(target, []).append(str(source))
    return found


def _latest(rows: Iterable[SubjectVersion]) -> list[SubjectVersion]:
    return list({row.row.subject: row for row in rows}.values())


def _has_rule(rule_set: RuleSet | None, rule_type: str) -> bool:
    if rule_set is None:
        return False
    every = (*rule_set.migration_rules, *rule_set.domain_rules, *rule_set.encoding_rules)
    return any(rule.type == rule_type for rule in every)


def _with_associations(
    listed: Sequence[Listed], reader: Reader, query: ListingQuery
) -> list[Listed]:
    kept: list[Listed] = []
    for one in listed:
        every = reader.associations(AssociationQuery(subject=one.found.row.subject))
        matching = tuple(a for a in every if _agrees(a, query))
        if matching or (not every and UNASSOCIATED in query.lifecycles):
            kept.append(replace(one, associations=matching))
    return kept


def _agrees(association: Association, query: ListingQuery) -> bool:
    if query.resource_type and association.resource_type != query.resource_type:
        return False
    if query.association_types and association.association_type not in query.association_types:
        return False
    return not query.lifecycles or association.lifecycle.value in query.lifecycles
