"""What `$ref` means when documents are given by name."""

from __future__ import annotations

import json

import pytest

from compat.errors import InvalidSchema
from compat.json_schema import JsonSchema, parse
from compat.json_schema.drafts import METASCHEMAS, Draft
from compat.json_schema.library import refuse
from compat.schema import Resolved

COUNTRY = {"type": "string", "pattern": "^[A-Z]{2}$"}
ADDRESS = {"properties": {"country": {"$ref": "country.json"}}, "definitions": {"zip": {}}}


def given(name: str, schema: object, subject: str = "s") -> Resolved:
    return Resolved(name, subject, 1, json.dumps(schema))


def person(reference: str, **keywords: object) -> str:
    return json.dumps({**keywords, "properties": {"home": {"$ref": reference}}})


def target_of(schema: JsonSchema) -> tuple[str, str]:
    """Return document and pointer the reference at `home` leads to."""
    (link,) = [
        link
        for link in schema.library().links()
        if link.source.location.pointer.endswith("/properties/home")
    ]
    assert link.target is not None
    return link.target.document.uri, link.target.location.pointer


NAMED_ALIKE = [
    ("the name itself", "", "address.json", "address.json"),
    ("a name that looks like a host", "", "example.org/address.json", "example.org/address.json"),
    ("an absolute URI", "", "https://example.org/address.json", "https://example.org/address.json"),
    ("a name on a dot", "", "./address.json", "address.json"),
    ("a reference on a dot", "", "address.json", "./address.json"),
    ("against the base", "https://example.org/person.json", "address.json", "address.json"),
    (
        "spelt out against the base",
        "https://example.org/person.json",
        "address.json",
        "https://example.org/address.json",
    ),
    (
        "relative to the base of the name",
        "https://example.org/people/person.json",
        "https://example.org/address.json",
        "../address.json",
    ),
    ("literally, whatever the base", "urn:example:person", "address.json", "address.json"),
    ("a full name of a class", "", "org.example.Address", "org.example.Address"),
    ("with an empty fragment", "", "address.json", "address.json#"),
    ("named with an empty fragment", "", "address.json#", "address.json"),
    ("a name with a blank", "", "my address.json", "my address.json"),
]


@pytest.mark.parametrize("draft", [Draft.DRAFT_7, Draft.DRAFT_2020_12])
@pytest.mark.parametrize(
    ("base", "name", "reference"), [row[1:] for row in NAMED_ALIKE], ids=[r[0] for r in NAMED_ALIKE]
)
def test_a_reference_finds_the_document_of_its_name(
    base: str, name: str, reference: str, draft: Draft
) -> None:
    own_id = {"$id": base} if base else {}
    text = person(reference, **{"$schema": METASCHEMAS[draft]}, **own_id)
    with pytest.raises(InvalidSchema, match="names no given reference"):
        parse(text)
    schema = parse(text, [given(name, {"type": "string"})])
    assert target_of(schema)[1] == ""


def test_a_reference_may_use_the_id_of_a_given_document() -> None:
    address = {"$id": "https://example.org/address.json", "definitions": {"zip": {}}}
    schema = parse(
        person("https://example.org/address.json#/definitions/zip"), [given("a", address)]
    )
    assert target_of(schema) == ("a", "/definitions/zip")


def test_a_document_named_like_a_metaschema_comes_first() -> None:
    uri = METASCHEMAS[Draft.DRAFT_7]
    schema = parse(person(f"{uri}#/definitions/own"), [given(uri, {"definitions": {"own": {}}})])
    assert target_of(schema) == (uri, "/definitions/own")


def test_a_given_document_may_refer_to_others_and_back() -> None:
    country = {"type": "object", "properties": {"owner": {"$ref": "person.json#/definitions/p"}}}
    text = person("address.json", **{"$id": "person.json", "definitions": {"p": {}}})
    schema = parse(text, [given("country.json", country), given("address.json", ADDRESS)])
    links = [(link.source.document.uri, str(link.reference)) for link in schema.library().links()]
    assert links == [
        ("", "address.json"),
        ("address.json", "country.json"),
        ("country.json", "person.json#/definitions/p"),
    ]


