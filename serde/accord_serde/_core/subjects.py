"""Which subject a message belongs to."""

from __future__ import annotations

import threading
from collections import OrderedDict
from enum import Enum
from typing import TYPE_CHECKING, Any
from weakref import WeakMethod

from accord_serde._core.asks import Ask, Resolve, drive, drive_async
from accord_serde.error import SchemaRegistryError
from accord_serde.serialization import MessageField, SerializationError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from accord_serde._core.asks import Steps
    from accord_serde._schemas import SchemaReference
    from accord_serde.serialization import Context

KAFKA_CLUSTER_ID = "subject.name.strategy.kafka.cluster.id"
FALLBACK_TYPE = "subject.name.strategy.fallback.type"

_ANY_CLUSTER = "-"
_CAPACITY = 1000  # subjects remembered per strategy; Confluent's default
_NOT_FOUND = 404


class SubjectNameStrategyType(str, Enum):  # noqa: UP042 - as Confluent's, in print too
    """How subjects are named."""

    NONE = "NONE"
    TOPIC = "TOPIC"
    RECORD = "RECORD"
    TOPIC_RECORD = "TOPIC_RECORD"
    ASSOCIATED = "ASSOCIATED"


def topic_subject_name_strategy(ctx: Context | None, record_name: str | None) -> str | None:  # noqa: ARG001
    """Return `<topic>-key` or `<topic>-value`. Raises ValueError: there is no context."""
    needed = _needed(ctx, "topic_subject_name_strategy")
    return f"{needed.topic}-{_field(needed)}"


def record_subject_name_strategy(ctx: Context | None, record_name: str | None) -> str | None:  # noqa: ARG001
    """Return the full name of the record."""
    return record_name


def topic_record_subject_name_strategy(ctx: Context | None, record_name: str | None) -> str | None:
    """Return `<topic>-<record name>`. Raises ValueError: there is no context."""
    topic = _needed(ctx, "topic_record_subject_name_strategy").topic
    return None if record_name is None else f"{topic}-{record_name}"


def reference_subject_name_strategy(
    ctx: Context | None,  # noqa: ARG001 - every strategy takes one
    schema_ref: SchemaReference | None,
) -> str | None:
    """Return the name of the reference, for a Protobuf import its path."""
    return None if schema_ref is None else schema_ref.name


def _field(ctx: Context) -> str:
    return ctx.field.value if isinstance(ctx.field, Enum) else ctx.field


def _needed(ctx: Context | None, strategy: str) -> Context:
    if ctx is None:
        raise ValueError(
            f"SerializationContext is required for {strategy}; "
            "pass one, or use record_subject_name_strategy"
        )
    return ctx


STRATEGIES: Mapping[SubjectNameStrategyType, Callable[[Any, str | None], str | None]] = {
    SubjectNameStrategyType.TOPIC: topic_subject_name_strategy,
    SubjectNameStrategyType.RECORD: record_subject_name_strategy,
    SubjectNameStrategyType.TOPIC_RECORD: topic_record_subject_name_strategy,
}


class Associations:
    """The subject associated with the topic in the registry, else what a simpler strategy says.

    Up to `cache_capacity` answers are remembered, without limit of time.
    """

    def __init__(self, cache_capacity: int = _CAPACITY) -> None:
        self._capacity = cache_capacity
        self._known: OrderedDict[tuple[str, bool, str | None], str] = OrderedDict()
        self._lock = threading.Lock()
        self._cluster_id: Callable[[], Any] | None = None
        self._followers: list[WeakMethod[Callable[[], None]]] = []

    def tell_by(self, resolver: Callable[[], Any]) -> None:
        """Take a function, or a coroutine function, that tells the id of the Kafka cluster."""
        self._cluster_id = resolver

    def follow(self, forget: Callable[[], None]) -> None:
        """Call a method whenever the answers are forgotten, for as long as its object lives."""
        with self._lock:
            self._followers = [known for known in self._followers if known() is not None]
            self._followers.append(WeakMethod(forget))

    def forget(self) -> None:
        """Forget the answers, and have those who built upon them forget theirs."""
        with self._lock:
            self._known.clear()
            followers = [known() for known in self._followers]
        for follower in followers:
            if follower is not None:
                follower()

    def steps(
        self,
        ctx: Context | None,
        record_name: str | None,
        conf: Mapping[str, Any] | None,
        *,
        has_client: bool,
    ) -> Steps[str | None]:
        """Find the subject, asking the registry unless it is known."""
        ctx = _needed(ctx, "AssociatedNameStrategy")
        if ctx.topic is None:
            return None
        key = (ctx.topic, ctx.field == MessageField.KEY, record_name)
        known = self._known.get(key)
        if known is not None:
            return known
        if not has_client:
            return topic_subject_name_strategy(ctx, record_name)
        found = yield from self._ask(ctx, record_name, conf or {})
        if found is not None:
            self._remember(key, found)
        return found

    def _remember(self, key: tuple[str, bool, str | None], subject: str) -> None:
        with self._lock:
            self._known[key] = subject
            if len(self._known) > self._capacity:
                self._known.popitem(last=False)

    def _ask(
        self, ctx: Context, record_name: str | None, conf: Mapping[str, Any]
    ) -> Steps[str | None]:
        fallback = _fallback(conf)
        wanted = {
            "resource_name": ctx.topic,
            "resource_namespace": (yield from self._namespace(conf)),
            "resource_type": "topic",
            "association_types": ["key" if ctx.field == MessageField.KEY else "value"],
            "offset": 0,
            "limit": -1,
        }
        try:
            associations = yield Ask("get_associations_by_resource_name", (), wanted)
        except SchemaRegistryError as error:
            if error.http_status_code != _NOT_FOUND:
                raise
            associations = []
        if len(associations) > 1:
            raise SerializationError(f"Multiple associated subjects found for topic {ctx.topic}")
        if associations:
            subject: str | None = associations[0].subject
            return subject
        if fallback is None:
            raise SerializationError(f"No associated subject found for topic {ctx.topic}")
        return fallback(ctx, record_name)

    def _namespace(self, conf: Mapping[str, Any]) -> Steps[str]:
        given: str | None = conf.get(KAFKA_CLUSTER_ID)
        if given:
            return given
        if self._cluster_id is None:
            return _ANY_CLUSTER
        advice = f"set {KAFKA_CLUSTER_ID} to name it"
        try:
            resolved: str = yield Resolve(self._cluster_id)
        except Exception as error:
            raise SerializationError(
                f"the id of the Kafka cluster is not to be had; {advice}: {error}"
            ) from error
        if not resolved:
            raise SerializationError(f"the id of the Kafka cluster is empty; {advice}")
        return resolved


