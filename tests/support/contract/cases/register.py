"""POST /subjects/{subject}/versions: what is stored, under which id and number."""

from __future__ import annotations

from typing import Any

from contract.case import ANY, Ask, Case, Gives, Like, avro, get, ok, post, refused, register
from contract.documents import full, guid_of, version
from contract.texts import (
    AS_JSON,
    AS_PROTO,
    INNER,
    INNER_1,
    INT,
    JSON,
    LOOSE_JSON,
    LOST,
    NESTED,
    NORMAL_JSON,
    ONE,
    OUTER,
    OUTER_INLINED,
    PROTO,
    PROTO_BYTES,
    STRICT,
    STRING,
    STRING_GUID,
    TAKES_ALL,
    THREE,
    TWO,
    X_Y,
    Y_X,
    body,
    config,
    hard,
    level,
    mode,
    reference,
    soft,
)

# Rows of a table: the formatter would spread each of them over ten lines.
# fmt: off

ROUTE = "POST /subjects/{subject}/versions"

HISTORY = (register("s", ONE), register("s", TWO))
# ONE followed by the byte 1, as specified for metadata or a rule set in which nothing is said.
GUID_WITH_EMPTY_PART = "25895631-ed73-d7a4-f7ce-b44b4b07cba0"
# The canonical text of an Avro schema and of a JSON schema.
TWO_TYPES = '{"type":"string","x":1}'
DOUBLE = '{"type":"record","name":"R","fields":[{"name":"a","type":"double","default":1}]}'
NORMAL = (post("/subjects/s/versions?normalize=true", body(LOOSE_JSON, **AS_JSON)),)
EMPTY = refused(422, 42201, "Empty schema")
NOT_NEXT = refused(422, 42201, "Version is not one more than previous version")
LEADS_NOWHERE = refused(422, 42201, Like("Invalid schema {", "Could not resolve type: X"))
Then = tuple[tuple[Ask, Gives], ...]


def case(
    title: str,
    json: Any,
    gives: Gives,
    before: tuple[Ask, ...] = (),
    after: Then = (),
    *,
    at: str = "s",
    **more: Any,
) -> Case:
    subject, _, query = at.partition("?")
    path = f"/subjects/{subject}/versions" + (f"?{query}" if query else "")
    return Case(ROUTE, title, post(path, json, **more), gives, before, after)


def has(subject: str, *numbers: int, deleted: bool = False) -> tuple[Ask, Gives]:
    """The subject has these versions."""
    query = "?deleted=true" if deleted else ""
    return get(f"/subjects/{subject}/versions{query}"), ok(list(numbers))


def holds(subject: str, number: int, schema_id: int, text: str, **more: Any) -> tuple[Ask, Gives]:
    """The version has this schema."""
    ask = get(f"/subjects/{subject}/versions/{number}")
    return ask, ok(version(subject, number, schema_id, text, **more))


def gave(schema_id: int) -> Gives:
    return ok({"id": schema_id})


