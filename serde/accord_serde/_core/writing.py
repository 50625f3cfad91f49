"""Writing one message: its subject, its schema, the rules, the payload, the frame.

A `Writer` is a serializer without a client: `write` yields what it has to ask of one. A topic
that is known to need nothing but encoding gets a lane, which does that without any steps.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from accord_serde import wire
from accord_serde._core.asks import Ask
from accord_serde._core.framing import SchemaId, prefix_schema_id_serializer
from accord_serde._core.pinned import pinned_version
from accord_serde._rules import RuleMode
from accord_serde._rules_engine.contexts import RulePhase
from accord_serde._rules_engine.execution import has_rules, run_rules
from accord_serde._rules_engine.original_key import clear_original_key, set_original_key
from accord_serde._rules_engine.validation import ValidationRulesExecution
from accord_serde.serialization import MessageField, SerializationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord_serde._core.asks import Steps
    from accord_serde._core.codec import Encoder, Encoding
    from accord_serde._core.settings import Holds, WriterSettings
    from accord_serde._rules_engine.registry import RuleRegistry
    from accord_serde._rules_engine.validation import InlineRules
    from accord_serde._schemas import RegisteredSchema, Schema
    from accord_serde.serialization import Context


MAX_LANES = 1000  # topics; those beyond take the steps, as every topic's first message does


class Choice:
    """The schema a subject's messages are written with, and the id they carry."""

    __slots__ = ("_prefixed", "codec", "encoder", "latest", "schema_id")

    def __init__(
        self, *, codec: Encoding, schema_id: SchemaId, latest: RegisteredSchema | None
    ) -> None:
        self.codec = codec
        self.schema_id = schema_id
        self.latest = latest
        self.encoder = codec.encoder(b"")
        self._prefixed: Encoder | None = None

    @property
    def has_rules(self) -> bool:
        """Tell whether rules beside the schema run; they do for pinned versions only."""
        if self.latest is None:
            return False
        rule_set = self.latest.schema.rule_set
        phases = (RulePhase.DOMAIN, RulePhase.ENCODING)
        return any(has_rules(rule_set, phase, RuleMode.WRITE) for phase in phases)

    def prefixed(self) -> Encoder:
        """Return what writes messages behind their id."""
        if self._prefixed is None:
            assert self.schema_id.id is not None
            prefix = wire.encode_id(self.schema_id.id, self.schema_id.message_indexes)
            self._prefixed = self.codec.encoder(prefix)
        return self._prefixed


def remember_key(key: Any, ctx: Context | None) -> None:
    """Keep a key for the actions that its value may need, and drop it after the value."""
    if ctx is not None and ctx.field == MessageField.KEY:
        set_original_key(key)
    else:
        clear_original_key()


def note(error: Exception, ctx: Context | None) -> None:
    """Add the place to an error that is raised as it is."""
    if isinstance(error, SerializationError):
        error.at(ctx)
    elif ctx is not None:
        error.add_note(f"while writing the {ctx.field} of a message to topic {ctx.topic}")


class Lane:
    """What one topic's keys or values need when nothing stands between object and bytes.

    `holds` tells whether the version the settings name is still the one, None where it stays.
    `other` is the lane of the topic's other field, where one serializer writes both.
    """

    __slots__ = ("encoder", "field", "holds", "other")

    def __init__(
        self, field: str, encoder: Encoder, holds: Holds | None, other: Lane | None
    ) -> None:
        self.field = field
        self.encoder = encoder
        self.holds = holds
        self.other = other
        if other is not None:
            other.other = None  # two are all there are


