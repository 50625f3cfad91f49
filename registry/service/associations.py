"""Ties between subjects and the topics that use them.

A strong association owns its subject: it is made together with the topic and carries the schema,
and is frozen from then on. A weak one points at a subject that has a life of its own. All
associations of one resource live alike.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from registry.errors import (
    AssociationForResourceExists,
    AssociationForSubjectExists,
    AssociationFrozen,
    AssociationNotFound,
    NoActiveVersion,
    ReferenceExists,
    StrongAssociationForSubjectExists,
)
from registry.model import Association, AssociationQuery, Lifecycle, Mode
from registry.names import DEFAULT_CONTEXT
from registry.service.association_rules import (
    CREATE,
    DELETE,
    UPSERT,
    Resource,
    Tie,
    check_resource,
    check_same_lifecycle,
    check_ties,
    check_types,
    complain,
    subject_for,
)
from registry.service.deletion import retire
from registry.service.scopes import effective_mode, refuse_readonly, resolve_alias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from registry.model import Content
    from registry.names import Subject
    from registry.service.register import Registrations
    from registry.storage.port import Reader, Store, Writer

STRONG, WEAK = Lifecycle.STRONG, Lifecycle.WEAK
ANY = "-"


@dataclass(frozen=True, slots=True)
class Tied:
    """An association and the schema that its subject has now, when that was asked for."""

    association: Association
    content: Content | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One kind of change to the associations of one resource."""

    kind: str
    resource: Resource
    ties: Sequence[Tie]
    context: str = DEFAULT_CONTEXT

    def check(self) -> None:
        """Raise InvalidAssociation for what is wrong whatever is stored."""
        check_resource(self.resource)
        check_ties(self.ties)
        if self.kind not in (CREATE, UPSERT, DELETE):
            raise complain("opType", "must be one of 'CREATE', 'UPSERT' or 'DELETE'")


class RolledBack(Exception):
    """Leave a write transaction without committing it."""


class Associations:
    """The use cases behind /associations."""

    def __init__(self, store: Store, registrations: Registrations) -> None:
        self._store = store
        self._registrations = registrations

    # reading

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

    # writing

    def perform(
        self, operations: Sequence[Operation], *, dry_run: bool = False, principal: str = ""
    ) -> list[Tied]:
        """Carry out all operations or none, and return the associations as they are then.

        CREATE ties a new topic, and asked again for what is there changes nothing. UPSERT ties one
        that exists, or changes how it is tied. DELETE unties. A dry run returns nothing. Raises the
        errors of associations, and those of registration for schemas that come along.
        """
        for operation in operations:
            operation.check()

        def work(writer: Writer) -> list[Tied]:
            return [tied for op in operations for tied in self._performed(writer, op)]

        return self._write(work, dry_run=dry_run, principal=principal)

    def _performed(self, writer: Writer, operation: Operation) -> list[Tied]:
        act = {CREATE: self._create, UPSERT: self._upsert, DELETE: self._remove}[operation.kind]
        tied = [act(writer, operation, tie) for tie in operation.ties]
        return [one for one in tied if one is not None]

    def _remove(self, writer: Writer, operation: Operation, tie: Tie) -> None:
        known = _known(writer, operation.resource, tie.type_name)
        if known is None:
            raise AssociationNotFound(operation.resource.id)
        _untie(writer, known, cascade=False)

    def delete(
        self,
        query: AssociationQuery,
        *,
        cascade: bool = False,
        dry_run: bool = False,
        principal: str = "",
    ) -> None:
        """Untie; with `cascade` the subjects of strong associations are soft-deleted too.

        Raises AssociationNotFound, AssociationFrozen for a strong one without `cascade`.
        """
        check_types(query.association_types)

        def untie(writer: Writer) -> list[Tied]:
            found = writer.associations(query)
            if not found:
                raise AssociationNotFound(query.resource_id)
            for association in found:
                _untie(writer, association, cascade=cascade)
            return []

        self._write(untie, dry_run=dry_run, principal=principal)
        if cascade:
            self._store.settle()

    def _write(
        self, work: Callable[[Writer], list[Tied]], *, dry_run: bool, principal: str
    ) -> list[Tied]:
        try:
            with self._store.write(principal) as writer:
                tied = work(writer)
                _keep_unless(dry_run)
        except RolledBack:
            return []
        return tied

    def _create(self, writer: Writer, operation: Operation, tie: Tie) -> Tied:
        resource = operation.resource
        subject = subject_for(tie, resource, context=operation.context)
        known = _known(writer, resource, tie.type_name)
        if known is not None:
            return self._again(writer, known, tie, subject)
        _check_alike(writer, operation)
        return self._tie(writer, resource, tie, subject)

    def _again(self, writer: Writer, known: Association, tie: Tie, subject: Subject) -> Tied:
        """Return the association when it is the one asked for already."""
        same = known.subject == subject and known.lifecycle is tie.wanted_lifecycle
        if not same:
            raise AssociationForResourceExists(tie.type_name, known.resource_name)
        return Tied(known, self._registered(writer, tie, subject))

    def _tie(self, writer: Writer, resource: Resource, tie: Tie, subject: Subject) -> Tied:
        refuse_readonly(writer, subject)
        lifecycle = tie.wanted_lifecycle
        if lifecycle is STRONG:
            self._check_strong(writer, tie, subject)
        _check_exclusive(writer, subject, lifecycle)
        content = self._registered(writer, tie, subject)
        if tie.registration is None and writer.latest(subject) is None:
            raise NoActiveVersion(subject)
        association = _new(resource, tie, subject)
        writer.set_association(association)
        return Tied(association, content)

    def _check_strong(self, writer: Writer, tie: Tie, subject: Subject) -> None:
        importing = effective_mode(writer, subject) is Mode.IMPORT
        if importing:
            if tie.registration is not None:
                detail = f"cannot be provided while subject '{subject}' is in IMPORT mode"
                raise complain("schema", detail)
            return
        if tie.registration is None:
            raise complain("schema", "schema must be provided when creating a frozen association")
        if any(not row.deleted for row in writer.versions(subject)):
            detail = "cannot create a frozen association when schemas already exist in the subject"
            raise complain("frozen", detail)

    def _registered(self, writer: Writer, tie: Tie, subject: Subject) -> Content | None:
        if tie.registration is None:
            return None
        draft = replace(tie.registration.draft, subject=subject)
        registration = replace(tie.registration, draft=draft)
        return self._registrations.register_in(writer, registration).content

    def _upsert(self, writer: Writer, operation: Operation, tie: Tie) -> Tied:
        resource = operation.resource
        known = _known(writer, resource, tie.type_name)
        if known is None:
            return self._add(writer, operation, tie)
        refuse_readonly(writer, known.subject)
        if tie.registration is None and tie.lifecycle is None:
            raise complain("lifecycle", "at least lifecycle or schema must be provided for update")
        if known.frozen:
            return _unchanged_frozen(known, tie)
        return _changed(writer, resource, known, tie)

    def _add(self, writer: Writer, operation: Operation, tie: Tie) -> Tied:
        """Add an association to a topic that exists: only a weak one can still come."""
        if tie.registration is not None:
            detail = (
                "cannot be provided when adding an association to an existing topic; "
                "an association with a schema must be created with the topic"
            )
            raise complain("schema", detail)
        subject = subject_for(tie, operation.resource, context=operation.context)
        if tie.wanted_lifecycle is STRONG and effective_mode(writer, subject) is not Mode.IMPORT:
            detail = (
                "cannot be STRONG when creating an association; "
                "STRONG associations must be created with the topic"
            )
            raise complain("lifecycle", detail)
        _check_alike(writer, operation)
        return self._tie(writer, operation.resource, tie, subject)


