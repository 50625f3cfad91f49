"""Tell whether a schema may follow the versions that a subject has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compat.check import check
from compat.errors import InvalidSchema
from compat.level import Level, Policy
from compat.messages import closing, messages
from compat.schema import SchemaType
from registry.errors import (
    IncompatibleSchema,
    InvalidSchemaText,
    VersionNotFound,
)
from registry.model import LATEST
from registry.service import contracts
from registry.service.lookup import candidate
from registry.service.scopes import aliased, effective_config

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compat.schema import ParsedSchema
    from registry.model import Config, Metadata, SubjectVersion
    from registry.service.lookup import Candidate
    from registry.service.options import Options
    from registry.service.parsing import Draft, SchemaReader
    from registry.storage.port import Reader, Store

RESERVED_PROPERTY = "confluent:reserved"
RESERVED_PREFIX = "$$"


class Judge:
    """Compare a candidate with stored versions under a config."""

    def __init__(self, schemas: SchemaReader) -> None:
        self._schemas = schemas

    def complaints(
        self,
        reader: Reader,
        wanted: Candidate,
        newest_first: Sequence[SubjectVersion],
        config: Config,
    ) -> list[str]:
        """Return the messages that say why the candidate may not follow; none when it may.

        Raises InvalidSchemaText when the comparison would take too long.
        """
        level, policy = judged_by(config)
        if level is Level.NONE or not (newest_first or config.validate_fields):
            return []
        stored = in_group(newest_first, wanted.content.metadata, config)
        context = wanted.draft.subject.context
        considered = stored if level.is_transitive else stored[:1]
        try:
            previous = [self._schemas.stored(reader, one.content, context) for one in considered]
            told = verdict(
                level,
                policy,
                new=wanted.parsed,
                previous=previous,
                rows=considered,
                config=config,
            )
        except InvalidSchema as error:
            raise InvalidSchemaText(f"Compatibility cannot be checked: {error}") from error
        validate_fields = bool(config.validate_fields)
        reserved = _reserved_complaints(wanted, considered) if validate_fields else []
        if reserved and not told:
            told = [closing(level, validate_fields=validate_fields)]
        return [*reserved, *told]

    def refuse_incompatible(
        self,
        reader: Reader,
        wanted: Candidate,
        newest_first: Sequence[SubjectVersion],
        config: Config,
    ) -> None:
        """Raise IncompatibleSchema with the messages."""
        found = self.complaints(reader, wanted, newest_first, config)
        if found:
            raise IncompatibleSchema(str(wanted.draft.subject), found)

    def refuse_reserved_names(self, parsed: ParsedSchema, config: Config) -> None:
        """Raise InvalidSchemaText for a property that starts as internal ones do."""
        if not config.validate_fields or parsed.type is not SchemaType.JSON:
            return
        if any(name.startswith(RESERVED_PREFIX) for name in parsed.top_level_fields()):
            raise InvalidSchemaText("Field names cannot start with $$ prefix")


class Compatibility:
    """The use cases behind /compatibility."""

    def __init__(self, store: Store, options: Options, schemas: SchemaReader, judge: Judge) -> None:
        self._store = store
        self._options = options
        self._schemas = schemas
        self._judge = judge

    def test_version(
        self, draft: Draft, number: int, *, normalize: bool = False, verbose: bool = False
    ) -> list[str]:
        """Return what is wrong with following one live version; nothing to follow is fine.

        Raises VersionNotFound for a number that is not there, InvalidSchemaText unless verbose.
        """
        with self._store.read() as reader:
            draft = aliased(reader, draft)
            if number == LATEST:
                found = reader.latest(draft.subject)
            else:
                found = reader.version(draft.subject, number)
                if found is None or found.row.deleted:
                    raise VersionNotFound(number)
            previous = [] if found is None else [found]
            return self._test(reader, draft, previous, normalize=normalize, verbose=verbose)

    def test_subject(
        self, draft: Draft, *, normalize: bool = False, verbose: bool = False
    ) -> list[str]:
        """Return what a registration would say; raises InvalidSchemaText unless verbose."""
        with self._store.read() as reader:
            draft = aliased(reader, draft)
            previous = reader.subject_versions(draft.subject)
            return self._test(reader, draft, previous, normalize=normalize, verbose=verbose)

    def _test(
        self,
        reader: Reader,
        draft: Draft,
        previous: Sequence[SubjectVersion],
        *,
        normalize: bool,
        verbose: bool,
    ) -> list[str]:
        config = effective_config(reader, draft.subject, self._options)
        try:
            parsed = self._parsed(reader, draft, config)
        except InvalidSchemaText as error:
            if verbose:
                return [error.message]
            raise
        wanted = candidate(reader, draft, parsed, normalize=normalize or bool(config.normalize))
        return self._judge.complaints(reader, wanted, previous, config)

    def _parsed(self, reader: Reader, draft: Draft, config: Config) -> ParsedSchema:
        if draft.is_blank:
            raise InvalidSchemaText("Empty schema")
        strict = config.validate_new_schemas
        new = self._options.validate_new_schemas if strict is None else strict
        parsed = self._schemas.draft(reader, draft, new=new)
        self._judge.refuse_reserved_names(parsed, config)
        return parsed


def judged_by(config: Config) -> tuple[Level, Policy]:
    """Return the level and the policy that a config asks for."""
    level = Level(config.compatibility_level or Level.BACKWARD)
    return level, Policy(config.compatibility_policy or Policy.STRICT)


def verdict(
    level: Level,
    policy: Policy,
    *,
    new: ParsedSchema,
    previous: Sequence[ParsedSchema],
    rows: Sequence[SubjectVersion],
    config: Config,
) -> list[str]:
    """Return the messages of a check against versions, `rows` parallel to `previous`.

    Raises TooComplex.
    """
    return messages(
        check(level, new=new, previous=previous, policy=policy),
        level=level,
        versions=[row.row.version for row in rows],
        validate_fields=bool(config.validate_fields),
    )


def in_group(
    newest_first: Sequence[SubjectVersion], metadata: Metadata | None, config: Config
) -> Sequence[SubjectVersion]:
    """Return the versions that a candidate with this metadata is compared with."""
    group = config.compatibility_group
    if group is None:
        return newest_first
    mine = contracts.property_of(metadata, group)
    return [
        one for one in newest_first if contracts.property_of(one.content.metadata, group) == mine
    ]


def _reserved(metadata: Metadata | None) -> list[str]:
    names = contracts.property_of(metadata, RESERVED_PROPERTY) or ""
    return [name.strip() for name in names.split(",") if name.strip()]


def _reserved_complaints(wanted: Candidate, newest_first: Sequence[SubjectVersion]) -> list[str]:
    """Check that reserved names stay reserved and unused (Confluent 8.3, validateFields)."""
    now = _reserved(wanted.content.metadata)
    before = _reserved(newest_first[0].content.metadata) if newest_first else []
    fields = wanted.parsed.top_level_fields()
    return [
        *(
            f"The new schema has reserved field {name} removed from its metadata "
            "which is present in the old schema's metadata."
            for name in before
            if name not in now
        ),
        *(
            f"The new schema has field that conflicts with the reserved field {name}."
            for name in now
            if name in fields
        ),
    ]