NEW = (
    case("the first", body(STRING), gave(1), (), (has("s", 1), holds("s", 1, 1, STRING))),
    case("the next", body(THREE), gave(3), HISTORY, (has("s", 1, 2, 3), holds("s", 3, 3, THREE))),
    case("all that there is to say", body(STRING), ok(full(1, 1, STRING_GUID)), headers=TAKES_ALL),
    case("all that there is to say of the next", body(THREE), ok(full(3, 3, guid_of(THREE))),
        HISTORY, headers=TAKES_ALL),
    case("all, asked for in any case", body(STRING), ok(full(1, 1, STRING_GUID)),
        headers={"confluent-accept-unknown-properties": "TRUE"}),
    case("not asked for all", body(STRING), gave(1),
        headers={"Confluent-Accept-Unknown-Properties": "yes"}),
    case("stored in canonical text", body('{ "type" : "string" }'), gave(1), (),
        (holds("s", 1, 1, STRING),)),
    case("JSON", body(JSON, **AS_JSON), gave(1), (), (holds("s", 1, 1, JSON, **AS_JSON),)),
    case("JSON that is true", body("true", **AS_JSON), gave(1), (),
        (holds("s", 1, 1, "true", **AS_JSON),)),
    case("Protobuf", body(PROTO, **AS_PROTO), gave(1), (), (holds("s", 1, 1, PROTO, **AS_PROTO),)),
    case("Protobuf as bytes", body(PROTO_BYTES, **AS_PROTO), gave(1), (),
        (holds("s", 1, 1, PROTO, **AS_PROTO),)),
    case("a format shapes nothing", body(PROTO, **AS_PROTO), ok(full(1, 1, guid_of(PROTO))),
        at="s?format=serialized", headers=TAKES_ALL),
    case("the type is AVRO when it is null", body(STRING, schemaType=None), gave(1)),
    case("unknown fields are dropped", body(STRING, foo=[1], compatibility="NONE"), gave(1)),
    case("tokens after the body are dropped", None, gave(1), raw=b'{"schema":"\\"string\\""} x'),
    case("no Content-Type", None, gave(1), raw=b'{"schema":"\\"string\\""}'),
    case("force says nothing", body(STRICT), refused(409, 40901, ANY), HISTORY, at="s?force=true"),
    Case(ROUTE, "a slash at the end", post("/subjects/s/versions/", body(STRING)), gave(1)),
    case("in a context", body(STRING), gave(1), (), (holds(":.c:s", 1, 1, STRING),), at=":.c:s"),
    Case(ROUTE, "through a context's path", post("/contexts/c/subjects/s/versions", body(STRING)),
        gave(1), after=(holds(":.c:s", 1, 1, STRING),)),
    case("in the default context by name", body(STRING), gave(1), (), (holds("s", 1, 1, STRING),),
        at=":.:s"),
    case("under an alias", body(THREE), gave(3), (*HISTORY, config("other", alias="s")),
        (has("s", 1, 2, 3),), at="other"),
    case("not where another context has it", body(STRING), gave(1), (register(":.c:s", INT),),
        (has("s", 1),)),
)

AGAIN = (
    case("the newest", body(TWO), gave(2), HISTORY, (has("s", 1, 2),)),
    case("an older one", body(ONE), ok(full(1, 1, guid_of(ONE))), HISTORY, (has("s", 1, 2),),
        headers=TAKES_ALL),
    case("the same, spelled otherwise", body(' {"type":"string"} '), gave(1),
        (register("s", STRING),), (has("s", 1),)),
    case("what means the same", body(Y_X), ok(full(1, 1, guid_of(X_Y))), (register("s", X_Y),),
        (has("s", 1),), headers=TAKES_ALL),
    case("with everything inlined", body(OUTER_INLINED), gave(2), NESTED, (has("outer", 1),),
        at="outer"),
    case("with its reference to the latest", body(OUTER, references=[reference("inner", -1)]),
        gave(2), NESTED, (has("outer", 1),), at="outer"),
    case("of another subject: the same id", body(ONE), ok(full(1, 1, guid_of(ONE))),
        (register("r", ONE),), (has("s", 1),), headers=TAKES_ALL),
    case("of another subject, as a later version", body(TWO), ok(full(2, 2, guid_of(TWO))),
        (register("r", ONE), register("r", TWO), register("s", ONE)), headers=TAKES_ALL),
    case("of another context: an id of its own, the same guid", body(TWO),
        ok(full(1, 1, guid_of(TWO))), HISTORY, (holds(":.c:s", 1, 1, TWO),), at=":.c:s",
        headers=TAKES_ALL),
    case("normalized already", body(LOOSE_JSON, **AS_JSON), gave(1), NORMAL, (has("s", 1),),
        at="s?normalize=true"),
    case("with the id it has", body(ONE, id=1), gave(1), HISTORY),
    case("with the version it has and its id", body(ONE, id=1, version=1), gave(1), HISTORY,
        (has("s", 1, 2),)),
    case("with the latest version and its id", body(TWO, id=2, version=-1), gave(2), HISTORY),
    case("with the latest version", body(TWO, version=-1), gave(2), HISTORY, (has("s", 1, 2),)),
    case("with version 0", body(TWO, version=0), gave(2), HISTORY, (has("s", 1, 2),)),
    case("with a negative id", body(TWO, id=-1), gave(2), HISTORY),
    case("when it could not be registered any more", body(STRICT), gave(1),
        (register("s", STRICT), level("NONE"), register("s", INT), level("FULL_TRANSITIVE"))),
)

