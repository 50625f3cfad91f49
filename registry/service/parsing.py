"""Turn texts into parsed schemas, remembering what was parsed.

Parsing is pure, so a text with the same references always gives the same schema and may be kept.
The memory is bounded by entries and by bytes of text; what falls out is parsed again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from compat.errors import InvalidSchema
from compat.formats import parse
from compat.schema import SchemaType
from registry.errors import InvalidSchemaText
from registry.model import Content, Metadata, Reference, RuleSet
from registry.service.references import Resolver, pinned

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from compat.schema import EntityTags, ParsedSchema, Resolved
    from registry.model import SubjectVersion
    from registry.names import Subject
    from registry.service.options import Options
    from registry.storage.port import Reader

# Confluent writes the whole text into its message, and what is wrong after it: of megabytes that
# nobody would ever see the end.
SHOWN_LENGTH = 10_240

Key = tuple[SchemaType, str, tuple["Resolved", ...], bool]


@dataclass(frozen=True, slots=True)
class Draft:
    """A schema as a client sent it, for a subject."""

    subject: Subject
    schema_type: str | None = None
    text: str | None = None
    references: tuple[Reference, ...] = ()
    metadata: Metadata | None = None
    rule_set: RuleSet | None = None
    version: int | None = None
    id: int | None = None

    @property
    def type_name(self) -> str:
        return self.schema_type or SchemaType.AVRO.value

    @property
    def is_blank(self) -> bool:
        return self.text is None or not self.text.strip()


class ParseMemory:
    """Parsed schemas by what they were parsed from, least recently used dropped first."""

    def __init__(self, *, entries: int, size: int) -> None:
        self._entries = entries
        self._size = size
        self._used = 0
        self._kept: OrderedDict[Key, ParsedSchema] = OrderedDict()
        self._lock = threading.Lock()

    def parse(
        self, schema_type: SchemaType, text: str, references: tuple[Resolved, ...], *, new: bool
    ) -> ParsedSchema:
        """Return the parsed schema; raises InvalidSchema."""
        key = (schema_type, text, references, new)
        with self._lock:
            known = self._kept.get(key)
            if known is not None:
                self._kept.move_to_end(key)
                return known
        parsed = parse(schema_type, text, references, new=new)
        with self._lock:
            self._keep(key, parsed)
            if new:
                # What is registered is stored in its canonical text, and compared with the next.
                self._keep((schema_type, parsed.text, references, False), parsed)
            while len(self._kept) > self._entries or self._used > self._size:
                dropped, _ = self._kept.popitem(last=False)
                self._used -= len(dropped[1])
        return parsed

    def _keep(self, key: Key, parsed: ParsedSchema) -> None:
        if key not in self._kept:
            self._kept[key] = parsed
            self._used += len(key[1])


class SchemaReader:
    """Parse drafts and stored contents with their references resolved from a snapshot."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._memory = ParseMemory(
            entries=options.parse_cache_entries, size=options.parse_cache_bytes
        )

    def stored(
        self,
        reader: Reader,
        content: Content,
        context: str,
        *,
        instead: Mapping[Subject, SubjectVersion] | None = None,
    ) -> ParsedSchema:
        """Parse what is stored, leniently; soft-deleted references count.

        References to a subject of `instead` find the version given there, whichever they ask for.
        Raises InvalidSchema for the empty text that an import may have brought.
        """
        resolver = Resolver(reader, self._options, include_deleted=True, instead=instead)
        resolved = resolver.resolve(content.references, context)
        return self._memory.parse(SchemaType(content.type), content.text, resolved, new=False)

    def tags(self, reader: Reader, content: Content, context: str) -> Sequence[EntityTags]:
        """Return the inline tags of what is stored; an empty text has none.

        Raises InvalidSchemaText, as `rendered` does.
        """
        if not content.text:
            return ()
        try:
            return self.stored(reader, content, context).tags()
        except InvalidSchema as error:
            raise InvalidSchemaText(f"Stored schema cannot be searched: {error}") from error

    def rendered(self, reader: Reader, content: Content, context: str, form: str) -> str:
        """Return the text of what is stored in a form; an empty text has no other.

        Raises InvalidSchemaText: an import stores names that lead nowhere, and some forms need
        to know where they lead.
        """
        if not form or not content.text:
            return content.text
        try:
            return self.stored(reader, content, context).rendered(form)
        except InvalidSchema as error:
            raise InvalidSchemaText(f"Stored schema has no form {form}: {error}") from error

    def draft(
        self, reader: Reader, draft: Draft, *, new: bool, include_deleted: bool = False
    ) -> ParsedSchema:
        """Parse what a client sent.

        Raises InvalidSchemaText with Confluent 8.3's wording: a bad type, a bad reference, a text
        that cannot be read, or one that was read and breaks the rules for new schemas.
        """
        schema_type = schema_type_of(draft)
        text = draft.text or ""
        if is_longer(text, self._options.max_schema_bytes):
            raise InvalidSchemaText(
                f"Schema text is longer than {self._options.max_schema_bytes} bytes"
            )
        resolver = Resolver(reader, self._options, include_deleted=include_deleted)
        try:
            for reference in draft.references:
                _refuse_incomplete(reference)
            resolved = resolver.resolve(draft.references, draft.subject.context)
            return self._memory.parse(schema_type, text, resolved, new=new)
        except InvalidSchema as error:
            raise InvalidSchemaText(_complaint(draft, error)) from error


