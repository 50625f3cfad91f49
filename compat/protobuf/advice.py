"""Findings in plain words, for people who have never read a specification."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from compat.finding import Advice
from compat.protobuf import syntax
from compat.protobuf.kinds import Kind
from compat.protobuf.parser_types import SCALARS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from compat.finding import Finding, Spot

_SAME_TYPE: Final = (
    "Give {place} the same type in both schemas; for the other type, add a field with a new number."
)
_SAME_LABEL: Final = (
    "Give {place} the same label in both schemas; for the other, add a field with a new number."
)
_SAME_ONEOFS: Final = (
    "Leave these fields outside the oneof in the reader schema, or put them together in the writer "
    "schema, too; a oneof can take new fields with new numbers."
)
_SAME_CALL: Final = "Let the method be the same in both schemas, and add another one beside it."
_SAME_MEMBER: Final = (
    "Put {place} in the same oneof in both schemas, or add a field with a new number."
)

# Which of the two schemas can still be changed is not known here: the reader is the new one, or the
# old one. Only the kinds about the next version know that the reader is it.
ADVICE: Final[Mapping[Kind, Advice]] = {
    Kind.PACKAGE_CHANGED: Advice(
        "The reader schema has another package than the writer schema, so every type has another "
        "full name for generated code, for `Any` and for whoever looks types up by name.",
        "Use the same package in both schemas, or register the new one under another subject.",
    ),
    Kind.MESSAGE_REMOVED: Advice(
        "The reader schema has no message {place}, so what was written as one cannot be read.",
        "Keep the message {place} in the reader schema, or leave it out of the writer schema.",
    ),
    Kind.FIELD_KIND_CHANGED: Advice(
        "{place} is {old} in the writer schema and {new} in the reader schema, and one is not "
        "written like the other, so the value can be lost, or the whole message refused.",
        _SAME_TYPE,
    ),
    Kind.FIELD_SCALAR_KIND_CHANGED: Advice(
        "{place} is {old} in the writer schema and {new} in the reader schema, whose bytes mean "
        "something else, so the reader loses the value or gets a wrong one.",
        _SAME_TYPE,
    ),
    Kind.FIELD_NAMED_TYPE_CHANGED: Advice(
        "{place} holds {old} in the writer schema and {new} in the reader schema, and a message "
        "of another name counts as another message.",
        "Let {place} hold the same message in both schemas; for the other message, add a field "
        "with a new number.",
    ),
    Kind.FIELD_NUMERIC_LABEL_CHANGED: Advice(
        "{place} has another label in the reader schema than in the writer schema, and several "
        "numbers are written otherwise than one.",
        _SAME_LABEL,
    ),
    Kind.REQUIRED_FIELD_ADDED: Advice(
        "{place} is required in the reader schema and does not exist in the writer schema, so the "
        "reader refuses every message.",
        "Make {place} optional in the reader schema, or keep it in the writer schema.",
    ),
    Kind.REQUIRED_FIELD_REMOVED: Advice(
        "{place} is required in the writer schema and does not exist in the reader schema: the "
        "reader passes it over, but those who read with the writer schema refuse whatever is "
        "written without it.",
        "Keep {place} in the reader schema, or do not require it in the writer schema.",
    ),
    Kind.ONEOF_FIELD_REMOVED: Advice(
        "{place} is a choice of a oneof in the writer schema and does not exist in the reader "
        "schema, so a reader finds no choice made where it was taken.",
        "Keep {place} in its oneof in the reader schema, or leave it out of the writer schema.",
    ),
    Kind.MULTIPLE_FIELDS_MOVED_TO_ONEOF: Advice(
        "Fields that can be set together in the writer schema exclude each other in the oneof "
        "{place} of the reader schema, so a reader keeps only one of them.",
        _SAME_ONEOFS,
    ),
    Kind.FIELD_MOVED_TO_EXISTING_ONEOF: Advice(
        "Fields that exclude each other in the oneof {place} of the reader schema are not all of "
        "one oneof in the writer schema, so of two that are set a reader keeps only one.",
        _SAME_ONEOFS,
    ),
    Kind.RESERVED_NUMBER_REMOVED: Advice(
        "The number {detail} of {place} was set aside and is no longer, so a later field may take "
        "it and read old data as its own.",
        "Put back `reserved {detail};`.",
    ),
    Kind.RESERVED_NAME_REMOVED: Advice(
        "The name `{detail}` was set aside in {place} and is no longer, so a later field may take "
        "it and read old JSON as its own.",
        'Put back `reserved "{detail}";`.',
    ),
    Kind.RESERVED_NUMBER_REUSED: Advice(
        "{place} takes the number {detail}, which was set aside, so data written long ago with "
        "that number is read as {place}.",
        "Give {place} a number that was never used, and put back `reserved {detail};`.",
    ),
    Kind.RESERVED_NAME_REUSED: Advice(
        "{place} takes a name that was set aside, so JSON written long ago with that name is read "
        "as the new one.",
        'Give it another name, and put back `reserved "{detail}";`.',
    ),
    Kind.FIELD_NUMBER_CHANGED: Advice(
        "{place} has another number in the reader schema than in the writer schema ({detail}), and "
        "bytes know numbers only, so the reader finds the field empty.",
        "Give {place} the same number in both schemas.",
    ),
    Kind.FIELD_TYPE_LOSSY: Advice(
        "{place} goes from {detail} between the writer schema and the reader schema, and the "
        "latter does not have every value of the former, so some values are read as others, or "
        "not at all.",
        "Give {place} the same type in both schemas, or one in the reader schema that has all "
        "values of the writer's.",
    ),
    Kind.FIELD_REPETITION_CHANGED: Advice(
        "{place} is {detail} in the reader schema and not in the writer schema.",
        _SAME_LABEL,
    ),
    Kind.FIELD_MADE_REQUIRED: Advice(
        "{place} is required in the reader schema and not in the writer schema, so the reader "
        "refuses messages written without it.",
        "Leave {place} optional in the reader schema, or require it in the writer schema, too.",
    ),
    Kind.FIELD_NO_LONGER_REQUIRED: Advice(
        "{place} is required in the writer schema and not in the reader schema: the reader takes "
        "every message, but those who read with the writer schema refuse whatever is written "
        "without it.",
        "Require {place} in the reader schema, too, or in neither of the two.",
    ),
    Kind.FIELD_DEFAULT_CHANGED: Advice(
        "The default of {place} goes from {detail} between the writer schema and the reader "
        "schema, so a message without the field means something else to the reader than to its "
        "writer.",
        "Give {place} the same default in both schemas.",
    ),
    Kind.FIELD_MESSAGE_ENCODING_CHANGED: Advice(
        "The message in {place} is {detail} in the reader schema and written in the other form, so "
        "the reader passes it over and finds the field empty.",
        "Use the same encoding in both schemas, or add a field with a new number.",
    ),
    Kind.FIELD_UTF8_VALIDATION_ADDED: Advice(
        "The reader schema wants valid UTF-8 in {place}, and the writer schema does not, so a "
        "message with other bytes is refused as a whole.",
        "Leave the validation off for {place} in the reader schema, or turn it on in the writer "
        "schema.",
    ),
    Kind.FIELD_ONEOF_CHANGED: Advice(
        "{place} is not in the same oneof in both schemas, so code that asks which of several "
        "fields is set gets another answer.",
        _SAME_MEMBER,
    ),
    Kind.GROUP_CHANGED: Advice(
        "{place} is a group in only one of the two schemas, or the two groups differ inside in a "
        "way that cannot be read, so the reader loses the value or gets a wrong one.",
        "Use the same group in both schemas, or add a field with a new number.",
    ),
    Kind.FIELD_NUMBER_NOT_RESERVED: Advice(
        "{place} is gone and its number {number} is free, so a later field may take it and read "
        "old data as its own.",
        "Add `reserved {number};` to the message.",
    ),
    Kind.ENUM_NUMBER_NOT_RESERVED: Advice(
        "{place} is gone and its number {number} is free, so a later constant may take it and "
        "give old data another meaning.",
        "Add `reserved {number};` to the enum.",
    ),
    Kind.ENUM_NUMBER_UNREADABLE: Advice(
        "The enum is closed in the reader schema and lacks {place}, so where the writer schema "
        "writes it the reader leaves it out.",
        "Keep {place} in the reader schema, or leave it out of the writer schema.",
    ),
    Kind.ENUM_CLOSED: Advice(
        "The enum {place} is closed in the reader schema and open in the writer schema, so a "
        "reader leaves out the numbers it does not know, which may be written.",
        "Leave the enum open in the reader schema, or close it in the writer schema.",
    ),
    Kind.MESSAGE_SET_CHANGED: Advice(
        "{place} is a message set in only one of the two schemas, and message sets are written in "
        "a way of their own, so the reader loses the extensions in it.",
        "Give `message_set_wire_format` the same value in both schemas.",
    ),
    Kind.EXTENSION_CHANGED: Advice(
        "The extension {place} is not the same in both schemas (writer to reader: {detail}), so "
        "the reader loses the value or gets a wrong one.",
        "Use the same extension in both schemas, and another number for another one.",
    ),
    Kind.RPC_REQUEST_CHANGED: Advice(
        "The method {place} takes another message in the reader schema than in the writer schema, "
        "so calls from one to the other are misread.",
        _SAME_CALL,
    ),
    Kind.RPC_RESPONSE_CHANGED: Advice(
        "The method {place} returns another message in the reader schema than in the writer "
        "schema, so answers from one to the other are misread.",
        _SAME_CALL,
    ),
    Kind.RPC_CLIENT_STREAMING_CHANGED: Advice(
        "The method {place} takes a stream in only one of the two schemas, so calls from one to "
        "the other fail.",
        _SAME_CALL,
    ),
    Kind.RPC_SERVER_STREAMING_CHANGED: Advice(
        "The method {place} returns a stream in only one of the two schemas, so calls from one to "
        "the other fail.",
        _SAME_CALL,
    ),
    Kind.RPC_IDEMPOTENCY_CHANGED: Advice(
        "The method {place} does not promise the same in both schemas about being called twice, so "
        "clients that repeat calls can do harm.",
        "Give `idempotency_level` the same value in both schemas.",
    ),
    Kind.FIELD_NAME_CHANGED: Advice(
        "The field {other} of the writer schema is called {place} in the reader schema, so JSON "
        "with the writer's name is refused, or the field in it passed over.",
        "Use the same name in both schemas; where only the bytes count, the policy WIRE allows "
        "another one.",
    ),
    Kind.FIELD_JSON_NAME_CHANGED: Advice(
        "The name of {place} in JSON goes from {detail} between the writer schema and the reader "
        "schema, so JSON with the writer's name is refused, or the field in it passed over.",
        "Use the same `json_name` in both schemas.",
    ),
    Kind.FIELD_JSON_TYPE_CHANGED: Advice(
        "{place} goes from {detail} between the writer schema and the reader schema, which are not "
        "written alike in JSON, so readers of JSON can refuse it.",
        "Give {place} the same type in both schemas.",
    ),
    Kind.FIELD_NAME_NOT_RESERVED: Advice(
        "{place} is gone and its name is free, so a later field may take it and read old JSON as "
        "its own.",
        'Add `reserved "{detail}";` to the message.',
    ),
    Kind.ENUM_NAME_NOT_RESERVED: Advice(
        "{place} is gone and its name is free, so a later constant may take it and give old JSON "
        "another meaning.",
        'Add `reserved "{detail}";` to the enum.',
    ),
    Kind.ENUM_NAME_CHANGED: Advice(
        "`{detail}` stands for {number} in the writer schema and not in the reader schema, so JSON "
        "that says `{detail}` is refused or means something else.",
        "Keep `{detail}` for {number} in the reader schema; a second name for one number needs "
        "`allow_alias`.",
    ),
    Kind.JSON_FORMAT_CHANGED: Advice(
        "{place} is meant to be written as JSON in the writer schema and not in the reader schema, "
        "so readers of JSON have no promise.",
        "Give `features.json_format` the same value in both schemas.",
    ),
    Kind.FIELD_REMOVED: Advice(
        "{place} is gone, so code that uses it no longer compiles.",
        "Keep {place}; mark it as deprecated.",
    ),
    Kind.FIELD_STRING_OR_BYTES_LABEL_CHANGED: Advice(
        "{place} is labelled otherwise than before, so code that uses it no longer compiles.",
        "Keep the label, or add a new field with a new number.",
    ),
    Kind.ONEOF_REMOVED: Advice(
        "The oneof {place} is gone, so code that asks which of its fields is set no longer "
        "compiles.",
        "Keep the oneof {place} with its name.",
    ),
    Kind.ONEOF_FIELD_MOVED_TO_TOP_LEVEL: Advice(
        "{place} has left its oneof, so code that counts on one choice out of several finds two.",
        "Leave the field in its oneof.",
    ),
    Kind.ENUM_CONST_REMOVED: Advice(
        "The constant {place} is gone, so code that uses it no longer compiles.",
        "Keep {place}; mark it as deprecated.",
    ),
    Kind.FIELD_TYPE_CHANGED: Advice(
        "{place} has gone from {detail}, so code that uses it no longer compiles.",
        "Keep the former type of {place}.",
    ),
    Kind.FIELD_PRESENCE_CHANGED: Advice(
        "Whether {place} is set can be told where it could not, or the other way round (it is "
        "{detail} now), so code that asks for it no longer compiles.",
        "Leave the presence of {place} as it was.",
    ),
    Kind.FIELD_UTF8_VALIDATION_REMOVED: Advice(
        "{place} may hold bytes that are no UTF-8 now, which code that reads it does not expect.",
        "Leave the validation on for {place}.",
    ),
    Kind.FIELD_OPTION_CHANGED: Advice(
        "The option `{detail}` of {place} has changed, so generated code has another type for it.",
        "Put the old value of `{detail}` back.",
    ),
    Kind.ENUM_OPENED: Advice(
        "The enum {place} is open now, so code meets numbers that have no constant.",
        "Leave the enum closed.",
    ),
    Kind.ENUM_DELETED: Advice(
        "The enum {place} is gone, so code that uses it no longer compiles.",
        "Keep the enum {place}.",
    ),
    Kind.TYPE_MADE_LOCAL: Advice(
        "{place} can no longer be named in other files, so files that import it no longer compile.",
        "Write `export` before {place}.",
    ),
    Kind.MESSAGE_OPTION_CHANGED: Advice(
        "The option `{detail}` of {place} has changed, so generated code has other methods.",
        "Put the old value of `{detail}` back.",
    ),
    Kind.EXTENSION_REMOVED: Advice(
        "The extension {place} is gone, so code that uses it no longer compiles.",
        "Keep the extension {place}.",
    ),
    Kind.EXTENSION_RANGE_REMOVED: Advice(
        "{place} no longer leaves the numbers {detail} to others, so files that extend it with "
        "them no longer compile.",
        "Put back `extensions {detail};`.",
    ),
    Kind.SERVICE_REMOVED: Advice(
        "The service {place} is gone, so its clients no longer compile and calls of old ones fail.",
        "Keep the service {place}.",
    ),
    Kind.RPC_REMOVED: Advice(
        "The method {place} is gone, so its clients no longer compile, and calls of old ones fail.",
        "Keep the method {place}.",
    ),
    Kind.SYNTAX_CHANGED: Advice(
        "The file has gone from {detail}, so generated code differs in many places.",
        "Keep the syntax of the file.",
    ),
    Kind.FILE_OPTION_CHANGED: Advice(
        "The option `{detail}` of the file has changed, so generated code is found elsewhere or "
        "looks different.",
        "Put the old value of `{detail}` back.",
    ),
    Kind.ENUM_MOVED_TO_IMPORT: Advice(
        "The enum {place} stands in another file now, so code that includes this file's does not "
        "find it.",
        "Leave the enum {place} in this file.",
    ),
    Kind.PUBLIC_IMPORT_REMOVED: Advice(
        "The file no longer hands on what `{detail}` declares, so files that import it no longer "
        "compile.",
        'Put back `import public "{detail}";`.',
    ),
    Kind.FIELD_PACKING_CHANGED: Advice(
        "{place} is written {detail} now; every parser reads both forms, but the bytes are no "
        "longer the same.",
        "Leave the encoding of {place} as it was.",
    ),
}


def advice(finding: Finding) -> Advice:
    """Return what a finding means and how to end it."""
    kind = Kind(finding.kind)
    if kind not in ADVICE:
        return Advice("Every reader can live with this change.", "Nothing has to be done.")
    known = CASES.get(kind, _general)(finding) or ADVICE[kind]
    words = {
        "place": named(finding.reader or finding.writer),
        "other": named(finding.writer or finding.reader),
        "number": finding.path.rpartition("/")[2],
        "detail": detailed(finding.detail),
        "old": typed(finding.writer),
        "new": typed(finding.reader),
    }
    return Advice(known.sentence.format(**words), known.fix.format(**words))


def _general(_: Finding) -> None:
    """Leave it to the table."""


def _labels(finding: Finding) -> Advice | None:
    """Tell what becomes of one value read as many, of many read as one, and of required ones."""
    match label(finding.writer), label(finding.reader):
        case "repeated", "repeated":
            return None
        case _, "repeated":
            return ONE_AS_MANY
        case "repeated", _:
            return MANY_AS_ONE._replace(
                sentence=MANY_AS_ONE.sentence + _of_many(fragment(finding.writer))
            )
        case _, "required":
            return ADVICE[Kind.FIELD_MADE_REQUIRED]
        case "required", _:
            return ADVICE[Kind.FIELD_NO_LONGER_REQUIRED]
        case _:
            return None


ONE_AS_MANY: Final = Advice(
    "{place} is repeated in the reader schema and not in the writer schema: what was written is "
    "read as a list of one or none, but a list that is written with the reader schema is not read "
    "whole with the writer schema.",
    _SAME_LABEL,
)
MANY_AS_ONE: Final = Advice(
    "{place} is repeated in the writer schema and not in the reader schema, so a reader ",
    _SAME_LABEL,
)


def _of_many(node: object) -> str:
    """Return what a reader that expects one value makes of many."""
    if not isinstance(node, syntax.Field) or node.type not in SCALARS:
        return "gets the last of several constants or none, and several messages merged into one."
    if node.type in ("string", "bytes"):
        return "gets only the last of several values."
    return "gets only the last of several values, or none where they are written packed."


def _named_type(finding: Finding) -> Advice | None:
    """Tell apart another message and one message that has changed."""
    names = {_last_name(each) for each in (finding.reader, finding.writer)}
    if len(names) > 1:
        return None
    return Advice(
        "The message in {place} differs between the writer schema and the reader schema in a way "
        "that cannot be read.",
        "Undo what cannot be read in the message {new}: there are findings about it, too.",
    )


def _last_name(spot: Spot | None) -> str:
    node = fragment(spot)
    written = node.type if isinstance(node, syntax.Field) else ""
    kind = written.value if isinstance(written, syntax.MapType) else written
    return kind.rpartition(".")[2]


def _extension(finding: Finding) -> Advice | None:
    """Tell apart another type and another name, which bytes do not know."""
    paths = [spot.path for spot in (finding.writer, finding.reader) if spot is not None]
    if finding.detail != " to ".join(paths):
        return None
    return Advice(
        "The extension {other} of the writer schema is called {place} in the reader schema: the "
        "bytes can be read, but JSON with the writer's name is refused.",
        "Use the same name in both schemas.",
    )


CASES: Final[Mapping[Kind, Callable[[Finding], Advice | None]]] = {
    Kind.FIELD_NUMERIC_LABEL_CHANGED: _labels,
    Kind.FIELD_REPETITION_CHANGED: _labels,
    Kind.FIELD_NAMED_TYPE_CHANGED: _named_type,
    Kind.EXTENSION_CHANGED: _extension,
}


def fragment(spot: Spot | None) -> object:
    return None if spot is None else spot.fragment


def label(spot: Spot | None) -> str:
    """Return `repeated`, of maps too, `required` or nothing."""
    node = fragment(spot)
    if isinstance(node, syntax.Field) and isinstance(node.type, syntax.MapType):
        return "repeated"
    if not isinstance(node, syntax.Field | syntax.Group) or node.label == "optional":
        return ""
    return node.label or ""


def detailed(detail: str) -> str:
    """Return `one to another` with words for a text of no characters."""
    before, to, after = detail.partition(" to ")
    return f"{before or 'no text'} to {after or 'no text'}" if to else detail


def named(spot: Spot | None) -> str:
    """Return the last names of a spot's path, as much as tells it from others."""
    if spot is None or not spot.path:
        return "the file"
    return f"`{'.'.join(spot.path.split('.')[-2:])}`"


def typed(spot: Spot | None) -> str:
    """Return the type of the field in a spot, with its label."""
    node = fragment(spot)
    if isinstance(node, syntax.Group):
        return "a group"
    if not isinstance(node, syntax.Field):
        return "something else"
    kind = node.type
    name = kind if isinstance(kind, str) else f"map<{kind.key}, {kind.value}>"
    return f"`{node.label} {name}`" if node.label == "repeated" else f"`{name}`"
