"""From a registry to a file to a client that has no registry, by either face."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from accord_serde import (
    AssociationCreateOrUpdateInfo,
    AssociationCreateOrUpdateRequest,
    Metadata,
    MetadataProperties,
    Rule,
    RuleKind,
    RuleMode,
    RuleSet,
    Schema,
    SchemaReference,
    SchemaRegistryError,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("unhurried")
Connect = Any  # the fixture of tests/serde/conftest.py
Registry = Any  # registry.embedded.EmbeddedRegistry

INT = Schema('"int"')
USER = Schema(
    '{"type": "record", "name": "User", "fields": [{"name": "id", "type": "int", "default": 0}]}'
)
USER_2 = Schema(
    json.dumps(
        {
            "type": "record",
            "name": "User",
            "fields": [
                {"name": "id", "type": "int", "default": 0},
                {"name": "name", "type": "string", "default": ""},
            ],
        }
    )
)
ORDER = Schema(
    '{"type":"record","name":"Order","fields":[{"name":"by","type":"User"}]}',
    "AVRO",
    [SchemaReference("User", "users", 1)],
)
PROTO = Schema('syntax = "proto3";\n\nmessage M {\n  string name = 1;\n}\n', "PROTOBUF")
CONTRACT = Schema(
    '"long"',
    metadata=Metadata(properties=MetadataProperties({"owner": "me"})),
    rule_set=RuleSet(
        domain_rules=[
            Rule(name="r", kind=RuleKind.CONDITION, mode=RuleMode.WRITE, type="CEL", expr="true")
        ]
    ),
)


class Refusing:
    """A network without a registry; counts how often one was looked for."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, _: httpx.Request) -> httpx.Response:
        self.asked += 1
        raise httpx.ConnectError("nobody")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "schemas.json"


@pytest.fixture
def warm(connect: Connect, accord_registry_url: str) -> Any:
    return connect(None, url=accord_registry_url)


@pytest.fixture
def alone(connect: Connect, file: Path) -> Callable[[], Any]:
    """Make a client that has the bundle and no registry."""
    return lambda: connect(Refusing(), accord_bundle=file, retries_wait_ms=0)


ASKED: list[Callable[[Any], Any]] = [
    lambda c: c.register_schema_full_response("s", INT),
    lambda c: c.register_schema("s", INT),
    lambda c: c.register_schema_full_response("s", INT, True),  # noqa: FBT003 - how users call it
    lambda c: c.lookup_schema("s", INT),
    lambda c: c.lookup_schema("s", INT, deleted=True),
    lambda c: c.get_schema(1),
    lambda c: c.get_schema(1, "s"),
    lambda c: c.get_schema(1, "s", "serialized"),
    lambda c: c.get_version("s", 1),
    lambda c: c.get_version("s", 1, deleted=True),
    lambda c: c.get_latest_version("s"),
    lambda c: c.get_latest_with_metadata("owned", {"owner": "me"}, deleted=True),
    lambda c: c.get_associations_by_resource_name("t", "-", "topic", ["value"], 0, -1),
    lambda c: c.get_associations_by_resource_name("none", "-", "topic", ["key"], 0, -1),
    lambda c: c.register_schema_full_response("owned", CONTRACT),
]


def test_what_was_asked_is_answered_again_without_a_registry(
    warm: Any, alone: Callable[[], Any], file: Path
) -> None:
    warm.register_schema("s", INT)
    warm.register_schema("owned", CONTRACT)
    warm.create_association(associated("t", "s"))
    known = [ask(warm) for ask in ASKED]
    guid = warm.get_version("s", 1).guid
    by_guid = warm.get_schema_by_guid(guid)
    warm.write_bundle(file)
    cold = alone()
    assert [ask(cold) for ask in ASKED] == known
    assert cold.get_schema_by_guid(guid) == by_guid


def associated(topic: str, subject: str) -> AssociationCreateOrUpdateRequest:
    info = AssociationCreateOrUpdateInfo(subject, "value", "WEAK")
    return AssociationCreateOrUpdateRequest(topic, "ns", f"id-{topic}", "topic", [info])


def test_a_cold_start_looks_for_the_registry_once(warm: Any, connect: Connect, file: Path) -> None:
    warm.register_schema("s", INT)
    warm.write_bundle(file, subjects=["s"])
    refusing = Refusing()
    cold = connect(refusing, accord_bundle=file)
    for _ in range(100):
        assert cold.get_schema(1) == warm.get_schema(1)
        assert cold.register_schema("s", INT) == 1
        assert cold.get_latest_version("s").version == 1
    assert refusing.asked == 1


