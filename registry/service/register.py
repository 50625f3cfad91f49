"""Register a schema under a subject.

A registration is decided on a snapshot, outside any lock, and applied in a short write
transaction. When anything was committed in between, it is decided again inside that transaction,
where nothing can change any more; what was parsed and compared the first time is remembered, so
the second decision is cheap.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from compat.errors import InvalidSchema
from registry.errors import (
    InvalidSchemaText,
    InvalidSubject,
    OperationNotPermitted,
    SchemaTooLarge,
)
from registry.model import LATEST, AssociationQuery, Content, Lifecycle, Mode
from registry.names import delimited, is_valid
from registry.service import contracts
from registry.service.lookup import Candidate, Finder, History, candidate, read_candidate
from registry.service.parsing import is_longer, schema_type_of
from registry.service.references import subject_of
from registry.service.scopes import (
    has_contract_defaults,
    held_for,
    not_in_mode,
    refuse_too_long,
)

if TYPE_CHECKING:
    from compat.schema import EntityTags, ParsedSchema
    from registry.model import SubjectVersion, Version
    from registry.names import Subject
    from registry.service.compatibility import Judge
    from registry.service.options import Options
    from registry.service.parsing import Draft, SchemaReader
    from registry.service.scopes import Held
    from registry.storage.port import Reader, Store, Writer


@dataclass(frozen=True, slots=True)
class Registration:
    """What a client asks for: a draft, and changes to the tags inside it."""

    draft: Draft
    normalize: bool = False
    tags_to_add: tuple[EntityTags, ...] = ()
    tags_to_remove: tuple[EntityTags, ...] = ()
    propagate_tags: bool = False

    @property
    def names_tags(self) -> bool:
        return bool(self.tags_to_add or self.tags_to_remove)

    @property
    def changes_tags(self) -> bool:
        return self.names_tags or self.propagate_tags


@dataclass(frozen=True, slots=True)
class Registered:
    """The version that now holds the schema; `created` when this call made it."""

    subject: Subject
    version: int
    schema_id: int
    guid: str
    content: Content
    created: bool


@dataclass(frozen=True, slots=True)
class _Plan:
    """A version to append, and the soft-deleted ones it replaces."""

    subject: Subject
    version: int
    schema_id: int | None  # None: the next free one
    known: bool  # the content is stored under that id already
    content: Content
    guid: str
    replaced: tuple[int, ...]
    restores: bool  # the version is there, soft-deleted


class Registrations:
    """The use case behind POST /subjects/{subject}/versions."""

    def __init__(self, store: Store, options: Options, schemas: SchemaReader, judge: Judge) -> None:
        self._store = store
        self._options = options
        self._schemas = schemas
        self._judge = judge

    def register(self, request: Registration, *, principal: str = "") -> Registered:
        """Return the version that holds the schema, appended unless it was there.

        Raises InvalidRuleSet, InvalidSubject, InvalidSchemaText, SchemaTooLarge,
        OperationNotPermitted, IncompatibleSchema.
        """
        self._refuse_unacceptable(request.draft)
        with self._store.read() as reader:
            sequence = reader.sequence()
            outcome = self._decide(reader, request)
        if isinstance(outcome, Registered):
            return outcome
        with self._store.write(principal) as writer:
            if writer.sequence() != sequence:
                outcome = self._decide(writer, request)
            if isinstance(outcome, Registered):
                return outcome
            registered, shown_elsewhere = _apply(writer, outcome)
        if shown_elsewhere:
            self._store.settle()
        return registered

    def register_in(self, writer: Writer, request: Registration) -> Registered:
        """Do the same inside a write transaction that is open already."""
        self._refuse_unacceptable(request.draft)
        outcome = self._decide(writer, request)
        return outcome if isinstance(outcome, Registered) else _apply(writer, outcome)[0]

    def _refuse_unacceptable(self, draft: Draft) -> None:
        """Refuse what is wrong whatever is stored."""
        contracts.validate(draft.rule_set)
        self.refuse_invalid(draft.subject)
        if is_longer(draft.text or "", self._options.max_schema_bytes):
            raise SchemaTooLarge

    def refuse_invalid(self, subject: Subject) -> None:
        """Raise InvalidSubject, SubjectTooLong for what nothing may be registered under."""
        empty = self._options.reject_empty_subject and subject.name in {"", "*"}
        refuse_too_long(str(subject))
        if empty or not is_valid(subject):
            raise InvalidSubject(subject)

    def _decide(self, reader: Reader, request: Registration) -> Registered | _Plan:
        held = held_for(reader, request.draft.subject)
        subject = held.meant()
        if subject != request.draft.subject:
            self.refuse_invalid(subject)
            held = held_for(reader, subject)
            request = replace(request, draft=replace(request.draft, subject=subject))
        if request.names_tags and request.draft.version is None:
            # Confluent 8.3: a schema with tags changed is a new version and says its number.
            request = replace(request, draft=replace(request.draft, version=LATEST))
        return _Decision(self._schemas, self._judge, self._options, reader, request, held).outcome()


def _apply(writer: Writer, plan: _Plan) -> tuple[Registered, bool]:
    """Write the plan; tell also whether an answer by id given elsewhere may have changed."""
    context = plan.subject.context
    writer.add_context(context)
    schema_id = writer.next_id(context) if plan.schema_id is None else plan.schema_id
    if not plan.known:
        writer.claim_id(context, schema_id)
        writer.add_schema(context, schema_id, plan.content, plan.guid)
    if plan.restores:
        writer.set_deleted(plan.subject, [plan.version], deleted=False)
    else:
        writer.add_version(plan.subject, plan.version, schema_id, plan.guid)
    if plan.replaced:
        writer.delete_versions(plan.subject, plan.replaced)
    registered = Registered(
        plan.subject, plan.version, schema_id, plan.guid, plan.content, created=True
    )
    return registered, plan.known


class _Decision:
    """One registration against one snapshot."""

    def __init__(
        self,
        schemas: SchemaReader,
        judge: Judge,
        options: Options,
        reader: Reader,
        request: Registration,
        held: Held,
    ) -> None:
        self._schemas = schemas
        self._judge = judge
        self._options = options
        self._reader = reader
        self._request = request
        self._subject = request.draft.subject
        self._config = held.config(options)
        self._mode = held.mode()
        self._normalize = request.normalize or bool(self._config.normalize)
        self._history = History(reader, self._subject)
        self._rows = self._history.rows
        self._read: Candidate | None = None
        self._not_there: Content | None = None

    def outcome(self) -> Registered | _Plan:
        existing = self._known_already()
        if existing is not None:
            return existing
        mode = self._mode_for(self._request.draft)
        if mode.takes_ids:
            return self._imported()
        return self._checked()

    # what needs no new version

    def _known_already(self) -> Registered | None:
        """Return what is registered already: allowed in any mode, even read-only."""
        draft = self._request.draft
        if self._request.changes_tags or has_contract_defaults(self._config) or draft.is_blank:
            return None
        wanted = read_candidate(self._schemas, self._reader, draft, normalize=self._normalize)
        self._read = wanted
        finder = Finder(self._schemas, self._reader, self._history, include_deleted=False)
        found = finder.find(wanted, self._config)
        if found is None:
            self._not_there = wanted.content
        if found is None or not self._answers(found.row):
            return None
        return _registered(found.row, found.content)

    def _answers(self, row: Version) -> bool:
        """Tell whether an existing version satisfies the version and id asked for."""
        draft = self._request.draft
        same_id = draft.id is None or draft.id < 0 or draft.id == row.schema_id
        if draft.version == LATEST:
            return same_id and row.version == self._latest_number()
        if not draft.version:
            return same_id
        return draft.id is not None and same_id and draft.version == row.version

    def _latest_number(self) -> int | None:
        return next((row.version for row in reversed(self._rows) if not row.deleted), None)

    # modes

    def _mode_for(self, draft: Draft) -> Mode:
        mode = self._mode
        brings_id = draft.id is not None and draft.id >= 0
        if mode.is_readonly:
            raise not_in_mode(self._subject, "is in read-only mode")
        if brings_id and not mode.takes_ids:
            raise not_in_mode(self._subject, "is not in import mode")
        if not brings_id and mode.takes_ids:
            raise not_in_mode(self._subject, "is not in read-write mode")
        return mode

    def _imported(self) -> Registered | _Plan:
        """Take a version as it comes: read it, but ask nothing more of it."""
        draft = self._request.draft
        if draft.is_blank:
            content = Content(
                type=schema_type_of(draft).value,
                text=draft.text or "",
                references=draft.references,
                metadata=draft.metadata,
                rule_set=draft.rule_set,
            )
        else:
            content = read_candidate(self._schemas, self._reader, draft, normalize=False).content
        assert draft.id is not None
        number = draft.version if draft.version and draft.version > 0 else self._next_number()
        taken = next((row for row in self._rows if row.version == number), None)
        if taken is not None and taken.schema_id == draft.id and not taken.deleted:
            return _registered(taken, self._stored_content(taken, content))
        guid = content.guid()
        known = self._id_is_known(draft.id, content, guid)
        if taken is not None and not (taken.deleted and taken.schema_id == draft.id):
            raise self._overwrite(draft.id)
        return self._plan(number, draft.id, content, guid=guid, known=known)

    def _stored_content(self, row: Version, fallback: Content) -> Content:
        stored = self._reader.schema(self._subject.context, row.schema_id)
        return fallback if stored is None else stored.content

    def _id_is_known(self, schema_id: int, content: Content, guid: str) -> bool:
        stored = self._reader.schema(self._subject.context, schema_id)
        if stored is None:
            return False
        if stored.guid != guid or stored.content.type != content.type:
            raise self._overwrite(schema_id)
        return True

    def _overwrite(self, schema_id: int) -> OperationNotPermitted:
        context = delimited(self._subject.context)
        return OperationNotPermitted(
            f"Overwrite new schema with id {schema_id} in context {context} is not permitted."
        )

    # the ordinary way

    def _checked(self) -> Registered | _Plan:
        newest_first = self._history.newest_first()
        previous = newest_first[0] if newest_first else None
        draft = self._populated(self._request.draft, previous)
        parsed = self._tagged(self._parsed(draft), previous)
        self._refuse_strong_references(draft)
        number = self._next_number()
        wanted = self._numbered(self._candidate(draft, parsed), number)
        existing = self._same_version(wanted)
        if existing is not None:
            return existing
        self._judge.refuse_incompatible(self._reader, wanted, newest_first, self._config)
        if draft.version and draft.version > 0 and draft.version != number:
            raise InvalidSchemaText("Version is not one more than previous version")
        self._refuse_large(wanted.content)
        guid = wanted.content.guid()
        schema_id = self._reader.primary_id(self._subject.context, guid)
        known = schema_id is not None and self._id_is_known(schema_id, wanted.content, guid)
        return self._plan(number, schema_id, wanted.content, guid=guid, known=known)

    def _refuse_large(self, content: Content) -> None:
        """Refuse a text that tags, or writing it out canonically, have made too large."""
        if is_longer(content.text, self._options.max_schema_bytes):
            raise SchemaTooLarge

    def _candidate(self, draft: Draft, parsed: ParsedSchema) -> Candidate:
        known = self._read
        if known is not None and known.draft is draft and known.parsed is parsed:
            return known
        return candidate(self._reader, draft, parsed, normalize=self._normalize)

    def _populated(self, draft: Draft, previous: SubjectVersion | None) -> Draft:
        """Fill what the draft leaves out from the previous version and the config."""
        metadata, rule_set = draft.metadata, draft.rule_set
        if previous is not None:
            metadata = previous.content.metadata if metadata is None else metadata
            rule_set = previous.content.rule_set if rule_set is None else rule_set
        metadata, rule_set = contracts.with_config(metadata, rule_set, self._config)
        if metadata is not draft.metadata or rule_set is not draft.rule_set:
            draft = replace(draft, metadata=metadata, rule_set=rule_set)
        if not draft.is_blank:
            return draft
        if previous is None:
            raise InvalidSchemaText("Empty schema")
        return replace(
            draft,
            text=previous.content.text,
            schema_type=previous.content.type,
            references=previous.content.references,
        )

    def _parsed(self, draft: Draft) -> ParsedSchema:
        strict = self._config.validate_new_schemas
        new = self._options.validate_new_schemas if strict is None else strict
        parsed = self._schemas.draft(self._reader, draft, new=new)
        self._judge.refuse_reserved_names(parsed, self._config)
        return parsed

    def _tagged(self, parsed: ParsedSchema, previous: SubjectVersion | None) -> ParsedSchema:
        request = self._request
        if request.propagate_tags and previous is not None:
            tags = self._schemas.tags(self._reader, previous.content, self._subject.context)
        else:
            tags = ()
        try:
            if tags:
                parsed = parsed.retagged(add=tags, where_possible=True)
            if request.names_tags:
                parsed = parsed.retagged(add=request.tags_to_add, remove=request.tags_to_remove)
        except InvalidSchema as error:
            raise InvalidSchemaText(str(error)) from error
        return parsed

    def _refuse_strong_references(self, draft: Draft) -> None:
        for reference in draft.references:
            target = subject_of(reference, self._subject.context)
            query = AssociationQuery(subject=target, lifecycle=Lifecycle.STRONG)
            if self._reader.associations(query):
                raise OperationNotPermitted(
                    f"Subject '{target}' has a strong association and cannot be referenced"
                )

    def _numbered(self, wanted: Candidate, number: int) -> Candidate:
        """Set the version property when a version was asked for or the property is there."""
        metadata = wanted.content.metadata
        asked = bool(self._request.draft.version)
        if not asked and contracts.property_of(metadata, contracts.VERSION_PROPERTY) is None:
            return wanted
        numbered = contracts.with_version(metadata, number)
        return wanted.with_contract(replace(wanted.content, metadata=numbered))

    def _same_version(self, wanted: Candidate) -> Registered | None:
        if self._request.draft.version or wanted.content == self._not_there:
            return None
        finder = Finder(self._schemas, self._reader, self._history, include_deleted=False)
        found = finder.find(wanted, self._config)
        return None if found is None else _registered(found.row, found.content)

    # the version to append

    def _next_number(self) -> int:
        return self._rows[-1].version + 1 if self._rows else 1

    def _plan(
        self, number: int, schema_id: int | None, content: Content, *, guid: str, known: bool
    ) -> _Plan:
        twins = [row for row in self._rows if row.deleted and row.schema_id == schema_id]
        return _Plan(
            self._subject,
            number,
            schema_id,
            known,
            content,
            guid,
            replaced=tuple(r.version for r in twins if r.version != number and self._is_free(r)),
            restores=any(row.version == number for row in twins),
        )

    def _is_free(self, row: Version) -> bool:
        return not self._reader.referrers(self._subject, row.version, include_deleted=True)


def _registered(row: Version, content: Content) -> Registered:
    return Registered(row.subject, row.version, row.schema_id, row.guid, content, created=False)
