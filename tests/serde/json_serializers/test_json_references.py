"""Schemas that refer to others, resolved as Confluent's client resolves them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from serde_kits import Outcome

from accord_serde._json_schema.documents import Documents

if TYPE_CHECKING:
    from serde_kits import Kit

DRAFT = "http://json-schema.org/draft-07/schema#"
TEXT = {"type": "string"}

# reference name -> schema, each registered with references to those before it; then the schema of
# the message, one message that is valid and one that is not.
SETS: dict[str, tuple[dict[str, Any], Any, Any, Any]] = {
    "by a bare name": ({"Address": TEXT}, {"$ref": "Address"}, "a", 1),
    "by a file's name": ({"address.json": TEXT}, {"$ref": "address.json"}, "a", 1),
    "by a path": ({"common/address.json": TEXT}, {"$ref": "common/address.json"}, "a", 1),
    "by a URL": (
        {"http://example.com/address.json": TEXT},
        {"$ref": "http://example.com/address.json"},
        "a",
        1,
    ),
    "by a URN": ({"urn:example:address": TEXT}, {"$ref": "urn:example:address"}, "a", 1),
    "by a URL from the schema's own": (
        {"http://example.com/s/address.json": TEXT},
        {"$schema": DRAFT, "$id": "http://example.com/s/r.json", "items": {"$ref": "address.json"}},
        ["a"],
        [1],
    ),
    "by the other's own id": (
        {"any": {"$id": "http://example.com/address.json", "type": "string"}},
        {"$ref": "http://example.com/address.json"},
        "a",
        1,
    ),
    "to a part of it": (
        {"common.json": {"definitions": {"a/b": TEXT, "n": {"type": "number"}}}},
        {"properties": {"a": {"$ref": "common.json#/definitions/a~1b"}}},
        {"a": "x"},
        {"a": 1},
    ),
    "to an anchor in it": (
        {"common.json": {"$schema": DRAFT, "definitions": {"x": {"$id": "#text"} | TEXT}}},
        {"$schema": DRAFT, "properties": {"a": {"$ref": "common.json#text"}}},
        {"a": "x"},
        {"a": 1},
    ),
    "through another": (
        {"one.json": TEXT, "two.json": {"items": {"$ref": "one.json"}}},
        {"properties": {"a": {"$ref": "two.json"}}},
        {"a": ["x"]},
        {"a": [1]},
    ),
    "to a part that refers to its own": (
        {"c.json": {"definitions": {"a": {"$ref": "#/definitions/b"}, "b": TEXT}}},
        {"properties": {"a": {"$ref": "c.json#/definitions/a"}}},
        {"a": "x"},
        {"a": 1},
    ),
    "to one of another draft": (
        {
            "old.json": {
                "$schema": "http://json-schema.org/draft-04/schema#",
                "minimum": 1,
                "exclusiveMinimum": True,
            }
        },
        {"$schema": DRAFT, "$ref": "old.json"},
        2,
        1,
    ),
    "to one without a draft": (
        {"list.json": {"items": [TEXT]}},
        {"$schema": DRAFT, "$ref": "list.json"},
        ["a", 1],
        [1],
    ),
    "within itself": (
        {},
        {"$id": "http://example.com/tree.json", "items": {"$ref": "#"}, "type": "array"},
        [[], [[]]],
        [[], [1]],
    ),
    "by a name within itself": (
        {},
        {
            "$schema": DRAFT,
            "$id": "http://example.com/tree.json",
            "definitions": {"t": {"$id": "text.json", "type": "string"}},
            "items": {"$ref": "text.json"},
        },
        ["a"],
        [1],
    ),
    "with keywords beside it that count": (
        {"one.json": {"minLength": 2}},
        {"properties": {"a": {"$ref": "one.json", "type": "string"}}},
        {"a": "xx"},
        {"a": 1},
    ),
    "with keywords beside it that do not count": (
        {"one.json": {"minLength": 2}},
        {"$schema": DRAFT, "properties": {"a": {"$ref": "one.json", "type": "string"}}},
        {"a": 1},
        {"a": "x"},
    ),
}


def registered(kit: Kit, client: Any, documents: dict[str, Any]) -> list[Any]:
    """Register schemas, each with references to all before it, and return those references."""
    references: list[Any] = []
    for number, (name, document) in enumerate(documents.items()):
        schema = kit.the.Schema(json.dumps(document), "JSON", list(references))
        client.register_schema(f"subject-{number}", schema)
        references.append(kit.the.SchemaReference(name, f"subject-{number}", 1))
    return references


@pytest.mark.parametrize("which", SETS.values(), ids=SETS)
def test_references_are_followed(kit: Kit, client: Any, name: str, which: Any) -> None:
    """In the schema of the serializer and in the writer's, fetched by id."""
    documents, root, valid, invalid = which
    schema = kit.the.Schema(json.dumps(root), "JSON", registered(kit, client, documents))
    write = kit.JSONSerializer(schema, client)
    unchecked = kit.JSONSerializer(schema, client, conf={"validate": False})
    readers = [kit.JSONDeserializer(each, schema_registry_client=client) for each in (schema, None)]
    for _ in range(2):
        assert Outcome.of(kit, write, invalid, kit.value(name)).trouble == "SerializationError"
        message = write(valid, kit.value(name))
        bad = unchecked(invalid, kit.value(name))
        for read in readers:
            assert read(message, kit.value(name)) == valid
            assert Outcome.of(kit, read, bad, kit.value(name)).trouble == "SerializationError"


