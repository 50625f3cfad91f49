"""Find the version of a subject that a schema is, as producers ask before they send."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from compat.errors import InvalidSchema
from registry.errors import InvalidSchemaText, SchemaNotFound, SubjectNotFound
from registry.names import Subject
from registry.service.contracts import (
    same_contract,
    with_config,
)
from registry.service.parsing import content_of, normal_form, normalized_references
from registry.service.references import pinned
from registry.service.scopes import aliased, effective_config

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compat.schema import ParsedSchema
    from registry.model import Config, Content, SubjectVersion, Version
    from registry.service.options import Options
    from registry.service.parsing import Draft, SchemaReader
    from registry.storage.port import Reader, Store


@dataclass(frozen=True, slots=True)
class Found:
    """A version that holds the schema; `by_identity` when its very content was known."""

    row: Version
    content: Content
    by_identity: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """A draft, read: its parsed form and the content it would be stored as."""

    draft: Draft
    parsed: ParsedSchema
    content: Content

    def with_contract(self, content: Content) -> Candidate:
        return replace(self, content=content)


def read_candidate(
    schemas: SchemaReader, reader: Reader, draft: Draft, *, normalize: bool
) -> Candidate:
    """Read a draft leniently, as a lookup does; raises InvalidSchemaText.

    Most drafts keep the rules for new schemas too. Read that way first, a registration that follows
    finds the schema parsed.
    """
    try:
        parsed = schemas.draft(reader, draft, new=True, include_deleted=True)
    except InvalidSchemaText:
        parsed = schemas.draft(reader, draft, new=False, include_deleted=True)
    return candidate(reader, draft, parsed, normalize=normalize)


def candidate(reader: Reader, draft: Draft, parsed: ParsedSchema, *, normalize: bool) -> Candidate:
    """Return the candidate of a draft already parsed; raises InvalidSchemaText."""
    form = normal_form(draft, parsed) if normalize else parsed
    content = content_of(reader, draft, form)
    if normalize:
        content = replace(content, references=normalized_references(content.references))
    return Candidate(draft, form, content)


class History:
    """The versions of one subject in one snapshot, their contents read when they are needed."""

    def __init__(self, reader: Reader, subject: Subject) -> None:
        self.subject = subject
        self.rows = reader.versions(subject)
        self._reader = reader
        self._newest_first: dict[bool, Sequence[SubjectVersion]] = {}

    def has_any(self, *, include_deleted: bool) -> bool:
        return any(include_deleted or not row.deleted for row in self.rows)

    def newest_first(self, *, include_deleted: bool = False) -> Sequence[SubjectVersion]:
        """Return the versions with their contents."""
        if not self.has_any(include_deleted=include_deleted):
            return ()
        if include_deleted not in self._newest_first:
            self._newest_first[include_deleted] = self._reader.subject_versions(
                self.subject, include_deleted=include_deleted
            )
        return self._newest_first[include_deleted]


class Finder:
    """Search one subject of one snapshot for a candidate."""

    def __init__(
        self, schemas: SchemaReader, reader: Reader, history: History, *, include_deleted: bool
    ) -> None:
        self._schemas = schemas
        self._reader = reader
        self._history = history
        self._context = history.subject.context
        self._include_deleted = include_deleted

    def find(
        self, wanted: Candidate, config: Config, *, empty_is_absent: bool = False
    ) -> Found | None:
        """Return the version that is the candidate: by identity, by meaning, or once more by both
        with the contract that registration would have added.

        A registration adds to what is absent. Clients that look up spell empty parts out, and mean
        nothing by it: `empty_is_absent`.
        """
        if not self._history.has_any(include_deleted=self._include_deleted):
            return None
        found = self._by_identity(wanted) or self._by_meaning(wanted)
        if found is not None:
            return found
        filled = self._filled(_without_empty(wanted) if empty_is_absent else wanted, config)
        if filled.content == wanted.content:
            return None
        return self._by_identity(filled) or self._by_meaning(filled)

    def _by_identity(self, wanted: Candidate) -> Found | None:
        schema_id = self._reader.primary_id(self._context, wanted.content.guid())
        if schema_id is None:
            return None
        rows = [row for row in self._history.rows if row.schema_id == schema_id]
        live = [row for row in rows if self._include_deleted or not row.deleted]
        if not live or not self._same_type(schema_id, wanted):
            return None
        return Found(live[-1], wanted.content, by_identity=True)

    def _same_type(self, schema_id: int, wanted: Candidate) -> bool:
        stored = self._reader.schema(self._context, schema_id)
        return stored is not None and stored.content.type == wanted.content.type

    def _by_meaning(self, wanted: Candidate) -> Found | None:
        for stored in self._versions():
            if self._means(stored, wanted):
                return Found(stored.row, stored.content, by_identity=False)
        return None

    def _versions(self) -> Sequence[SubjectVersion]:
        return self._history.newest_first(include_deleted=self._include_deleted)

    def _means(self, stored: SubjectVersion, wanted: Candidate) -> bool:
        asked, kept = wanted.content, stored.content
        if asked.type != kept.type:
            return False
        if not same_contract((asked.metadata, asked.rule_set), (kept.metadata, kept.rule_set)):
            return False
        context = self._context
        if asked.references and asked.references != pinned(self._reader, kept.references, context):
            return False
        if asked.text == kept.text:
            return True
        try:
            return wanted.parsed.matches(self._schemas.stored(self._reader, kept, context))
        except InvalidSchema:
            return False

    def _filled(self, wanted: Candidate, config: Config) -> Candidate:
        previous = next(iter(self._versions()), None)
        metadata, rule_set = wanted.content.metadata, wanted.content.rule_set
        if previous is not None:
            metadata = previous.content.metadata if metadata is None else metadata
            rule_set = previous.content.rule_set if rule_set is None else rule_set
        metadata, rule_set = with_config(metadata, rule_set, config)
        if metadata is wanted.content.metadata and rule_set is wanted.content.rule_set:
            return wanted
        return wanted.with_contract(replace(wanted.content, metadata=metadata, rule_set=rule_set))


def _without_empty(wanted: Candidate) -> Candidate:
    content = wanted.content
    return wanted.with_contract(
        replace(content, metadata=content.metadata or None, rule_set=content.rule_set or None)
    )


class Lookups:
    """The use case behind POST /subjects/{subject}."""

    def __init__(self, store: Store, options: Options, schemas: SchemaReader) -> None:
        self._store = store
        self._options = options
        self._schemas = schemas

    def lookup(
        self,
        draft: Draft,
        *,
        normalize: bool = False,
        include_deleted: bool = False,
        form: str = "",
    ) -> Found:
        """Return the version that is the schema.

        An unqualified subject is looked for in every context. Raises InvalidSchemaText,
        SubjectNotFound when nothing is there to compare with, else SchemaNotFound.
        """
        with self._store.read() as reader:
            draft = aliased(reader, draft)
            subject = draft.subject
            if not draft.is_blank:
                for place in self._places(reader, subject):
                    found = self._find(
                        reader,
                        replace(draft, subject=place),
                        normalize=normalize,
                        include_deleted=include_deleted,
                    )
                    if found is not None:
                        return self._rendered(reader, found, form)
            rows = reader.versions(subject)
        if any(include_deleted or not row.deleted for row in rows):
            raise SchemaNotFound
        raise SubjectNotFound(subject)

    def _rendered(self, reader: Reader, found: Found, form: str) -> Found:
        text = self._schemas.rendered(reader, found.content, found.row.subject.context, form)
        return replace(found, content=replace(found.content, text=text))

    def _places(self, reader: Reader, subject: Subject) -> list[Subject]:
        if not subject.is_default:
            return [subject]
        others = [name for name in reader.contexts() if name != subject.context]
        return [subject, *(Subject(name, subject.name) for name in others)]

    def _find(
        self, reader: Reader, draft: Draft, *, normalize: bool, include_deleted: bool
    ) -> Found | None:
        config = effective_config(reader, draft.subject, self._options)
        wanted = read_candidate(
            self._schemas, reader, draft, normalize=normalize or bool(config.normalize)
        )
        history = History(reader, draft.subject)
        finder = Finder(self._schemas, reader, history, include_deleted=include_deleted)
        return finder.find(wanted, config, empty_is_absent=True)