def test_the_registry_wins_over_the_bundle(
    warm: Any, connect: Connect, file: Path, accord_registry: Registry
) -> None:
    warm.register_schema("users", USER)
    warm.write_bundle(file, subjects=["users"])
    warm.register_schema("users", USER_2)
    fresh = connect(None, url=accord_registry.listen(), accord_bundle=file)
    assert fresh.get_latest_version("users").version == 2
    warm.delete_version("users", 1)
    with pytest.raises(SchemaRegistryError) as caught:
        fresh.get_version("users", 1)
    assert caught.value.http_status_code == 404
    accord_registry.stop()
    assert fresh.get_latest_version("users").version == 2


def fill(client: Any) -> None:
    client.register_schema("users", USER)
    client.register_schema("users", USER_2)
    client.register_schema("orders", ORDER)
    client.register_schema("protos", PROTO)
    client.register_schema(":.other:s", INT)


# What serializers ask, of subjects that were only named.
BY_SERIALIZERS: list[Callable[[Any], Any]] = [
    lambda c: c.get_schema(1, "users"),
    lambda c: c.get_schema(1),
    lambda c: c.get_schema(2, "users"),
    lambda c: c.get_schema(3, "whatever"),
    lambda c: c.get_schema(4, "protos", "serialized"),
    lambda c: c.get_schema(4, "protos"),
    lambda c: c.get_schema(1, ":.other:s"),
    lambda c: c.get_version("users", 1, True),  # noqa: FBT003 - how serializers call it
    lambda c: c.get_version("users", 2, True),  # noqa: FBT003 - likewise
    lambda c: c.get_version("protos", 1, True, "serialized"),  # noqa: FBT003 - likewise
    lambda c: c.get_latest_version("users"),
    lambda c: c.get_latest_version("protos", "serialized"),
    lambda c: c.get_latest_version(":.other:s"),
    lambda c: c.lookup_schema("users", USER),
    lambda c: c.lookup_schema("orders", ORDER, False, deleted=True),  # noqa: FBT003 - likewise
]


def test_serializers_start_from_the_subjects_that_were_named(
    warm: Any, alone: Callable[[], Any], file: Path
) -> None:
    fill(warm)
    warm.clear_caches()
    warm.write_bundle(file, subjects=["users", "orders", "protos", ":.other:s"])
    cold = alone()
    assert [place_of(ask(cold)) for ask in BY_SERIALIZERS] == [
        place_of(ask(warm)) for ask in BY_SERIALIZERS
    ]


def place_of(answer: Any) -> Any:
    """Leave the text out of a lookup's answer: it is the asker's own, and the spaces differ."""
    if isinstance(answer, Schema):
        return answer
    return answer.subject, answer.version, answer.schema_id, answer.guid


def test_a_registration_is_answered_if_the_very_same_schema_is_known(
    warm: Any, alone: Callable[[], Any], file: Path
) -> None:
    fill(warm)
    warm.clear_caches()
    warm.write_bundle(file, subjects=["users", "protos"])
    cold = alone()
    spaced = Schema(USER.schema_str.replace("{", "{  "))  # type: ignore[union-attr] - it has a text
    found = cold.register_schema_full_response("users", spaced)
    assert (found.schema_id, found.version, found.schema) == (1, 1, spaced)
    assert cold.register_schema("protos", PROTO) == 4
    serialized = cold.get_schema(4, "protos", "serialized")
    assert cold.register_schema("protos", serialized) == 4
    unknown = [
        ("users", INT),
        ("elsewhere", USER),
        ("users", Schema(USER.schema_str.replace("0", "1"))),  # type: ignore[union-attr] - likewise
        ("users", Schema(USER.schema_str.replace("0", "false"))),  # type: ignore[union-attr]
        ("users", Schema(USER.schema_str, "JSON")),
        ("users", Schema(USER.schema_str, references=[SchemaReference("a", "b", 1)])),
        ("users", Schema(USER.schema_str, metadata=CONTRACT.metadata)),
        ("users", Schema(USER.schema_str, rule_set=CONTRACT.rule_set)),
        ("protos", Schema('syntax = "proto3"; message N {}', "PROTOBUF")),
    ]
    for subject, schema in unknown:
        with pytest.raises(httpx.ConnectError):
            cold.register_schema(subject, schema)


