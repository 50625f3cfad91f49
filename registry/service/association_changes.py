"""Tie one resource to subjects, or untie it, inside a write transaction.

Nothing here is undone by hand: whoever opened the transaction rolls all of it back.
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
    IncompatibleSchema,
    NoActiveVersion,
    ReferenceExists,
    StrongAssociationForSubjectExists,
)
from registry.model import Association, AssociationQuery, Mode
from registry.names import parse_subject
from registry.service.association_rules import (
    STRONG,
    WEAK,
    Operation,
    check_same_lifecycle,
    complain,
    strong_is_frozen,
    subject_for,
)
from registry.service.deletion import retire
from registry.service.scopes import effective_mode, refuse_readonly

if TYPE_CHECKING:
    from registry.model import Content, Lifecycle
    from registry.names import Subject
    from registry.service.association_rules import Resource, Tie
    from registry.service.register import Registered, Registrations
    from registry.storage.port import Reader, Writer

SCHEMA_NEEDS_NEW_TOPIC = (
    "cannot be provided when adding an association to an existing topic; "
    "an association with a schema must be created with the topic"
)
STRONG_NEEDS_NEW_TOPIC = (
    "cannot be STRONG when creating an association; "
    "STRONG associations must be created with the topic"
)


@dataclass(frozen=True, slots=True)
class Tied:
    """An association and a schema of its subject, when one was registered or asked for."""

    association: Association
    content: Content | None = None


class Tying:
    """The associations of one resource while they are changed.

    `outcome` holds what is to be shown, by association type; `settles` says that answers which
    other nodes keep may have become wrong.
    """

    def __init__(
        self, writer: Writer, registrations: Registrations, resource: Resource, *, context: str
    ) -> None:
        self._writer = writer
        self._registrations = registrations
        self._resource = resource
        self._context = context
        self._there = {one.association_type: one for one in associations_of(writer, resource)}
        self.outcome: dict[str, Tied] = {}
        self.settles = False

    def carry_out(self, tie: Tie) -> None:
        """Do what is asked about one association; raises every error of associations."""
        act = {
            Operation.CREATE: self._create,
            Operation.UPSERT: self._upsert,
            Operation.DELETE: self._remove,
        }
        act[tie.operation](tie)

    def _create(self, tie: Tie) -> None:
        """Tie a new topic; asked again for what is there, change nothing."""
        subject = subject_for(tie, self._resource, context=self._context)
        known = self._there.get(tie.type_name)
        if known is None:
            self._add(tie, subject)
        elif known.subject == subject and known.lifecycle is tie.wanted_lifecycle:
            self._show(known, self._known_schema(tie, subject))
        else:
            raise self._exists(tie)

    def _known_schema(self, tie: Tie, subject: Subject) -> Content | None:
        """Return the schema sent along again; another one would not be the same request."""
        try:
            registered = self._registered(tie, subject)
        except IncompatibleSchema as error:
            raise self._exists(tie) from error
        if registered is None:
            return None
        if registered.created:
            raise self._exists(tie)
        return registered.content

    def _exists(self, tie: Tie) -> AssociationForResourceExists:
        resource = self._resource.id or self._resource.name
        return AssociationForResourceExists(tie.type_name, resource)

    def _add(self, tie: Tie, subject: Subject) -> None:
        lifecycle = tie.wanted_lifecycle
        refuse_readonly(self._writer, subject)
        there = {name: one.lifecycle for name, one in self._there.items()}
        check_same_lifecycle({**there, tie.type_name: lifecycle})
        _refuse_shared(self._writer, subject, lifecycle)
        if lifecycle is STRONG:
            self._check_ownable(tie, subject)
        registered = self._registered(tie, subject)
        if self._writer.latest(subject) is None:
            raise NoActiveVersion(subject)
        association = _new(self._resource, tie, subject)
        self._writer.set_association(association)
        self._there[tie.type_name] = association
        self._show(association, None if registered is None else registered.content)

    def _check_ownable(self, tie: Tie, subject: Subject) -> None:
        """Want a schema for a subject without any; IMPORT has brought the schemas already."""
        if self._is_importing(subject):
            self._refuse_schema_by_import(tie, subject)
            return
        if tie.registration is None:
            raise complain("schema", "schema must be provided when creating a frozen association")
        if self._writer.latest(subject) is not None:
            detail = "cannot create a frozen association when schemas already exist in the subject"
            raise complain("frozen", detail)

    def _upsert(self, tie: Tie) -> None:
        """Tie a topic that exists, which can only be weak, or send its subject a schema."""
        known = self._there.get(tie.type_name)
        if known is None:
            self._add(tie, self._subject_to_add(tie))
            return
        self._refuse_other(known, tie)
        if known.frozen:
            self._evolve(known, tie)
        else:
            self._keep(known, tie)

    def _subject_to_add(self, tie: Tie) -> Subject:
        if tie.registration is not None:
            raise complain("schema", SCHEMA_NEEDS_NEW_TOPIC)
        own = self._resource.default_subject(tie.type_name)
        if tie.wanted_lifecycle is STRONG and not self._is_importing(own):
            raise complain("lifecycle", STRONG_NEEDS_NEW_TOPIC)
        return subject_for(tie, self._resource, context=self._context)

    def _refuse_other(self, known: Association, tie: Tie) -> None:
        """Refuse to change what an association never changes."""
        given = None if tie.subject is None else parse_subject(tie.subject, within=self._context)
        if given not in (None, known.subject):
            detail = f"subject of association cannot be changed from '{known.subject}' to '{given}'"
            raise complain("subject", detail)
        if tie.frozen not in (None, known.frozen):
            raise complain("frozen", "frozen attribute of association cannot be changed")

    def _evolve(self, known: Association, tie: Tie) -> None:
        """Register the next schema of a subject that the topic owns."""
        if tie.lifecycle is WEAK:
            raise AssociationFrozen(known.association_type, known.subject)
        if self._is_importing(known.subject):
            self._refuse_schema_by_import(tie, known.subject)
        registered = self._registered(tie, known.subject)
        self._show(known, None if registered is None else registered.content)

    def _keep(self, known: Association, tie: Tie) -> None:
        """Leave a weak association as it is, unless something else is wanted."""
        if tie.registration is not None:
            raise complain("lifecycle", "cannot be WEAK when schema is provided")
        if tie.lifecycle is STRONG:
            raise strong_is_frozen()
        own = self._resource.default_subject(known.association_type)
        if tie.lifecycle is WEAK and known.subject == own:
            detail = f"cannot change to WEAK when subject matches default format '{own}'"
            raise complain("lifecycle", detail)
        if tie.lifecycle is None and tie.subject is None:
            raise complain("lifecycle", "at least lifecycle or schema must be provided for update")
        self._show(known)

    def _remove(self, tie: Tie) -> None:
        """Untie, and show what is left."""
        known = self._there.pop(tie.type_name, None)
        if known is None:
            raise AssociationNotFound(self._resource.id)
        self.settles |= untie(self._writer, known, cascade=tie.cascade)
        for one in self._there.values():
            self.outcome.setdefault(one.association_type, Tied(one))

    # parts

    def _show(self, association: Association, content: Content | None = None) -> None:
        self.outcome[association.association_type] = Tied(association, content)

    def _is_importing(self, subject: Subject) -> bool:
        return effective_mode(self._writer, subject) is Mode.IMPORT

    def _refuse_schema_by_import(self, tie: Tie, subject: Subject) -> None:
        if tie.registration is not None:
            detail = f"cannot be provided while subject '{subject}' is in IMPORT mode"
            raise complain("schema", detail)

    def _registered(self, tie: Tie, subject: Subject) -> Registered | None:
        if tie.registration is None:
            return None
        draft = replace(tie.registration.draft, subject=subject)
        request = replace(tie.registration, draft=draft)
        registered = self._registrations.register_in(self._writer, request)
        self.settles |= registered.created
        return registered


def associations_of(reader: Reader, resource: Resource) -> list[Association]:
    """Return the resource's associations; without an id, those of the newest one of its name."""
    if resource.id:
        query = AssociationQuery(resource_id=resource.id, resource_type=resource.type)
        return list(reader.associations(query))
    named = reader.associations(
        AssociationQuery(
            resource_name=resource.name,
            resource_namespace=resource.namespace,
            resource_type=resource.type,
        )
    )
    newest = max(named, key=lambda one: (one.updated_ms, one.resource_id), default=None)
    return [one for one in named if newest and one.resource_id == newest.resource_id]


def untie(writer: Writer, association: Association, *, cascade: bool) -> bool:
    """Remove an association, with `cascade` also what it owns; tell whether that was something."""
    if association.frozen and not cascade:
        raise AssociationFrozen(association.association_type, association.subject)
    refuse_readonly(writer, association.subject)
    writer.delete_association(association)
    live = [row for row in writer.versions(association.subject) if not row.deleted]
    if not (association.lifecycle is STRONG and live):
        return False
    retire(writer, association.subject, live)
    return True


def _refuse_shared(writer: Writer, subject: Subject, lifecycle: Lifecycle) -> None:
    """A strong association leaves no room for another, nor for references."""
    others = writer.associations(AssociationQuery(subject=subject))
    if others and lifecycle is STRONG:
        raise AssociationForSubjectExists(subject)
    if any(other.lifecycle is STRONG for other in others):
        raise StrongAssociationForSubjectExists(subject)
    if lifecycle is STRONG and writer.referrers(subject, include_deleted=False):
        raise ReferenceExists(subject)


def _new(resource: Resource, tie: Tie, subject: Subject) -> Association:
    now = time.time_ns() // 1_000_000
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
