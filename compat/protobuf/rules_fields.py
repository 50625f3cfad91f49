"""Rules of our own for two fields of one number: what each side does with the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from compat.protobuf.declarations import MapOf, Message
from compat.protobuf.descriptor_elements import json_name as default_json_name
from compat.protobuf.differ_fields import MAP, MESSAGE, group_of, is_same_name, typed_pairs
from compat.protobuf.kinds import Kind
from compat.protobuf.rules_defaults import default_of
from compat.protobuf.rules_options import changed_options
from compat.protobuf.rules_types import type_name
from compat.protobuf.spots import differing
from compat.protobuf.syntax import LiteralKind, Option, Scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from compat.finding import Finding
    from compat.protobuf.declarations import Field, Type
    from compat.protobuf.rules_types import Judge

    Rule = Callable[[Field, Field], Iterator[tuple[Kind, str]]]

# Options of fields that change generated code, and what is in force without them.
OPTIONS: Final[Mapping[str, str]] = {"ctype": "STRING", "jstype": "JS_NORMAL"}
_PACKABLE_GROUPS: Final = frozenset({"number", "signed", "fixed32", "fixed64", "float", "double"})


def fields(reader: Field, writer: Field, path: str, judge: Judge) -> Iterator[Finding]:
    """Yield what the rules find in two fields, the fields of extend blocks among them."""
    found = list(_types(reader, writer, judge))
    says_the_same = reader.node == writer.node and reader.inherited == writer.inherited
    for rule in RULES_OF_TYPES if says_the_same else RULES:
        found += rule(reader, writer)
    for kind, detail in found:
        yield differing(kind, path, reader=reader, writer=writer, detail=detail)


def is_repeated(field: Field) -> bool:
    return field.label == "repeated" or isinstance(field.type, MapOf)


def is_required(field: Field) -> bool:
    """Tell whether a message without the field is refused."""
    if field.label == "required":
        return True
    return (
        field.label is None
        and field.oneof is None
        and field.features.field_presence == "LEGACY_REQUIRED"
    )


def is_delimited(field: Field) -> bool:
    """Tell whether the message in a field is written between two tags, as groups are."""
    if field.is_group:
        return True
    return isinstance(field.type, Message) and field.features.message_encoding == "DELIMITED"


def has_presence(field: Field) -> bool:
    """Tell whether a field that is not set can be told from one that is zero."""
    if field.oneof is not None or field.label in ("optional", "required"):
        return True
    return isinstance(field.type, Message) or field.features.field_presence != "IMPLICIT"


def is_packed(field: Field) -> bool:
    for option in field.node.options:
        if option.dotted == "packed":
            return option.value == Scalar(LiteralKind.IDENTIFIER, "true")
    return field.features.repeated_field_encoding == "PACKED"


def json_name(field: Field) -> str:
    """Return the name of a field in JSON."""
    for option in field.node.options:
        if option.dotted == "json_name" and isinstance(option.value, Scalar):
            return option.value.text
    return default_json_name(field.name)


def _alike(reader: Type, writer: Type) -> bool:
    """Tell whether Confluent has no objection to the types."""
    group = group_of(reader)
    if group != group_of(writer):
        return False
    return group != MESSAGE or is_same_name(reader, writer)


def _types(reader: Field, writer: Field, judge: Judge) -> Iterator[tuple[Kind, str]]:
    for new, old in typed_pairs(reader.type, writer.type):
        if new == old or not _alike(new, old):
            continue
        names = type_name(new), type_name(old)
        detail = f"{names[1]} to {names[0]}"
        is_lossy, has_other_json = judge.of(new, old)
        if is_lossy:
            yield Kind.FIELD_TYPE_LOSSY, detail
        if has_other_json:
            yield Kind.FIELD_JSON_TYPE_CHANGED, detail
        if names[0] != names[1]:
            yield Kind.FIELD_TYPE_CHANGED, detail


def _repetition(reader: Field, writer: Field) -> Iterator[tuple[Kind, str]]:
    new, old = is_repeated(reader), is_repeated(writer)
    if new != old:
        yield Kind.FIELD_REPETITION_CHANGED, "repeated" if new else "singular"


def _required(reader: Field, writer: Field) -> Iterator[tuple[Kind, str]]:
    new, old = is_required(reader), is_required(writer)
    if new != old:
        yield Kind.FIELD_MADE_REQUIRED if new else Kind.FIELD_NO_LONGER_REQUIRED, ""


def _presence(reader: Field, writer: Field) -> Iterator[tuple[Kind, str]]:
    if is_repeated(reader) or is_repeated(writer) or not _alike(reader.type, writer.type):
        return
    new, old = has_presence(reader), has_presence(writer)
    if new != old:
        yield Kind.FIELD_PRESENCE_CHANGED, "explicit" if new else "implicit"


def _default(reader: Field, writer: Field) -> Iterator[tuple[Kind, str]]:
    if is_repeated(reader) or is_repeated(writer) or not _alike(reader.type, writer.type):
        return
    new, old = default_of(reader), default_of(writer)
    if new != old:
        yield Kind.FIELD_DEFAULT_CHANGED, f"{old} to {new}"


def _encoding(reader: Field, writer: Field) -> Iterator[tuple[Kind, str]]:
    if reader.is_group != writer.is_group and {group_of(reader.type), group_of(writer.type)} != {
        MESSAGE
    }:
        yield Kind.GROUP_CHANGED, ""
    elif is_delimited(reader) != is_delimited(writer) and MAP not in (
        group_of(reader.type),
        group_of(writer.type),
    ):
        yield Kind.FIELD_MESSAGE_ENCODING_CHANGED, _encoding_name(reader)


def _encoding_name(field: Field) -> str:
    return "DELIMITED" if is_delimited(field) else "LENGTH_PREFIXED"


def _utf8(reader: Field, writer: Field) -> Iterator[tuple[Kind, str]]:
    pairs = typed_pairs(reader.type, writer.type)
    if all((new, old) != ("string", "string") for new, old in pairs):
        return
    new, old = (field.features.utf8_validation == "VERIFY" for field in (reader, writer))
    if new != old:
        yield Kind.FIELD_UTF8_VALIDATION_ADDED if new else Kind.FIELD_UTF8_VALIDATION_REMOVED, ""


def _packing(reader: Field, writer: Field) -> Iterator[tuple[Kind, str]]:
    if all(
        is_repeated(field) and group_of(field.type) in _PACKABLE_GROUPS
        for field in (reader, writer)
    ) and is_packed(reader) != is_packed(writer):
        yield Kind.FIELD_PACKING_CHANGED, "PACKED" if is_packed(reader) else "EXPANDED"


def _json_names(reader: Field, writer: Field) -> Iterator[tuple[Kind, str]]:
    new, old = json_name(reader), json_name(writer)
    # where the name has changed, its form in JSON goes without saying
    if new != old and reader.name == writer.name:
        yield Kind.FIELD_JSON_NAME_CHANGED, f"{old} to {new}"


def _options(reader: Field, writer: Field) -> Iterator[tuple[Kind, str]]:
    for name in changed_options(_relevant(reader), _relevant(writer), OPTIONS):
        yield Kind.FIELD_OPTION_CHANGED, name


def _relevant(field: Field) -> Sequence[Option]:
    """Return the options that change generated code: features of languages among them."""
    return [
        option
        for option in field.node.options
        if option.dotted in OPTIONS or option.dotted.startswith("features.(")
    ]


RULES: Final[Sequence[Rule]] = (
    _repetition,
    _required,
    _presence,
    _default,
    _encoding,
    _utf8,
    _packing,
    _json_names,
    _options,
)
# Those that two fields of the same words can break: their types may have changed.
RULES_OF_TYPES: Final[Sequence[Rule]] = (_default,)
