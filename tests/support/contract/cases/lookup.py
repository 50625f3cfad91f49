"""POST /subjects/{subject}: which version a schema is."""

from __future__ import annotations

from typing import Any

from contract.case import Case, Gives, Like, ok, post, refused, register
from contract.documents import guid_of, known, version
from contract.texts import (
    AS_JSON,
    AS_PROTO,
    FROM_ARRAY,
    INNER,
    INNER_1,
    JSON,
    LOOSE_JSON,
    LOST,
    NESTED,
    NORMAL_JSON,
    NOT_JSON,
    ONE,
    OUTER,
    OUTER_INLINED,
    PROTO,
    PROTO_BYTES,
    STRICT,
    STRING,
    STRING_FROM_OBJECT,
    THREE,
    TWO,
    X_Y,
    Y_X,
    body,
    config,
    hard,
    mode,
    reference,
    register_outer,
    soft,
    unreadable,
)

# Rows of a table: the formatter would spread each of them over ten lines.
# fmt: off

ROUTE = "POST /subjects/{subject}"

HISTORY = (register("s", ONE), register("s", TWO), register("s", THREE))
NO_SUBJECT = refused(404, 40401, "Subject 's' not found.")
NO_SCHEMA = refused(404, 40403, "Schema not found")
FIRST = ok(known("s", 1, 1, ONE))
SECOND = ok(known("s", 2, 2, TWO))


def case(title: str, body: Any, gives: Gives, before: tuple = HISTORY, *, at: str = "s") -> Case:
    return Case(ROUTE, title, post(f"/subjects/{at}", body), gives, before=before)


IDENTITY = (
    case("the only version", body(STRING), ok(known("s", 1, 1, STRING)), (register("s", STRING),)),
    case("an older version", body(ONE), FIRST),
    case("spelled otherwise", body('{"type": "string"}'), ok(known("s", 1, 1, STRING)),
        (register("s", STRING),)),
    case("the id is that of another subject too", body(TWO), ok(known("s", 1, 2, TWO)),
        (register("r", ONE), register("r", TWO), register("s", TWO))),
    case("JSON", body(JSON, **AS_JSON), ok(known("s", 1, 1, JSON, **AS_JSON)),
        (register("s", JSON, **AS_JSON),)),
    case("Protobuf", body(PROTO, **AS_PROTO), ok(known("s", 1, 1, PROTO, **AS_PROTO)),
        (register("s", PROTO, **AS_PROTO),)),
    case("a type spelled out", body(ONE, schemaType="AVRO"), FIRST),
    case("no type", body(ONE, schemaType=None), FIRST),
    case("the id and version of the request are ignored", body(ONE, id=7, version=9), FIRST),
    case("unknown fields are ignored", body(ONE, foo={"bar": 1}), FIRST),
    case("in any mode", body(ONE), FIRST, (*HISTORY, mode("READONLY"))),
    case("inside a context", body(ONE), ok(known(":.c:s", 1, 1, ONE)),
        (register("s", STRING), register(":.c:s", ONE)), at=":.c:s"),
    Case(ROUTE, "through a context's path", post("/contexts/.c/subjects/s", body(ONE)),
        ok(known(":.c:s", 1, 1, ONE)), before=(register(":.c:s", ONE),)),
    case("an unqualified subject in whichever context has it", body(ONE),
        ok(known(":.c:s", 1, 1, ONE)), (register(":.c:s", ONE),)),
    case("the default context comes first", body(ONE), FIRST, (*HISTORY, register(":.c:s", ONE))),
    case("another context when the default one lacks it", body(ONE), ok(known(":.c:s", 1, 1, ONE)),
        (register("s", STRING), register(":.c:s", ONE))),
    case("a qualified subject is not looked for elsewhere", body(ONE),
        refused(404, 40401, "Subject ':.d:s' not found."), at=":.d:s"),
    case("an alias", body(ONE), FIRST, (*HISTORY, config("other", alias="s")), at="other"),
    case("an odd name", body(STRING), ok(known("a/b", 1, 1, STRING)), (register("a%2Fb", STRING),),
        at="a%2Fb"),
)

