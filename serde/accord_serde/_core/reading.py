"""Reading one message: the frame, its writer's schema, the rules, the payload, the object.

A `Reader` is a deserializer without a client: `read` yields what it has to ask of one. Bytes
that begin as some seen before, on a topic that needs nothing but decoding, take no steps.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, NoReturn

from accord_serde._core.asks import Ask
from accord_serde._core.framing import (
    PREFIX_SIZE,
    SchemaId,
    dual_schema_id_deserializer,
    header_value,
    prefix_schema_id_deserializer,
)
from accord_serde._core.pinned import content, pinned_version
from accord_serde._core.writing import remember_key
from accord_serde._rules import RuleMode
from accord_serde._rules_engine.contexts import RulePhase
from accord_serde._rules_engine.execution import has_rules, run_rules
from accord_serde._rules_engine.migrations import migrations, run_migrations, versions_between
from accord_serde.serialization import (
    PayloadError,
    SchemaTypeError,
    SerializationError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord_serde._core.asks import Steps
    from accord_serde._core.codec import Decoder, Decoding
    from accord_serde._core.settings import Holds, ReaderSettings
    from accord_serde._rules_engine.migrations import Migration
    from accord_serde._rules_engine.registry import RuleRegistry
    from accord_serde._schemas import RegisteredSchema, Schema
    from accord_serde.serialization import Context

MAX_LANES = 1000  # topics
MAX_DECODERS = 10_000  # schemas per topic; a flood of ids must not become a flood of memory
MAX_MIGRATIONS = 10_000  # pairs of versions, likewise


class Frame(NamedTuple):
    """A message taken apart."""

    schema_id: SchemaId
    payload: bytes
    start: int


class Lane:
    """The decoders of one topic's keys or values, by the bytes that name the schema.

    `holds` tells whether the version the settings name is still the one, None where it stays.
    `other` is the lane of the topic's other field, where one deserializer reads both.
    """

    __slots__ = ("decoders", "field", "holds", "other")

    def __init__(self, field: str, holds: Holds | None, other: Lane | None) -> None:
        self.field = field
        self.holds = holds
        self.other = other
        if other is not None:
            other.other = None  # two are all there are
        self.decoders: dict[bytes, Decoder] = {}


class Reader(ABC):
    """A deserializer but for the client."""

    schema_type: ClassVar[str]
    fetched_as: ClassVar[str | None] = None  # the `format` schemas are asked for in
    has_client: ClassVar[bool] = True
    watch: Callable[[], Holds] | None = None  # the client's, where it tells of changes

    def __init__(
        self,
        *,
        settings: ReaderSettings,
        rules: RuleRegistry,
        from_dict: Callable[[Any, Any], Any] | None,
    ) -> None:
        self.settings = settings
        self.from_dict = from_dict
        self.lanes: dict[str, Lane] = {}
        self._rules = rules
        self._migrations: dict[tuple[str, Schema, int | None], list[Migration]] = {}
        settings.subjects.follow(self.forget_lanes)

    def forget_lanes(self) -> None:
        """Have the next message of every topic take the steps."""
        self.lanes.clear()

    @abstractmethod
    def codec(self, schema: Schema) -> Steps[Decoding]:
        """Return a schema of the registry, complete with its references."""

    @abstractmethod
    def own_codec(self) -> Steps[Decoding | None]:
        """Return the schema the deserializer was given to read with."""

    def writer_name(self, writer: Decoding, schema_id: SchemaId) -> str | None:  # noqa: ARG002
        """Return the name that RECORD strategies put into the subject."""
        return writer.record_name

    def open(self) -> Steps[None]:
        """Read the schema the deserializer was given, so that a faulty one is met at once."""
        yield from self.own_codec()

    def read(self, data: bytes | None, ctx: Context | None) -> Steps[Any]:
        """Read one message; None stays None.

        Raises SerializationError, SchemaRegistryError.
        """
        try:
            if data is None:
                return None
            return (yield from self._read(bytes(memoryview(data)), ctx))
        except SerializationError as error:
            error.at(ctx)
            raise
        finally:
            remember_key(data, ctx)

    def _read(self, data: bytes, ctx: Context | None) -> Steps[Any]:
        holds = self.settings.pinned.watched(self.watch)
        subject = yield from self._subject(ctx, None)
        frame = self.unframed(data, ctx)
        writer = yield from self.writer(frame.schema_id, subject)
        if subject is None:
            subject = yield from self._subject(ctx, self.writer_name(writer, frame.schema_id))
        pinned = yield from self._pinned(subject)
        return (yield from self._object(Incoming(data, ctx, subject, frame, writer, holds), pinned))

    def _subject(self, ctx: Context | None, name: str | None) -> Steps[str | None]:
        if ctx is None:
            return None
        return (yield from self.settings.subjects.name(ctx, name, has_client=self.has_client))

    def _pinned(self, subject: str | None) -> Steps[RegisteredSchema | None]:
        if subject is None or not self.settings.pinned:
            return None
        return (yield from pinned_version(self.settings.pinned, subject, self.fetched_as))

    def unframed(self, data: bytes, ctx: Context | None) -> Frame:
        """Take the schema id off a message. Raises WireFormatError."""
        schema_id = SchemaId(self.schema_type)
        rest = self.settings.unframe(data, ctx, schema_id)
        if isinstance(rest, bytes):
            return Frame(schema_id, rest, 0)
        return Frame(schema_id, rest.getvalue(), rest.tell())

    def writer(self, schema_id: SchemaId, subject: str | None) -> Steps[Decoding]:
        """Return the schema a message names. Raises SchemaNotFoundError, SchemaTypeError."""
        known, guid = schema_id.id, schema_id.guid
        raw = yield from content(schema_id=known, guid=guid, subject=subject, fmt=self.fetched_as)
        if (raw.schema_type or "AVRO") != self.schema_type:
            raise SchemaTypeError(
                f"the message was written with a schema of type {raw.schema_type}, "
                f"and this deserializer reads {self.schema_type}"
            ).at(None, schema_id=known, guid=guid)
        return (yield from self.codec(raw))

    def _object(self, incoming: Incoming, pinned: RegisteredSchema | None) -> Steps[Any]:
        reader = yield from self.reader(incoming.writer, pinned)
        steps = yield from self._steps(incoming, pinned)
        if steps:
            assert reader is not None
            message = self._migrated(incoming, reader, steps)
        else:
            decoder = incoming.writer.decoder(reader)
            message = self._decoded(decoder, incoming)
            self.open_lane(decoder, reader or incoming.writer, incoming)
        message = self._ruled(RulePhase.DOMAIN, message, reader or incoming.writer, incoming)
        self.checked(message, reader or incoming.writer)
        return self.converted(message, incoming.ctx)

    def reader(
        self,
        writer: Decoding,  # noqa: ARG002 - formats with many types in a schema choose by it
        pinned: RegisteredSchema | None,
    ) -> Steps[Decoding | None]:
        """Return the schema to read with, None where it is the writer's."""
        if pinned is None:
            return (yield from self.own_codec())
        return (yield from self.codec(pinned.schema))

    def _steps(self, incoming: Incoming, pinned: RegisteredSchema | None) -> Steps[list[Migration]]:
        """Return the migrations from the writer's version to the reader's."""
        subject, written = incoming.subject, incoming.writer.schema
        if pinned is None or subject is None or pinned.schema == written:
            return []
        key = (subject, written, pinned.version)
        known = self._migrations.get(key)
        if known is None:
            found = yield Ask(
                "lookup_schema", (subject, written), {"normalize_schemas": False, "deleted": True}
            )
            between = yield from self._versions(subject, versions_between(found, pinned))
            if len(self._migrations) >= MAX_MIGRATIONS:
                self._migrations.clear()
            known = self._migrations[key] = migrations(found, pinned, between)
        return known

    def _versions(self, subject: str, versions: range) -> Steps[list[RegisteredSchema]]:
        found: list[RegisteredSchema] = []
        for version in versions:
            registered = yield Ask("get_version", (subject, version, True, self.fetched_as))
            found.append(registered)
        return found

    def _migrated(self, incoming: Incoming, reader: Decoding, steps: list[Migration]) -> Any:
        assert incoming.subject is not None
        message = self._decoded(incoming.writer.migrating_decoder(), incoming)
        ruled = run_migrations(
            steps, message, registry=self._rules, ser_ctx=incoming.ctx, subject=incoming.subject
        )
        return reader.migrated(ruled)

    def _decoded(self, decoder: Decoder, incoming: Incoming) -> Any:
        payload, start = self._uncovered(incoming)
        try:
            return decoder.decode(payload, start)
        except Exception as error:  # noqa: BLE001 - it is raised again
            self.fail(error, incoming.frame.schema_id)

    def checked(self, message: Any, codec: Decoding) -> None:  # noqa: B027 - most formats check as they read
        """Check what domain rules left. Raises PayloadError."""

    def fail(self, error: Exception, schema_id: SchemaId) -> NoReturn:
        """Raise what stands for a payload that could not be read."""
        known = {"schema_id": schema_id.id, "guid": schema_id.guid}
        if isinstance(error, SerializationError):
            raise error.at(None, **known)
        raise self.unreadable(error).at(None, **known) from error

    def unreadable(self, error: Exception) -> SerializationError:
        """Return what stands for an error of the format."""
        return PayloadError(f"the payload does not fit its schema: {str(error) or repr(error)}")

    def converted(self, message: Any, ctx: Context | None) -> Any:
        if self.from_dict is None:
            return message
        if ctx is None:
            raise TypeError("SerializationContext cannot be None")
        return self.from_dict(message, ctx)

    def _uncovered(self, incoming: Incoming) -> tuple[bytes, int]:
        """Undo what encoding rules did to the payload."""
        frame = incoming.frame
        if not has_rules(incoming.writer.schema.rule_set, RulePhase.ENCODING, RuleMode.READ):
            return frame.payload, frame.start
        payload = frame.payload[frame.start :]
        ruled = self._ruled(RulePhase.ENCODING, payload, incoming.writer, incoming)
        return ruled if isinstance(ruled, bytes) else ruled.read(), 0

    def _ruled(self, phase: RulePhase, message: Any, codec: Decoding, incoming: Incoming) -> Any:
        if incoming.ctx is None or incoming.subject is None:
            return message
        if not has_rules(codec.schema.rule_set, phase, RuleMode.READ):
            return message  # and nobody asks for the walk, which is made when it is asked for
        is_domain = phase is RulePhase.DOMAIN
        return run_rules(
            registry=self._rules,
            ser_ctx=incoming.ctx,
            subject=incoming.subject,
            phase=phase,
            mode=RuleMode.READ,
            source=None,
            target=codec.schema,
            message=message,
            inline_tags=codec.fields.inline_tags if is_domain else None,
            field_transformer=codec.fields.transform if is_domain else None,
            original_message=incoming.data,
        )

    def open_lane(self, decoder: Decoder, reader: Decoding, incoming: Incoming) -> None:
        ctx = incoming.ctx
        if (
            ctx is None
            or (incoming.holds is None and self.settings.pinned.may_change)
            or self.settings.unframe not in STANDARD
            or not self.settings.subjects.depends_on_topic_alone
            or has_rules(incoming.writer.schema.rule_set, RulePhase.ENCODING, RuleMode.READ)
            or has_rules(reader.schema.rule_set, RulePhase.DOMAIN, RuleMode.READ)
        ):
            return
        identity = self._identity(incoming)
        if incoming.frame.schema_id.id is None and len(identity) == PREFIX_SIZE:
            return  # a GUID before the payload, though no serializer puts it there
        lane = self._lane(ctx, incoming.holds)
        if lane is not None and len(lane.decoders) < MAX_DECODERS:
            lane.decoders[identity] = decoder

    def _lane(self, ctx: Context, holds: Holds | None) -> Lane | None:
        """Return the lane of a topic's field, made where there is none; None where too many are."""
        first = self.lanes.get(ctx.topic)
        if first is None and len(self.lanes) >= MAX_LANES:
            return None
        lane, other = first, None
        if first is not None and first.field != ctx.field:
            lane, other = first.other, first
        elif first is not None:
            other = first.other
        if lane is None or lane.field != ctx.field or (lane.holds and not lane.holds()):
            lane = self.lanes[ctx.topic] = Lane(ctx.field, holds, other)
        return lane

    @property
    def looks_at_headers(self) -> bool:
        """Tell whether the schema id may stand in a header of the record."""
        return self.settings.unframe is dual_schema_id_deserializer

    def _identity(self, incoming: Incoming) -> bytes:
        """Return the bytes that name the schema, from the header or from the message."""
        value = header_value(incoming.ctx) if self.looks_at_headers else None
        return incoming.data[:PREFIX_SIZE] if value is None else bytes(value)


STANDARD = (dual_schema_id_deserializer, prefix_schema_id_deserializer)


class Incoming(NamedTuple):
    """A message on its way, with its writer's schema."""

    data: bytes
    ctx: Context | None
    subject: str | None
    frame: Frame
    writer: Decoding
    holds: Holds | None
