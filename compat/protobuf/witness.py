"""A message that its writer takes and the reader refuses, or reads as something else.

It is tried with the runtime's own messages before it is shown. The message is of the type the
finding stands in, which may be nested in what is really sent.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, cast

from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, EncodeError

from compat.errors import InvalidSchema
from compat.finding import Witness
from compat.level import Policy
from compat.protobuf.kinds import (
    BREAKING,
    MISREAD_AS_JSON,
    UNCOMPILABLE,
    UNCOMPILABLE_PER_FILE,
    Kind,
)
from compat.protobuf.witness_messages import (
    candidates,
    class_of,
    is_map,
    map_of,
    put,
    single,
    with_required,
)
from compat.protobuf.witness_reading import misreadings, told, values
from compat.protobuf.witness_target import NoTarget, Sides, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from google.protobuf.message import Message

    from compat.finding import Finding
    from compat.protobuf.schema import ProtobufSchema

    Trial = Callable[[Target], Iterator[Witness]]

_CODE: Final = "the rule is about generated code, not about data"
_CALLS: Final = "the rule is about calls, not about data"
_LATER: Final = "nothing is misread yet: the rule keeps a later version from taking the place"
_EARLIER: Final = "what could be misread is older than the writer schema, which cannot write it"
OTHERS: Final = "this reader reads it; others, with the writer schema, refuse what lacks the field"

REASONS: Final[Mapping[Kind, str]] = {
    Kind.PACKAGE_CHANGED: "no message says its package: the rule is about names in code and `Any`",
    Kind.REQUIRED_FIELD_REMOVED: OTHERS,
    Kind.FIELD_NO_LONGER_REQUIRED: OTHERS,
    Kind.RESERVED_NUMBER_REMOVED: _LATER,
    Kind.RESERVED_NAME_REMOVED: _LATER,
    Kind.RESERVED_NUMBER_REUSED: _EARLIER,
    Kind.RESERVED_NAME_REUSED: _EARLIER,
    Kind.FIELD_NUMBER_NOT_RESERVED: _LATER,
    Kind.FIELD_NAME_NOT_RESERVED: _LATER,
    Kind.ENUM_NUMBER_NOT_RESERVED: _LATER,
    Kind.ENUM_NAME_NOT_RESERVED: _LATER,
    Kind.MESSAGE_SET_CHANGED: "a message set holds nothing but what other files declare",
    Kind.JSON_FORMAT_CHANGED: "nothing is misread: a promise is taken back",
    Kind.RPC_REQUEST_CHANGED: _CALLS,
    Kind.RPC_RESPONSE_CHANGED: _CALLS,
    Kind.RPC_CLIENT_STREAMING_CHANGED: _CALLS,
    Kind.RPC_SERVER_STREAMING_CHANGED: _CALLS,
    Kind.RPC_IDEMPOTENCY_CHANGED: _CALLS,
    **dict.fromkeys(UNCOMPILABLE | UNCOMPILABLE_PER_FILE, _CODE),
    Kind.SERVICE_REMOVED: _CALLS,
    Kind.RPC_REMOVED: _CALLS,
}
# Stands in a text for as many bytes that are no UTF-8: bytes are all that can hold them.
MARK: Final = "\ue000".encode()
NO_UTF8: Final = b"\xff\xfe\xfd"
HARMLESS: Final = "no policy refuses it"
NOT_FOUND: Final = "the runtime does not find the place in the schemas"
# Where every message that was tried is read as it was written.
STRICTER: Final = "every message tried is read as it was written: the rule is stricter than that"
NONE_FOUND: Final[Mapping[Kind, str]] = {
    Kind.FIELD_JSON_TYPE_CHANGED: "this JSON reader of protobuf takes both forms; others may not",
    Kind.FIELD_ONEOF_CHANGED: "every message tried is read as it was written: code may misread it",
    Kind.FIELD_NAMED_TYPE_CHANGED: (
        "every message tried is read as it was written: the rule is about the names of messages, "
        "or about what other readers refuse"
    ),
    Kind.ENUM_NAME_CHANGED: (
        "every message tried is read as it was written: a zero that cannot be told from nothing "
        "has no name in JSON"
    ),
}
ONE_AS_MANY: Final = (
    "no message is misread: what is single in the writer schema is read as a list of one or none; "
    "lists are not read whole the other way round"
)
ALWAYS_WRITTEN: Final = (
    "no message is misread: the writer schema requires the field, so no default is read in its "
    "place"
)
ANY_BYTES: Final = (
    "the reader schema does not check texts, so this library hands the bytes on as they are; "
    "others refuse or replace what is no UTF-8"
)


def _none_found(kind: Kind, target: Target) -> str:
    """Return why no message that was tried is misread."""
    if len(target.fields) == 1:
        (old,) = target.fields
        new = target.reader.fields_by_number.get(old.number)
        new = target.extensions[0] if target.extensions else new
        reason = None if new is None else _reason(kind, reader=new, writer=old)
        if reason is not None:
            return reason
    return NONE_FOUND.get(kind, STRICTER)


def _reason(kind: Kind, *, reader: FieldDescriptor, writer: FieldDescriptor) -> str | None:
    match kind:
        case Kind.FIELD_NUMERIC_LABEL_CHANGED | Kind.FIELD_REPETITION_CHANGED:
            if reader.is_repeated and not writer.is_repeated:
                return ONE_AS_MANY
            return OTHERS if writer.is_required and not reader.is_required else None
        case Kind.FIELD_DEFAULT_CHANGED:
            return ALWAYS_WRITTEN if writer.is_required else None
        case Kind.FIELD_TYPE_LOSSY:
            types = (writer.type, reader.type)
            is_text = types == (FieldDescriptor.TYPE_BYTES, FieldDescriptor.TYPE_STRING)
            return ANY_BYTES if is_text or is_map(reader) else None
        case _:
            return None


def witness(finding: Finding, *, reader: ProtobufSchema, writer: ProtobufSchema) -> Witness | str:
    """Return a witness of a finding, or the reason why there is none."""
    kind = Kind(finding.kind)
    if kind in REASONS or kind not in BREAKING[Policy.FILE]:
        return REASONS.get(kind, HARMLESS)
    try:
        target = _sides(reader, writer).target(finding)
        trial = TRIALS.get(kind, _as_json if kind in MISREAD_AS_JSON else _as_bytes)
        return next(trial(target), None) or _none_found(kind, target)
    except InvalidSchema as error:
        return f"one of the schemas does not compile: {error.message}"
    except (NoTarget, KeyError, TypeError, ValueError, EncodeError) as error:
        return _excuse(error)


@lru_cache(maxsize=1)  # the findings of one pair are asked about one after the other
def _sides(reader: ProtobufSchema, writer: ProtobufSchema) -> Sides:
    return Sides(reader, writer)


def _excuse(error: Exception) -> str:
    match error:
        case NoTarget():
            return str(error)
        case KeyError():  # a schema that was stored without being checked has all sorts of names
            return NOT_FOUND
        case _:
            return f"the runtime cannot write such a message: {error}"


def _as_bytes(target: Target) -> Iterator[Witness]:
    for message in candidates(target.writer, target.fields, target.number):
        data = message.SerializePartialToString(deterministic=True)
        failure = _failure(target, data, message)
        if failure is not None:
            yield Witness(shown(message), failure, data)


def _failure(target: Target, data: bytes, message: Message) -> str | None:
    """Return what goes wrong when a reader reads the bytes of a message."""
    try:
        read = class_of(target.reader).FromString(data)
    except DecodeError as error:
        return f"refuses it: {error}"
    if not read.IsInitialized():
        missing = [field.name for field in read.DESCRIPTOR.fields if field.is_required]
        names = ", ".join(name for name in missing if not read.HasField(name))
        return f"refuses it: it lacks {names or 'what a message in it requires'}"
    numbers = [field.number for field in target.fields]
    return next(misreadings(read, message, numbers, target.extensions), None)


def _lost(target: Target) -> Iterator[Witness]:
    """Try a member of a oneof that the reader does not know."""
    (field,) = target.fields
    oneof = field.containing_oneof
    for message in candidates(target.writer, target.fields, target.number):
        data = message.SerializePartialToString(deterministic=True)
        read = class_of(target.reader).FromString(data)
        if oneof is not None and _is_outside(read, field.number, oneof.name):
            is_known = field.number in read.DESCRIPTOR.fields_by_number
            told = (
                f"has field {field.number} elsewhere"
                if is_known
                else f"knows no field {field.number}"
            )
            yield Witness(shown(message), f"{told}, so {_chosen(read, oneof.name)}", data)


def _is_outside(read: Message, number: int, oneof: str) -> bool:
    known = cast("FieldDescriptor | None", read.DESCRIPTOR.fields_by_number.get(number))
    if known is None:
        return True
    return known.containing_oneof is None or known.containing_oneof.name != oneof


def _chosen(read: Message, oneof: str) -> str:
    known = oneof in read.DESCRIPTOR.oneofs_by_name
    chosen = read.WhichOneof(oneof) if known else None
    return f"nothing of `{oneof}` is set" if chosen is None else f"`{oneof}` is read as `{chosen}`"


def _renumbered(target: Target) -> Iterator[Witness]:
    """Try a field that the reader has under another number."""
    (field,) = target.fields
    new = target.reader.fields_by_name[field.name]
    for message in candidates(target.writer, target.fields, target.number):
        data = message.SerializePartialToString(deterministic=True)
        read = class_of(target.reader).FromString(data)
        here, there = told(values(read, new), new), told(values(message, field), field)
        if here != there:
            failure = f"reads `{new.name}` as {here} where {there} was written"
            yield Witness(shown(message), failure, data)


def _no_utf8(target: Target) -> Iterator[Witness]:
    """Try a text that is no UTF-8, which the writer's runtime reads, too."""
    (field,) = target.fields
    for value in _marked(field):
        message = with_required(target.writer)
        put(message, field, value)
        text = shown(message).replace(r"\ue000", r"\\xff\\xfe\\xfd")
        data = message.SerializePartialToString(deterministic=True).replace(MARK, NO_UTF8)
        class_of(target.writer).FromString(data)
        try:
            class_of(target.reader).FromString(data)
        except DecodeError as error:
            yield Witness(text, f"refuses it: {error}", data)


