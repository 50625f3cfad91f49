"""Both clients against a running `accord serve`."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

from accord_serde import (
    AssociationCreateOrUpdateInfo,
    AssociationCreateOrUpdateRequest,
    ConfigCompatibilityLevel,
    Metadata,
    MetadataProperties,
    Rule,
    RuleKind,
    RuleMode,
    RuleSet,
    Schema,
    SchemaReference,
    SchemaRegistryError,
    SchemaVersion,
    ServerConfig,
    wire,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def record(name: str, *fields: str) -> Schema:
    listed = ",".join(f'{{"name":"{field}","type":"int"}}' for field in fields)
    return Schema(f'{{"type":"record","name":"{name}","fields":[{listed}]}}')


@pytest.fixture
def client(connect: Callable[..., Any], registry_url: str) -> Any:
    return connect(None, url=registry_url)


@pytest.fixture
def other(connect: Callable[..., Any], registry_url: str) -> Any:
    """A second client, which shares no memory with the first."""
    return connect(None, url=registry_url)


@pytest.fixture
def name() -> str:
    """A record name no other test has used."""
    return f"R{uuid.uuid4().hex}"


@pytest.fixture
def subject(name: str) -> str:
    return f"a/b c-{name}:ü-value"


def code_of(error: pytest.ExceptionInfo[SchemaRegistryError]) -> tuple[int, int]:
    return error.value.http_status_code, error.value.error_code


def test_a_schema_is_registered_and_read_back(client: Any, other: Any, subject: str) -> None:
    schema = record(f"N{uuid.uuid4().hex}", "a")
    full = client.register_schema_full_response(subject, schema)
    assert (full.subject, full.version, full.schema) == (subject, 1, schema)
    assert full.guid is not None
    schema_id = other.register_schema(subject, schema)
    assert schema_id == full.schema_id
    assert other.get_schema(schema_id) == schema
    assert other.get_schema(schema_id, subject) == schema
    assert other.get_schema_string(schema_id) == schema.schema_str
    assert other.get_schema_by_guid(full.guid) == schema
    found = other.lookup_schema(subject, schema)
    assert (found.schema_id, found.version, found.guid) == (schema_id, 1, full.guid)
    for read in (other.get_latest_version(subject), other.get_version(subject, 1)):
        assert (read.subject, read.version, read.schema_id) == (subject, 1, schema_id)
        assert (read.guid, read.schema) == (full.guid, schema)
    assert other.get_subjects_by_schema_id(schema_id) == [subject]
    assert other.get_schema_versions(schema_id) == [SchemaVersion(subject, 1)]


def test_what_is_registered_can_be_framed(client: Any, subject: str, name: str) -> None:
    full = client.register_schema_full_response(subject, record(name))
    message = wire.encode_id(full.schema_id) + b"payload"
    schema_id = wire.decode(message).schema_id
    assert client.get_schema(schema_id).schema_str == record(name).schema_str
    guid = wire.decode(wire.encode_guid(uuid.UUID(full.guid))).guid
    assert client.get_schema_by_guid(str(guid)).schema_str == record(name).schema_str


def test_versions_are_listed_and_deleted(client: Any, other: Any, subject: str, name: str) -> None:
    client.set_compatibility(subject, "none")
    for fields in (["a"], ["a", "b"], ["c"]):
        client.register_schema(subject, record(name, *fields))
    assert client.get_versions(subject) == [1, 2, 3]
    assert client.get_versions(subject, offset=1, limit=1) == [2]
    assert client.get_latest_version(subject).version == 3
    assert client.delete_version(subject, 3) == 3
    assert client.get_latest_version(subject).version == 2
    assert other.get_versions(subject) == [1, 2]
    assert other.get_versions(subject, deleted=True) == [1, 2, 3]
    assert other.get_versions(subject, deleted_only=True) == [3]
    with pytest.raises(SchemaRegistryError) as caught:
        other.get_version(subject, 3)
    assert code_of(caught) == (404, 40402)
    assert other.get_version(subject, 3, deleted=True).schema == record(name, "c")
    assert client.delete_version(subject, 3, permanent=True) == 3
    assert other.get_versions(subject, deleted=True) == [1, 2]


def test_subjects_are_listed_and_deleted(client: Any, other: Any, name: str) -> None:
    one, two = f"{name}-one", f"{name}-two"
    for subject in (one, two):
        client.register_schema(subject, record(name))
    assert other.get_subjects(subject_prefix=name) == [one, two]
    assert client.delete_subject(one) == [1]
    assert other.get_subjects(subject_prefix=name) == [two]
    assert other.get_subjects(subject_prefix=name, deleted=True) == [one, two]
    assert other.get_subjects(subject_prefix=name, deleted_only=True) == [one]
    assert client.delete_subject(one, permanent=True) == [1]
    assert other.get_subjects(subject_prefix=name, deleted=True) == [two]
    with pytest.raises(SchemaRegistryError, match=f"Subject '{one}' not found.") as caught:
        client.get_latest_version(one)
    assert code_of(caught) == (404, 40401)


def test_a_deleted_subject_can_be_registered_again_by_the_same_client(
    client: Any,
    subject: str,
    name: str,
) -> None:
    client.register_schema(subject, record(name))
    client.delete_subject(subject)
    client.register_schema(subject, record(name))
    assert client.get_versions(subject) == [2]


def test_an_incompatible_schema_is_refused(client: Any, subject: str, name: str) -> None:
    client.register_schema(subject, record(name, "a"))
    wrong = record(name, "a", "b")  # no default for old data
    assert client.test_compatibility(subject, wrong) is False
    assert client.test_compatibility(subject, wrong, 1, verbose=True) is False
    assert client.test_compatibility_all_versions(subject, wrong) is False
    assert client.test_compatibility_all_versions(subject, record(name)) is True
    with pytest.raises(SchemaRegistryError, match="incompatible with an earlier schema") as caught:
        client.register_schema(subject, wrong)
    assert code_of(caught) == (409, 40901)
    with pytest.raises(SchemaRegistryError) as caught:
        client.register_schema(subject, Schema("{"))
    assert code_of(caught) == (422, 42201)


def test_levels_and_settings_are_set_read_and_deleted(client: Any, subject: str) -> None:
    assert client.set_compatibility(subject, "full") == {"compatibility": "FULL"}
    assert client.get_compatibility(subject) == "FULL"
    config = ServerConfig(
        compatibility=ConfigCompatibilityLevel.FORWARD,
        normalize=True,
        default_metadata=Metadata(None, MetadataProperties({"owner": "me"}), None),
    )
    assert client.set_config(subject, config) == {
        "normalize": True,
        "compatibility": "FORWARD",
        "defaultMetadata": {"properties": {"owner": "me"}},
    }
    read = client.get_config(subject)
    assert (read.compatibility_level, read.normalize) == (ConfigCompatibilityLevel.FORWARD, True)
    assert read.default_metadata.properties == MetadataProperties({"owner": "me"})
    assert client.delete_config(subject).compatibility_level == ConfigCompatibilityLevel.FORWARD
    with pytest.raises(SchemaRegistryError) as caught:
        client.get_config(subject)
    assert code_of(caught) == (404, 40408)
    client.set_compatibility(subject, "NONE")
    assert client.delete_compatibility(subject) == "NONE"
    assert client.get_compatibility() == "BACKWARD"


def test_modes_are_set_read_and_deleted(client: Any, subject: str) -> None:
    assert client.update_mode(subject, "READONLY") == "READONLY"
    assert client.get_mode(subject) == "READONLY"
    with pytest.raises(SchemaRegistryError) as caught:
        client.register_schema(subject, record("R"))
    assert code_of(caught) == (422, 42205)
    assert client.delete_mode(subject) == "READONLY"
    with pytest.raises(SchemaRegistryError) as caught:
        client.get_mode(subject)
    assert code_of(caught) == (404, 40409)
    assert client.update_mode(subject, "IMPORT", force=True) == "IMPORT"
    client.delete_mode(subject)
    assert client.get_global_mode() == "READWRITE"
    assert client.update_global_mode("READWRITE") == "READWRITE"


def test_references_are_followed_both_ways(client: Any, subject: str, name: str) -> None:
    client.register_schema(f"{subject}-part", record(name, "a"))
    whole = Schema(
        f'{{"type":"record","name":"W{name}","fields":[{{"name":"part","type":"{name}"}}]}}',
        references=[SchemaReference(name, f"{subject}-part", 1)],
    )
    whole_id = client.register_schema(subject, whole)
    assert client.get_referenced_by(f"{subject}-part", 1) == [whole_id]
    assert client.get_schema(whole_id).references == whole.references
    resolved = client.get_schema(whole_id, fmt="resolved")
    assert resolved.schema_str != client.get_schema(whole_id).schema_str
    with pytest.raises(SchemaRegistryError) as caught:
        client.delete_version(f"{subject}-part", 1)
    assert code_of(caught) == (422, 42206)


def test_metadata_and_rules_are_kept_and_found(client: Any, other: Any, subject: str) -> None:
    rule = Rule("r", "d", RuleKind.CONDITION, RuleMode.WRITE, "CEL", ["PII"], expr="true")
    schema = Schema(
        '"string"',
        metadata=Metadata(None, MetadataProperties({"a b&c": "d%e"}), []),
        rule_set=RuleSet([], [rule]),
    )
    schema_id = client.register_schema(subject, schema)
    client.register_schema(subject, Schema('"string"'))
    found = other.get_latest_with_metadata(subject, {"a b&c": "d%e"})
    assert found.schema_id == schema_id
    assert found.schema.metadata.properties == schema.metadata.properties
    assert found.schema.rule_set.domain_rules[0].expr == "true"
    assert other.lookup_schema(subject, schema).schema_id == schema_id
    with pytest.raises(SchemaRegistryError) as caught:
        other.get_latest_with_metadata(subject, {"a b&c": "other"})
    assert code_of(caught) == (404, 40403)


def test_formats_other_than_avro_are_kept(client: Any, subject: str, name: str) -> None:
    json_schema = Schema('{"type":"object"}', "JSON")
    proto = Schema(f'syntax = "proto3";\nmessage {name} {{ int32 a = 1; }}\n', "PROTOBUF")
    for suffix, schema in [("json", json_schema), ("proto", proto)]:
        schema_id = client.register_schema(f"{subject}-{suffix}", schema)
        assert client.get_schema(schema_id).schema_type == schema.schema_type
    assert sorted(client.get_schema_types()) == ["AVRO", "JSON", "PROTOBUF"]
    assert client.get_schema(schema_id, fmt="serialized").schema_str != proto.schema_str


def test_contexts_are_listed_and_deleted(client: Any, name: str) -> None:
    context = f".{name}"
    subject = f":{context}:s"
    client.register_schema(subject, record(name))
    assert context in client.get_contexts()
    assert client.get_subjects(subject_prefix=f":{context}:") == [subject]
    with pytest.raises(SchemaRegistryError) as caught:
        client.delete_context(context)
    assert code_of(caught) == (422, 42211)
    client.delete_subject(subject)
    client.delete_subject(subject, permanent=True)
    client.delete_context(context)
    assert context not in client.get_contexts()


def test_associations_are_made_listed_and_deleted(client: Any, subject: str, name: str) -> None:
    assert client.get_associations_by_resource_name(name, "-", "topic", ["value"]) == []
    client.register_schema(subject, record(name))
    info = AssociationCreateOrUpdateInfo(subject, "value", "WEAK")
    request = AssociationCreateOrUpdateRequest(name, "ns", f"id-{name}", "topic", [info])
    made = client.create_association(request)
    assert [each.subject for each in made.associations] == [subject]
    assert client.update_association(f"id-{name}", request).resource_name == name
    (found,) = client.get_associations_by_resource_name(name, "-", "topic", ["value"])
    assert (found.subject, found.lifecycle, found.frozen) == (subject, "WEAK", False)
    assert client.get_associations_by_subject(subject) == [found]
    client.delete_associations(f"id-{name}")
    assert client.get_associations_by_subject(subject) == []
    with pytest.raises(SchemaRegistryError) as caught:
        client.delete_associations("nothing")
    assert code_of(caught) == (404, 40410)


def test_the_server_tells_who_it_is(client: Any) -> None:
    assert set(client.get_cluster_ids()) == {"kafka-cluster", "schema-registry-cluster"}
    assert "version" in client.get_server_version()


def test_an_unknown_id_is_an_error(client: Any) -> None:
    with pytest.raises(SchemaRegistryError, match="Schema 2000000000 not found") as caught:
        client.get_schema(2_000_000_000)
    assert code_of(caught) == (404, 40403)