def test_documents_may_refer_to_each_other_in_a_circle() -> None:
    one = {"properties": {"two": {"$ref": "two.json"}}}
    two = {"properties": {"one": {"$ref": "one.json"}}}
    assert parse(person("one.json"), [given("one.json", one), given("two.json", two)])


def test_a_missing_document_is_named_with_the_place_that_needs_it() -> None:
    with pytest.raises(InvalidSchema, match=r"'country\.json' names no given") as refusal:
        parse(person("address.json"), [given("address.json", ADDRESS)])
    assert refusal.value.path == "address.json#/properties/country/$ref"


def test_only_what_is_referred_to_must_be_right_in_a_given_document() -> None:
    address = {"definitions": {"zip": {"type": "string"}}, "not": {"$ref": "nowhere.json"}}
    schema = parse(person("address.json#/definitions/zip"), [given("address.json", address)])
    assert target_of(schema) == ("address.json", "/definitions/zip")


@pytest.mark.parametrize("root", [True, False])
def test_a_given_document_may_be_a_boolean(root: bool) -> None:
    assert parse(person("any"), [given("any", root)])


def test_a_given_document_that_is_no_schema_cannot_be_referred_to() -> None:
    with pytest.raises(InvalidSchema, match="no schema"):
        parse(person("list"), [given("list", [1])])


def test_a_given_document_that_is_no_json_is_named() -> None:
    broken = Resolved("broken.json", "s", 1, "{")
    with pytest.raises(InvalidSchema, match=r"reference 'broken\.json': not JSON"):
        parse(person("broken.json"), [broken])


def test_of_two_documents_of_one_name_the_first_counts() -> None:
    documents = [given("a", {"definitions": {"x": {}}}), given("a", {})]
    assert parse(person("a#/definitions/x"), documents)
    with pytest.raises(InvalidSchema):
        parse(person("a#/definitions/x"), documents[::-1])


def test_a_given_document_without_a_draft_has_that_of_the_schema() -> None:
    part = {"$defs": {"p": {"$anchor": "point"}}}
    text = person("part#point", **{"$schema": METASCHEMAS[Draft.DRAFT_2020_12]})
    assert target_of(parse(text, [given("part", part)])) == ("part", "/$defs/p")
    with pytest.raises(InvalidSchema):
        parse(person("part#point"), [given("part", part)])


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("#/nowhere", "'#/nowhere' leads nowhere in this document"),
        ("#name", "'#name' leads nowhere in this document"),
        ("other.json", r"'other\.json' \(https://example\.org/other\.json\) names no given"),
        ("http://example.org/x", "remote documents are never fetched"),
        ("https://example.org/x", "remote documents are never fetched"),
        ("ftp://example.org/x#/a", "names no given reference or no such place in it"),
        ("#/properties/home/$ref", "leads to what is no schema"),
        ("#/anyOf/2", "leads nowhere"),
        ("#/anyOf/-1", "leads nowhere"),
        ("#/anyOf/x", "leads nowhere"),
        (f"#/anyOf/{'9' * 5000}", "leads nowhere"),
        ("#/title/a", "leads nowhere"),
    ],
)
def test_a_refusal_says_what_is_missing(reference: str, message: str) -> None:
    text = person(reference, **{"$id": "https://example.org/p.json", "anyOf": [{}], "title": "t"})
    with pytest.raises(InvalidSchema, match=message) as refusal:
        parse(text)
    assert refusal.value.path == "#/properties/home/$ref"
    assert parse(text, new=False).references == ()


def test_nothing_is_fetched() -> None:
    with pytest.raises(LookupError):
        refuse("https://example.org/address.json")


def test_references_are_kept_as_given() -> None:
    documents = (given("country.json", COUNTRY), given("address.json", ADDRESS))
    schema = parse(person("address.json"), documents)
    assert schema.references == documents == schema.normalized().references
