"""JSON Schema serializers and deserializers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self, TypeAlias, TypeVar

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
from accord_serde._core.settings import Pinned, flag, open_conf, take_reader, take_writer
from accord_serde._core.writing import Writer
from accord_serde._json_schema.codec import Codecs, JsonCodec, Options
from accord_serde._rules_engine.validation import InlineRules
from accord_serde._schemas import Schema

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord_serde._core.asks import Steps
    from accord_serde._core.codec import Decoding
    from accord_serde._core.framing import SchemaId
    from accord_serde._rules_engine.registry import RuleRegistry

    ToDict: TypeAlias = Callable[[Any, Any], Any]
    FromDict: TypeAlias = Callable[[Any, Any], Any]
    JsonEncode: TypeAlias = Callable[[Any], str | bytes]
    JsonDecode: TypeAlias = Callable[[bytes], Any]

__all__ = [
    "AsyncJSONDeserializer",
    "AsyncJSONDeserializerBuilder",
    "AsyncJSONSerializer",
    "AsyncJSONSerializerBuilder",
    "JSONDeserializer",
    "JSONDeserializerBuilder",
    "JSONSerializer",
    "JSONSerializerBuilder",
]

JSON = "JSON"

S = TypeVar("S")


class _JSONWriter(Writer):
    schema_type = JSON

    def __init__(
        self,
        schema: Schema | None,
        to_dict: ToDict | None,
        conf: dict[str, Any] | None,
        rules: RuleRegistry,
        json_encode: JsonEncode | None,
    ) -> None:
        left = dict(conf or {})
        inline = InlineRules.from_conf(left)
        taken = open_conf(left)
        super().__init__(settings=take_writer(taken), inline=inline, rules=rules, to_dict=to_dict)
        validate = flag(taken, "validate", default=True)
        taken.finish()
        self._codecs = Codecs(Options(validate=validate, json_encode=json_encode))
        self._schema = schema
        self._own: JsonCodec | None = None

    def record_name(self, obj: object) -> str | None:  # noqa: ARG002 - the schema has one title
        return None if self._own is None else self._own.record_name

    def own_codec(self, ctx: Any) -> Steps[JsonCodec | None]:  # noqa: ARG002
        if self._own is None and self._schema is not None:
            self._own = yield from self._codecs.of(self._schema)
        return self._own

    def codec(self, schema: Schema) -> Steps[JsonCodec]:
        return self._codecs.of(schema)


class _JSONReader(Reader):
    schema_type = JSON

    def __init__(
        self,
        schema: Schema | None,
        from_dict: FromDict | None,
        conf: dict[str, Any] | None,
        rules: RuleRegistry,
        json_decode: JsonDecode | None,
    ) -> None:
        taken = open_conf(conf)
        super().__init__(settings=take_reader(taken), rules=rules, from_dict=from_dict)
        validate = flag(taken, "validate", default=True)
        taken.finish()
        self._codecs = Codecs(Options(validate=validate, json_decode=json_decode))
        self._schema = schema

    def own_codec(self) -> Steps[JsonCodec | None]:
        if self._schema is None:
            return None
        return (yield from self._codecs.of(self._schema))

    def codec(self, schema: Schema) -> Steps[JsonCodec]:
        return self._codecs.of(schema)

    def checked(self, message: Any, codec: Decoding) -> None:
        assert isinstance(codec, JsonCodec)
        codec.check_late(message)


class _OfflineReader(_JSONReader):
    """A reader of one schema, whatever schema a message names."""

    has_client = False

    def __init__(self, schema: Schema, *arguments: Any) -> None:
        super().__init__(schema, *arguments)
        nothing = Pinned(schema_id=None, metadata=None, latest=False)
        self.settings = replace(self.settings, pinned=nothing)

    def writer(self, schema_id: SchemaId, subject: str | None) -> Steps[Decoding]:  # noqa: ARG002
        own = yield from self.own_codec()
        assert own is not None
        return own


def _schema_of(given: str | Schema | None) -> Schema | None:
    # The text as it is: registries tell whether two texts of JSON Schema are the same.
    return Schema(given, JSON) if isinstance(given, str) else schema_of(given, JSON)


def _writer(
    schema: str | Schema | None,
    to_dict: ToDict | None,
    conf: dict[str, Any] | None,
    rules: RuleRegistry,
    json_encode: JsonEncode | None,
    record: type | None,
) -> _JSONWriter:
    if record is not None:
        from accord_serde import typed  # noqa: PLC0415 - most programs have no such classes

        schema = typed.json_schema(record) if schema is None else schema
        to_dict = typed.to_dict(record, form="json") if to_dict is None else to_dict
    to_dict = function("to_dict", to_dict)
    return _JSONWriter(_schema_of(schema), to_dict, conf, rules, json_encode)


def _reader(
    schema: str | Schema | None,
    from_dict: FromDict | None,
    client: object | None,
    conf: dict[str, Any] | None,
    rules: RuleRegistry,
    json_decode: JsonDecode | None,
    record: type | None,
) -> _JSONReader:
    if record is not None:
        from accord_serde import typed  # noqa: PLC0415 - most programs have no such classes

        schema = typed.json_schema(record) if schema is None else schema
        from_dict = typed.from_dict(record, form="json") if from_dict is None else from_dict
    own, from_dict = _schema_of(schema), function("from_dict", from_dict)
    if client is not None:
        return _JSONReader(own, from_dict, conf, rules, json_decode)
    if own is None:
        raise ValueError("without a schema_registry_client a schema_str must be provided")
    if own.references:
        raise ValueError("a schema with references needs a schema_registry_client to fetch them")
    return _OfflineReader(own, from_dict, conf, rules, json_decode)


class _JSONSerializing(WriterFace[_JSONWriter]):
    __slots__ = ()

    def __init__(
        self,
        schema_str: str | Schema | None,
        schema_registry_client: Any,
        to_dict: ToDict | None = None,
        conf: dict[str, Any] | None = None,
        rule_conf: dict[str, Any] | None = None,
        rule_registry: RuleRegistry | None = None,
        json_encode: JsonEncode | None = None,
        *,
        record: type | None = None,
    ) -> None:
        rules = configured(rule_registry, schema_registry_client, rule_conf)
        writer = _writer(schema_str, to_dict, conf, rules, json_encode, record)
        super().__init__(schema_registry_client, writer, rules)


class _JSONDeserializing(ReaderFace[_JSONReader]):
    __slots__ = ()

    def __init__(
        self,
        schema_str: str | Schema | None,
        from_dict: FromDict | None = None,
        schema_registry_client: Any = None,
        conf: dict[str, Any] | None = None,
        rule_conf: dict[str, Any] | None = None,
        rule_registry: RuleRegistry | None = None,
        json_decode: JsonDecode | None = None,
        *,
        record: type | None = None,
    ) -> None:
        client = schema_registry_client
        rules = configured(rule_registry, client, rule_conf)
        reader = _reader(schema_str, from_dict, client, conf, rules, json_decode, record)
        super().__init__(client, reader, rules)


class JSONSerializer(_JSONSerializing, BlockingSerializer[_JSONWriter]):
    """Writes objects as JSON behind the id of their schema, once they are valid for it.

    `schema_str` may be None where `conf` names a version to use, or with `record`: a dataclass,
    pydantic model or TypedDict whose instances are written, and whose schema is derived where none
    is given. The schema's `title` is its name. `json_encode` takes the place of `orjson.dumps`.
    Raises ValueError, TypeError, SchemaRegistryError, SerializationError.
    """

    __slots__ = ()


class JSONDeserializer(_JSONDeserializing, BlockingDeserializer[_JSONReader]):
    """Reads JSON behind the id of its schema, into dicts or what `from_dict` makes of them.

    `schema_str` is the schema messages have to be valid for, the writer's where it is None; with
    one that refers to no other, no client is needed. With `record`, a dataclass, pydantic model or
    TypedDict, messages become its instances, and the schema is derived from it where none is
    given. `json_decode` takes the place of `orjson.loads`. Raises as JSONSerializer does.
    """

    __slots__ = ()


class AsyncJSONSerializer(_JSONSerializing, AwaitedSerializer[_JSONWriter]):
    """JSONSerializer for asyncio: `await` it when it is made, and at every call."""

    __slots__ = ()


class AsyncJSONDeserializer(_JSONDeserializing, AwaitedDeserializer[_JSONReader]):
    """JSONDeserializer for asyncio: `await` it when it is made, and at every call."""

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
        json_encode: JsonEncode | None = None,
        serializer_init: Callable[[S], Any] | None = None,
    ) -> None:
        super().__init__(schema_registry_config, schema_registry_client, serializer_init)
        self._with(schema_str=schema, to_dict=to_dict, conf=serializer_config)
        self._with(rule_conf=rule_config, rule_registry=rule_registry, json_encode=json_encode)

    def set_json_encode(self, json_encode: JsonEncode) -> Self:
        """Write JSON with this function."""
        return self._with(json_encode=json_encode)


class _DeserializerRecipe(RecordDeserializerRecipe[S]):
    __slots__ = ()

    def __init__(
        self,
        schema_registry_config: dict[str, Any] | None = None,
        schema_registry_client: object | None = None,
        schema: str | Schema | None = None,
        from_dict: FromDict | None = None,
        deserializer_config: dict[str, Any] | None = None,
        rule_config: dict[str, Any] | None = None,
        rule_registry: RuleRegistry | None = None,
        json_decode: JsonDecode | None = None,
        deserializer_init: Callable[[S], Any] | None = None,
    ) -> None:
        super().__init__(schema_registry_config, schema_registry_client, deserializer_init)
        self._with(schema_str=schema, from_dict=from_dict, conf=deserializer_config)
        self._with(rule_conf=rule_config, rule_registry=rule_registry, json_decode=json_decode)

    def set_json_decode(self, json_decode: JsonDecode) -> Self:
        """Read JSON with this function."""
        return self._with(json_decode=json_decode)


class JSONSerializerBuilder(_SerializerRecipe[JSONSerializer], BlockingBuild[JSONSerializer]):
    """Makes a JSONSerializer for a Kafka client."""

    __slots__ = ()
    _makes = JSONSerializer


class JSONDeserializerBuilder(
    _DeserializerRecipe[JSONDeserializer], BlockingBuild[JSONDeserializer]
):
    """Makes a JSONDeserializer for a Kafka client."""

    __slots__ = ()
    _makes = JSONDeserializer


class AsyncJSONSerializerBuilder(
    _SerializerRecipe[AsyncJSONSerializer], AwaitedBuild[AsyncJSONSerializer]
):
    """Makes an AsyncJSONSerializer for a Kafka client."""

    __slots__ = ()
    _makes = AsyncJSONSerializer


class AsyncJSONDeserializerBuilder(
    _DeserializerRecipe[AsyncJSONDeserializer], AwaitedBuild[AsyncJSONDeserializer]
):
    """Makes an AsyncJSONDeserializer for a Kafka client."""

    __slots__ = ()
    _makes = AsyncJSONDeserializer