class AssociatedNameStrategy(Associations):
    """The subject associated with the topic in the registry, else what a simpler strategy says.

    Up to `cache_capacity` answers are remembered, without limit of time.
    """

    def set_cluster_id_resolver(self, resolver: Callable[[], str]) -> None:
        """Take a function that tells the id of the Kafka cluster; called when first needed."""
        self.tell_by(resolver)

    def clear_cache(self) -> None:
        """Forget the answers."""
        self.forget()

    def __call__(
        self,
        ctx: Context | None,
        record_name: str | None,
        schema_registry_client: object,
        conf: Mapping[str, Any] | None = None,
    ) -> str | None:
        """Return the subject. Raises SerializationError, ValueError, SchemaRegistryError."""
        has_client = schema_registry_client is not None
        steps = self.steps(ctx, record_name, conf, has_client=has_client)
        return drive(steps, schema_registry_client)


class AsyncAssociatedNameStrategy(Associations):
    """AssociatedNameStrategy with methods to await; the asyncio serializers take either."""

    def set_async_cluster_id_resolver(self, resolver: Callable[[], Awaitable[str]]) -> None:
        """Take a coroutine function that tells the id of the Kafka cluster."""
        self.tell_by(resolver)

    async def clear_cache(self) -> None:
        """Forget the answers."""
        self.forget()

    async def __call__(
        self,
        ctx: Context | None,
        record_name: str | None,
        schema_registry_client: object,
        conf: Mapping[str, Any] | None = None,
    ) -> str | None:
        """Return the subject. Raises SerializationError, ValueError, SchemaRegistryError."""
        has_client = schema_registry_client is not None
        steps = self.steps(ctx, record_name, conf, has_client=has_client)
        return await drive_async(steps, schema_registry_client)


def _fallback(conf: Mapping[str, Any]) -> Callable[[Any, str | None], str | None] | None:
    given = conf.get(FALLBACK_TYPE)
    if given is None:
        return topic_subject_name_strategy
    name = given.value if isinstance(given, Enum) else str(given).upper()
    if name == SubjectNameStrategyType.NONE:
        return None
    for strategy, function in STRATEGIES.items():
        if strategy.value == name:
            return function
    valid = ", ".join(each.value for each in SubjectNameStrategyType if each != "ASSOCIATED")
    refusal = ValueError(f"Invalid value for {FALLBACK_TYPE}: {given}. Valid values are: {valid}")
    if name != SubjectNameStrategyType.ASSOCIATED:
        raise refusal

    def refuse(*_: object) -> None:  # Confluent 2.15: only where there is no association
        raise refusal

    return refuse


class Subjects:
    """The strategy a serializer was configured with."""

    def __init__(self, *, kind: object, conf: Mapping[str, Any] | None, function: object) -> None:
        """Read the three settings; a function wins over a type. Raises ValueError."""
        self._conf = conf
        self.function: Any = _strategy(kind) if function is None else function
        if not callable(self.function):
            raise ValueError("subject.name.strategy must be callable")  # noqa: TRY004 - as every bad setting

    @property
    def depends_on_topic_alone(self) -> bool:
        """Tell whether one topic and field have one subject, for a serializer of one schema."""
        return isinstance(self.function, Associations) or self.function in STRATEGIES.values()

    def tell_cluster_by(self, resolver: Callable[[], Any]) -> None:
        """Take a function, or a coroutine function, that tells the id of the Kafka cluster."""
        if isinstance(self.function, Associations):
            self.function.tell_by(resolver)

    def follow(self, forget: Callable[[], None]) -> None:
        """Call a method whenever subjects may have changed."""
        if isinstance(self.function, Associations):
            self.function.follow(forget)

    def name(
        self, ctx: Context | None, record_name: str | None, *, has_client: bool
    ) -> Steps[str | None]:
        """Return the subject of a message. Raises what the strategy raises."""
        if isinstance(self.function, Associations):
            return (
                yield from self.function.steps(ctx, record_name, self._conf, has_client=has_client)
            )
        found: str | None = self.function(ctx, record_name)
        return found


def _strategy(kind: object) -> Callable[..., str | None]:
    if kind is None:
        return AssociatedNameStrategy()
    name = kind.value if isinstance(kind, Enum) else str(kind).upper()
    if name == SubjectNameStrategyType.ASSOCIATED:
        return AssociatedNameStrategy()
    for strategy, function in STRATEGIES.items():
        if strategy.value == name:
            return function
    valid = ", ".join(each.value for each in SubjectNameStrategyType if each != "NONE")
    raise ValueError(f"Invalid subject.name.strategy.type: {kind}. Valid values are: {valid}")