def is_longer(text: str, limit: int) -> bool:
    """Tell whether the text has more bytes than the limit."""
    if len(text) > limit or text.isascii():
        return len(text) > limit
    return len(text.encode(errors="surrogatepass")) > limit


def schema_type_of(draft: Draft) -> SchemaType:
    """Return the type asked for, AVRO when none was; raises InvalidSchemaText."""
    try:
        return SchemaType(draft.type_name)
    except ValueError:
        raise InvalidSchemaText(f"Invalid schema type {draft.type_name}") from None


def content_of(reader: Reader, draft: Draft, parsed: ParsedSchema) -> Content:
    """Return what would be stored for the draft: canonical text and pinned references."""
    return Content(
        type=parsed.type.value,
        text=parsed.text,
        references=pinned(reader, draft.references, draft.subject.context),
        metadata=draft.metadata,
        rule_set=draft.rule_set,
    )


def normal_form(draft: Draft, parsed: ParsedSchema) -> ParsedSchema:
    """Return the draft in normal form; raises InvalidSchemaText for names that lead nowhere."""
    try:
        return parsed.normalized()
    except InvalidSchema as error:
        raise InvalidSchemaText(_complaint(draft, error)) from error


def normalized_references(references: Sequence[Reference]) -> tuple[Reference, ...]:
    """Return the references sorted and each once, as normalisation wants them."""
    return tuple(sorted(set(references), key=lambda r: (r.name, r.subject, r.version)))


def _refuse_incomplete(reference: Reference) -> None:
    if None in (reference.name, reference.subject, reference.version):
        msg = f"Invalid reference: {_written_reference(reference)}"
        raise InvalidSchema(msg)


def _written_reference(reference: Reference) -> str:
    return (
        f"{{name='{_java(reference.name)}', subject='{_java(reference.subject)}', "
        f"version={_java(reference.version)}}}"
    )


def _shown(text: str) -> str:
    return text if len(text) <= SHOWN_LENGTH else f"{text[:SHOWN_LENGTH]}…"


def _written_references(draft: Draft) -> str:
    return _shown(", ".join(_written_reference(reference) for reference in draft.references))


def _java(value: object) -> str:
    return "null" if value is None else str(value)


def _written(draft: Draft) -> str:
    """Write the draft the way Confluent's schema entity prints itself."""
    raw = Content(draft.type_name, draft.text or "", (), draft.metadata, draft.rule_set)
    return (
        f"{{subject={draft.subject},version={_java(draft.version)},id={_java(draft.id)},"
        f"guid={raw.guid()},schemaType={draft.type_name},references=[{_written_references(draft)}],"
        f"metadata={_shown(_java(draft.metadata))},ruleSet={_shown(_java(draft.rule_set))},"
        f"schema={_shown(_java(draft.text))},schemaTags=null,ts=null,deleted=null}}"
    )


def _complaint(draft: Draft, error: InvalidSchema) -> str:
    kind = draft.type_name
    if error.stage == "validate":
        return f"Invalid schema {_written(draft)}, details: {_shown(str(error))}"
    if kind == SchemaType.AVRO:
        references = _written_references(draft)
        inner = f"Invalid schema {_written(draft)} with refs [{references}] of type AVRO"
    else:
        inner = f"Invalid schema of type {kind}"
    return f"Invalid schema of type {kind}, details: {inner}, details: {_shown(str(error))}"
