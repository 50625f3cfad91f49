"""Differential test: documents read by our entities mean what Confluent's read in them."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

import accord_serde
from accord_serde import Association, RuleSet, Schema, SchemaReference, ServerConfig

if TYPE_CHECKING:
    from types import SimpleNamespace

RULE = {
    "name": "r",
    "doc": "d",
    "kind": "TRANSFORM",
    "mode": "UPDOWN",
    "type": "CEL",
    "tags": ["PII"],
    "params": {"p": "1"},
    "expr": "true",
    "onSuccess": "NONE",
    "onFailure": "DLQ",
    "disabled": True,
}
RULE_SET = {
    "migrationRules": [RULE],
    "domainRules": [{"name": "s", "type": "T"}],
    "encodingRules": [RULE],
    "enableAt": "CLIENT",
}
METADATA = {"tags": {"**.a": ["x", "y"]}, "properties": {"k": "v"}, "sensitive": ["k"]}
SCHEMA = {
    "schema": '"int"',
    "schemaType": "JSON",
    "references": [{"name": "n", "subject": "s", "version": 2}],
    "metadata": METADATA,
    "ruleSet": RULE_SET,
}
PLACE = {"subject": "s", "version": 3, "id": 4, "guid": "g", "ts": 1, "deleted": False}
CONFIG = {
    "compatibility": "FULL",
    "compatibilityLevel": "FULL_TRANSITIVE",
    "compatibilityGroup": "g",
    "defaultMetadata": METADATA,
    "overrideMetadata": {},
    "defaultRuleSet": {},
    "overrideRuleSet": RULE_SET,
}
RESOURCE = {
    "resourceName": "t",
    "resourceNamespace": "ns",
    "resourceId": "i",
    "resourceType": "topic",
}
INFO = {"subject": "s", "associationType": "key", "lifecycle": "WEAK", "frozen": False}

DOCUMENTS: list[tuple[str, dict[str, Any]]] = [
    ("SchemaReference", {}),
    ("SchemaReference", {"name": "n", "subject": "s", "version": 2}),
    ("RuleParams", {"a": "b"}),
    ("Rule", RULE),
    ("Rule", {"type": "T", "tags": [], "params": {}}),
    ("RuleSet", {}),
    ("RuleSet", RULE_SET),
    ("MetadataTags", {"a": ["b"]}),
    ("MetadataProperties", {"a": "b"}),
    ("Metadata", {}),
    ("Metadata", METADATA),
    ("Schema", {}),
    ("Schema", {"schema": '"int"'}),
    ("Schema", SCHEMA),
    ("RegisteredSchema", {"id": 1}),
    ("RegisteredSchema", SCHEMA | PLACE),
    ("ServerConfig", {}),
    ("ServerConfig", CONFIG),
    ("Association", RESOURCE | {"frozen": True, "guid": "g", "associationType": "key"}),
    ("AssociationInfo", {}),
    ("AssociationInfo", INFO | {"schema": SCHEMA}),
    ("AssociationCreateOrUpdateInfo", {}),
    ("AssociationCreateOrUpdateInfo", INFO | {"schema": SCHEMA, "normalize": True}),
    ("AssociationCreateOrUpdateRequest", {"associations": []}),
    ("AssociationCreateOrUpdateRequest", RESOURCE | {"associations": [INFO]}),
    ("AssociationResponse", {"associations": []}),
    ("AssociationResponse", RESOURCE | {"associations": [INFO]}),
]


def plain(value: object) -> object:
    """Spell an entity of either package out as what its attributes hold."""
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if hasattr(type(value), "__slots__") and hasattr(value, "to_dict"):
        names = [name for name in type(value).__slots__ if not name.startswith("_")]
        return {name: plain(getattr(value, name)) for name in names}
    return str(value) if isinstance(value, str) else value


@pytest.mark.parametrize(("name", "document"), DOCUMENTS)
def test_a_document_is_read_and_written_as_the_stock_entity_does(
    stock: SimpleNamespace, name: str, document: dict[str, Any]
) -> None:
    given = copy.deepcopy(document)
    ours = getattr(accord_serde, name).from_dict(given)
    theirs = getattr(stock, name).from_dict(copy.deepcopy(document))
    mine, stocks = plain(ours), plain(theirs)
    assert isinstance(mine, dict)
    assert isinstance(stocks, dict)
    assert {key: mine[key] for key in stocks} == stocks
    assert ours.to_dict() == theirs.to_dict()
    assert given == document


@pytest.mark.parametrize(("name", "document"), DOCUMENTS)
def test_equal_documents_make_equal_entities(name: str, document: dict[str, Any]) -> None:
    entity = getattr(accord_serde, name)
    one, other = (entity.from_dict(copy.deepcopy(document)) for _ in range(2))
    assert one == other
    if entity.__hash__ is not None:
        assert hash(one) == hash(other)


@pytest.mark.parametrize(
    "change",
    [
        {"schema": '"long"'},
        {"schemaType": "AVRO"},
        {"references": []},
        {"metadata": METADATA | {"properties": {"k": "w"}}},
        {"metadata": METADATA | {"tags": {}}},
        {"ruleSet": RULE_SET | {"domainRules": []}},
    ],
)
def test_schemas_that_differ_anywhere_are_not_equal(change: dict[str, Any]) -> None:
    assert Schema.from_dict(SCHEMA) != Schema.from_dict(SCHEMA | change)


def test_a_schema_can_be_a_key() -> None:
    assert {Schema.from_dict(SCHEMA): 1}[Schema.from_dict(SCHEMA)] == 1


def test_settings_unknown_to_the_stock_entity_survive_reading_and_writing() -> None:
    document = {
        "alias": "other",
        "aliasForDeks": "other",
        "normalize": True,
        "validateFields": False,
        "validateNewSchemas": True,
        "validateRules": True,
        "compatibilityPolicy": "LENIENT",
    }
    assert ServerConfig.from_dict(document).to_dict() == document


@pytest.mark.parametrize(
    ("document", "frozen"),
    [
        ({"lifecycle": "STRONG"}, True),
        ({"lifecycle": "WEAK"}, False),
        ({"lifecycle": "STRONG", "frozen": False}, False),
        ({}, False),
    ],
)
def test_frozen_follows_from_the_lifecycle_where_it_is_omitted(
    document: dict[str, Any], frozen: bool
) -> None:
    assert Association.from_dict(document).frozen is frozen


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("Schema", {"schema": {}}),
        ("Schema", {"references": {"name": "n"}}),
        ("Schema", {"references": ["n"]}),
        ("RegisteredSchema", {"id": "1"}),
        ("RegisteredSchema", {"id": True}),
        ("Rule", {"kind": "FUTURE"}),
        ("Rule", {"tags": [1]}),
        ("MetadataTags", {"a": "b"}),
        ("MetadataProperties", {"a": 1}),
        ("ServerConfig", {"compatibilityLevel": "SOMEWHAT"}),
        ("AssociationResponse", {"associations": [1]}),
    ],
)
def test_a_document_of_another_shape_is_refused(name: str, document: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"not|valid"):
        getattr(accord_serde, name).from_dict(document)


def test_mutable_entities_stay_mutable_and_the_others_frozen() -> None:
    config = ServerConfig()
    config.compatibility_group = "g"
    assert config.to_dict() == {"compatibilityGroup": "g"}
    rules = RuleSet()
    rules.enable_at = "ALL"
    assert rules.to_dict() == {"enableAt": "ALL"}
    with pytest.raises(AttributeError):
        SchemaReference("n", "s", 1).version = 2  # type: ignore[misc]