class Writer(ABC):
    """A serializer but for the client."""

    schema_type: ClassVar[str]
    fetched_as: ClassVar[str | None] = None  # the `format` schemas are asked for in
    watch: Callable[[], Holds] | None = None  # the client's, where it tells of changes

    def __init__(
        self,
        *,
        settings: WriterSettings,
        inline: InlineRules,
        rules: RuleRegistry,
        to_dict: Callable[[Any, Any], Any] | None,
    ) -> None:
        self.settings = settings
        self.to_dict = to_dict
        self.lanes: dict[str, Lane] = {}
        self._inline = inline
        self._rules = rules
        self._chosen: dict[str, Choice] = {}
        self._pinned: dict[str, Choice] = {}
        settings.subjects.follow(self.forget_lanes)

    def forget_lanes(self) -> None:
        """Have the next message of every topic take the steps."""
        self.lanes.clear()

    @abstractmethod
    def record_name(self, obj: object) -> str | None:
        """Return the name that RECORD strategies put into the subject."""

    @abstractmethod
    def own_codec(self, ctx: Context | None) -> Steps[Encoding | None]:
        """Return the schema the serializer was given, complete with its references."""

    @abstractmethod
    def codec(self, schema: Schema) -> Steps[Encoding]:
        """Return a schema of the registry, complete with its references."""

    def identity(self, registered: RegisteredSchema, codec: Encoding) -> SchemaId:
        """Return what messages of a registered schema carry."""
        return SchemaId(
            self.schema_type, registered.schema_id, registered.guid, codec.message_indexes
        )

    def write(self, obj: object, ctx: Context | None) -> Steps[bytes | None]:
        """Write one message; None stays None.

        Raises SerializationError, SchemaRegistryError, and what the format raises for the object.
        """
        try:
            if obj is None:
                return None
            return (yield from self._written(obj, ctx))
        except Exception as error:
            note(error, ctx)
            raise
        finally:
            remember_key(obj, ctx)

    def _written(self, obj: object, ctx: Context | None) -> Steps[bytes]:
        holds = self.settings.pinned.watched(self.watch)
        subject = yield from self.subject(obj, ctx)
        choice = yield from self.choose(subject, ctx)
        message = self._converted(obj, ctx)
        message = self._ruled(message, choice, subject, ctx)
        payload = choice.encoder.encode(message)
        if choice.latest is not None and ctx is not None:
            payload = self._run(RulePhase.ENCODING, payload, choice, subject, ctx)
        self._open_lane(choice, ctx, holds)
        return self.settings.frame(payload, ctx, choice.schema_id)

    def open(self) -> Steps[None]:
        """Read the schema the serializer was given, so that a faulty one is met at once."""
        yield from self.own_codec(None)

    def prepare(self, ctx: Context | None) -> Steps[SchemaId]:
        """Settle which schema a topic's messages are written with, ahead of the first of them."""
        holds = self.settings.pinned.watched(self.watch)
        try:
            subject = yield from self.subject(None, ctx)
            choice = yield from self.choose(subject, ctx)
        except Exception as error:
            note(error, ctx)
            raise
        self._open_lane(choice, ctx, holds)
        return choice.schema_id

    def subject(self, obj: object, ctx: Context | None) -> Steps[str]:
        """Return the subject of a message. Raises SerializationError: it has none."""
        name = self.record_name(obj)
        subject = yield from self.settings.subjects.name(ctx, name, has_client=True)
        if subject is None:
            raise SerializationError(
                "the subject name strategy gives no subject: "
                + ("the schema has no name" if name is None else f"the record is {name}")
            )
        return subject

    def choose(self, subject: str, ctx: Context | None) -> Steps[Choice]:
        """Return the schema to write with, registering or finding it where that is asked for."""
        latest = yield from pinned_version(self.settings.pinned, subject, self.fetched_as)
        if latest is not None:
            return (yield from self._pinned_choice(subject, latest, ctx))
        known = self._chosen.get(subject)
        if known is None:
            known = self._chosen[subject] = yield from self._own_choice(subject, ctx)
        return known

    def _own_choice(self, subject: str, ctx: Context | None) -> Steps[Choice]:
        codec = yield from self.own_codec(ctx)
        if codec is None:
            raise SerializationError(
                f"there is no schema to write to subject {subject}: pass one, or set "
                "use.latest.version, use.latest.with.metadata or use.schema.id"
            )
        method = "register_schema_full_response" if self.settings.auto_register else "lookup_schema"
        registered: RegisteredSchema = yield Ask(
            method, (subject, codec.schema), {"normalize_schemas": self.settings.normalize}
        )
        return Choice(codec=codec, schema_id=self.identity(registered, codec), latest=None)

    def _pinned_choice(
        self, subject: str, latest: RegisteredSchema, ctx: Context | None
    ) -> Steps[Choice]:
        known = self._pinned.get(subject)
        if known is not None and known.latest == latest:
            return known
        if self.settings.latest_compatibility_strict:
            yield from self._check_compatible(subject, latest, ctx)
        codec = yield from self.codec(latest.schema)
        choice = Choice(codec=codec, schema_id=self.identity(latest, codec), latest=latest)
        self._pinned[subject] = choice
        return choice

    def _check_compatible(
        self, subject: str, latest: RegisteredSchema, ctx: Context | None
    ) -> Steps[None]:
        own = yield from self.own_codec(ctx)
        if own is None:
            return
        compatible = yield Ask("test_compatibility", (subject, own.schema, latest.version))
        if not compatible:
            raise SerializationError(
                f"the schema of this serializer is not compatible with version {latest.version}, "
                f"which messages of subject {subject} are to be written with"
            )

    def _converted(self, obj: object, ctx: Context | None) -> Any:
        if self.to_dict is None:
            return obj
        if ctx is None:
            raise TypeError("SerializationContext cannot be None")
        return self.to_dict(obj, ctx)

    def _ruled(self, message: Any, choice: Choice, subject: str, ctx: Context | None) -> Any:
        """Check the rules inside the schema, and run those beside it where it is a pinned one."""
        check, fields = self._inline.check, choice.codec.fields
        if choice.latest is None:
            if self._inline.runs_at():
                check(fields, message, ctx, subject)
            return message
        if self._inline.runs_at(ValidationRulesExecution.BEFORE_DOMAIN_RULES):
            check(fields, message, ctx, subject)
        if ctx is not None:
            message = self._run(RulePhase.DOMAIN, message, choice, subject, ctx)
        if self._inline.runs_at(ValidationRulesExecution.AFTER_DOMAIN_RULES):
            check(fields, message, ctx, subject)
        return message

    def _run(
        self, phase: RulePhase, message: Any, choice: Choice, subject: str, ctx: Context | None
    ) -> Any:
        is_domain = phase is RulePhase.DOMAIN
        return run_rules(
            registry=self._rules,
            ser_ctx=ctx,
            subject=subject,
            phase=phase,
            mode=RuleMode.WRITE,
            source=None,
            target=choice.codec.schema,
            message=message,
            inline_tags=choice.codec.fields.inline_tags if is_domain else None,
            field_transformer=choice.codec.fields.transform if is_domain else None,
            original_message=None,
        )

    def _open_lane(self, choice: Choice, ctx: Context | None, holds: Holds | None) -> None:
        if (
            ctx is None
            or (len(self.lanes) >= MAX_LANES and ctx.topic not in self.lanes)
            or (holds is None and self.settings.pinned.may_change)
            or choice.has_rules
            or self._inline.runs_at()
            or not self.settings.subjects.depends_on_topic_alone
            or self.settings.frame is not prefix_schema_id_serializer
            or choice.schema_id.id is None
        ):
            return
        beside = self.lanes.get(ctx.topic)
        if beside is not None and beside.field == ctx.field:
            beside = beside.other
        self.lanes[ctx.topic] = Lane(ctx.field, choice.prefixed(), holds, beside)
