"""What each public method of the stock client gives when it talks to Accord: one function each.

Every scenario has a context of its own, where ids begin with 1 and nothing is configured.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import attrs
from confluent_kafka.schema_registry import (
    Association,
    AssociationCreateOrUpdateInfo,
    AssociationCreateOrUpdateRequest,
    AssociationInfo,
    AssociationResponse,
    ConfigCompatibilityLevel,
    Metadata,
    MetadataProperties,
    MetadataTags,
    RegisteredSchema,
    Rule,
    RuleKind,
    RuleMode,
    RuleParams,
    RuleSet,
    Schema,
    SchemaReference,
    ServerConfig,
)
from confluent_kafka.schema_registry.common.schema_registry_client import SchemaVersion

if TYPE_CHECKING:
    from collections.abc import Callable

    from stock_face import Face, Settled

STRING = Schema('"string"')
STRING_GUID = "095d71cf-1255-6b9d-5e33-0ad575b3df5d"
USER_1 = Schema(
    '{"type":"record","name":"User","namespace":"shop","fields":[{"name":"id","type":"long"}]}'
)
USER_2 = Schema(
    '{"type":"record","name":"User","namespace":"shop",'
    '"fields":[{"name":"id","type":"long"},{"name":"email","type":"string","default":""}]}'
)
# GUIDs follow from the text alone.
USER_GUIDS = ("6bb89e25-6f31-aec4-06d3-6cc30261ba7a", "3f5366b0-4b1b-5f62-fe73-73a4a2306632")
# A reader of version 2 that has no email to give to readers of this one.
USER_WRONG = Schema(
    '{"type":"record","name":"User","namespace":"shop",'
    '"fields":[{"name":"id","type":"long"},{"name":"phone","type":"string"}]}'
)


@dataclass(frozen=True)
class World:
    """An empty context of a running service."""

    face: Face
    root: str
    context: str

    def client(self, **conf: Any) -> Settled:
        """Make a client that remembers nothing, for this context only."""
        return self.face.client(f"{self.root}/contexts/{self.context}", **conf)

    def root_client(self) -> Settled:
        return self.face.client(self.root)

    def full(self, subject: str) -> str:
        """Return the name of a subject of this context, as the registry prints it."""
        return f":{self.context}:{subject}"


def two_users(world: World) -> Settled:
    """Register two versions and return a client that has not seen them."""
    client = world.client()
    client.register_schema("user", USER_1)
    client.register_schema("user", USER_2)
    return world.client()


def user(world: World, version: int) -> RegisteredSchema:
    schema = (USER_1, USER_2)[version - 1]
    return RegisteredSchema(world.full("user"), version, version, USER_GUIDS[version - 1], schema)


def register_schema(world: World) -> None:
    client = world.client()
    assert client.register_schema("user", USER_1) == 1
    assert client.register_schema("user", USER_2) == 2
    assert client.register_schema("copy", USER_2) == 2
    assert world.client().register_schema("user", USER_1) == 1
    spaced = Schema(f" {USER_1.schema_str} ".replace(",", " , "))
    assert world.client().register_schema("user", spaced, normalize_schemas=True) == 1


def register_schema_full_response(world: World) -> None:
    client = world.client()
    first = client.register_schema_full_response("text", STRING)
    nothing = Schema(None)  # the text does not come back
    assert first == RegisteredSchema("text", 1, 1, STRING_GUID, nothing)
    again = world.client().register_schema_full_response("text", STRING, normalize_schemas=True)
    assert again == first
    remembered = client.register_schema_full_response("text", STRING)
    assert remembered == RegisteredSchema("text", None, 1, STRING_GUID, STRING)


def get_schema(world: World) -> None:
    client = two_users(world)
    assert client.get_schema(1) == USER_1
    assert client.get_schema(2, "user") == USER_2
    refer = Schema(
        '{"type":"record","name":"Order","fields":[{"name":"by","type":"shop.User"}]}',
        references=[SchemaReference("shop.User", "user", 2)],
    )
    assert client.register_schema("order", refer) == 3
    assert world.client().get_schema(3) == refer
    assert world.client().get_schema(3, fmt="resolved").schema_str == (
        '{"type":"record","name":"Order","fields":[{"name":"by","type":{"type":"record",'
        '"name":"User","namespace":"shop","fields":[{"name":"id","type":"long"},'
        '{"name":"email","type":"string","default":""}]}}]}'
    )
    qualified = world.client().get_schema(3, "order", None, "qualified")
    assert qualified.references == refer.references  # the client sends a name nobody knows


def get_schema_by_guid(world: World) -> None:
    two_users(world)
    for guid, schema in zip(USER_GUIDS, (USER_1, USER_2), strict=True):
        assert world.client().get_schema_by_guid(guid) == schema
        assert world.client().get_schema_by_guid(guid, fmt="resolved") == schema


def get_schema_types(world: World) -> None:
    assert sorted(world.root_client().get_schema_types()) == ["AVRO", "JSON", "PROTOBUF"]


def get_subjects_by_schema_id(world: World) -> None:
    client = two_users(world)
    client.register_schema("copy", USER_2)
    assert client.get_subjects_by_schema_id(1) == [world.full("user")]
    assert client.get_subjects_by_schema_id(1, "user") == [world.full("user")]
    both = [world.full("copy"), world.full("user")]
    assert sorted(client.get_subjects_by_schema_id(2)) == both
    assert client.get_subjects_by_schema_id(2, offset=1, limit=1) == both[1:]
    client.delete_subject("copy")
    assert client.get_subjects_by_schema_id(2) == both[1:]
    assert client.get_subjects_by_schema_id(2, deleted=True) == both
    assert client.get_subjects_by_schema_id(2, "copy", deleted=True) == both


def get_schema_versions(world: World) -> None:
    client = two_users(world)
    client.register_schema("copy", USER_2)
    in_user = SchemaVersion(world.full("user"), 2)
    in_copy = SchemaVersion(world.full("copy"), 1)
    assert client.get_schema_versions(1) == [SchemaVersion(world.full("user"), 1)]
    assert client.get_schema_versions(2) == [in_copy, in_user]
    assert client.get_schema_versions(2, offset=0, limit=1) == [in_copy]
    client.delete_subject("copy")
    assert client.get_schema_versions(2) == [in_user]
    assert client.get_schema_versions(2, deleted=True) == [in_copy, in_user]


def lookup_schema(world: World) -> None:
    client = two_users(world)
    assert client.lookup_schema("user", USER_1) == user(world, 1)
    assert client.lookup_schema("user", USER_2, fmt="resolved") == user(world, 2)
    spaced = Schema(USER_2.schema_str.replace(",", " , "))
    found = client.lookup_schema("user", spaced, normalize_schemas=True)
    assert (found.version, found.schema) == (2, spaced)
    client.delete_version("user", 1)
    found = world.client().lookup_schema("user", USER_1, deleted=True)
    assert (found.version, found.guid) == (1, USER_GUIDS[0])


def get_subjects(world: World) -> None:
    client = world.client()
    for subject in ("c", "a", "ab"):
        client.register_schema(subject, STRING)
    names = [world.full(subject) for subject in ("a", "ab", "c")]
    assert client.get_subjects() == names
    assert client.get_subjects("a") == names[:2]
    assert client.get_subjects(offset=1, limit=1) == names[1:2]
    client.delete_subject("c")
    assert client.get_subjects() == names[:2]
    assert client.get_subjects(deleted=True) == names
    # The client spells the parameter deleted_only, which the registry does not know.
    assert client.get_subjects(deleted_only=True) == names[:2]


def delete_subject(world: World) -> None:
    client = two_users(world)
    assert client.delete_subject("user") == [1, 2]
    assert client.get_schema(1) == USER_1
    assert client.delete_subject("user", permanent=True) == [1, 2]
    assert client.get_subjects(deleted=True) == []
    assert world.client().register_schema("user", USER_1) == 3  # an id is never given twice
    assert world.client().get_versions("user") == [1]


def get_latest_version(world: World) -> None:
    client = two_users(world)
    assert client.get_latest_version("user") == user(world, 2)
    client.delete_version("user", 2)
    assert client.get_latest_version("user") == user(world, 2)  # remembered for ever
    client.clear_latest_caches()
    assert client.get_latest_version("user", fmt="resolved") == user(world, 1)


def with_owner(owner: str) -> Schema:
    properties = MetadataProperties({"owner": owner, "stage": "live"})
    return Schema('"string"', metadata=Metadata(None, properties, []))


def get_latest_with_metadata(world: World) -> None:
    client = world.client()
    for owner in ("me", "you", "me again"):
        client.register_schema("s", with_owner(owner))
    for wanted, version in [({"owner": "me"}, 1), ({"owner": "you", "stage": "live"}, 2)]:
        found = client.get_latest_with_metadata("s", wanted)
        assert (found.version, found.schema_id) == (version, version)
        assert found.schema == with_owner(wanted["owner"])
    assert client.get_latest_with_metadata("s", {"stage": "live"}).version == 3
    assert client.get_latest_with_metadata("s", {}).version == 3
    client.delete_version("s", 2)
    deleted = client.get_latest_with_metadata("s", {"owner": "you"}, deleted=True, fmt="resolved")
    assert deleted.version == 2


def get_version(world: World) -> None:
    client = two_users(world)
    assert client.get_version("user") == user(world, 2)
    assert client.get_version("user", 1) == user(world, 1)
    assert client.get_version("user", "latest", fmt="resolved") == user(world, 2)
    client.delete_version("user", 2)
    assert client.get_version("user") == user(world, 1)
    assert client.get_version("user", 2, deleted=True) == user(world, 2)


def get_referenced_by(world: World) -> None:
    client = two_users(world)
    assert client.get_referenced_by("user", 1) == []
    for number in (1, 2):
        text = f'{{"type":"array","items":"shop.User","x":{number}}}'
        reference = SchemaReference("shop.User", "user", 1)
        client.register_schema(f"users-{number}", Schema(text, references=[reference]))
    assert client.get_referenced_by("user", 1) == [3, 4]
    assert client.get_referenced_by("user", 1, offset=1, limit=5) == [4]
    assert client.get_referenced_by("user") == []  # the latest is version 2


def get_versions(world: World) -> None:
    client = two_users(world)
    assert client.get_versions("user") == [1, 2]
    assert client.get_versions("user", offset=1, limit=1) == [2]
    client.delete_version("user", 1)
    assert client.get_versions("user") == [2]
    assert client.get_versions("user", deleted=True) == [1, 2]
    assert client.get_versions("user", deleted_only=True) == [2]  # spelled as nobody knows it


def delete_version(world: World) -> None:
    client = two_users(world)
    assert client.delete_version("user", 1) == 1
    assert client.get_versions("user") == [2]
    assert client.delete_version("user", 1, permanent=True) == 1
    assert client.get_versions("user", deleted=True) == [2]
    assert client.delete_version("user", "latest") == 2


def set_compatibility(world: World) -> None:
    client = world.client()
    # The annotation says str.
    assert client.set_compatibility("user", "full") == {"compatibility": "FULL"}
    assert client.set_compatibility(level="forward") == {"compatibility": "FORWARD"}
    assert client.get_compatibility("user") == "FULL"


def get_compatibility(world: World) -> None:
    client = world.client()
    assert world.root_client().get_compatibility() == "BACKWARD"
    for level in ConfigCompatibilityLevel:
        client.set_compatibility("user", level.value)
        assert client.get_compatibility("user") == level.value
    client.set_compatibility(None, "none")
    assert client.get_compatibility() == "NONE"


def test_compatibility(world: World) -> None:
    client = two_users(world)
    assert client.test_compatibility("user", USER_1) is True
    assert client.test_compatibility("user", USER_WRONG) is False
    assert client.test_compatibility("user", USER_WRONG, 1) is False
    assert client.test_compatibility("user", USER_1, 2, normalize=True, verbose=True) is True
    assert client.test_compatibility("nobody", USER_1) is True


def test_compatibility_all_versions(world: World) -> None:
    client = two_users(world)
    assert client.test_compatibility_all_versions("user", USER_2) is True
    assert client.test_compatibility_all_versions("user", USER_WRONG) is False
    assert client.test_compatibility_all_versions("user", USER_1, normalize=True, verbose=True)
    assert client.test_compatibility_all_versions("nobody", USER_1) is True


def a_rule_set(name: str) -> RuleSet:
    rule = Rule(
        name=name,
        doc="why",
        kind=RuleKind.CONDITION,
        mode=RuleMode.WRITE,
        type="CEL",
        tags=["PII"],
        params=RuleParams({"p": "1"}),
        expr="message.id > 0",
        on_success="NONE",
        on_failure="DLQ",
        disabled=False,
    )
    return RuleSet([], [rule], [])


FULL_CONFIG = ServerConfig(
    compatibility=ConfigCompatibilityLevel.FULL_TRANSITIVE,
    compatibility_group="major",
    default_metadata=Metadata(MetadataTags({"**.x": ["A"]}), MetadataProperties({"a": "1"}), []),
    override_metadata=Metadata(None, MetadataProperties({"b": "2"}), ["b"]),
    default_rule_set=a_rule_set("default"),
    override_rule_set=a_rule_set("override"),
)
RULE_DOCUMENT = {
    "doc": "why",
    "kind": "CONDITION",
    "mode": "WRITE",
    "type": "CEL",
    "tags": ["PII"],
    "params": {"p": "1"},
    "expr": "message.id > 0",
    "onSuccess": "NONE",
    "onFailure": "DLQ",
    "disabled": False,
}
FULL_CONFIG_ANSWER = {
    "compatibility": "FULL_TRANSITIVE",
    "compatibilityGroup": "major",
    "defaultMetadata": {"tags": {"**.x": ["A"]}, "properties": {"a": "1"}},
    "overrideMetadata": {"properties": {"b": "2"}, "sensitive": ["b"]},
    "defaultRuleSet": {"domainRules": [{"name": "default"} | RULE_DOCUMENT]},
    "overrideRuleSet": {"domainRules": [{"name": "override"} | RULE_DOCUMENT]},
}


def set_config(world: World) -> None:
    client = world.client()
    # The annotation says ServerConfig.
    assert client.set_config("user", FULL_CONFIG) == FULL_CONFIG_ANSWER
    none = ServerConfig(compatibility=ConfigCompatibilityLevel.NONE)
    assert client.set_config(config=none) == {"compatibility": "NONE"}
    assert client.set_config(None, ServerConfig()) == {"compatibility": "NONE"}


def read_back(config: ServerConfig) -> ServerConfig:
    """Return a configuration as GET spells it."""
    answer = {key: value for key, value in config.to_dict().items() if key != "compatibility"}
    assert config.compatibility is not None
    return ServerConfig.from_dict(answer | {"compatibilityLevel": config.compatibility.value})


def get_config(world: World) -> None:
    client = world.client()
    backward = ServerConfig(compatibility_level=ConfigCompatibilityLevel.BACKWARD)
    assert world.root_client().get_config() == backward
    client.set_config("user", FULL_CONFIG)
    assert client.get_config("user") == read_back(FULL_CONFIG)
    client.set_config(None, FULL_CONFIG)
    assert client.get_config() == read_back(FULL_CONFIG)


def delete_config(world: World) -> None:
    client = world.client()
    client.set_config("user", FULL_CONFIG)
    client.set_compatibility(None, "none")
    assert client.delete_config("user") == read_back(FULL_CONFIG)
    assert client.delete_config() == ServerConfig(compatibility_level=ConfigCompatibilityLevel.NONE)


def get_mode(world: World) -> None:
    client = world.client()
    for mode in ("READWRITE", "READONLY", "READONLY_OVERRIDE", "IMPORT"):
        client.update_mode("user", mode)
        assert client.get_mode("user") == mode


def update_mode(world: World) -> None:
    client = two_users(world)
    assert client.update_mode("user", "READONLY") == "READONLY"
    assert client.update_mode("user", "IMPORT", force=True) == "IMPORT"
    assert client.update_mode("other", "IMPORT", force=False) == "IMPORT"


def delete_mode(world: World) -> None:
    client = world.client()
    client.update_mode("user", "READONLY")
    assert client.delete_mode("user") == "READONLY"
    client.register_schema("user", USER_1)


def get_global_mode(world: World) -> None:
    assert world.root_client().get_global_mode() == "READWRITE"
    client = world.client()
    client.update_global_mode("READONLY")
    assert client.get_global_mode() == "READONLY"


def update_global_mode(world: World) -> None:
    assert world.root_client().update_global_mode("READWRITE") == "READWRITE"
    client = two_users(world)
    assert client.update_global_mode("READONLY") == "READONLY"
    assert client.update_global_mode("IMPORT", force=True) == "IMPORT"


def get_contexts(world: World) -> None:
    client = world.root_client()
    world.client().register_schema("s", STRING)
    listed = client.get_contexts()
    assert listed[0] == "."
    assert listed.count(world.context) == 1
    position = listed.index(world.context)
    assert client.get_contexts(offset=position, limit=1) == [world.context]


def weak(subject: str, kind: str = "value") -> AssociationCreateOrUpdateInfo:
    return AssociationCreateOrUpdateInfo(subject, kind, "WEAK")


def of_topic(world: World, *infos: AssociationCreateOrUpdateInfo) -> Any:
    """Return a request about a topic that is called like the context."""
    topic = world.context
    return AssociationCreateOrUpdateRequest(topic, "lkc-1", f"id{topic}", "topic", list(infos))


def without_guid(association: Association) -> Association:
    """Return an association without its random GUID, which has to be one."""
    assert uuid.UUID(association.guid)
    return attrs.evolve(association, guid=None)


def get_associations_by_resource_name(world: World) -> None:
    client, topic = world.root_client(), world.context
    assert client.get_associations_by_resource_name(topic, "-") == []
    for kind in ("key", "value"):
        client.register_schema(f"{topic}-{kind}", STRING)
    infos = [weak(f"{topic}-{kind}", kind) for kind in ("key", "value")]
    client.create_association(of_topic(world, *infos))
    key, value = (
        Association(f"{topic}-{kind}", None, topic, "lkc-1", f"id{topic}", "topic", kind)
        for kind in ("key", "value")
    )

    def found(namespace: str, **more: Any) -> list[Association]:
        listed = client.get_associations_by_resource_name(topic, namespace, **more)
        return [without_guid(association) for association in listed]

    assert found("-", resource_type="topic", association_types=["value"]) == [value]
    assert found("lkc-1", association_types=["key", "value"]) == [key, value]
    assert found("lkc-1", offset=1, limit=1) == [value]
    assert found("lkc-2") == []


def create_association(world: World) -> None:
    client, topic = world.root_client(), world.context
    client.register_schema(f"{topic}-value", STRING)
    request = of_topic(world, weak(f"{topic}-value"))
    infos = [AssociationInfo(f"{topic}-value", "value", "WEAK")]
    made = AssociationResponse(topic, "lkc-1", f"id{topic}", "topic", infos)
    assert client.create_association(request) == made
    assert client.create_association(request) == made


def delete_associations(world: World) -> None:
    client, topic = world.root_client(), world.context
    for kind in ("key", "value"):
        client.register_schema(f"{topic}-{kind}", STRING)
    infos = [weak(f"{topic}-{kind}", kind) for kind in ("key", "value")]
    client.create_association(of_topic(world, *infos))
    assert client.delete_associations(f"id{topic}", "topic", ["key"]) is None
    left = client.get_associations_by_resource_name(topic, "-")
    assert [each.association_type for each in left] == ["value"]
    assert client.delete_associations(f"id{topic}", cascade_lifecycle=True) is None
    assert client.get_associations_by_resource_name(topic, "-") == []


def clear_latest_caches(world: World) -> None:
    client = two_users(world)
    client.register_schema("s", with_owner("me"))
    assert client.get_latest_version("user").version == 2
    assert client.get_latest_with_metadata("s", {"stage": "live"}).version == 1
    world.client().delete_version("user", 2)
    world.client().register_schema("s", with_owner("you"))
    client.clear_latest_caches()
    assert client.get_latest_version("user").version == 1
    assert client.get_latest_with_metadata("s", {"stage": "live"}).version == 2


def clear_caches(world: World) -> None:
    client = world.client()
    first = client.register_schema_full_response("text", STRING)
    client.clear_caches()
    assert client.register_schema_full_response("text", STRING) == first


def config(world: World) -> None:
    given = {"url": world.root, "timeout": 5}
    client = world.face.SchemaRegistryClient(given)
    assert client.config() is given


def new_client(world: World) -> None:
    cls = world.face.stock_class("SchemaRegistryClient")
    made = world.face.adopt(cls.new_client({"url": world.root}))
    assert sorted(made.get_schema_types()) == ["AVRO", "JSON", "PROTOBUF"]


def close(world: World) -> None:
    client = world.client()
    client.register_schema("text", STRING)
    client.close()
    client.close()  # twice is once
    try:
        client.get_subjects()
    except RuntimeError as error:
        assert "closed" in str(error)  # noqa: PT017 - no test function
    else:
        raise AssertionError("a closed client still asks")


SCENARIOS: dict[str, Callable[[World], None]] = {
    scenario.__name__: scenario
    for scenario in (
        clear_caches,
        clear_latest_caches,
        close,
        config,
        create_association,
        delete_associations,
        delete_config,
        delete_mode,
        delete_subject,
        delete_version,
        get_associations_by_resource_name,
        get_compatibility,
        get_config,
        get_contexts,
        get_global_mode,
        get_latest_version,
        get_latest_with_metadata,
        get_mode,
        get_referenced_by,
        get_schema,
        get_schema_by_guid,
        get_schema_types,
        get_schema_versions,
        get_subjects,
        get_subjects_by_schema_id,
        get_version,
        get_versions,
        lookup_schema,
        new_client,
        register_schema,
        register_schema_full_response,
        set_compatibility,
        set_config,
        test_compatibility,
        test_compatibility_all_versions,
        update_global_mode,
        update_mode,
    )
}
