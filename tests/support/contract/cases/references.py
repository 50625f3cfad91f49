"""References: who refers to a version, and what a new schema may refer to."""

from __future__ import annotations

from typing import Any

from contract.case import ANY, Ask, Case, Gives, avro, get, ok, post, refused, register
from contract.documents import version
from contract.texts import (
    AS_JSON,
    AS_PROTO,
    INNER,
    INNER_1,
    INT,
    NESTED,
    OUTER,
    STRING,
    body,
    config,
    hard,
    level,
    reference,
    register_outer,
    soft,
    unreadable,
)

# Rows of a table: the formatter would spread each of them over ten lines.
# fmt: off

BY = "GET /subjects/{subject}/versions/{version}/referencedby"
REGISTER = "POST /subjects/{subject}/versions"

NO_INNER = refused(404, 40401, "Subject 'inner' not found.")


def by(title: str, tail: str, gives: Any, before: tuple = NESTED) -> Case:
    path, _, query = tail.partition("?")
    path = f"/subjects/{path}/referencedby" + (f"?{query}" if query else "")
    return Case(BY, title, get(path), gives if isinstance(gives, Gives) else ok(gives), before)


MANY = (
    *NESTED,
    register_outer("b"),
    register("c", OUTER.replace("Outer", "Other"), references=[INNER_1]),
    register(":.c:x", STRING),
    register_outer(":.c:outer", references=[reference(":.:inner")]),
)

REFERRERS = (
    by("one", "inner/versions/1", [2]),
    by("latest", "inner/versions/latest", [2]),
    by("-1", "inner/versions/-1", [2]),
    by("none", "outer/versions/1", []),
    by("each schema once, those of other contexts too", "inner/versions/1", [2, 3, 2], MANY),
    by("a page", "inner/versions/1?offset=1&limit=1", [3], MANY),
    by("a page beyond the end", "inner/versions/1?offset=9", [], MANY),
    by("a limit of 0 is none", "inner/versions/1?limit=0", [2, 3, 2], MANY),
    by("not indirectly", "inner/versions/1", [2], (*NESTED, register("far",
        '{"type":"record","name":"Far","fields":[{"name":"o","type":"Outer"}]}',
        references=[reference("outer", 1, "Outer")]))),
    by("not to another version", "inner/versions/2", [],
        (*NESTED, level("NONE"), register("inner", INT))),
    by("not those soft-deleted", "inner/versions/1", [], (*NESTED, soft("outer"))),
    by("those soft-deleted, asked for", "inner/versions/1?deleted=true", [2],
        (*NESTED, soft("outer"))),
    by("not those removed for good", "inner/versions/1?deleted=true", [],
        (*NESTED, soft("outer"), hard("outer"))),
    by("those of a soft-deleted version", "inner/versions/1?deleted=true", [2],
        (*NESTED, soft("outer"), soft("inner"))),
    by("those of a soft-deleted version, live ones only", "inner/versions/1", [],
        (*NESTED, soft("outer"), soft("inner"))),
    by("an unqualified subject in whichever context has it", "inner/versions/1", [2],
        (register(":.c:inner", INNER), register_outer(":.c:outer"))),
    by("in a context", ":.c:inner/versions/1", [2],
        (register(":.c:inner", INNER), register_outer(":.c:outer"))),
    by("an alias", "other/versions/1", [2], (*NESTED, config("other", alias="inner"))),
    by("by an inlined schema", "inner/versions/1", [],
        (register("inner", INNER), register("outer", OUTER.replace('"Inner"', INNER)))),
    by("unknown subject", "inner/versions/1", NO_INNER, ()),
    by("latest of an unknown subject", "inner/versions/latest", NO_INNER, ()),
    by("unknown version", "inner/versions/2", refused(404, 40402, "Version 2 not found.")),
    by("removed for good", "inner/versions/1", NO_INNER,
        (register("inner", INNER), soft("inner"), hard("inner"))),
    by("number 0", "inner/versions/0", refused(422, 42202,
        "The specified version '0' is not a valid version id. "
        'Allowed values are between [1, 2^31-1] and the string "latest"')),
    by("no number", "inner/versions/x", refused(422, 42202, ANY)),
    by("a limit that is no number", "inner/versions/1?limit=x",
        refused(404, 404, "HTTP 404 Not Found")),
)


