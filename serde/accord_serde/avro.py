"""Avro serializers and deserializers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Self, TypeAlias, TypeVar

from accord_serde._avro.codec import Codecs, Options
from accord_serde._core.arguments import configured, function, schema_of
from accord_serde._core.builders import (
    AwaitedBuild,
    BlockingBuild,
    RecordDeserializerRecipe,
    RecordSerializerRecipe,
)
from accord_serde._core.faces import (
    AwaitedDeserializer,
    AwaitedSerializer,
    BlockingDeserializer,
    BlockingSerializer,
    ReaderFace,
    WriterFace,
)
from accord_serde._core.reading import Reader
from accord_serde._core.settings import flag, open_conf, take_reader, take_writer
from accord_serde._core.writing import Writer
from accord_serde._rules_engine.validation import InlineRules

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord_serde._avro.codec import AvroCodec
    from accord_serde._core.asks import Steps
    from accord_serde._core.framing import SchemaId
    from accord_serde._rules_engine.registry import RuleRegistry
    from accord_serde._schemas import Schema

    ToDict: TypeAlias = Callable[[Any, Any], Any]
    FromDict: TypeAlias = Callable[[Any, Any], Any]

__all__ = [
    "AsyncAvroDeserializer",
    "AsyncAvroDeserializerBuilder",
    "AsyncAvroSerializer",
    "AsyncAvroSerializerBuilder",
    "AvroDeserializer",
    "AvroDeserializerBuilder",
    "AvroSerializer",
    "AvroSerializerBuilder",
]

AVRO = "AVRO"

S = TypeVar("S")


class _AvroWriter(Writer):
    schema_type = AVRO

    def __init__(
        self,
        schema: Schema | None,
        to_dict: ToDict | None,
        conf: dict[str, Any] | None,
        rules: RuleRegistry,
    ) -> None:
        left = dict(conf or {})
        inline = InlineRules.from_conf(left)
        taken = open_conf(left)
        super().__init__(settings=take_writer(taken), inline=inline, rules=rules, to_dict=to_dict)
        strict = flag(taken, "validate.strict")
        strict_allow_default = flag(taken, "validate.strict.allow.default")
        taken.finish()
        self._codecs = Codecs(
            Options(writing={"strict": strict, "strict_allow_default": strict_allow_default})
        )
        self._schema = schema
        self._own: AvroCodec | None = None

    def record_name(self, obj: object) -> str | None:  # noqa: ARG002 - the schema has one name
        return None if self._own is None else self._own.record_name

    def subject(self, obj: object, ctx: Any) -> Steps[str]:
        yield from self.own_codec(ctx)  # for its name, where nobody awaited the serializer
        return (yield from super().subject(obj, ctx))

    def own_codec(self, ctx: Any) -> Steps[AvroCodec | None]:  # noqa: ARG002
        if self._own is None and self._schema is not None:
            self._own = yield from self._codecs.of(self._schema)
        return self._own

    def codec(self, schema: Schema) -> Steps[AvroCodec]:
        return self._codecs.of(schema)


class _AvroReader(Reader):
    schema_type = AVRO

    def __init__(
        self,
        schema: Schema | None,
        from_dict: ToDict | None,
        conf: dict[str, Any] | None,
        rules: RuleRegistry,
        *,
        return_record_name: bool,
    ) -> None:
        taken = open_conf(conf)
        super().__init__(settings=take_reader(taken), rules=rules, from_dict=from_dict)
        taken.finish()
        self._codecs = Codecs(Options(reading={"return_record_name": return_record_name}))
        self._schema = schema

    def writer_name(self, writer: Any, schema_id: SchemaId) -> str | None:  # noqa: ARG002
        """Return the name of a named type; as with Confluent's, others have none when read."""
        parsed = writer.avro.parsed
        return parsed.get("name") if isinstance(parsed, dict) else None

    def own_codec(self) -> Steps[AvroCodec | None]:
        if self._schema is None:
            return None
        return (yield from self._codecs.of(self._schema))

    def codec(self, schema: Schema) -> Steps[AvroCodec]:
        return self._codecs.of(schema)


def _writer(
    schema: str | Schema | None,
    to_dict: ToDict | None,
    conf: dict[str, Any] | None,
    rules: RuleRegistry,
    record: type | None,
) -> _AvroWriter:
    if record is not None:
        from accord_serde import typed  # noqa: PLC0415 - most programs have no such classes

        schema = typed.avro_schema(record) if schema is None else schema
        to_dict = typed.to_dict(record) if to_dict is None else to_dict
    declared = _declaration(schema) if isinstance(schema, str) else schema
    return _AvroWriter(schema_of(declared, AVRO), function("to_dict", to_dict), conf, rules)


def _declaration(text: str) -> str:
    """Return the text of a schema as it is registered; Confluent's wraps what is no JSON object."""
    text = text.strip()
    if text.startswith(("{", "[")):
        return text
    return f'{{"type":{text if text.startswith(chr(34)) else json.dumps(text)}}}'


def _reader(
    schema: str | Schema | None,
    from_dict: FromDict | None,
    conf: dict[str, Any] | None,
    rules: RuleRegistry,
    record: type | None,
    *,
    return_record_name: bool,
) -> _AvroReader:
    if record is not None:
        from accord_serde import typed  # noqa: PLC0415 - most programs have no such classes

        schema = typed.avro_schema(record) if schema is None else schema
        from_dict = typed.from_dict(record) if from_dict is None else from_dict
    if not isinstance(return_record_name, bool):
        raise ValueError("return_record_name must be a boolean value")  # noqa: TRY004 - as every bad setting
    return _AvroReader(
        schema_of(schema, AVRO),
        function("from_dict", from_dict),
        conf,
        rules,
        return_record_name=return_record_name,
    )


