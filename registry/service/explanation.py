"""Explain what a schema would mean for those that read and write what is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from compat.errors import InvalidSchema
from compat.explanation import explain
from registry.errors import InvalidSchemaText, VersionNotFound
from registry.model import LATEST
from registry.service.compatibility import in_group, judged_by
from registry.service.scopes import aliased, effective_config

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compat.explanation import Explanation
    from compat.level import Level, Policy
    from compat.schema import ParsedSchema
    from registry.model import Config, SubjectVersion
    from registry.service.options import Options
    from registry.service.parsing import Draft, SchemaReader
    from registry.storage.port import Reader, Store


@dataclass(frozen=True, slots=True)
class Told:
    """An explanation, the level and policy it was made for, and which versions it compares with.

    `versions` are parallel to the previous schemas; empty when those were sent along.
    """

    explanation: Explanation
    level: Level
    policy: Policy
    versions: tuple[SubjectVersion, ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """The level and policy to explain for, where they are not to be the subject's own."""

    level: Level | None = None
    policy: Policy | None = None

    def of(self, config: Config) -> tuple[Level, Policy]:
        level, policy = judged_by(config)
        return self.level or level, self.policy or policy


NO_WISH = Wish()


class Explanations:
    """The use cases behind /accord/v1/compatibility/explain."""

    def __init__(self, store: Store, options: Options, schemas: SchemaReader) -> None:
        self._store = store
        self._options = options
        self._schemas = schemas

    def with_subject(
        self,
        draft: Draft,
        *,
        number: int | None = None,
        normalize: bool = False,
        wish: Wish = NO_WISH,
    ) -> Told:
        """Compare with the live versions of the draft's subject, or with one of them.

        Raises VersionNotFound, InvalidSchemaText.
        """
        with self._store.read() as reader:
            draft = aliased(reader, draft)
            config = effective_config(reader, draft.subject, self._options)
            new = self._candidate(reader, draft, config, normalize=normalize)
            rows = in_group(_versions(reader, draft, number), draft.metadata, config)
            context = draft.subject.context
            previous = [self._stored(reader, row, context) for row in rows]
        level, policy = wish.of(config)
        return Told(_explained(new, previous, level, policy), level, policy, tuple(rows))

    def with_schemas(
        self, draft: Draft, others: Sequence[Draft], *, normalize: bool = False, wish: Wish
    ) -> Told:
        """Compare with schemas sent along, newest first; raises as `with_subject` does."""
        with self._store.read() as reader:
            config = effective_config(reader, draft.subject, self._options)
            new = self._candidate(reader, draft, config, normalize=normalize)
            previous = [self._schemas.draft(reader, other, new=False) for other in others]
        level, policy = wish.of(config)
        return Told(_explained(new, previous, level, policy), level, policy)

    def _candidate(
        self, reader: Reader, draft: Draft, config: Config, *, normalize: bool
    ) -> ParsedSchema:
        if draft.is_blank:
            raise InvalidSchemaText("Empty schema")
        strict = config.validate_new_schemas
        new = self._options.validate_new_schemas if strict is None else strict
        parsed = self._schemas.draft(reader, draft, new=new)
        return parsed.normalized() if normalize or config.normalize else parsed

    def _stored(self, reader: Reader, row: SubjectVersion, context: str) -> ParsedSchema:
        try:
            return self._schemas.stored(reader, row.content, context)
        except InvalidSchema as error:
            raise _unchecked(error) from error


def _versions(reader: Reader, draft: Draft, number: int | None) -> Sequence[SubjectVersion]:
    if number is None:
        return reader.subject_versions(draft.subject)
    found = (
        reader.latest(draft.subject) if number == LATEST else reader.version(draft.subject, number)
    )
    if found is None or found.row.deleted:
        raise VersionNotFound(number)
    return [found]


def _explained(
    new: ParsedSchema, previous: Sequence[ParsedSchema], level: Level, policy: Policy
) -> Explanation:
    try:
        return explain(new=new, previous=previous, level=level, policy=policy)
    except InvalidSchema as error:
        raise _unchecked(error) from error


def _unchecked(error: InvalidSchema) -> InvalidSchemaText:
    return InvalidSchemaText(f"Compatibility cannot be checked: {error}")
