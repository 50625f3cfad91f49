"""Refuses records that name no schema of their topic's subject.

    strategy              the schema has to be registered under
    --------------------  -----------------------------------------------------------------
    TopicNameStrategy     the subject that is associated with the topic, else `topic-value`
    RecordNameStrategy    the full name of the record, message or titled schema
    TopicRecordName…      `topic-` and that name

A version that is soft-deleted does not count. A subject that is another's alias stands for it.

What was taken is remembered, until the watch says that something has changed. A refusal is asked
for anew each time: the watch tells in time of what is gone, not of what is new, and a schema counts
from the moment that its registration is answered.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from compat.errors import InvalidSchema
from compat.protobuf.descriptor import decode_base64
from compat.schema import SchemaType
from registry.errors import RegistryError
from registry.model import AssociationQuery
from registry.names import DEFAULT_CONTEXT, Subject
from registry.pairing.frames import (
    BY_ID,
    SIZES,
    Claim,
    claims_of,
    guid_of,
    message_name,
    split_path,
)
from registry.service.parsing import SchemaReader
from registry.service.scopes import resolve_alias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from accord_log.broker.topic_config import SchemaChecks
    from accord_log.kafka.records import Record
    from registry.model import Change, Content
    from registry.pairing.frames import Path
    from registry.service.options import Options
    from registry.storage.port import Reader, Store

TOPIC, RECORD, TOPIC_RECORD = (
    "TopicNameStrategy",
    "RecordNameStrategy",
    "TopicRecordNameStrategy",
)
# Answers that are remembered; a topic has a handful of schemas.
MAX_ANSWERS = 10_000
# Of one batch, which is refused as a whole: to tell more of them would only cost time.
MAX_REFUSALS = 100
RESOURCE = "topic"
BY_ID_PREFIX = bytes([BY_ID])


NOWHERE: Path = ()


class Side(NamedTuple):
    """A part of the records of a topic that is checked."""

    topic: str
    name: str
    strategy: str

    @property
    def names_records(self) -> bool:
        return self.strategy in {RECORD, TOPIC_RECORD}


class Question(NamedTuple):
    """What decides over a record; `path` is given where the answer depends on it."""

    side: Side
    identity: bytes
    path: Path | None = None


# Answers a question about a claim: why it is refused, nothing, or None for want of a path.
Ask: TypeAlias = "Callable[[Question, Claim], str | None]"


class SchemaValidator:
    """Asks the registry's database. Safe to use from many threads."""

    def __init__(self, store: Store, options: Options) -> None:
        self._store = store
        self._schemas = SchemaReader(options)
        self._lock = threading.Lock()
        self._answers: dict[Question, str | None] = {}
        self._watch = store.watch(self._drop)

    def remembered(
        self, topic: str, checks: SchemaChecks, records: Sequence[Record]
    ) -> list[tuple[int, str]] | None:
        """Return the refusals if they are known without asking the database, else None."""
        if not self._watch.unchanged():
            return None
        try:
            return _refusals(topic, checks, records, self._recall)
        except KeyError:
            return None

    def refusals(
        self, topic: str, checks: SchemaChecks, records: Sequence[Record]
    ) -> list[tuple[int, str]]:
        """Return (index, reason) of the records that are refused, in order, a hundred at most.

        Raises StorageUnavailable.
        """
        if not self._watch.unchanged():
            self._watch.refresh()
        asked: dict[Question, str | None] = {}

        def ask(question: Question, claim: Claim) -> str | None:
            try:
                return self._answers[question]
            except KeyError:
                if question not in asked:
                    asked[question] = self._ask(question, claim)
            return asked[question]

        return _refusals(topic, checks, records, ask)

    def _recall(self, question: Question, _: Claim) -> str | None:
        return self._answers[question]

    def _ask(self, question: Question, claim: Claim) -> str | None:
        sequence = self._watch.sequence
        with self._store.read() as reader:
            answer = Inquiry(reader, self._schemas, question).answer(claim)
        with self._lock:
            if not answer and self._watch.sequence == sequence:
                if len(self._answers) >= MAX_ANSWERS:
                    self._answers.clear()
                self._answers[question] = answer
        return answer

    def _drop(self, _: Sequence[Change] | None) -> None:
        with self._lock:
            self._answers.clear()


