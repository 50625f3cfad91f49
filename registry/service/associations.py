"""Ties between subjects and the topics that use them.

A strong association owns its subject: it is made together with the topic and carries the schema,
and is frozen from then on. A weak one points at a subject that has a life of its own. All
associations of one resource live alike.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from registry.errors import AssociationNotFound
from registry.names import DEFAULT_CONTEXT
from registry.service.association_changes import Tied, Tying, untie
from registry.service.association_rules import check_resource, check_ties
from registry.service.scopes import resolve_alias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from registry.model import Association, AssociationQuery, Content
    from registry.names import Subject
    from registry.service.association_rules import Resource, Tie
    from registry.service.register import Registrations
    from registry.storage.port import Reader, Store, Writer

ANY = "-"


@dataclass(frozen=True, slots=True)
class Mutation:
    """What is to be done about the associations of one resource.

    Unqualified subjects are meant inside `context`.
    """

    resource: Resource
    ties: Sequence[Tie]
    context: str = DEFAULT_CONTEXT


class RolledBack(Exception):
    """Leave a write transaction without committing it."""


class Associations:
    """The use cases behind /associations."""

    def __init__(self, store: Store, registrations: Registrations) -> None:
        self._store = store
        self._registrations = registrations

    def of_subject(self, subject: Subject, query: AssociationQuery) -> list[Association]:
        with self._store.read() as reader:
            resolved = resolve_alias(reader, subject)
            return list(reader.associations(replace(query, subject=resolved)))

    def of_resource(self, query: AssociationQuery) -> list[Association]:
        """Return what agrees; `-` as a name or namespace means any."""
        with self._store.read() as reader:
            return list(reader.associations(_without_wildcards(query)))

    def tied(self, query: AssociationQuery, *, include_schemas: bool) -> list[Tied]:
        """Return what agrees, with the newest schemas of the subjects when asked."""
        with self._store.read() as reader:
            found = reader.associations(_without_wildcards(query))
            return [Tied(a, _content(reader, a) if include_schemas else None) for a in found]

    def perform(
        self, mutation: Mutation, *, dry_run: bool = False, principal: str = ""
    ) -> list[Tied]:
        """Do all that is asked or nothing, and return the associations concerned.

        Those asked for, as they are then, and after a removal those that are left. A dry run
        returns nothing. Raises the errors of associations, and those of registration for schemas
        that come along.
        """
        check_resource(mutation.resource, dry_run=dry_run)
        check_ties(mutation.ties)

        with self._writing(dry_run=dry_run, principal=principal) as writer:
            tying = Tying(writer, self._registrations, mutation.resource, context=mutation.context)
            for tie in mutation.ties:
                tying.carry_out(tie)
        if dry_run:
            return []
        if tying.settles:
            self._store.settle()
        return list(tying.outcome.values())

    def delete(
        self,
        query: AssociationQuery,
        *,
        cascade: bool = False,
        dry_run: bool = False,
        principal: str = "",
    ) -> None:
        """Untie; with `cascade` the subjects of strong associations are soft-deleted too.

        Raises AssociationNotFound, AssociationFrozen for a strong one without `cascade`,
        OperationNotPermitted, ReferenceExists.
        """
        with self._writing(dry_run=dry_run, principal=principal) as writer:
            found = writer.associations(query)
            if not found:
                raise AssociationNotFound(query.resource_id)
            retired = [untie(writer, association, cascade=cascade) for association in found]
        if any(retired) and not dry_run:
            self._store.settle()

    @contextmanager
    def _writing(self, *, dry_run: bool, principal: str) -> Iterator[Writer]:
        """Open a write transaction; a dry run does everything and commits nothing."""
        with suppress(RolledBack), self._store.write(principal) as writer:
            yield writer
            if dry_run:
                raise RolledBack


def _without_wildcards(query: AssociationQuery) -> AssociationQuery:
    name, namespace = query.resource_name, query.resource_namespace
    return replace(
        query,
        resource_name=None if name == ANY else name,
        resource_namespace=None if namespace == ANY else namespace,
    )


def _content(reader: Reader, association: Association) -> Content | None:
    latest = reader.latest(association.subject)
    return None if latest is None else latest.content
