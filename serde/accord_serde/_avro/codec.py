"""One Avro schema of the registry as the core of the serializers uses it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from accord_serde._avro.decoder import decoder
from accord_serde._avro.encoder import encoder
from accord_serde._avro.fields import AvroFields
from accord_serde._avro.schema import AvroSchema, load
from accord_serde._core.references import referenced
from accord_serde.serialization import SerializationError

if TYPE_CHECKING:
    from accord_serde._avro.decoder import Decoder
    from accord_serde._avro.encoder import Encoder
    from accord_serde._core.asks import Steps
    from accord_serde._core.references import Referenced
    from accord_serde._schemas import Schema


class AvroCodec:
    """A schema with the encoders and decoders made for it."""

    message_indexes = None

    def __init__(self, schema: Schema, avro: AvroSchema, options: Options) -> None:
        self.schema = schema
        self.avro = avro
        self._options = options
        self._decoders: dict[AvroCodec | None, Decoder] = {}
        self._fields: AvroFields | None = None

    @property
    def record_name(self) -> str | None:
        return self.avro.name

    @property
    def fields(self) -> AvroFields:
        if self._fields is None:
            self._fields = AvroFields(self.avro.parsed)
        return self._fields

    def encoder(self, prefix: bytes) -> Encoder:
        return encoder(self.avro, prefix=prefix, **self._options.writing)

    def decoder(self, reader: AvroCodec | None) -> Decoder:
        known = self._decoders.get(reader)
        if known is None:
            target = None if reader is None or reader.avro is self.avro else reader.avro
            known = self._decoders[reader] = decoder(self.avro, target, **self._options.reading)
        return known

    def migrating_decoder(self) -> Decoder:
        return self.decoder(None)

    def migrated(self, message: Any) -> Any:
        return message


class Options:
    """The settings of a serializer or deserializer that its codecs need."""

    __slots__ = ("reading", "writing")

    def __init__(
        self,
        *,
        writing: dict[str, bool] | None = None,
        reading: dict[str, bool] | None = None,
    ) -> None:
        self.writing = writing or {}
        self.reading = reading or {}


class Codecs:
    """The schemas a serializer has met, each parsed once."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._known: dict[Schema, AvroCodec] = {}

    def of(self, schema: Schema) -> Steps[AvroCodec]:
        """Return a schema's codec. Raises SerializationError, and what fastavro raises."""
        known = self._known.get(schema)
        if known is None:
            others = yield from referenced(schema)
            avro = load(_text(schema), _by_name(others))
            if len(self._known) >= MAX_CODECS:
                self._known.clear()
            known = self._known[schema] = AvroCodec(schema, avro, self._options)
        return known


MAX_CODECS = 10_000  # schemas in memory per serializer; they are parsed again beyond that


def _text(schema: Schema) -> str:
    if schema.schema_str is None:
        raise SerializationError("the schema has no text")
    return schema.schema_str


def _by_name(others: list[Referenced]) -> dict[str, Any]:
    """Return what is referred to by reference name, and by full name where that is another."""
    named: dict[str, Any] = {}
    for name, schema in others:
        raw = named[name] = json.loads(_text(schema))
        if isinstance(raw, dict) and isinstance(raw.get("name"), str):
            space = raw.get("namespace")
            own = raw["name"]
            named.setdefault(f"{space}.{own}" if space and "." not in own else own, raw)
    return named
