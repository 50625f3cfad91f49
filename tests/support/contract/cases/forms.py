"""How schemas are shown: `format`, `referenceFormat`, `findTags`; and the longest answer by id."""

from __future__ import annotations

from typing import Any

from contract.case import Ask, Case, Like, get, ok, refused, register
from contract.documents import Ordered, by_id, guid_of, version
from contract.texts import (
    AS_JSON,
    AS_PROTO,
    INNER_1,
    JSON,
    LOST,
    NESTED,
    ONE,
    OUTER,
    OUTER_INLINED,
    PROTO,
    PROTO_BYTES,
    mode,
    register_outer,
)

# Rows of a table: the formatter would spread each of them over ten lines.
# fmt: off

VERSION = "GET /subjects/{subject}/versions/{version}"
VERSION_TEXT = "GET /subjects/{subject}/versions/{version}/schema"
ID = "GET /schemas/ids/{id}"
ID_TEXT = "GET /schemas/ids/{id}/schema"
GUID = "GET /schemas/guids/{guid}"

EXTENDED = (
    'syntax = "proto3";\n\nimport "google/protobuf/descriptor.proto";\n\nmessage M {\n'
    "  string a = 1 [(mine) = true];\n}\n\nextend google.protobuf.FieldOptions {\n"
    "  bool mine = 50001;\n}\n"
)
PLAIN = (
    'syntax = "proto3";\n\nimport "google/protobuf/descriptor.proto";\n\nmessage M {\n'
    "  string a = 1;\n}\n"
)


def everywhere(
    title: str,
    schema_format: str,
    stored: str,
    shown: str,
    before: tuple[Ask, ...],
    **more: Any,
) -> tuple[Case, ...]:
    """Show the first version of `s`, the newest schema, in a format on every route that can."""
    number = len(before)
    query = f"?format={schema_format}"
    guid = {} if "references" in more else {"guid": guid_of(stored)}
    more = {**guid, **more}
    routes: list[tuple[str, str, Any]] = [
        (VERSION, "/subjects/s/versions/1", ok(version("s", 1, number, shown, **more))),
        (VERSION_TEXT, "/subjects/s/versions/1/schema", ok(text=shown)),
        (ID, f"/schemas/ids/{number}", ok(by_id("s", 1, shown, **more))),
        (ID_TEXT, f"/schemas/ids/{number}/schema", ok(text=shown)),
    ]
    if guid:
        path = f"/schemas/guids/{guid_of(stored)}"
        routes.append((GUID, path, ok(by_id(None, None, shown, **more))))
    return tuple(
        Case(route, title, get(path + query), gives, before) for route, path, gives in routes
    )


REFERRING = (NESTED[0], register_outer("s"))
AVRO_S = (register("s", ONE),)
JSON_S = (register("s", JSON, **AS_JSON),)
PROTO_S = (register("s", PROTO, **AS_PROTO),)

FORMATS = (
    *everywhere("Avro, resolved", "resolved", OUTER, OUTER_INLINED, REFERRING,
        references=[INNER_1]),
    *everywhere("Avro, the default", "default", OUTER, OUTER, REFERRING, references=[INNER_1]),
    *everywhere("Avro, no format", "", ONE, ONE, AVRO_S),
    *everywhere("Avro, a format of Protobuf", "serialized", ONE, ONE, AVRO_S),
    *everywhere("JSON, a format that it does not know", "resolved", JSON, JSON, JSON_S, **AS_JSON),
    *everywhere("Protobuf, as bytes", "serialized", PROTO, PROTO_BYTES, PROTO_S, **AS_PROTO),
    *everywhere("Protobuf, the default", "default", PROTO, PROTO, PROTO_S, **AS_PROTO),
    *everywhere("Protobuf, a format that it does not know", "resolved", PROTO, PROTO, PROTO_S,
        **AS_PROTO),
    *everywhere("Protobuf, without extensions", "ignore_extensions", EXTENDED, PLAIN,
        (register("s", EXTENDED, **AS_PROTO),), **AS_PROTO),
    *everywhere("logical came later", "logical", ONE, ONE, AVRO_S),
)

IN_C = (register(":.c:inner", NESTED[0].json["schema"]), register_outer(":.c:s"))
QUALIFIED_1 = Ordered(name="Inner", subject=":.c:inner", version=1)


