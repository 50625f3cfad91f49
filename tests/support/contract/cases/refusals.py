"""POST /subjects/{subject}/versions: what is refused, and leaves nothing behind."""

from __future__ import annotations

from typing import Any

from contract.case import ANY, Ask, Case, Gives, Like, get, ok, post, refused, register
from contract.documents import full
from contract.texts import (
    AS_JSON,
    AS_PROTO,
    FROM_ARRAY,
    INT,
    NOT_JSON,
    ONE,
    PROTO,
    STRICT,
    STRING,
    STRING_FROM_OBJECT,
    STRING_GUID,
    TAKES_ALL,
    TWO,
    body,
    config,
    level,
    reference,
    soft,
    unreadable,
)

# Rows of a table: the formatter would spread each of them over ten lines.
# fmt: off

ROUTE = "POST /subjects/{subject}/versions"
NOTHING_THERE = ((get("/subjects?deleted=true"), ok([])), (get("/contexts"), ok(["."])))


def case(title: str, json: Any, gives: Gives, before: tuple[Ask, ...] = (), **more: Any) -> Case:
    after = more.pop("after", NOTHING_THERE if not before else ())
    path = f"/subjects/{more.pop('at', 's')}/versions"
    settings = more.pop("settings", {})
    return Case(ROUTE, title, post(path, json, **more), gives, before, after, settings)


def invalid(message: Any) -> Gives:
    return refused(422, 42201, message)


WRITTEN = (
    "{subject=s,version=null,id=null,guid=fff12d32-8c8c-ba5b-9b7a-7a8a6d1a0000,schemaType=AVRO,"
)
RECORD = '{"type":"record","name":"R","fields":[%s]}'
BAD_DEFAULT = RECORD % '{"name":"a","type":"int","default":"s"}'
BAD_PARTS = {
    "no JSON": ("nonsense", ""),
    "JSON with something after it": ('"string" x', "dangling content after end of schema"),
    "no type": ("{}", "No type: {}"),
    "a type that is not there": ('"X"', "Undefined schema: X"),
    "a field type that is not there": (RECORD % '{"name":"a","type":"X"}', "Undefined schema: X"),
    "a record without fields": ('{"type":"record","name":"R"}', "Record has no fields: "),
    "a record without a name": ('{"type":"record","fields":[]}', "No name in schema: "),
    "a bad name": ('{"type":"record","name":"R-x","fields":[]}', "Illegal character in: R-x"),
    "a field twice": (
        RECORD % '{"name":"a","type":"int"},{"name":"a","type":"int"}',
        "Duplicate field a in record R: ",
    ),
    "a symbol twice": (
        '{"type":"enum","name":"E","symbols":["a","a"]}',
        "Duplicate enum symbol: a",
    ),
    "a branch twice": ('["null","null"]', "Duplicate in union:null"),
    "an array of nothing": ('{"type":"array"}', "Array has no items type"),
    "a fixed of no size": ('{"type":"fixed","name":"F"}', "Invalid or no size"),
    "a number": ("12", "Schema not yet supported: 12"),
    "a default of another type": (BAD_DEFAULT, 'Invalid default for field a: "s" not a "int"'),
}

AVRO = tuple(
    case(f"Avro: {title}", body(text), unreadable("AVRO", "{subject=s,", part))
    for title, (text, part) in BAD_PARTS.items()
)

NOT_UNICODE = refused(400, 400, ANY)
TWICE = "Invalid schema of type {0}, details: Invalid schema of type {0}, details: "
BAD_PROTO = {
    "no Protobuf": "nonsense",
    "half a message": 'syntax = "proto3"; message M {',
    "a number twice": 'syntax = "proto3"; message M { string a = 1; string b = 1; }',
    "a type that is not there": 'syntax = "proto3"; message M { X a = 1; }',
    "an import that is not there": 'syntax = "proto3"; import "x.proto"; message M { X a = 1; }',
    "a reserved number": 'syntax = "proto3"; message M { string a = 19000; }',
    "base64 of nothing": "AAAA",
}
BAD_JSON = {
    "no JSON": "nonsense",
    "a text": '"x"',
    "a number": "1",
    "an array": "[]",
    "null": "null",
    "a type that is not there": '{"type":"x"}',
    "a remote reference that nobody gave": '{"$ref":"http://127.0.0.1:9/x.json"}',
    "a pattern that is none": '{"type":"string","minLength":"x"}',
}