AFTER_DELETES = (
    case("soft-deleted: the same id, the next number, the old one gone", body(ONE),
        ok(full(1, 2, guid_of(ONE))), (register("s", ONE), soft("s")),
        (has("s", 2), has("s", 2, deleted=True)), headers=TAKES_ALL),
    case("one of several soft-deleted", body(TWO), ok(full(2, 4, guid_of(TWO))),
        (*HISTORY, register("s", THREE), soft("s", 2)),
        (has("s", 1, 3, 4), has("s", 1, 3, 4, deleted=True)), headers=TAKES_ALL),
    case("soft-deleted and referred to: the old one stays", body(INNER),
        ok(full(1, 2, guid_of(INNER))), (*NESTED, soft("outer"), soft("inner")),
        (has("inner", 2), has("inner", 1, 2, deleted=True)), at="inner", headers=TAKES_ALL),
    case("soft-deleted ones do not have to be compatible", body(STRICT), gave(2),
        (register("s", ONE), soft("s")), (has("s", 2), has("s", 1, 2, deleted=True))),
    case("the number of the highest version removed for good is given again", body(THREE),
        ok(full(3, 2, guid_of(THREE))), (*HISTORY, soft("s", 2), hard("s", 2)), headers=TAKES_ALL),
    case("the number of a lower version removed for good is not", body(THREE),
        ok(full(3, 3, guid_of(THREE))), (*HISTORY, soft("s", 1), hard("s", 1)), (has("s", 2, 3),),
        headers=TAKES_ALL),
    case("removed for good everywhere: a new id", body(ONE), ok(full(3, 1, guid_of(ONE))),
        (*HISTORY, soft("s"), hard("s")),
        ((get("/schemas/ids/1"), refused(404, 40403, "Schema 1 not found")),), headers=TAKES_ALL),
    case("removed for good here, live elsewhere: the same id", body(ONE),
        ok(full(1, 1, guid_of(ONE))), (*HISTORY, register("r", ONE), soft("s"), hard("s")),
        headers=TAKES_ALL),
)

def numbered(number: int) -> dict[str, Any]:
    return {"properties": {"confluent:version": str(number)}}


VERSIONS = (
    case("version 1 of a new subject", body(ONE, version=1), gave(1), (),
        (holds("s", 1, 1, ONE, metadata=numbered(1)),)),
    case("the next version", body(THREE, version=3), gave(3), HISTORY,
        (holds("s", 3, 3, THREE, metadata=numbered(3)),)),
    case("a version in text", body(THREE, version="3"), gave(3), HISTORY),
    case("on top of the latest", body(THREE, version=-1), gave(3), HISTORY,
        (holds("s", 3, 3, THREE, metadata=numbered(3)),)),
    case("on top of the latest what an older version has", body(ONE, version=-1), gave(3), HISTORY,
        (has("s", 1, 2, 3), holds("s", 3, 3, ONE, metadata=numbered(3)))),
    case("what is there, as the next version", body(TWO, version=3), gave(3), HISTORY,
        (has("s", 1, 2, 3),)),
    case("a version that is not the next", body(THREE, version=5), NOT_NEXT, HISTORY,
        (has("s", 1, 2),)),
    case("a version that is taken", body(THREE, version=1), NOT_NEXT, HISTORY),
    case("a version of a soft-deleted subject", body(THREE, version=1), NOT_NEXT,
        (*HISTORY, soft("s"))),
    case("the version that a soft-deleted subject goes on with", body(THREE, version=3), gave(3),
        (*HISTORY, soft("s"))),
    case("version 2 of a new subject", body(ONE, version=2), NOT_NEXT),
    case("the version it has, without its id", body(ONE, version=1), NOT_NEXT, HISTORY),
    case("an incompatible schema with a wrong version", body(STRICT, version=9),
        refused(409, 40901, ANY), HISTORY),
)

BLANKS = tuple(
    row
    for title, json in {
        "nothing": {},
        "an empty schema": body(""),
        "a blank schema": body(" \t\n "),
        "null for a schema": body(None),
        "an empty schema of a type": body("", **AS_PROTO),
    }.items()
    for row in (
        case(f"{title} stands for the latest version", json, gave(2), HISTORY, (has("s", 1, 2),)),
        case(f"{title} for a new subject", json, EMPTY),
        case(f"{title} for a soft-deleted subject", json, EMPTY, (*HISTORY, soft("s"))),
    )
)

