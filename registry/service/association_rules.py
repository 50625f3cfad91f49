"""What an association may look like, before anything that is stored is asked.

Each rule names the property it is about and says what is wrong with it (Confluent 8.3, 42212).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from registry.errors import InvalidAssociation
from registry.model import Lifecycle
from registry.names import MAX_BYTES, Subject, has_control, is_too_long, parse_subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from registry.service.register import Registration

STRONG, WEAK = Lifecycle.STRONG, Lifecycle.WEAK
TOPIC = "topic"
TYPES = ("key", "value")
DEFAULT_TYPE = "value"
MAX_NAME = 256
MIXED = "all associations for a resource must have the same lifecycle, but got {0}"


class Operation(StrEnum):
    """What is to be done about one association."""

    CREATE = "CREATE"
    UPSERT = "UPSERT"
    DELETE = "DELETE"


@dataclass(frozen=True, slots=True)
class Tie:
    """One association asked for; None where the client said nothing."""

    association_type: str | None = None
    subject: str | None = None
    lifecycle: Lifecycle | None = None
    frozen: bool | None = None
    registration: Registration | None = None
    operation: Operation = Operation.CREATE
    cascade: bool = False

    @property
    def type_name(self) -> str:
        return self.association_type or DEFAULT_TYPE

    @property
    def wanted_lifecycle(self) -> Lifecycle:
        """Return the lifecycle of a new association: a schema or the mark makes it strong."""
        if self.lifecycle is not None:
            return self.lifecycle
        return STRONG if self.registration is not None or self.frozen is True else WEAK

    def cascading(self) -> Tie:
        """Return the tie with what it owns to be removed too."""
        return replace(self, cascade=True)


@dataclass(frozen=True, slots=True)
class Resource:
    """The thing that uses subjects; a dry run may come before it has an id."""

    name: str = ""
    namespace: str = ""
    id: str = ""
    type: str = TOPIC

    def default_subject(self, association_type: str) -> Subject:
        """Return the subject that belongs to the resource alone."""
        return parse_subject(f":.{self.namespace}:{self.name}-{association_type}")


def complain(property_name: str, detail: str) -> InvalidAssociation:
    return InvalidAssociation(property_name, detail)


def check_resource(resource: Resource, *, dry_run: bool = False) -> None:
    """Raise InvalidAssociation for a resource that is not named, or not a topic."""
    _check_name("resourceName", resource.name)
    _check_name("resourceNamespace", resource.namespace)
    if not resource.id and not dry_run:
        raise complain("resourceId", "cannot be null or empty")
    if is_too_long(resource.id):
        raise complain("resourceId", f"is longer than {MAX_BYTES} bytes")
    if resource.type != TOPIC:
        raise complain("resourceType", f"must be '{TOPIC}'")


def _check_name(property_name: str, name: str) -> None:
    """Refuse names that would not be found again in the subject that is made of them."""
    if not name:
        raise complain(property_name, "cannot be null or empty")
    if len(name) > MAX_NAME:
        raise complain(property_name, f"exceeds max length of {MAX_NAME}")
    for char in name:
        if char == ":" or has_control(char):
            raise complain(property_name, f"illegal character '{char}'")


def check_ties(ties: Sequence[Tie]) -> None:
    """Raise InvalidAssociation for ties that contradict themselves or each other."""
    if not ties:
        raise complain("associations", "cannot be null or empty")
    _check_types(tie.type_name for tie in ties)
    for tie in ties:
        if tie.operation is not Operation.DELETE:
            _check_tie(tie)


def _check_types(types: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in types:
        if name not in TYPES:
            raise complain("associationType", "must be either 'key' or 'value'")
        if name in seen:
            detail = f"may only appear once per request, but '{name}' appears more than once"
            raise complain("associationType", detail)
        seen.add(name)


def _check_tie(tie: Tie) -> None:
    if tie.subject is not None and (not tie.subject or has_control(tie.subject)):
        raise complain("subject", "must not be empty")
    if tie.registration is not None:
        if tie.lifecycle is WEAK:
            raise complain("lifecycle", "cannot be WEAK when schema is provided")
        if tie.frozen is False:
            raise complain("frozen", "cannot be false when a schema is provided")
    if tie.frozen is True and tie.lifecycle is WEAK:
        raise complain("frozen", "association with lifecycle of WEAK cannot be frozen")
    if tie.frozen is False and tie.lifecycle is STRONG:
        raise strong_is_frozen()


def strong_is_frozen() -> InvalidAssociation:
    return complain("frozen", "association with lifecycle of STRONG cannot be frozen=false")


def check_same_lifecycle(lifecycles: Mapping[str, Lifecycle]) -> None:
    """Raise InvalidAssociation unless all associations of a resource live alike."""
    if len(set(lifecycles.values())) > 1:
        got = ", ".join(f"{name}={lifecycles[name]}" for name in sorted(lifecycles))
        raise complain("lifecycle", MIXED.format(got))


def subject_for(tie: Tie, resource: Resource, *, context: str) -> Subject:
    """Return the subject of a new tie: the resource's own for strong ones, another for weak."""
    own = resource.default_subject(tie.type_name)
    given = None if tie.subject is None else parse_subject(tie.subject, within=context)
    if tie.wanted_lifecycle is STRONG:
        if given is not None and given != own:
            raise complain("subject", f"frozen associations must use subject '{own}'")
        return own
    if given is None:
        raise complain("subject", "must be provided for WEAK associations")
    if given == own:
        raise complain("subject", f"WEAK associations cannot use subject '{own}'")
    return given