OTHERS = (
    *(case(f"Protobuf: {title}", body(text, **AS_PROTO),
        invalid(Like("Invalid schema "))) for title, text in BAD_PROTO.items()),
    *(case(f"JSON: {title}", body(text, **AS_JSON), invalid(Like("Invalid schema "))) for title,
        text in BAD_JSON.items()),
    case("JSON: the whole shape", body("nonsense", **AS_JSON), invalid(Like(TWICE.format("JSON")))),
    case("Protobuf: the whole shape", body("nonsense", **AS_PROTO),
        invalid(Like(TWICE.format("PROTOBUF")))),
    case("an unknown type", body(STRING, schemaType="XML"), invalid("Invalid schema type XML")),
    case("a type in lower case", body(STRING, schemaType="avro"),
        invalid("Invalid schema type avro")),
    case("a type that is no text", body(STRING, schemaType=1), invalid("Invalid schema type 1")),
    case("a schema of another type", body(PROTO), unreadable("AVRO")),
    case("too large", body(RECORD % f'{{"name":"{"a" * 1000}","type":"int"}}'),
        refused(422, 42209, "Register operation failed because schema is too large"),
        settings={"max_schema_bytes": 1024}),
    case("too large in bytes", body('"%s"' % ("ä" *600)),
        refused(422, 42209, "Register operation failed because schema is too large"),
        settings={"max_schema_bytes": 1024}),
    case("too deep", body('{"type":"array","items":' *2000 + '"int"' + "}" *2000),
        unreadable("AVRO", "deep")),
    case("half a surrogate pair", None, NOT_UNICODE, raw=b'{"schema":"\\"\\ud800\\""}'),
    case("half a surrogate pair in metadata", None, NOT_UNICODE,
        raw=b'{"schema":"\\"int\\"","metadata":{"properties":{"a":"\\ud800"}}}'),
    case("NUL in metadata is kept", body(STRING, metadata={"properties": {"a": "x\x00y"}}),
        ok({"id": 1}), after=((get("/subjects/s/metadata?key=a&value=x%00y"), ok()),)),
    case("NUL in the name of a reference", body(STRING, references=[reference("r", 1, "a\x00b")]),
        refused(422, 42205, "A text holds a character that cannot be stored"),
        (register("r", STRING),)),
)

INCOMPATIBLE = (
    'Schema being registered is incompatible with an earlier schema for subject "s", details: ['
    "{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE', description:'The field 'z' at path "
    "'/fields/1' in the new schema has no default value and is missing in the old schema', "
    "additionalInfo:'z'}, {oldSchemaVersion: 1}, {oldSchema: '" + ONE + "'}, "
    "{validateFields: 'false', compatibility: 'BACKWARD'}]"
)
IN_C = 'Schema being registered is incompatible with an earlier schema for subject ":.c:s", '
NOT_COMPATIBLE = refused(409, 40901, Like(
    'Schema being registered is incompatible with an earlier schema for subject "'))

CONFLICTS = (
    case("incompatible", body(STRICT), refused(409, 40901, INCOMPATIBLE), (register("s", ONE),),
        after=((get("/subjects/s/versions"), ok([1])),)),
    case("incompatible with the latest only", body(STRICT), NOT_COMPATIBLE,
        (register("s", STRICT), register("s", ONE), soft("s", 1))),
    case("incompatible in a context", body(STRICT), refused(409, 40901, Like(IN_C)),
        (register(":.c:s", ONE),), at=":.c:s"),
    case("incompatible at the subject's level", body(TWO), NOT_COMPATIBLE,
        (register("s", STRICT), level("FORWARD", "s"))),
    case("incompatible at the global level", body(INT), NOT_COMPATIBLE,
        (register("s", STRING), level("FULL"))),
    case("another type", body("{}", **AS_JSON), refused(409, 40901,
        'Schema being registered is incompatible with an earlier schema for subject "s", details: '
        "[Incompatible because of different schema type, "
        "{validateFields: 'false', compatibility: 'BACKWARD'}]"), (register("s", ONE),)),
    case("an id outside of import", body(STRING, id=7),
        refused(422, 42205, "Subject s in context  is not in import mode")),
    case("an id of 0 outside of import", body(STRING, id=0),
        refused(422, 42205, "Subject s in context  is not in import mode")),
    case("an id outside of import, in a context", body(STRING, id=7),
        refused(422, 42205, "Subject :.c:s in context :.c: is not in import mode"), at=":.c:s"),
    case("another id than the schema has", body(STRING, id=7),
        refused(422, 42205, "Subject s in context  is not in import mode"),
        (register("s", STRING),)),
    case("a property that starts as internal ones do",
        body('{"type":"object","properties":{"$$a":{}}}', **AS_JSON),
        invalid("Field names cannot start with $$ prefix"), (config(validateFields=True),)),
)


def not_valid(name: str) -> Gives:
    return refused(422, 42208, f"The specified subject '{name}' is not a valid.")