def _refusals(
    topic: str, checks: SchemaChecks, records: Sequence[Record], ask: Ask
) -> list[tuple[int, str]]:
    sides = [Side(topic, "key", checks.key_strategy)] if checks.key else []
    sides += [Side(topic, "value", checks.value_strategy)] if checks.value else []
    checkers = [_checker(side, ask) for side in sides]
    found: list[tuple[int, str]] = []
    for index, record in enumerate(records):
        for check in checkers:
            reason = check(record)
            if reason:
                found.append((index, reason))
                break
        if len(found) == MAX_REFUSALS:
            break
    return found


def _checker(side: Side, ask: Ask) -> Callable[[Record], str]:
    """Return what tells why a record is refused, nothing when it is not."""
    is_key, by_id = side.name == "key", SIZES[BY_ID]
    # Most batches name one schema in all their payloads; what a name in a header, or of a record,
    # comes to is not decided by these bytes alone.
    known: dict[bytes, str] = {}

    def check(record: Record) -> str:
        payload = record.key if is_key else record.value
        if payload is None:
            return ""
        if record.headers or side.names_records or payload[:1] != BY_ID_PREFIX:
            return _refusal(side, record, ask)
        name = payload[:by_id]
        if name not in known:
            known[name] = _refusal(side, record, ask)
        return known[name]

    return check


def _refusal(side: Side, record: Record, ask: Ask) -> str:
    """Return why a record is refused, nothing when it is not."""
    for claim in claims_of(record, side.name):
        if not claim.is_whole:
            return f"The {side.name} names no schema"
        reason = _answer(side, claim, ask)
        if reason:
            return reason
    return ""


def _answer(side: Side, claim: Claim, ask: Ask) -> str:
    answer = ask(Question(side, claim.identity), claim)
    if answer is None:
        found = split_path(claim.rest)
        path = NOWHERE if found is None else found[0]
        answer = ask(Question(side, claim.identity, path), claim)
    assert answer is not None, "a path was given"
    return answer


class Inquiry:
    """One question to one snapshot."""

    def __init__(self, reader: Reader, schemas: SchemaReader, question: Question) -> None:
        self._reader = reader
        self._schemas = schemas
        self._side = question.side
        self._path = question.path

    def answer(self, claim: Claim) -> str | None:
        """Return why a part of a record with this claim is refused, nothing when it is not.

        None: that depends on the path to a Protobuf message, and none was given.
        """
        subjects: Sequence[Subject] = self._of_topic()
        if self._side.names_records:
            content = self._content(claim)
            if self._path is None and content is not None and content.type == SchemaType.PROTOBUF:
                return None
            name = None if content is None else self._record_name(content)
            if name is None:
                return f"The {self._side.name} names {claim}, which is no schema with a name"
            subjects = [self._of_record(name)]
        if any(self._is_registered(claim, subject) for subject in subjects):
            return ""
        under = " or ".join(str(subject) for subject in subjects)
        return f"The {self._side.name} names {claim}, which is not registered under {under}"

    def _of_topic(self) -> list[Subject]:
        topic, side, _ = self._side
        query = AssociationQuery(
            resource_name=topic, resource_type=RESOURCE, association_types=(side,)
        )
        associated = {one.subject for one in self._reader.associations(query)}
        return sorted(associated) or [self._meant(f"{topic}-{side}")]

    def _of_record(self, name: str) -> Subject:
        is_within = self._side.strategy == TOPIC_RECORD
        return self._meant(f"{self._side.topic}-{name}" if is_within else name)

    def _meant(self, name: str) -> Subject:
        return resolve_alias(self._reader, Subject(DEFAULT_CONTEXT, name))

    def _is_registered(self, claim: Claim, subject: Subject) -> bool:
        return any(
            version.subject == subject and not version.deleted
            for schema_id in self._ids(claim, subject.context)
            for version in self._reader.holders(subject.context, schema_id)
        )

    def _ids(self, claim: Claim, context: str) -> list[int]:
        if claim.identity[0] == BY_ID:
            return [int.from_bytes(claim.identity[1:], "big")]
        places = self._reader.guid_holders(guid_of(claim.identity))
        return [schema_id for place, schema_id in places if place == context]

    def _content(self, claim: Claim) -> Content | None:
        for schema_id in self._ids(claim, DEFAULT_CONTEXT):
            stored = self._reader.schema(DEFAULT_CONTEXT, schema_id)
            if stored is not None:
                return stored.content
        return None

    def _record_name(self, content: Content) -> str | None:
        try:
            if self._path is None:
                return self._schemas.stored(self._reader, content, DEFAULT_CONTEXT).record_name
            text = self._schemas.rendered(self._reader, content, DEFAULT_CONTEXT, "serialized")
            file = decode_base64(text)
            return message_name(file, self._path) if file and self._path else None
        except (InvalidSchema, RegistryError):
            return None