def test_only_the_latest_version_may_be_taken(
    warm: Any, alone: Callable[[], Any], file: Path
) -> None:
    fill(warm)
    warm.clear_caches()
    warm.write_bundle(file, subjects=["users", "orders"], all_versions=False)
    cold = alone()
    assert cold.get_latest_version("users").version == 2
    assert cold.get_version("users", 1).schema_id == 1  # for orders refers to it
    warm.write_bundle(file, subjects=["users"], all_versions=False)
    with pytest.raises(httpx.ConnectError):
        alone().get_version("users", 1)


def of_topic(client: Any, topic: str, kind: str) -> list[str]:
    """Ask as the serializers' default strategy does."""
    found = client.get_associations_by_resource_name(topic, "-", "topic", [kind], 0, -1)
    return [association.subject for association in found]


def test_topics_stand_for_their_subjects(warm: Any, alone: Callable[[], Any], file: Path) -> None:
    for subject in ("one-value", "two-key", "two-value", "mine"):
        warm.register_schema(subject, INT)
    warm.create_association(associated("three", "mine"))
    warm.clear_caches()
    warm.write_bundle(file, topics=["one", "two", "three"])
    cold = alone()
    for subject in ("one-value", "two-key", "two-value", "mine"):
        assert cold.get_latest_version(subject).schema_id == 1
    assert of_topic(cold, "three", "value") == ["mine"]
    assert of_topic(cold, "three", "key") == []
    assert of_topic(cold, "one", "value") == []
    with pytest.raises(httpx.ConnectError):
        of_topic(cold, "four", "value")


def test_a_topic_goes_by_the_name_of_its_subject(
    warm: Any, alone: Callable[[], Any], file: Path
) -> None:
    warm.register_schema("one-value", INT)
    warm.clear_caches()
    warm.write_bundle(file, subjects=["one-value"])
    assert of_topic(alone(), "one", "value") == []
    with pytest.raises(httpx.ConnectError):
        of_topic(alone(), "one", "key")


def test_what_does_not_exist_is_no_part_of_a_bundle(warm: Any, file: Path) -> None:
    with pytest.raises(SchemaRegistryError) as caught:
        warm.write_bundle(file, subjects=["none"])
    assert caught.value.error_code == 40401
    with pytest.raises(ValueError, match="no subject for the topic none"):
        warm.write_bundle(file, topics=["none"])
    assert not file.exists()


def test_a_bundle_goes_from_hand_to_hand(
    warm: Any, connect: Connect, alone: Callable[[], Any], file: Path, accord_registry: Registry
) -> None:
    warm.register_schema("one", INT)
    warm.write_bundle(file, subjects=["one"])
    warm.register_schema("two", USER)
    heir = connect(None, url=accord_registry.listen(), accord_bundle=file)
    heir.get_latest_version("two")
    heir.write_bundle(file)
    cold = alone()
    assert (cold.get_latest_version("one").version, cold.get_latest_version("two").version) == (
        1,
        1,
    )
    assert cold.get_schema(1) == warm.get_schema(1)


def test_what_this_client_has_changed_is_no_more_believed(
    warm: Any, connect: Connect, file: Path, accord_registry: Registry
) -> None:
    warm.register_schema("users", USER)
    warm.write_bundle(file, subjects=["users"])
    client = connect(None, url=accord_registry.listen(), accord_bundle=file, max_retries=0)
    client.delete_subject("users")
    accord_registry.stop()
    for ask in (
        lambda: client.get_latest_version("users"),
        lambda: client.get_version("users", 1),
        lambda: client.register_schema("users", USER),
    ):
        with pytest.raises(httpx.ConnectError):
            ask()
    assert client.get_schema(1).schema_str is not None
    client.write_bundle(file)
    assert [*json.loads(file.read_text())["content"]] == ["get_schema"]


def test_clearing_the_memory_leaves_the_bundle(
    warm: Any, alone: Callable[[], Any], file: Path
) -> None:
    warm.register_schema("s", INT)
    warm.write_bundle(file, subjects=["s"])
    cold = alone()
    cold.get_latest_version("s")
    cold.clear_caches()
    assert cold.get_latest_version("s").version == 1


def test_a_bundle_serves_where_nothing_is_remembered(
    warm: Any, connect: Connect, file: Path
) -> None:
    warm.register_schema("s", INT)
    warm.write_bundle(file, subjects=["s"])
    cold = connect(Refusing(), accord_bundle=file, cache_capacity=0, cache_latest_ttl_sec=0)
    for _ in range(3):
        assert (cold.get_latest_version("s").version, cold.get_schema(1).schema_str) == (
            1,
            '"int"',
        )