NORMAL = (post("/subjects/s/versions?normalize=true", body(LOOSE_JSON, **AS_JSON)),)
FOUND_NORMAL = ok(known("s", 1, 1, NORMAL_JSON, **AS_JSON))

MEANING = (
    case("attributes in another order", body(Y_X), ok(version("s", 1, 1, X_Y)),
        (register("s", X_Y),)),
    case("the newest that means the same", body(Y_X), ok(version("s", 2, 2, X_Y)),
        (register("s", ONE), register("s", X_Y))),
    case("another order of keys is another JSON schema", body(NORMAL_JSON, **AS_JSON), NO_SCHEMA,
        (register("s", LOOSE_JSON, **AS_JSON),)),
    case("not normalized, another text", body(LOOSE_JSON, **AS_JSON), NO_SCHEMA, NORMAL),
    case("normalized, the same text", body(LOOSE_JSON, **AS_JSON), FOUND_NORMAL, NORMAL,
        at="s?normalize=true"),
    case("normalized by the config", body(LOOSE_JSON, **AS_JSON), FOUND_NORMAL,
        (*NORMAL, config("s", normalize=True))),
    case("normalized by the global config", body(LOOSE_JSON, **AS_JSON), FOUND_NORMAL,
        (*NORMAL, config(normalize=True))),
    case("a config that says no is overruled by the query", body(LOOSE_JSON, **AS_JSON),
        FOUND_NORMAL, (*NORMAL, config("s", normalize=False)), at="s?normalize=true"),
    case("normalized, a name that leads nowhere", body(LOST, **AS_PROTO),
        refused(422, 42201, Like("Invalid schema {", "Could not resolve type: X")), NORMAL,
        at="s?normalize=true"),
    case("the same text of another type", body(STRING, schemaType="AVRO"), NO_SCHEMA,
        (register("s", '{"type":"string"}', **AS_JSON),)),
)

DELETED = (
    case("soft-deleted", body(TWO), NO_SCHEMA, (*HISTORY, soft("s", 2))),
    case("soft-deleted, asked for", body(TWO), SECOND, (*HISTORY, soft("s", 2)),
        at="s?deleted=true"),
    case("subject soft-deleted", body(TWO), NO_SUBJECT, (*HISTORY, soft("s"))),
    case("subject soft-deleted, asked for", body(TWO), SECOND, (*HISTORY, soft("s")),
        at="s?deleted=true"),
    case("soft-deleted, by meaning", body(Y_X), NO_SUBJECT, (register("s", X_Y), soft("s"))),
    case("soft-deleted, by meaning, asked for", body(Y_X),
        ok(version("s", 1, 1, X_Y, deleted=True)), (register("s", X_Y), soft("s")),
        at="s?deleted=true"),
    case("removed for good", body(TWO), NO_SCHEMA, (*HISTORY, soft("s", 2), hard("s", 2)),
        at="s?deleted=true"),
    case("subject removed for good", body(TWO), NO_SUBJECT, (*HISTORY, soft("s"), hard("s")),
        at="s?deleted=true"),
    case("another schema of a soft-deleted subject, asked for", body(STRING), NO_SCHEMA,
        (*HISTORY, soft("s")), at="s?deleted=true"),
    case("registered again", body(ONE), ok(known("s", 2, 1, ONE)),
        (register("s", ONE), soft("s"), register("s", ONE))),
    case("soft-deleted in one subject, live in this one", body(ONE), FIRST,
        (*HISTORY, register("r", ONE), soft("r"))),
)

OUTER_KNOWN = ok(known("outer", 1, 2, OUTER, references=[INNER_1]))
OUTER_MEANT = ok(version("outer", 1, 2, OUTER, references=[INNER_1]))
IN_C = (register(":.c:inner", INNER), register_outer(":.c:outer"))

