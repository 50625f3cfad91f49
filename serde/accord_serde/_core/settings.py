"""What the `conf` dictionary of a serializer means; keys, defaults and errors are Confluent's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from accord_serde._conf import Conf
from accord_serde._core.framing import dual_schema_id_deserializer, prefix_schema_id_serializer
from accord_serde._core.subjects import Subjects

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Holds: TypeAlias = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Pinned:
    """Which registered version is used instead of the schema at hand, if any is."""

    schema_id: int | None
    metadata: dict[str, str] | None
    latest: bool

    def __bool__(self) -> bool:
        return self.schema_id is not None or self.may_change

    @property
    def may_change(self) -> bool:
        """Tell whether another version may take the place of the one there is."""
        return self.schema_id is None and (self.metadata is not None or self.latest)

    def watched(self, watch: Callable[[], Holds] | None) -> Holds | None:
        """Begin to watch for that, where it may happen and the client can tell."""
        return watch() if watch is not None and self.may_change else None


@dataclass(frozen=True, slots=True)
class WriterSettings:
    auto_register: bool
    normalize: bool
    pinned: Pinned
    latest_compatibility_strict: bool
    subjects: Subjects
    frame: Callable[[bytes, Any, Any], bytes]


@dataclass(frozen=True, slots=True)
class ReaderSettings:
    pinned: Pinned
    subjects: Subjects
    unframe: Callable[[bytes, Any, Any], Any]


def open_conf(conf: Mapping[str, Any] | None) -> Conf:
    return Conf({} if conf is None else conf)


def take_writer(conf: Conf) -> WriterSettings:
    """Take the keys every serializer has. Raises ValueError."""
    schema_id = conf.take("use.schema.id")
    if schema_id is not None and not isinstance(schema_id, int):
        raise ValueError("use.schema.id must be an int value")
    pinned = _take_pinned(conf, schema_id)
    auto_register = flag(conf, "auto.register.schemas", default=True)
    if pinned.latest and auto_register:
        raise ValueError("cannot enable both use.latest.version and auto.register.schemas")
    return WriterSettings(
        auto_register=auto_register,
        normalize=flag(conf, "normalize.schemas"),
        pinned=pinned,
        latest_compatibility_strict=flag(conf, "latest.compatibility.strict"),
        subjects=_take_subjects(conf),
        frame=function(conf, "schema.id.serializer", prefix_schema_id_serializer),
    )


def take_reader(conf: Conf) -> ReaderSettings:
    """Take the keys every deserializer has. Raises ValueError."""
    return ReaderSettings(
        pinned=_take_pinned(conf, None),
        subjects=_take_subjects(conf),
        unframe=function(conf, "schema.id.deserializer", dual_schema_id_deserializer),
    )


def _take_pinned(conf: Conf, schema_id: int | None) -> Pinned:
    metadata = conf.take("use.latest.with.metadata")
    if metadata is not None and not isinstance(metadata, dict):
        raise ValueError("use.latest.with.metadata must be a dict value")
    return Pinned(schema_id, metadata, flag(conf, "use.latest.version"))


def _take_subjects(conf: Conf) -> Subjects:
    return Subjects(
        kind=conf.take("subject.name.strategy.type"),
        conf=conf.take("subject.name.strategy.conf"),
        function=conf.take("subject.name.strategy"),
    )


def flag(conf: Conf, key: str, *, default: bool = False) -> bool:
    """Take a boolean. Raises ValueError."""
    value = conf.take(key, default)
    if not isinstance(value, bool):
        raise ValueError(f"{key} must be a boolean value")  # noqa: TRY004 - as every bad setting
    return value


def function(conf: Conf, key: str, default: Callable[..., Any]) -> Callable[..., Any]:
    """Take a callable. Raises ValueError."""
    value = conf.take(key, default)
    if not callable(value):
        raise ValueError(f"{key} must be callable")  # noqa: TRY004 - as every bad setting
    return value  # type: ignore[no-any-return]  # callable() says no more than that
