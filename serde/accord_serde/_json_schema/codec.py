"""One JSON Schema of the registry as the core of the serializers uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from accord_serde._core.references import referenced
from accord_serde._json_schema.documents import Documents
from accord_serde._json_schema.fields import JsonFields
from accord_serde._json_schema.validator import Validator
from accord_serde._rules import RuleMode
from accord_serde._rules_engine.contexts import RulePhase
from accord_serde._rules_engine.execution import has_rules
from accord_serde.serialization import PayloadError, SerializationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord_serde._core.asks import Steps
    from accord_serde._schemas import Schema

MAX_CODECS = 10_000  # schemas in memory per serializer; they are parsed again beyond that


class Encoder:
    """Writes objects as JSON behind a prefix."""

    __slots__ = ("encode",)

    encode: Callable[[Any], bytes]

    def __init__(self, encode: Callable[[Any], bytes]) -> None:
        self.encode = encode


class Decoder:
    """Reads JSON from a place on."""

    __slots__ = ("decode",)

    decode: Callable[[bytes, int], Any]

    def __init__(self, decode: Callable[[bytes, int], Any]) -> None:
        self.decode = decode


class Options:
    """How a serializer writes and reads JSON, and whether it checks it."""

    __slots__ = ("dumps", "loads", "validate")

    def __init__(
        self,
        *,
        validate: bool,
        json_encode: Callable[[Any], str | bytes] | None = None,
        json_decode: Callable[[bytes], Any] | None = None,
    ) -> None:
        self.validate = validate
        self.dumps: Callable[[Any], bytes] = (
            orjson.dumps if json_encode is None else _to_bytes(json_encode)
        )
        self.loads: Callable[[bytes], Any] = orjson.loads if json_decode is None else json_decode


def _to_bytes(json_encode: Callable[[Any], str | bytes]) -> Callable[[Any], bytes]:
    def dumps(message: Any) -> bytes:
        encoded = json_encode(message)
        return encoded.encode() if isinstance(encoded, str) else encoded

    return dumps


class JsonCodec:
    """A schema with the validators made for it."""

    message_indexes = None

    def __init__(self, schema: Schema, documents: Documents, options: Options) -> None:
        self.schema = schema
        self._documents = documents
        self._options = options
        self._validator: Validator | None = None
        self._fields: JsonFields | None = None
        self._decoder: Decoder | None = None
        self._checks_late = has_rules(schema.rule_set, RulePhase.DOMAIN, RuleMode.READ)

    @property
    def record_name(self) -> str | None:
        schema = self._documents.root.schema
        title = schema.get("title") if isinstance(schema, dict) else None
        return title if isinstance(title, str) else None

    @property
    def fields(self) -> JsonFields:
        if self._fields is None:
            self._fields = JsonFields(self._documents)
        return self._fields

    @property
    def validator(self) -> Validator:
        """Return what checks messages. Raises SerializationError: the schema is not sound."""
        if self._validator is None:
            self._validator = Validator(self._documents.validator())
        return self._validator

    def encoder(self, prefix: bytes) -> Encoder:
        dumps = self._options.dumps
        if self._options.validate:
            return Encoder(_checking_encoder(prefix, dumps, self.validator))
        return Encoder(lambda message: prefix + dumps(message))

    def decoder(self, reader: JsonCodec | None) -> Decoder:
        return (self if reader is None else reader).own_decoder()

    def own_decoder(self) -> Decoder:
        """Return what reads messages that are to be as this schema says."""
        if self._decoder is None:
            loads = self._options.loads
            is_quick = self._options.validate and not self._checks_late
            self._decoder = Decoder(
                _checking_decoder(loads, self.validator) if is_quick else _plain_decoder(loads)
            )
        return self._decoder

    def migrating_decoder(self) -> Decoder:
        return Decoder(_plain_decoder(self._options.loads))

    def migrated(self, message: Any) -> Any:
        if not self._checks_late:
            self._check(message)
        return message

    def check_late(self, message: Any) -> None:
        """Check what rules for reading left, where there are some. Raises PayloadError."""
        if self._checks_late:
            self._check(message)

    def _check(self, message: Any) -> None:
        if self._options.validate and not self.validator.accepts(message):
            self.validator.check(message, PayloadError)


def _checking_encoder(
    prefix: bytes, dumps: Callable[[Any], bytes], validator: Validator
) -> Callable[[Any], bytes]:
    is_valid = validator.is_valid

    def encode(message: Any) -> bytes:
        try:
            # Written first: what is too deep for orjson would exhaust the validator's stack.
            payload = dumps(message)
            if is_valid(message):
                return prefix + payload
        except Exception:  # noqa: BLE001, S110 - judged below; a schema's objection goes first
            pass
        validator.check(message)
        return prefix + dumps(message)

    return encode


def _checking_decoder(
    loads: Callable[[bytes], Any], validator: Validator
) -> Callable[[bytes, int], Any]:
    is_valid = validator.is_valid

    def decode(data: bytes, start: int) -> Any:
        try:
            message = loads(data[start:])
        except ValueError as error:
            raise _no_json(error) from error
        try:
            if is_valid(message):
                return message
        except ValueError:
            pass  # a decoder of the caller's made values that JSON does not have
        validator.check(message, PayloadError)
        return message

    return decode


def _plain_decoder(loads: Callable[[bytes], Any]) -> Callable[[bytes, int], Any]:
    def decode(data: bytes, start: int) -> Any:
        try:
            return loads(data[start:])
        except ValueError as error:
            raise _no_json(error) from error

    return decode


def _no_json(error: ValueError) -> PayloadError:
    return PayloadError(f"the payload is not JSON: {error}")


class Codecs:
    """The schemas a serializer has met, each parsed once."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._known: dict[Schema, JsonCodec] = {}

    def of(self, schema: Schema) -> Steps[JsonCodec]:
        """Return a schema's codec. Raises SerializationError, ValueError: a text is no JSON."""
        known = self._known.get(schema)
        if known is None:
            others = yield from referenced(schema)
            named = [(name, _text(other)) for name, other in others]
            documents = Documents(_text(schema), named)
            if len(self._known) >= MAX_CODECS:
                self._known.clear()
            known = self._known[schema] = JsonCodec(schema, documents, self._options)
        return known


def _text(schema: Schema) -> str:
    if schema.schema_str is None:
        raise SerializationError("the schema has no text")
    return schema.schema_str
