"""Answers carried from one process to another, for when no registry answers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from accord_serde._identity import identity
from accord_serde._questions import (
    ByGuid,
    ById,
    Latest,
    LatestWithMetadata,
    Lookup,
    OfResource,
    OneVersion,
    Registration,
)

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from accord_serde._associations import Association
    from accord_serde._call import Slot
    from accord_serde._schemas import RegisteredSchema, Schema

ANY = "-"  # a namespace that stands for all of them
DEFAULT_CONTEXT = "."


class Bundle:
    """Knows the answers it was given, and what follows from them.

    A version tells the content of its id and GUID, answers lookups and registrations of the very
    same schema under its subject, and the latest of a subject is one of its versions.
    """

    EMPTY: ClassVar[Bundle]

    def __init__(self, answers: Mapping[Slot, Any]) -> None:
        self.answers = answers
        self._contents: dict[Hashable, Schema] = {}
        self._versions: dict[tuple[str | None, int, str | None], RegisteredSchema] = {}
        self._places: dict[tuple[str | None, str], RegisteredSchema] = {}
        self._latest: dict[str | None, int] = {}
        self._associations: dict[str, dict[Association, None]] = {}
        for slot, answer in answers.items():
            self._learn(slot, answer)
        self._subjects = {subject for subject, _ in self._places}

    def answer(self, slot: Slot) -> Any:
        """Return what the registry would say, as far as it is known; None where it is not."""
        given = self.answers.get(slot)
        return self._inferred(slot) if given is None else given

    def _learn(self, slot: Slot, answer: Any) -> None:
        match slot.key:
            case ById(schema_id, subject, fmt, reference_format):
                self._contents[_context(subject), schema_id, fmt, reference_format] = answer
            case ByGuid(guid, fmt):
                self._contents[guid, fmt] = answer
            case Registration(schema) | Lookup(schema):
                self._learn_place(slot.subject, schema, answer)
            case OneVersion(fmt=fmt) | LatestWithMetadata(fmt=fmt):
                self._learn_version(slot.subject, fmt, answer)
            case Latest(fmt):
                self._learn_version(slot.subject, fmt, answer)
                if answer.version is not None:
                    self._latest[slot.subject] = answer.version
            case OfResource(name):
                known = self._associations.setdefault(name, {})
                known |= dict.fromkeys(answer)

    def _learn_version(
        self, subject: str | None, fmt: str | None, answer: RegisteredSchema
    ) -> None:
        self._contents.setdefault((_context(subject), answer.schema_id, fmt, None), answer.schema)
        if answer.guid is not None:
            self._contents.setdefault((answer.guid, fmt), answer.schema)
        if answer.version is not None:
            self._versions[subject, answer.version, fmt] = answer
        self._learn_place(subject, answer.schema, answer)

    def _learn_place(self, subject: str | None, schema: Schema, answer: RegisteredSchema) -> None:
        place = (subject, identity(schema))
        known = self._places.get(place)
        if known is None or _worth(answer) > _worth(known):
            self._places[place] = answer

    def _inferred(self, slot: Slot) -> Any:
        subject = slot.subject
        found: object = None
        match slot.key:
            case ById(schema_id, named, fmt, reference_format):
                found = self._contents.get((_context(named), schema_id, fmt, reference_format))
            case ByGuid(guid, fmt):
                found = self._contents.get((guid, fmt))
            case OneVersion(number, _, fmt):
                found = self._versions.get((subject, number, fmt))
            case Latest(fmt):
                found = self._versions.get((subject, self._latest.get(subject, 0), fmt))
            case LatestWithMetadata():
                pass  # the newest version that is known need not be the newest
            case Registration(schema):
                found = self._place(subject, schema)
            case Lookup(schema):
                known = self._place(subject, schema)
                found = known if known is not None and known.version is not None else None
            case OfResource() as question:
                found = self._of_resource(question)
        return found

    def _place(self, subject: str | None, schema: Schema) -> RegisteredSchema | None:
        known = self._places.get((subject, identity(schema)))
        return None if known is None else replace(known, subject=subject, schema=schema)

    def _of_resource(self, question: OfResource) -> list[Association] | None:
        """Return the associations that are known, if it is also known that there are no others.

        It is of resources that were asked about, and of topics whose subject goes by their name.
        """
        name, types = question.resource_name, question.association_types
        if name not in self._associations and not (
            types and all(f"{name}-{each}" in self._subjects for each in types)
        ):
            return None
        return [
            association
            for association in self._associations.get(name, {})
            if question.resource_namespace in {ANY, association.resource_namespace}
            if question.resource_type in {None, association.resource_type}
            if types is None or association.association_type in types
        ]


Bundle.EMPTY = Bundle({})


def _worth(answer: RegisteredSchema) -> tuple[int, bool]:
    """Prefer new versions to old ones, and answers that tell all to those that do not."""
    return answer.version or 0, answer.guid is not None


def _context(subject: str | None) -> str:
    """Return the context of a subject: ids are given in each of them anew."""
    if subject is not None and subject.startswith(":."):
        return subject[1:].partition(":")[0]
    return DEFAULT_CONTEXT