def references(title: str, query: str, shown: Any, before: tuple[Ask, ...], subject: str) -> tuple:
    by_version = version(subject, 1, 2, OUTER, references=[shown])
    return (
        Case(VERSION, title, get(f"/subjects/{subject}/versions/1?{query}"), ok(by_version),
            before),
        Case(ID, title, get(f"/schemas/ids/2?{query}&subject={subject}"),
            ok(by_id(subject, 1, OUTER, references=[shown])), before),
    )


REFERENCE_FORMATS = (
    *references("references as they are", "referenceFormat=", INNER_1, IN_C, ":.c:s"),
    *references("references qualified", "referenceFormat=qualified", QUALIFIED_1, IN_C, ":.c:s"),
    *references("references qualified, in any case", "referenceFormat=QUALIFIED", QUALIFIED_1,
        IN_C, ":.c:s"),
    *references("an unknown form of references", "referenceFormat=x", INNER_1, IN_C, ":.c:s"),
    *references("references qualified in the default context", "referenceFormat=qualified",
        INNER_1, REFERRING, "s"),
)

TAGGED = (
    '{"type":"record","name":"R","fields":[{"name":"a","type":"string",'
    '"confluent:tags":["PII","X"]},{"name":"b","type":"string","confluent:tags":["X"]}],'
    '"confluent:tags":["TOP"]}'
)


def entity(path: str, kind: str, *tags: str) -> Ordered:
    place = Ordered(entityPath=path, entityType=kind)
    return Ordered(schemaEntity=place, tags=list(tags))


TOP = entity("R", "sr_record", "TOP")
TAGS_A = entity("R.a", "sr_field", "PII", "X")
TAGS_B = entity("R.b", "sr_field", "X")


def tags(title: str, query: str, *shown: Any) -> tuple[Case, Case]:
    more = {"schemaTags": list(shown) or None, "guid": guid_of(TAGGED)}
    before = (register("s", TAGGED),)
    return (
        Case(VERSION, title, get(f"/subjects/s/versions/1?{query}"),
            ok(version("s", 1, 1, TAGGED, **more)), before),
        Case(ID, title, get(f"/schemas/ids/1?{query}"), ok(by_id("s", 1, TAGGED, **more)), before),
    )


TAGS = (
    *tags("no tags asked for", ""),
    *tags("all tags", "findTags=*", TOP, TAGS_A, TAGS_B),
    *tags("one tag", "findTags=PII", TAGS_A),
    *tags("one tag in two places", "findTags=X", TAGS_A, TAGS_B),
    *tags("two tags", "findTags=PII&findTags=TOP", TOP, TAGS_A),
    *tags("a tag that is nowhere", "findTags=Y"),
    *tags("all tags and one", "findTags=Y&findTags=*", TOP, TAGS_A, TAGS_B),
)

# An import takes it although a name in it leads nowhere.
LOST_GUID = guid_of(LOST)
IMPORTED = (
    mode("IMPORT"),
    register("s", LOST, id=1, **AS_PROTO),
    register("p", LOST, id=2, metadata={"properties": {"k": "v"}}, **AS_PROTO),
)
NO_FORM = refused(422, 42201,
    Like("Stored schema has no form serialized: ", "Could not resolve type: X"))


def lost(route: str, path: str, shown: Any) -> tuple[Case, Case]:
    return (
        Case(route, "a form that it has not", get(f"{path}?format=serialized"), NO_FORM, IMPORTED),
        Case(route, "what has no other form, as it is", get(path), shown, IMPORTED),
    )


FORMLESS = (
    *lost(VERSION, "/subjects/s/versions/1", ok(version("s", 1, 1, LOST, **AS_PROTO))),
    *lost(VERSION_TEXT, "/subjects/s/versions/1/schema", ok(text=LOST)),
    *lost(ID, "/schemas/ids/1", ok(by_id("s", 1, LOST, **AS_PROTO))),
    *lost(ID_TEXT, "/schemas/ids/1/schema", ok(text=LOST)),
    *lost(GUID, f"/schemas/guids/{LOST_GUID}", ok(by_id(None, None, LOST, **AS_PROTO))),
    *lost("GET /subjects/{subject}/metadata", "/subjects/p/metadata",
        ok(version("p", 1, 2, LOST, metadata={"properties": {"k": "v"}}, **AS_PROTO))),
)

CASES = (
    *FORMATS, *REFERENCE_FORMATS, *TAGS, *FORMLESS,
)