class _AvroSerializing(WriterFace[_AvroWriter]):
    __slots__ = ()

    def __init__(
        self,
        schema_registry_client: Any,
        schema_str: str | Schema | None = None,
        to_dict: ToDict | None = None,
        conf: dict[str, Any] | None = None,
        rule_conf: dict[str, Any] | None = None,
        rule_registry: RuleRegistry | None = None,
        *,
        record: type | None = None,
    ) -> None:
        rules = configured(rule_registry, schema_registry_client, rule_conf)
        writer = _writer(schema_str, to_dict, conf, rules, record)
        super().__init__(schema_registry_client, writer, rules)


class _AvroDeserializing(ReaderFace[_AvroReader]):
    __slots__ = ()

    def __init__(
        self,
        schema_registry_client: Any,
        schema_str: str | Schema | None = None,
        from_dict: FromDict | None = None,
        return_record_name: bool = False,
        conf: dict[str, Any] | None = None,
        rule_conf: dict[str, Any] | None = None,
        rule_registry: RuleRegistry | None = None,
        *,
        record: type | None = None,
    ) -> None:
        rules = configured(rule_registry, schema_registry_client, rule_conf)
        reader = _reader(
            schema_str, from_dict, conf, rules, record, return_record_name=return_record_name
        )
        super().__init__(schema_registry_client, reader, rules)


class AvroSerializer(_AvroSerializing, BlockingSerializer[_AvroWriter]):
    """Writes objects as Avro behind the id of their schema.

    `schema_str` may be left out where `conf` names a version to use, or with `record`: a
    dataclass, pydantic model or TypedDict whose instances are written, and whose schema is derived
    where none is given. Raises ValueError, TypeError, SchemaRegistryError, and what fastavro
    raises for a schema that is none.
    """

    __slots__ = ()


class AvroDeserializer(_AvroDeserializing, BlockingDeserializer[_AvroReader]):
    """Reads Avro behind the id of its schema, into dicts or what `from_dict` makes of them.

    `schema_str` is the reader's schema, the writer's where it is left out. With `record`, a
    dataclass, pydantic model or TypedDict, messages become its instances, and the reader's schema
    is derived from it where none is given. Raises as AvroSerializer does.
    """

    __slots__ = ()


class AsyncAvroSerializer(_AvroSerializing, AwaitedSerializer[_AvroWriter]):
    """AvroSerializer for asyncio: `await` it when it is made, and at every call."""

    __slots__ = ()


class AsyncAvroDeserializer(_AvroDeserializing, AwaitedDeserializer[_AvroReader]):
    """AvroDeserializer for asyncio: `await` it when it is made, and at every call."""

    __slots__ = ()


class _SerializerRecipe(RecordSerializerRecipe[S]):
    __slots__ = ()

    def __init__(
        self,
        schema_registry_config: dict[str, Any] | None = None,
        schema_registry_client: object | None = None,
        schema: str | Schema | None = None,
        to_dict: ToDict | None = None,
        serializer_config: dict[str, Any] | None = None,
        rule_config: dict[str, Any] | None = None,
        rule_registry: RuleRegistry | None = None,
        serializer_init: Callable[[S], Any] | None = None,
    ) -> None:
        super().__init__(schema_registry_config, schema_registry_client, serializer_init)
        self._with(schema_str=schema, to_dict=to_dict, conf=serializer_config)
        self._with(rule_conf=rule_config, rule_registry=rule_registry)


class _DeserializerRecipe(RecordDeserializerRecipe[S]):
    __slots__ = ()

    def __init__(
        self,
        schema_registry_config: dict[str, Any] | None = None,
        schema_registry_client: object | None = None,
        schema: str | Schema | None = None,
        from_dict: FromDict | None = None,
        return_record_name: bool = False,
        deserializer_config: dict[str, Any] | None = None,
        rule_config: dict[str, Any] | None = None,
        rule_registry: RuleRegistry | None = None,
        deserializer_init: Callable[[S], Any] | None = None,
    ) -> None:
        super().__init__(schema_registry_config, schema_registry_client, deserializer_init)
        self._with(schema_str=schema, from_dict=from_dict, conf=deserializer_config)
        self._with(return_record_name=return_record_name)
        self._with(rule_conf=rule_config, rule_registry=rule_registry)

    def set_return_record_name(self, return_record_name: bool) -> Self:
        """Tell the names of records in unions, as `(name, record)`."""
        return self._with(return_record_name=return_record_name)


class AvroSerializerBuilder(_SerializerRecipe[AvroSerializer], BlockingBuild[AvroSerializer]):
    """Makes an AvroSerializer for a Kafka client."""

    __slots__ = ()
    _makes = AvroSerializer


class AvroDeserializerBuilder(
    _DeserializerRecipe[AvroDeserializer], BlockingBuild[AvroDeserializer]
):
    """Makes an AvroDeserializer for a Kafka client."""

    __slots__ = ()
    _makes = AvroDeserializer


class AsyncAvroSerializerBuilder(
    _SerializerRecipe[AsyncAvroSerializer], AwaitedBuild[AsyncAvroSerializer]
):
    """Makes an AsyncAvroSerializer for a Kafka client."""

    __slots__ = ()
    _makes = AsyncAvroSerializer


class AsyncAvroDeserializerBuilder(
    _DeserializerRecipe[AsyncAvroDeserializer], AwaitedBuild[AsyncAvroDeserializer]
):
    """Makes an AsyncAvroDeserializer for a Kafka client."""

    __slots__ = ()
    _makes = AsyncAvroDeserializer
