"""The life of one subject against a model of it.

The model knows contents only by their number. A subject is a list of versions; a content has an id
as long as a version holds it; no id and no live number is ever given twice.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from registry.errors import (
    RegistryError,
    SchemaNotFound,
    SubjectNotFound,
    SubjectNotSoftDeleted,
    SubjectSoftDeleted,
    VersionNotFound,
    VersionNotSoftDeleted,
    VersionSoftDeleted,
)
from registry.model import LATEST
from registry.names import Subject
from registry.service.config import ConfigUpdate
from registry.service.options import Options
from registry.service.parsing import Draft
from registry.service.register import Registration
from registry.service.registry import open_registry

if TYPE_CHECKING:
    from collections.abc import Callable

    from registry.service.registry import Registry
    from registry.storage.sql.store import SqlStore

CONTENTS = range(4)
NUMBERS = st.integers(1, 6) | st.just(LATEST)
Problem = type[RegistryError]


def text_of(content: int) -> str:
    return f'{{"type":"fixed","name":"F","size":{content + 1}}}'


@dataclass(frozen=True)
class Held:
    """One version of the model."""

    number: int
    content: int
    deleted: bool = False


@dataclass
class Model:
    """What a subject should be."""

    versions: list[Held] = field(default_factory=list)
    ids: dict[int, int] = field(default_factory=dict)
    given: int = 0

    def visible(self, *, deleted: bool) -> list[Held]:
        return [one for one in self.versions if deleted or not one.deleted]

    def find(self, content: int, *, deleted: bool) -> Held | None:
        same = [one for one in self.visible(deleted=deleted) if one.content == content]
        return same[-1] if same else None

    def register(self, content: int) -> Held:
        known = self.find(content, deleted=False)
        if known is not None:
            return known
        number = max((one.number for one in self.versions), default=0) + 1
        if content not in self.ids:
            self.given += 1
            self.ids[content] = self.given
        # The soft-deleted version of the same content gives way to the new one.
        self.versions = [one for one in self.versions if one.content != content]
        self.versions.append(Held(number, content))
        return self.versions[-1]

    def look_up(self, content: int, *, deleted: bool) -> Held | Problem:
        if not self.visible(deleted=deleted):
            return SubjectNotFound
        return self.find(content, deleted=deleted) or SchemaNotFound

    def delete_version(self, number: int, *, permanent: bool) -> int | Problem:
        if not self.versions:
            return SubjectNotFound
        one = self._at(number)
        if one is None:
            return VersionNotFound
        if permanent is not one.deleted:
            return VersionNotSoftDeleted if permanent else VersionSoftDeleted
        self._delete([one], permanent=permanent)
        return one.number

    def delete_subject(self, *, permanent: bool) -> list[int] | Problem:
        live = self.visible(deleted=False)
        if not self.versions:
            return SubjectNotFound
        if permanent is bool(live):
            return SubjectNotSoftDeleted if permanent else SubjectSoftDeleted
        gone = self.versions if permanent else live
        self._delete(gone, permanent=permanent)
        return [one.number for one in gone]

    def _at(self, number: int) -> Held | None:
        if number == LATEST:
            return next(reversed(self.visible(deleted=False)), None)
        return next((one for one in self.versions if one.number == number), None)

    def _delete(self, gone: list[Held], *, permanent: bool) -> None:
        kept = [replace(one, deleted=True) if one in gone else one for one in self.versions]
        self.versions = [one for one in kept if not (permanent and one.deleted and one in gone)]
        held = {one.content for one in self.versions}
        self.ids = {content: one for content, one in self.ids.items() if content in held}


class Machine(RuleBasedStateMachine):
    """Do the same to the service and to the model."""

    contexts = itertools.count()

    def __init__(self, store: SqlStore, registry: Registry) -> None:
        super().__init__()
        self.store = store
        self.registry = registry
        self.subject = Subject(f".machine{next(self.contexts)}", "s")
        self.model = Model()
        registry.configs.update(
            self.subject.context_level, ConfigUpdate({"compatibility_level": "NONE"})
        )

    @rule(content=st.sampled_from(CONTENTS))
    def register(self, content: int) -> None:
        known = self.model.find(content, deleted=False)
        expected = self.model.register(content)
        registration = Registration(self.draft(content))
        answer = self.registry.registrations.register(registration)
        assert answer.version == expected.number
        assert answer.schema_id == self.model.ids[content]
        assert answer.created is (known is None)

    @rule(content=st.sampled_from(CONTENTS), deleted=st.booleans())
    def look_up(self, content: int, *, deleted: bool) -> None:
        expected = self.model.look_up(content, deleted=deleted)
        found = self.same(
            lambda: self.registry.lookups.lookup(self.draft(content), include_deleted=deleted),
            expected,
        )
        if isinstance(expected, Held):
            assert found.row.version == expected.number
            assert found.row.schema_id == self.model.ids[content]
            assert found.row.deleted is expected.deleted

    @rule(number=NUMBERS, permanent=st.booleans())
    def delete_version(self, number: int, *, permanent: bool) -> None:
        expected = self.model.delete_version(number, permanent=permanent)
        delete = self.registry.deletions.delete_version
        answer = self.same(lambda: delete(self.subject, number, permanent=permanent), expected)
        assert answer is None or answer == expected

    @rule(permanent=st.booleans())
    def delete_subject(self, *, permanent: bool) -> None:
        expected = self.model.delete_subject(permanent=permanent)
        delete = self.registry.deletions.delete_subject
        answer = self.same(lambda: delete(self.subject, permanent=permanent), expected)
        assert answer is None or answer == expected

    @invariant()
    def has_the_versions_of_the_model(self) -> None:
        with self.store.read() as reader:
            rows = reader.subject_versions(self.subject, include_deleted=True)
            last_id = reader.last_id(self.subject.context)
        shown = [(one.row.version, one.content.text, one.row.deleted) for one in reversed(rows)]
        held = [(one.number, text_of(one.content), one.deleted) for one in self.model.versions]
        assert shown == held
        assert last_id == self.model.given

    @invariant()
    def has_the_ids_of_the_model(self) -> None:
        texts = {one: text_of(content) for content, one in self.model.ids.items()}
        with self.store.read() as reader:
            stored = reader.schemas(self.subject.context, range(1, self.model.given + 2))
        assert {number: one.content.text for number, one in stored.items()} == texts

    def draft(self, content: int) -> Draft:
        return Draft(self.subject, text=text_of(content))

    def same(self, ask: Callable, expected: object) -> object:
        """Return the answer, or check the error and that nothing was written."""
        if not isinstance(expected, type):
            return ask()
        before = self.sequence()
        with pytest.raises(expected):
            ask()
        assert self.sequence() == before
        return None

    def sequence(self) -> int:
        with self.store.read() as reader:
            return reader.sequence()


def test_a_subject_lives_as_its_model_does(shared_store: SqlStore) -> None:
    registry = open_registry(shared_store, Options())
    run_state_machine_as_test(
        lambda: Machine(shared_store, registry),
        settings=settings(
            max_examples=150,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
