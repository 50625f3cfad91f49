"""Inline tags: listed in document order, changed in the text."""

from __future__ import annotations

import json

import pytest

from compat.avro import parse
from compat.errors import InvalidSchema
from compat.schema import EntityTags, Resolved

PERSON = {
    "type": "record",
    "name": "Person",
    "namespace": "shop",
    "confluent:tags": ["PII", "PII"],
    "fields": [
        {"name": "name", "type": "string", "confluent:tags": ["PRIVATE", "NAME"]},
        {
            "name": "homes",
            "type": {
                "type": "array",
                "items": [
                    "null",
                    {
                        "type": "record",
                        "name": "geo.Address",
                        "fields": [
                            {"name": "street", "type": "string", "confluent:tags": ["PRIVATE"]},
                            {"name": "of", "type": {"type": "map", "values": "shop.Person"}},
                        ],
                    },
                ],
            },
            "confluent:tags": "no list",
        },
    ],
}
SCHEMA = parse(json.dumps(PERSON))


def test_tags_are_listed_in_document_order() -> None:
    """Each record once, though it contains itself."""
    assert SCHEMA.tags() == (
        EntityTags("shop.Person", "sr_record", ("PII",)),
        EntityTags("shop.Person.name", "sr_field", ("PRIVATE", "NAME")),
        EntityTags("geo.Address.street", "sr_field", ("PRIVATE",)),
    )


def test_tags_of_references_are_listed() -> None:
    reference = Resolved("shop.Person", "person", 1, SCHEMA.text)
    schema = parse('{"type":"array","items":"shop.Person"}', [reference])
    assert schema.tags() == SCHEMA.tags()


def test_tags_are_added_and_removed() -> None:
    """What is already there keeps its place; what is left without tags loses the attribute."""
    changed = SCHEMA.retagged(
        add=[
            EntityTags("shop.Person", "sr_record", ("GDPR", "PII")),
            EntityTags("geo.Address", "sr_record", ("PLACE",)),
            EntityTags("geo.Address.of", "sr_field", ("A", "B")),
        ],
        remove=[
            EntityTags("shop.Person.name", "sr_field", ("NAME",)),
            EntityTags("geo.Address.street", "sr_field", ("PRIVATE", "UNKNOWN")),
            EntityTags("geo.Address.of", "sr_field", ("B",)),
        ],
    )
    assert changed.tags() == (
        EntityTags("shop.Person", "sr_record", ("PII", "GDPR")),
        EntityTags("shop.Person.name", "sr_field", ("PRIVATE",)),
        EntityTags("geo.Address", "sr_record", ("PLACE",)),
        EntityTags("geo.Address.of", "sr_field", ("A",)),
    )
    assert '"street","type":"string"}' in changed.text


def test_a_path_without_a_namespace_finds_the_first_of_that_name() -> None:
    changed = SCHEMA.retagged(add=[EntityTags("Address.of", "sr_field", ("A",))])
    assert EntityTags("geo.Address.of", "sr_field", ("A",)) in changed.tags()


def test_no_change_is_the_same_schema() -> None:
    assert SCHEMA.retagged().text == SCHEMA.text


@pytest.mark.parametrize(
    ("path", "entity_type"),
    [
        ("shop.Address", "sr_record"),
        ("shop.Person.age", "sr_field"),
        ("Person", "sr_field"),
        ("", "sr_record"),
        ("shop.Person.name", "sr_record"),
    ],
)
def test_a_path_that_leads_nowhere_is_refused(path: str, entity_type: str) -> None:
    with pytest.raises(InvalidSchema) as refusal:
        SCHEMA.retagged(add=[EntityTags(path, entity_type, ("A",))])
    assert refusal.value.message == f"No matching path '{path}' found in the schema"