POPULATED = (
    case("nothing but metadata", {"metadata": {"properties": {"a": "b"}}}, gave(3), HISTORY,
        (holds("s", 3, 3, TWO, metadata={"properties": {"a": "b"}}),)),
    case("nothing stands for the references too", {}, gave(2), NESTED, (has("outer", 1),),
        at="outer"),
    case("nothing stands for the type too", {}, gave(1), (register("s", JSON, **AS_JSON),)),
    case("nothing in a subject that is only read", {},
        refused(422, 42205, "Subject s in context  is in read-only mode"),
        (*HISTORY, mode("READONLY", "s"))),
)

NORMALIZED = (
    case("as it is", body(LOOSE_JSON, **AS_JSON), gave(1), (),
        (holds("s", 1, 1, LOOSE_JSON, **AS_JSON),)),
    case("normalized", body(LOOSE_JSON, **AS_JSON), gave(1), (),
        (holds("s", 1, 1, NORMAL_JSON, **AS_JSON),), at="s?normalize=true"),
    case("normalized by the config", body(LOOSE_JSON, **AS_JSON), gave(1),
        (config("s", normalize=True),), (holds("s", 1, 1, NORMAL_JSON, **AS_JSON),)),
    case("normalized by the global config", body(LOOSE_JSON, **AS_JSON), gave(1),
        (config(normalize=True),), (holds("s", 1, 1, NORMAL_JSON, **AS_JSON),)),
    case("normalize must be true to be so", body(LOOSE_JSON, **AS_JSON), gave(1), (),
        (holds("s", 1, 1, LOOSE_JSON, **AS_JSON),), at="s?normalize=1"),
    case("the default of a double", body(DOUBLE), gave(1), (),
        (holds("s", 1, 1, DOUBLE.replace("1}", "1.0}")),), at="s?normalize=true"),
    case("references sorted, each once",
        body(OUTER, references=[INNER_1, reference("a", 1, "A"), INNER_1]), gave(3),
        (register("inner", INNER), register("a", avro("y", name="A"))),
        (holds("s", 1, 3, OUTER, references=[reference("a", 1, "A"), INNER_1]),),
        at="s?normalize=true"),
    case("a name that leads nowhere", body(LOST, **AS_PROTO), LEADS_NOWHERE, at="s?normalize=true"),
    case("references as they came", body(OUTER, references=[INNER_1, reference("a", 1, "A")]),
        gave(3), (register("inner", INNER), register("a", avro("y", name="A"))),
        (holds("s", 1, 3, OUTER, references=[INNER_1, reference("a", 1, "A")]),)),
)

IDENTITIES = (
    case("explicit empty metadata make another schema", body(ONE, metadata={}),
        ok(full(2, 1, GUID_WITH_EMPTY_PART)), (register("r", ONE),), headers=TAKES_ALL),
    case("an explicit empty rule set makes another schema", body(ONE, ruleSet={}),
        ok(full(2, 1, GUID_WITH_EMPTY_PART)), (register("r", ONE),), headers=TAKES_ALL),
    case("the same text of another type has the id, but not for this", body(TWO_TYPES, **AS_JSON),
        refused(422, 42205, "Overwrite new schema with id 1 in context  is not permitted."),
        (register("r", TWO_TYPES),)),
    case("the same text of another type in another context", body(TWO_TYPES, **AS_JSON), gave(1),
        (register(":.c:r", TWO_TYPES),)),
    case("the same text of another type, in a context's words", body(TWO_TYPES, **AS_JSON),
        refused(422, 42205, "Overwrite new schema with id 1 in context :.c: is not permitted."),
        (register(":.c:r", TWO_TYPES),), at=":.c:s"),
    case("the order of references makes another schema",
        body(OUTER, references=[reference("a", 1, "A"), INNER_1]), gave(4), (register("inner",
        INNER), register("a", avro("y", name="A")), register("r", OUTER, references=[INNER_1,
        reference("a", 1, "A")]))),
)

CASES = (
    *NEW, *AGAIN, *AFTER_DELETES, *VERSIONS, *BLANKS, *POPULATED, *NORMALIZED, *IDENTITIES,
)