NAMES = (
    case("NUL in the name", body(STRING), not_valid("a\x00b"), at="a%00b"),
    case("a line break in the name", body(STRING), not_valid("a\nb"), at="a%0Ab"),
    case("a tab in the name", body(STRING), not_valid("\t"), at="%09"),
    case("DEL in the name", body(STRING), not_valid("\x7f"), at="%7F"),
    case("a control character of the upper half", body(STRING), not_valid("\x85"), at="%C2%85"),
    case("a control character in the context", body(STRING), not_valid(":.\x01:s"), at=":.%01:s"),
    case("a reserved name", body(STRING), not_valid("__GLOBAL"), at="__GLOBAL"),
    case("the other reserved name", body(STRING), not_valid("__EMPTY"), at="__EMPTY"),
    case("a reserved name in a context", body(STRING), not_valid(":.c:__EMPTY"), at=":.c:__EMPTY"),
    case("the level above all contexts", body(STRING), not_valid(":.__GLOBAL:s"),
        at=":.__GLOBAL:s"),
    case("the empty name where it is not wanted", body(STRING), not_valid(""), at=":.:",
        settings={"reject_empty_subject": True}),
    case("the empty name of a context where it is not wanted", body(STRING), not_valid(":.c:"),
        at=":.c:", settings={"reject_empty_subject": True}),
    case("a star where the empty name is not wanted", body(STRING), not_valid("*"), at="*",
        settings={"reject_empty_subject": True}),
    case("a bad name before a bad schema", body("nonsense"), not_valid("__EMPTY"), at="__EMPTY"),
    case("an alias of a reserved name", body(STRING), not_valid("__EMPTY"),
        (config("s", alias="__EMPTY"),)),
    case("a path that is not UTF-8", body(STRING),
        refused(400, 400, "The path is not valid UTF-8"), at="%E4"),
)


def good(title: str, path: str, name: str) -> Case:
    shown = (get("/subjects"), ok([name]))
    return case(f"a good name: {title}", body(STRING), ok(full(1, 1, STRING_GUID)), at=path,
        headers=TAKES_ALL, after=(shown,))


GOOD_NAMES = (
    good("slashes", "a%2Fb%2F", "a/b/"),
    good("quotes", "%22a%27", "\"a'"),
    good("a per cent sign", "50%25", "50%"),
    good("an escape that is none", "a%252Fb", "a%2Fb"),
    good("a plus sign", "a+b", "a+b"),
    good("a space", "a%20b", "a b"),
    good("an emoji", "%F0%9F%98%80", "😀"),
    good("a question mark and a hash", "a%3Fb%23c", "a?b#c"),
    good("a semicolon", "a;b=c", "a;b=c"),
    good("dots", "%2E%2E", ".."),
    good("colons", "a:b:c", "a:b:c"),
    good("a colon in front", ":a", ":a"),
    good("a star", "*", "*"),
    good("a wildcard of contexts", ":*:a", ":*:a"),
    good("half a wildcard", ":*", ":*"),
    good("a context with a dot inside", ":.a.b:c", ":.a.b:c"),
    good("colons in a name in a context", ":.c:a:b", ":.c:a:b"),
    good("a context alone", ":.c:", ":.c:"),
    good("a context alone, without its end", ":.c", ":.c:"),
    good("the empty name", ":.:", ""),
    good("reserved names inside a longer one", "__GLOBAL_", "__GLOBAL_"),
    good("the name of a route", "versions", "versions"),
    good("a long one", "x" *2000, "x" *2000),
)

NULL = refused(422, 422, "register.arg6 must not be null (was null)")


def unread(message: Any) -> Gives:
    return refused(400, 400, message)


OUT_OF_RANGE = unread("Numeric value (99999999999) out of range of int (-2147483648 - 2147483647)")

BODIES = (
    case("no body", None, NULL),
    case("an empty body", None, NULL, raw=b" "),
    case("null", None, NULL, raw=b"null"),
    case("an array", [], FROM_ARRAY),
    case("no JSON", None, NOT_JSON, raw=b"{bad}"),
    case("half a body", None, unread(Like("Unexpected end-of-input")), raw=b'{"schema":"'),
    case("a schema that is an object", {"schema": {"type": "string"}}, STRING_FROM_OBJECT),
    case("a schema that is an array", {"schema": ["null"]},
        unread("Cannot deserialize value of type `String` from Array value "
        "(token `JsonToken.START_ARRAY`)")),
    case("an id that is text", body(STRING, id="abc"),
        unread('Cannot deserialize value of type `Integer` from String "abc": '
        "not a valid `java.lang.Integer` value")),
    case("an id beyond an int", body(STRING, id=99999999999), OUT_OF_RANGE),
    case("a version beyond an int", body(STRING, version=99999999999), OUT_OF_RANGE),
    case("the first id beyond an int", body(STRING, id=2147483648),
        unread("Numeric value (2147483648) out of range of int (-2147483648 - 2147483647)")),
    case("a rule of an unknown kind", body(STRING, ruleSet={"domainRules": [{"kind": "FOO"}]}),
        unread('Cannot deserialize value of type `RuleKind` from String "FOO": not one of the '
        "values accepted for Enum class: [CONDITION, TRANSFORM]")),
    case("a flag that is none", body(STRING, propagateSchemaTags="yes"), unread(ANY)),
    case("references that are no list", body(STRING, references="x"), unread(ANY)),
)

CASES = (
    *AVRO, *OTHERS, *CONFLICTS, *NAMES, *GOOD_NAMES, *BODIES,
)