def test_a_name_counts_from_the_id_of_the_schema_that_refers(
    ours: Kit, url: str, name: str
) -> None:
    """As in Confluent's clients for the JVM; its Python client goes to the network."""
    client = ours.client(url)
    root = {
        "$schema": DRAFT,
        "$id": "http://example.com/s/order.json",
        "items": {"$ref": "address.json"},
    }
    references = registered(ours, client, {"address.json": TEXT})
    write = ours.JSONSerializer(ours.the.Schema(json.dumps(root), "JSON", references), client)
    assert write(["a"], ours.value(name))[5:] == b'["a"]'
    assert Outcome.of(ours, write, [1], ours.value(name)).trouble == "SerializationError"


def test_a_name_counts_from_the_name_of_the_schema_that_refers() -> None:
    """A schema in a folder finds its neighbour."""
    others = [
        ("s/one.json", json.dumps(TEXT)),
        ("s/two.json", json.dumps({"items": {"$ref": "one.json"}})),
        ("s/three.json", json.dumps({"$ref": "../s/two.json"})),
    ]
    for name, _ in others[1:]:
        validator = Documents(json.dumps({"$ref": name}), others).validator()
        assert validator.is_valid(["a"])
        assert not validator.is_valid([1])


def test_nothing_is_fetched_from_elsewhere(ours: Kit, name: str, recorder: Any) -> None:
    """A `$ref` to a server that is there is an error, and the server is not asked."""
    recorder.always(TEXT)
    schema = json.dumps({"$schema": DRAFT, "$ref": f"{recorder.url}/schema.json"})
    read = ours.JSONDeserializer(schema)
    outcome = Outcome.of(ours, read, b'\0\0\0\0\1"a"', ours.value(name))
    assert outcome.trouble == "SerializationError"
    assert recorder.requests == []


def test_meta_schemas_are_at_hand(ours: Kit, name: str) -> None:
    """Those of the drafts themselves may be referred to."""
    read = ours.JSONDeserializer(json.dumps({"$schema": DRAFT, "$ref": DRAFT}))
    assert read(b'\0\0\0\0\1{"type":"string"}', ours.value(name)) == {"type": "string"}
    outcome = Outcome.of(ours, read, b'\0\0\0\0\1{"type":7}', ours.value(name))
    assert outcome.trouble == "SerializationError"
