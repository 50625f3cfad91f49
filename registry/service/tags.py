"""Register a new version of a subject with tags, metadata or rules changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from registry.errors import InvalidRuleSet
from registry.service import contracts
from registry.service.catalog import find_version
from registry.service.parsing import Draft
from registry.service.register import Registration
from registry.service.scopes import resolve_alias

if TYPE_CHECKING:
    from compat.schema import EntityTags
    from registry.model import Metadata, RuleSet
    from registry.names import Subject
    from registry.service.register import Registered, Registrations
    from registry.storage.port import Reader, Store


@dataclass(frozen=True, slots=True)
class TagRequest:
    """What to change on top of an existing version."""

    new_version: int | None = None
    tags_to_add: tuple[EntityTags, ...] = ()
    tags_to_remove: tuple[EntityTags, ...] = ()
    metadata: Metadata | None = None
    rule_set: RuleSet | None = None
    rules_to_merge: RuleSet | None = None
    rules_to_remove: tuple[str, ...] = ()

    @property
    def changes_rules(self) -> bool:
        return self.rules_to_merge is not None or bool(self.rules_to_remove)


class Tagging:
    """The use case behind POST /subjects/{subject}/versions/{version}/tags."""

    def __init__(self, store: Store, registrations: Registrations) -> None:
        self._store = store
        self._registrations = registrations

    def retag(
        self, subject: Subject, number: int, request: TagRequest, *, principal: str = ""
    ) -> Registered:
        """Return the new version.

        Raises what a registration raises, SubjectNotFound, VersionNotFound.
        """
        self._registrations.refuse_invalid(subject)
        with self._store.read() as reader:
            subject = resolve_alias(reader, subject)
            base = find_version(reader, subject, number, include_deleted=False).content
            _check_rules(request)
            rule_set = _rules(reader, subject, request)
        new_version = request.new_version or 0
        draft = Draft(
            subject=subject,
            schema_type=base.type,
            text=base.text,
            references=base.references,
            metadata=contracts.with_version(
                base.metadata if request.metadata is None else request.metadata, new_version
            ),
            rule_set=rule_set,
            version=new_version,
        )
        registration = Registration(
            draft, tags_to_add=request.tags_to_add, tags_to_remove=request.tags_to_remove
        )
        return self._registrations.register(registration, principal=principal)


def _check_rules(request: TagRequest) -> None:
    if request.rule_set is not None and request.changes_rules:
        raise InvalidRuleSet(
            "ruleSet should be omitted if specifying rulesToMerge or rulesToRemove"
        )
    contracts.validate(request.rules_to_merge)


def _rules(reader: Reader, subject: Subject, request: TagRequest) -> RuleSet | None:
    """Return the rules asked for, or those of the version before the new one with the changes.

    Without either the registration takes the rules of the latest version.
    """
    if not request.changes_rules:
        return request.rule_set
    if request.new_version:
        before = reader.version(subject, request.new_version - 1)
    else:
        before = reader.latest(subject)
    previous = None if before is None or before.row.deleted else before.content.rule_set
    merged = contracts.merge_rule_sets(previous, request.rules_to_merge)
    return contracts.without_rules(merged, frozenset(request.rules_to_remove))