REFERENCES = (
    case("with its reference", body(OUTER, references=[INNER_1]), OUTER_KNOWN, NESTED, at="outer"),
    case("with its reference to the latest", body(OUTER, references=[reference("inner", -1)]),
        OUTER_KNOWN, NESTED, at="outer"),
    case("with everything inlined", body(OUTER_INLINED), OUTER_MEANT, NESTED, at="outer"),
    case("with another reference to the same text", body(OUTER, references=[reference("same")]),
        NO_SCHEMA, (*NESTED, register("same", INNER)), at="outer"),
    case("with a soft-deleted reference", body(OUTER, references=[INNER_1]),
        ok(known("outer", 1, 2, OUTER, references=[INNER_1])),
        (*NESTED, soft("outer"), soft("inner")), at="outer?deleted=true"),
    case("with a reference that is not there", body(OUTER, references=[reference("none")]),
        refused(422, 42201, Like("Invalid schema of type AVRO, details: ",
        'No schema reference found for subject "none" and version 1')), NESTED, at="outer"),
    case("with a reference within its context", body(OUTER, references=[INNER_1]),
        ok(known(":.c:outer", 1, 2, OUTER, references=[INNER_1])), IN_C, at=":.c:outer"),
    case("an unqualified subject, its reference in the same context",
        body(OUTER, references=[INNER_1]),
        ok(known(":.c:outer", 1, 2, OUTER, references=[INNER_1])), (*IN_C, *NESTED[: 1]),
        at="outer"),
)

MISSING = (
    case("unknown subject", body(ONE), NO_SUBJECT, ()),
    case("the subject has other schemas", body(STRICT), NO_SCHEMA),
    case("the schema is that of another subject", body(STRING), NO_SCHEMA,
        (*HISTORY, register("r", STRING))),
    case("an empty schema", body(""), NO_SCHEMA),
    case("an empty schema and an unknown subject", body(""), NO_SUBJECT, ()),
    case("a blank schema", body(" \n\t"), NO_SCHEMA),
    case("no schema", {}, NO_SCHEMA),
    case("null for a schema", body(None), NO_SCHEMA),
    case("a name that could not be registered", body(ONE),
        refused(404, 40401, "Subject 'a\x00b' not found."), at="a%00b"),
    case("a reserved name", body(ONE), refused(404, 40401, "Subject '__EMPTY' not found."),
        at="__EMPTY"),
)

FORMATS = (
    case("in a format", body(OUTER, references=[INNER_1]),
        ok(known("outer", 1, 2, OUTER_INLINED, references=[INNER_1])), NESTED,
        at="outer?format=resolved"),
    case("in a format that the type does not know", body(ONE), FIRST, at="s?format=serialized"),
    case("Protobuf as bytes", body(PROTO, **AS_PROTO),
        ok(known("s", 1, 1, PROTO_BYTES, schemaType="PROTOBUF", guid=guid_of(PROTO))),
        (register("s", PROTO, **AS_PROTO),), at="s?format=serialized"),
)

INVALID = (
    case("no schema at all", body("nonsense"), unreadable("AVRO",
        "{subject=s,version=null,id=null,",
        "schemaType=AVRO,references=[],metadata=null,ruleSet=null,schema=nonsense,"
        "schemaTags=null,ts=null,deleted=null} with refs [] of type AVRO, details: ")),
    case("no schema at all, unknown subject", body("nonsense"), unreadable("AVRO"), ()),
    case("no JSON schema", body('"x"', **AS_JSON), unreadable("JSON", "of type JSON, details: ")),
    case("no Protobuf schema", body("message", **AS_PROTO),
        unreadable("PROTOBUF", "of type PROTOBUF, details: ")),
    case("unknown type", body(ONE, schemaType="XML"),
        refused(422, 42201, "Invalid schema type XML")),
    case("a type in lower case", body(ONE, schemaType="avro"),
        refused(422, 42201, "Invalid schema type avro")),
)

NULL = refused(422, 422, "lookUpSchemaUnderSubject.arg5 must not be null (was null)")

BODIES = (
    Case(ROUTE, "no body", post("/subjects/s"), NULL),
    Case(ROUTE, "null", post("/subjects/s", raw=b"null"), NULL),
    case("a schema that is an object", {"schema": {"type": "string"}}, STRING_FROM_OBJECT),
    case("an array", [], FROM_ARRAY),
    Case(ROUTE, "no JSON", post("/subjects/s", raw=b"{bad}"), NOT_JSON),
    case("a number for a schema is its text", {"schema": 12}, unreadable("AVRO", "schema=12,")),
)

CASES = (
    *IDENTITY, *MEANING, *DELETED, *REFERENCES, *MISSING, *FORMATS, *INVALID, *BODIES,
)