def _unchanged_frozen(known: Association, tie: Tie) -> Tied:
    same = tie.registration is None and tie.lifecycle in (None, known.lifecycle)
    if not same or (tie.subject or str(known.subject)) != str(known.subject):
        raise AssociationFrozen(known.association_type, known.subject)
    return Tied(known)


def _changed(writer: Writer, resource: Resource, known: Association, tie: Tie) -> Tied:
    if tie.subject is not None and tie.subject != str(known.subject):
        detail = (
            f"subject of association cannot be changed from '{known.subject}' to '{tie.subject}'"
        )
        raise complain("subject", detail)
    if tie.frozen is not None and tie.frozen != known.frozen:
        raise complain("frozen", "frozen attribute of association cannot be changed")
    own = resource.default_subject(known.association_type)
    if tie.lifecycle is WEAK and known.subject == own:
        detail = f"cannot change to WEAK when subject matches default format '{own}'"
        raise complain("lifecycle", detail)
    if tie.lifecycle is STRONG:
        raise complain("lifecycle", "association with lifecycle of STRONG cannot be frozen=false")
    changed = replace(known, updated_ms=_now_ms())
    writer.set_association(changed)
    return Tied(changed)


def _keep_unless(dry_run: bool) -> None:  # noqa: FBT001 - the name says what the flag decides
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


def _known(reader: Reader, resource: Resource, association_type: str) -> Association | None:
    query = AssociationQuery(
        resource_id=resource.id,
        resource_type=resource.type,
        association_types=(association_type,),
    )
    return next(iter(reader.associations(query)), None)


def _check_alike(reader: Reader, operation: Operation) -> None:
    resource = operation.resource
    there = reader.associations(
        AssociationQuery(resource_id=resource.id, resource_type=resource.type)
    )
    lifecycles = {a.association_type: a.lifecycle for a in there}
    lifecycles |= {tie.type_name: tie.wanted_lifecycle for tie in operation.ties}
    check_same_lifecycle(lifecycles)


def _check_exclusive(writer: Writer, subject: Subject, lifecycle: Lifecycle) -> None:
    """A strong association leaves no room for another, nor for references."""
    others = writer.associations(AssociationQuery(subject=subject))
    if any(other.lifecycle is STRONG for other in others):
        raise StrongAssociationForSubjectExists(subject)
    if lifecycle is WEAK:
        return
    if others:
        raise AssociationForSubjectExists(subject)
    if writer.referrers(subject, include_deleted=False):
        raise ReferenceExists(subject)


def _new(resource: Resource, tie: Tie, subject: Subject) -> Association:
    now = _now_ms()
    lifecycle = tie.wanted_lifecycle
    return Association(
        subject=subject,
        guid=str(uuid.uuid4()),
        resource_name=resource.name,
        resource_namespace=resource.namespace,
        resource_id=resource.id,
        resource_type=resource.type,
        association_type=tie.type_name,
        lifecycle=lifecycle,
        frozen=lifecycle is STRONG,
        created_ms=now,
        updated_ms=now,
    )


def _untie(writer: Writer, association: Association, *, cascade: bool) -> None:
    if association.frozen and not cascade:
        raise AssociationFrozen(association.association_type, association.subject)
    refuse_readonly(writer, association.subject)
    writer.delete_association(association)
    live = [row for row in writer.versions(association.subject) if not row.deleted]
    if cascade and association.lifecycle is STRONG and live:
        retire(writer, association.subject, live)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