def case(
    title: str,
    references: list[Any] | None,
    gives: Gives,
    before: tuple[Ask, ...] = NESTED[:1],
    *,
    stored: list[Any] | None = None,
    **more: Any,
) -> Case:
    """Register a schema with references, of which these are stored."""
    at, schema, kind = more.get("at", "outer"), more.get("schema", OUTER), more.get("kind", {})
    after = ()
    if stored is not None:
        shown = version(at, 1, gives.json["id"], schema, references=stored, **kind)
        after = ((get(f"/subjects/{at}/versions/1"), ok(shown)),)
    ask = post(f"/subjects/{at}/versions", body(schema, references=references, **kind))
    return Case(REGISTER, title, ask, gives, before, after, more.get("settings", {}))


def unresolved(subject: str, number: int, kind: str = "AVRO") -> Gives:
    return unreadable(kind,
        f'No schema reference found for subject "{subject}" and version {number}')


def incomplete(name: str, subject: str, number: str) -> Gives:
    return unreadable("AVRO",
        f"Invalid reference: {{name='{name}', subject='{subject}', version={number}}}")


TWO_INNERS = (register("inner", INNER), register("inner", INNER.replace('"x"', '"y"')))
APART = (level("NONE"), register("inner", INNER), register("inner", avro("x", name="y")))
PROTO_INNER = 'syntax = "proto3";\n\nmessage I {\n  string a = 1;\n}\n'
PROTO_OUTER = 'syntax = "proto3";\n\nimport "i.proto";\n\nmessage O {\n  I i = 1;\n}\n'
JSON_INNER = '{"type":"string"}'
JSON_OUTER = '{"type":"object","properties":{"i":{"$ref":"i.json"}}}'

RESOLVED = (
    case("by number", [INNER_1], ok({"id": 2}), stored=[INNER_1]),
    case("the latest is pinned", [reference("inner", -1)], ok({"id": 2}), stored=[INNER_1]),
    case("the latest of two is pinned", [reference("inner", -1)], ok({"id": 3}),
        (level("NONE"), *TWO_INNERS), stored=[reference("inner", 2)]),
    case("an older version", [INNER_1], ok({"id": 3}), (level("NONE"), *TWO_INNERS),
        stored=[INNER_1]),
    case("one that is not used", [INNER_1], ok({"id": 2}), schema=STRING, stored=[INNER_1]),
    case("within the context", [INNER_1], ok({"id": 2}), (register(":.c:inner", INNER),),
        at=":.c:outer", stored=[INNER_1]),
    case("into the default context", [reference(":.:inner")], ok({"id": 1}), at=":.c:outer",
        stored=[reference(":.:inner")]),
    case("into another context", [reference(":.c:inner")], ok({"id": 1}),
        (register(":.c:inner", INNER),), stored=[reference(":.c:inner")]),
    case("indirect", [reference("outer", 1, "Outer")], ok({"id": 3}), NESTED, at="far",
        schema='{"type":"array","items":"Outer"}', stored=[reference("outer", 1, "Outer")]),
    case("into Protobuf", [reference("i", 1, "i.proto")], ok({"id": 2}),
        (register("i", PROTO_INNER, **AS_PROTO),), schema=PROTO_OUTER, kind=AS_PROTO,
        stored=[reference("i", 1, "i.proto")]),
    case("into JSON", [reference("i", 1, "i.json")], ok({"id": 2}),
        (register("i", JSON_INNER, **AS_JSON),), schema=JSON_OUTER, kind=AS_JSON,
        stored=[reference("i", 1, "i.json")]),
    case("versions in text", [reference("inner", "1")], ok({"id": 2}), stored=[INNER_1]),
    case("null is none", None, ok({"id": 2}), schema=STRING),
    case("two versions of one subject", [INNER_1, reference("inner", 2, "y")], ok({"id": 3}),
        APART, stored=[INNER_1, reference("inner", 2, "y")]),
)