def _marked(field: FieldDescriptor) -> Iterator[object]:
    """Yield values of a field with the mark where a text may stand."""
    mark = MARK.decode()
    if not is_map(field):
        yield [mark] if field.is_repeated else mark
        return
    key, value = map_of(field)
    if key.type == FieldDescriptor.TYPE_STRING:
        yield {mark: next(single(value, 1))}
    if value.type == FieldDescriptor.TYPE_STRING:
        yield {next(single(key, 1)): mark}


def _gone(target: Target) -> Iterator[Witness]:
    """Show a message of a type that the reader does not have."""
    message = next(candidates(target.writer, list(target.writer.fields)))
    data = message.SerializePartialToString(deterministic=True)
    yield Witness(shown(message), f"knows no message {target.writer.full_name}", data)


def _as_json(target: Target) -> Iterator[Witness]:
    for message in candidates(target.writer, target.fields, target.number):
        text = shown(message)
        try:
            read = json_format.Parse(text, class_of(target.reader)())
        except json_format.ParseError as error:
            yield Witness(text, f"refuses it: {' '.join(str(error).split())}")
            continue
        numbers = [field.number for field in target.fields]
        for failure in misreadings(read, message, numbers, target.extensions):
            yield Witness(text, failure)


TRIALS: Final[Mapping[Kind, Trial]] = {
    Kind.MESSAGE_REMOVED: _gone,
    Kind.ONEOF_FIELD_REMOVED: _lost,
    Kind.FIELD_NUMBER_CHANGED: _renumbered,
    Kind.FIELD_UTF8_VALIDATION_ADDED: _no_utf8,
    Kind.ENUM_NAME_CHANGED: _as_json,
}


def shown(message: Message) -> str:
    """Return a message as JSON, in one line."""
    return json_format.MessageToJson(message, indent=None)
