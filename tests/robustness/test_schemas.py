"""Schemas that are too deep, too entangled or cost more than they look; and large ones that do not.

The texts are what a malicious client would send: small, and answered with gigabytes or hours by
whoever follows them naively. Each answer comes within the patience of the client and the memory
the node has been left with.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from node import is_refused

if TYPE_CHECKING:
    from node import Node

PROTO3 = 'syntax="proto3";'
DRAFT_7 = "http://json-schema.org/draft-07/schema#"
DEEP = (10_000, 100_000)
FIELDS = 10_000


def text_of(document: Any) -> str:
    return json.dumps(document, separators=(",", ":"))


def record(name: str, fields: list[Any], **more: Any) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": fields, **more}


# Format, what opens a level (with a place for its number), what is inside all, what closes one.
NESTED: dict[str, tuple[str, str, str, str]] = {
    "arrays": ("AVRO", '{"type":"array","items":', '"int"', "}"),
    "maps": ("AVRO", '{"type":"map","values":', '"int"', "}"),
    "unions": ("AVRO", "[", '"int"', "]"),
    "records": (
        "AVRO",
        '{"type":"record","name":"R%d","fields":[{"name":"f","type":',
        '"int"',
        "}]}",
    ),
    "lists": ("JSON", "[", "1", "]"),
    "schemas": ("JSON", '{"items":', "true", "}"),
    "values": ("JSON", '{"enum":[', "1", "]}"),
    "properties": ("JSON", '{"properties":{"a":', "true", "}}"),
    "messages": ("PROTOBUF", "message M%d{", "", "}"),
    "groups": ("PROTOBUF", "message M%d{optional group G=1{", "", "}}"),
    "aggregates": ("PROTOBUF", "a{", "b:1", "}"),
    "maps of maps": ("PROTOBUF", "map<string,", "int32", ">"),
}
AROUND: dict[str, str] = {
    "messages": PROTO3 + "%s",
    "groups": 'syntax="proto2";%s',
    "aggregates": PROTO3 + "option (x)={%s};",
    "maps of maps": PROTO3 + "message M{%s a=1;}",
}


def nested(what: str, levels: int) -> str:
    _, opening, inside, closing = NESTED[what]
    openings = (opening % number if "%d" in opening else opening for number in range(levels))
    return AROUND.get(what, "%s") % ("".join(openings) + inside + closing * levels)


@pytest.mark.parametrize("levels", DEEP)
@pytest.mark.parametrize("what", NESTED)
def test_endless_nesting_is_refused(sqlite_node: Node, what: str, levels: int) -> None:
    kind = NESTED[what][0]
    text = nested(what, levels)
    with sqlite_node.left_alone():
        answer = sqlite_node.register("s", text, kind)
        # 42209: the deepest of them are longer than any schema may be.
        code = answer.json()["error_code"]
        assert code in {42201, 42209}
        is_refused(answer, 422, code, r"nested deeper|too large|longer than|more than|expected '>'")
        assert len(answer.content) < 100_000
        assert sqlite_node.look_up("s", text, kind).status_code == httpx.codes.UNPROCESSABLE_ENTITY


def numbered(index: int) -> int:
    """Return a field number, the reserved ones left out."""
    return index + 1 if index < 18_999 else index + 1001


LARGE: dict[str, tuple[str, str]] = {
    "record": (
        "AVRO",
        text_of(record("R", [{"name": f"f{n}", "type": "int"} for n in range(FIELDS)])),
    ),
    "enum": (
        "AVRO",
        text_of({"type": "enum", "name": "E", "symbols": [f"S{n}" for n in range(FIELDS)]}),
    ),
    "union": (
        "AVRO",
        text_of([{"type": "fixed", "name": f"F{n}", "size": 1} for n in range(FIELDS)]),
    ),
    "properties": (
        "JSON",
        text_of({"properties": {f"p{n}": {"type": "string"} for n in range(FIELDS)}}),
    ),
    "alternatives": ("JSON", text_of({"anyOf": [{"const": n} for n in range(FIELDS)]})),
    "patterns": ("JSON", text_of({"patternProperties": {f"^p{n}$": {} for n in range(FIELDS)}})),
    "message": (
        "PROTOBUF",
        PROTO3 + "message M{" + "".join(f"int32 f{n}={numbered(n)};" for n in range(FIELDS)) + "}",
    ),
    "values": (
        "PROTOBUF",
        PROTO3 + "enum E{" + "".join(f"V{n}={n};" for n in range(FIELDS)) + "}",
    ),
    "imports": ("PROTOBUF", PROTO3 + 'import "google/protobuf/any.proto";' * FIELDS),
    "unknown imports": (
        "PROTOBUF",
        PROTO3 + "".join(f'import "i{n}.proto";' for n in range(FIELDS)),
    ),
}


@pytest.mark.parametrize("what", LARGE)
def test_ten_thousand_parts_are_registered_and_found_again(sqlite_node: Node, what: str) -> None:
    kind, text = LARGE[what]
    subject = f"large-{what.replace(' ', '-')}"
    registered = sqlite_node.register(subject, text, kind)
    assert registered.status_code == httpx.codes.OK, registered.text[:500]
    assert sqlite_node.register(subject, text, kind).json() == registered.json()
    found = sqlite_node.look_up(subject, text, kind)
    assert found.json()["id"] == registered.json()["id"]
    sqlite_node.use()


def long_namespace(length: int, types: int) -> str:
    fields = [
        {"name": f"f{n}", "type": {"type": "fixed", "name": f"F{n}", "size": 1}}
        for n in range(types)
    ]
    return text_of(record("R", fields, namespace="n" * length))


def long_aliases(length: int, aliases: int) -> str:
    return text_of(
        record("R", [], namespace="n" * length, aliases=[f"A{n}" for n in range(aliases)])
    )


def multiplied_default(values: int, fields: int) -> str:
    inner = record("I", [{"name": f"f{n}", "type": "int", "default": 0} for n in range(fields)])
    field = {"name": "a", "type": {"type": "array", "items": inner}, "default": [{}] * values}
    return text_of(record("R", [field]))


def late_misfits(values: int, fields: int) -> str:
    """Return a default for a union whose first branch looks as if it fitted."""
    first = record("A", [{"name": f"f{n}", "type": "int"} for n in range(fields)])
    items = {"type": "array", "items": [first, record("B", [])]}
    return text_of(record("R", [{"name": "a", "type": items, "default": [{}] * values}]))


def faults_below_alternatives(levels: int, faults: int) -> str:
    """Return a schema of which each level can be one of two things, and is neither."""
    schema: dict[str, Any] = {"properties": {f"p{n}": {"type": 7} for n in range(faults)}}
    for _ in range(levels):
        schema = {"items": schema}
    return text_of({"$schema": DRAFT_7, **schema})


def long_base(length: int, references: int) -> str:
    base = f"http://h.example/{'d/' * (length // 2)}"
    uses = [{"$ref": "./" * n + "x"} for n in range(references)]
    return text_of({"$id": base, "$defs": {"x": {"$id": "x"}}, "anyOf": uses})


def long_paths(length: int, levels: int) -> str:
    return '{"properties":{"%s":' % ("k" * length) * levels + "{}" + "}}" * levels


def long_package(length: int, messages: int) -> str:
    body = "".join(f"message M{n}{{}}" for n in range(messages))
    return f"{PROTO3}package {'p' * length};{body}"


BOMBS: dict[str, tuple[str, str, str]] = {
    "a namespace repeated in every name": ("AVRO", long_namespace(500_000, 20_000), "names"),
    "a namespace repeated in every alias": ("AVRO", long_aliases(100_000, 150_000), "names"),
    "a default multiplied by its record": ("AVRO", multiplied_default(400_000, 1000), "steps"),
    "branches that fail late": ("AVRO", late_misfits(400_000, 10_000), "steps|parts"),
    "faults below alternatives": ("JSON", faults_below_alternatives(100, 40_000), "7 is not valid"),
    "a fault of its own size": ("JSON", text_of({"type": ["x"] * 300_000}), "metaschema"),
    "a base repeated in every reference": ("JSON", long_base(400_000, 1_000), "too long together"),
    "paths repeated in every path": ("JSON", long_paths(10_000, 100), "too long together"),
    "a package repeated in every name": ("PROTOBUF", long_package(500_000, 20_000), "names"),
}


@pytest.mark.parametrize("what", BOMBS)
def test_a_text_that_means_more_than_it_says_is_refused(sqlite_node: Node, what: str) -> None:
    kind, text, message = BOMBS[what]
    with sqlite_node.left_alone():
        is_refused(sqlite_node.register("s", text, kind), 422, 42201, message)
        assert sqlite_node.look_up("s", text, kind).status_code >= httpx.codes.BAD_REQUEST


PATTERNS = {
    "nested repetition": "(a+)+$",
    "repeated alternatives": "(a|aa)*b",
    "counted repetition": "(((((a{1,99}){1,99}){1,99}){1,99}){1,99})",
    "classes of classes": r"(\p{L}{500}){500}",
    "references back": r"(a*)*\1" * 50,
    "looks ahead": r"(?=(a+)+$)(\w|\w\w)*",
    "groups inside one another": "(" * 400 + ")" * 400,
    "a megabyte": "a?" * 500_000,
}


@pytest.mark.parametrize("what", PATTERNS)
def test_a_costly_pattern_is_only_read(sqlite_node: Node, what: str) -> None:
    text = text_of({"anyOf": [{"pattern": PATTERNS[what]}]})
    answer = sqlite_node.register(f"pattern-{what.replace(' ', '-')}", text, "JSON")
    assert answer.status_code == httpx.codes.OK, answer.text[:500]
    sqlite_node.use()


@pytest.mark.parametrize("pattern", ["(", "a**", "[z-a]", "a{2,1}", "(?<n>"])
def test_what_is_no_pattern_is_refused(sqlite_node: Node, pattern: str) -> None:
    text = text_of({"pattern": pattern})
    with sqlite_node.left_alone():
        is_refused(sqlite_node.register("s", text, "JSON"), 422, 42201, "regular expression")


TAGGED: dict[str, tuple[str, str, str]] = {
    "AVRO": (text_of(record("R", [{"name": "f", "type": "int"}])), "R.f", "R.g"),
    "JSON": (text_of({"properties": {"f": {"type": "string"}}}), "object.f", "object.g"),
    "PROTOBUF": (PROTO3 + "message R{int32 f=1;}", "R.f", "R.g"),
}


def tags(path: str, many: int) -> list[dict[str, Any]]:
    entity = {"entityPath": path, "entityType": "sr_field"}
    return [{"schemaEntity": entity, "tags": [f"T{number}"]} for number in range(many)]


@pytest.mark.parametrize("kind", TAGGED)
def test_ten_thousand_tags_for_one_place_are_written(sqlite_node: Node, kind: str) -> None:
    text, path, _ = TAGGED[kind]
    answer = sqlite_node.register(f"tagged-{kind}", text, kind, schemaTagsToAdd=tags(path, 10_000))
    assert answer.status_code == httpx.codes.OK, answer.text[:500]
    sqlite_node.use()


@pytest.mark.parametrize("kind", TAGGED)
def test_a_tag_that_leads_nowhere_is_refused(sqlite_node: Node, kind: str) -> None:
    text, _, path = TAGGED[kind]
    with sqlite_node.left_alone():
        answer = sqlite_node.register(f"untagged-{kind}", text, kind, schemaTagsToAdd=tags(path, 1))
        is_refused(answer, 422, 42201, path)


@pytest.mark.parametrize("kind", TAGGED)
def test_tags_are_passed_on_where_there_is_a_place_for_them(sqlite_node: Node, kind: str) -> None:
    subject = f"passed-on-{kind}"
    text, path, _ = TAGGED[kind]
    sqlite_node.ask("PUT", f"/config/{subject}", {"compatibility": "NONE"})
    sqlite_node.register(subject, text, kind, schemaTagsToAdd=tags(path, 2))
    other = text.replace("R", "Q").replace('"f"', '"h"').replace("int32 f", "int32 h")
    answer = sqlite_node.register(subject, other, kind, propagateSchemaTags=True)
    assert answer.status_code == httpx.codes.OK, answer.text[:500]
    kept = sqlite_node.register(subject, text, kind, propagateSchemaTags=True)
    assert kept.status_code == httpx.codes.OK, kept.text[:500]


# NUL: every database keeps what is escaped; the character itself is no schema of any format.
NUL: dict[str, tuple[str, str]] = {
    "AVRO": ('"string"\0', r"\\u0000|dangling|control"),
    "JSON": ('{"title":"\0"}', "control"),
    "PROTOBUF": (PROTO3 + "//\0", "NUL"),
}


@pytest.mark.parametrize("kind", NUL)
def test_nul_in_a_text_is_refused(node: Node, kind: str) -> None:
    text, _ = NUL[kind]
    with node.left_alone():
        is_refused(node.register("s", text, kind), 422, 42201, "Invalid schema")


ESCAPED_NUL: dict[str, str] = {
    "AVRO": r'{"type":"string","doc":"\u0000"}',
    "JSON": r'{"title":"\u0000"}',
    "PROTOBUF": PROTO3 + r'option java_package="\000";',
}


@pytest.mark.parametrize("kind", ESCAPED_NUL)
def test_escaped_nul_is_kept(node: Node, kind: str) -> None:
    subject = f"nul-{kind}"
    registered = node.register(subject, ESCAPED_NUL[kind], kind)
    assert registered.status_code == httpx.codes.OK, registered.text
    found = node.look_up(subject, ESCAPED_NUL[kind], kind)
    assert found.json()["id"] == registered.json()["id"]


HALF = "\\ud800"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("AVRO", '{"type":"string","doc":"%s"}'),
        ("AVRO", '{"type":"record","name":"R","fields":[],"%s":1}'),
        ("JSON", '{"title":"%s"}'),
        ("JSON", '{"properties":{"%s":{}}}'),
        ("JSON", '{"pattern":"%s"}'),
        ("PROTOBUF", PROTO3 + 'option java_package="%s";'),
    ],
)
def test_half_a_surrogate_pair_escaped_in_a_text_is_refused(
    node: Node, kind: str, text: str
) -> None:
    with node.left_alone():
        answer = node.register("s", text % HALF, kind)
        is_refused(answer, 422, 42201, "surrogate|does not fit")