LONG = tuple(
    register(f"r{n}", avro("x", name=f"R{n}"),
        references=[reference(f"r{n - 1}", 1, f"R{n - 1}")] if n else [])
    for n in range(4)
)

# A subject that belongs to a topic, and one that a topic merely uses.
OWNED = post("/associations", {
    "resourceName": "t",
    "resourceNamespace": "n",
    "resourceId": "id-t",
    "resourceType": "topic",
    "associations": [{"associationType": "value", "schema": {"schema": INNER}}],
})
USED = post("/associations", {
    "resourceName": "t",
    "resourceNamespace": "n",
    "resourceId": "id-t",
    "resourceType": "topic",
    "associations": [{"subject": "inner"}],
})

REFUSED = (
    case("unknown subject", [reference("none")], unresolved("none", 1)),
    case("unknown version", [reference("inner", 2)], unresolved("inner", 2)),
    case("the latest of an unknown subject", [reference("none", -1)], unresolved("none", -1)),
    case("version 0", [reference("inner", 0)], unresolved("inner", 0)),
    case("version -2", [reference("inner", -2)], unresolved("inner", -2)),
    case("the highest version", [reference("inner", 2147483647)], unresolved("inner", 2147483647)),
    case("soft-deleted", [INNER_1], unresolved("inner", 1), (*NESTED[: 1], soft("inner"))),
    case("soft-deleted, the latest", [reference("inner", -1)], unresolved("inner", -1),
        (*NESTED[: 1], soft("inner"))),
    case("removed for good", [INNER_1], unresolved("inner", 1),
        (*NESTED[: 1], soft("inner"), hard("inner"))),
    case("one of two is missing", [INNER_1, reference("none", 1, "N")], unresolved("none", 1)),
    case("not in another context", [INNER_1], unresolved("inner", 1), at=":.c:outer"),
    case("not searched in other contexts", [INNER_1], unresolved("inner", 1),
        (register(":.c:inner", INNER),)),
    case("Protobuf, unknown subject", [reference("i", 1, "i.proto")],
        unresolved("i", 1, "PROTOBUF"), (), schema=PROTO_OUTER, kind=AS_PROTO),
    case("JSON, unknown subject", [reference("i", 1, "i.json")], unresolved("i", 1, "JSON"), (),
        schema=JSON_OUTER, kind=AS_JSON),
    case("without a name", [reference("inner", 1, None)], incomplete("null", "inner", "1")),
    case("without a subject", [{"name": "Inner", "version": 1}], incomplete("Inner", "null", "1")),
    case("without a version", [reference("inner", None)], incomplete("Inner", "inner", "null")),
    case("empty", [{}], incomplete("null", "null", "null")),
    case("null", [None], refused(400, 400, ANY)),
    case("a text", ["inner"], refused(400, 400, ANY)),
    case("the name leads elsewhere", [reference("inner", 1, "Inner2")],
        unreadable("AVRO", "Undefined schema: Inner2"), schema='{"type":"array","items":"Inner2"}'),
    case("to what belongs to a topic", [reference(":.n:t-value")], refused(422, 42205,
        "Subject ':.n:t-value' has a strong association and cannot be referenced"), (OWNED,)),
    case("to what a topic uses", [INNER_1], ok({"id": 2}), (*NESTED[: 1], USED)),
    case("to itself", [reference("outer")], unresolved("outer", 1), ()),
    case("too many, those of references counted", [reference("r3", 1, "R3")],
        unreadable("AVRO", "More than 3 references to resolve"), LONG,
        schema='{"type":"array","items":"R3"}', settings={"max_references": 3}),
    case("as many as may be", [reference("r2", 1, "R2")], ok({"id": 5}), LONG,
        schema='{"type":"array","items":"R2"}', settings={"max_references": 3}),
    case("two versions of one subject where that is not allowed",
        [INNER_1, reference("inner", 2, "y")],
        unreadable("AVRO", "Conflicting reference versions for inner"),
        (level("NONE"), *TWO_INNERS), settings={"reference_versions_strict": True}),
)

CASES = (
    *REFERRERS, *RESOLVED, *REFUSED,
)
