"""The stock JSON Schema serializers and deserializers, over a real socket."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from confluent_kafka.schema_registry import (
    Metadata,
    MetadataProperties,
    Schema,
    SchemaReference,
    SchemaRegistryError,
    header_schema_id_serializer,
)
from confluent_kafka.serialization import SerializationError
from stock_face import id_of, in_key, in_value

if TYPE_CHECKING:
    from stock_face import Face, Settled

DRAFTS = {
    "draft-07": ("http://json-schema.org/draft-07/schema#", "definitions"),
    "2020-12": ("https://json-schema.org/draft/2020-12/schema", "$defs"),
}


@pytest.fixture(params=DRAFTS)
def dialect(request: pytest.FixtureRequest) -> tuple[str, str]:
    """The address of a draft, and where it keeps its definitions."""
    return DRAFTS[request.param]


def user(draft: str, *, title: str = "User", **properties: Any) -> str:
    document = {
        "$schema": draft,
        "title": title,
        "type": "object",
        "properties": {"name": {"type": "string", "minLength": 1}} | properties,
        "required": ["name"],
        "additionalProperties": False,
    }
    return compact(document)


def compact(document: Any) -> str:
    """Return a text as the registry keeps it."""
    return json.dumps(document, separators=(",", ":"))


def as_json(text: str, *references: SchemaReference) -> Schema:
    return Schema(text, "JSON", list(references))


def test_a_value_is_framed_and_read_back(
    face: Face, client: Settled, other: Settled, name: str, dialect: tuple[str, str]
) -> None:
    text = user(dialect[0], title=name)
    message = face.JSONSerializer(text, client)({"name": "ü"}, in_value(name))
    assert json.loads(message[5:]) == {"name": "ü"}
    latest = other.get_latest_version(f"{name}-value")
    assert (latest.schema_id, latest.version) == (id_of(message), 1)
    assert latest.schema == as_json(text)
    reader = face.JSONDeserializer(None, schema_registry_client=other)
    assert reader(message, in_value(name)) == {"name": "ü"}
    own = face.JSONDeserializer(text, schema_registry_client=other)
    assert own(message, in_value(name)) == {"name": "ü"}


def test_nothing_is_a_tombstone(face: Face, client: Settled, name: str) -> None:
    assert face.JSONSerializer('{"type":"object"}', client)(None, in_value(name)) is None
    assert f"{name}-value" not in client.get_subjects()


@pytest.mark.parametrize("value", [{"name": ""}, {}, {"name": "x", "more": 1}, {"name": 1}])
def test_what_the_schema_forbids_is_refused(
    face: Face,
    client: Settled,
    name: str,
    dialect: tuple[str, str],
    value: dict[str, Any],
) -> None:
    text = user(dialect[0], title=name)
    with pytest.raises(SerializationError):
        face.JSONSerializer(text, client)(value, in_value(name))
    careless = face.JSONSerializer(text, client, conf={"validate": False})
    message = careless(value, in_value(name))
    with pytest.raises(SerializationError):
        face.JSONDeserializer(text, schema_registry_client=client)(message, in_value(name))


def test_definitions_of_its_own_are_followed(
    face: Face, client: Settled, other: Settled, name: str, dialect: tuple[str, str]
) -> None:
    draft, definitions = dialect
    document = {
        "$schema": draft,
        "title": name,
        "type": "array",
        "items": {"$ref": f"#/{definitions}/even"},
        definitions: {"even": {"type": "integer", "multipleOf": 2}},
    }
    serializer = face.JSONSerializer(json.dumps(document), client)
    message = serializer([2, 4], in_value(name))
    reader = face.JSONDeserializer(None, schema_registry_client=other)
    assert reader(message, in_value(name)) == [2, 4]
    with pytest.raises(SerializationError, match="3 is not a multiple of 2"):
        serializer([3], in_value(name))


def test_references_of_references_are_followed(
    face: Face, client: Settled, other: Settled, name: str, dialect: tuple[str, str]
) -> None:
    draft, _ = dialect
    client.register_schema(f"{name}-user", as_json(user(draft, title=name)))
    order = {
        "$schema": draft,
        "type": "object",
        "properties": {"by": {"$ref": "user.json"}, "total": {"type": "integer"}},
    }
    to_user = SchemaReference("user.json", f"{name}-user", 1)
    client.register_schema(f"{name}-order", as_json(compact(order), to_user))
    basket = {"$schema": draft, "type": "array", "items": {"$ref": "order.json"}, "title": name}
    to_order = SchemaReference("order.json", f"{name}-order", 1)
    whole = as_json(compact(basket), to_order)
    serializer = face.JSONSerializer(whole, client)
    value = [{"by": {"name": "x"}, "total": 3}]
    message = serializer(value, in_value(name))
    reader = face.JSONDeserializer(None, schema_registry_client=other)
    assert reader(message, in_value(name)) == value
    assert other.get_schema(id_of(message)) == whole
    assert other.get_referenced_by(f"{name}-order", 1) == [id_of(message)]
    with pytest.raises(SerializationError, match="'name' is a required property"):
        serializer([{"by": {}}], in_value(name))


def test_a_reference_by_its_address_is_followed(
    face: Face, client: Settled, other: Settled, name: str
) -> None:
    draft, _ = DRAFTS["2020-12"]
    address = f"https://accord.invalid/{name}/user"
    part = json.loads(user(draft, title=name)) | {"$id": address}
    client.register_schema(f"{name}-user", as_json(json.dumps(part)))
    whole = {"$schema": draft, "properties": {"by": {"$ref": f"{address}#/properties/name"}}}
    reference = SchemaReference(address, f"{name}-user", 1)
    serializer = face.JSONSerializer(as_json(json.dumps(whole), reference), client)
    message = serializer({"by": "x"}, in_value(name))
    reader = face.JSONDeserializer(None, schema_registry_client=other)
    assert reader(message, in_value(name)) == {"by": "x"}
    with pytest.raises(SerializationError):
        serializer({"by": ""}, in_value(name))


def test_a_dangling_reference_is_refused(face: Face, client: Settled, name: str) -> None:
    whole = as_json('{"$ref":"user.json"}', SchemaReference("user.json", f"{name}-none", 1))
    with pytest.raises(SchemaRegistryError) as caught:
        client.register_schema(f"{name}-value", whole)
    assert (caught.value.http_status_code, caught.value.error_code) == (422, 42201)
    with pytest.raises(SchemaRegistryError) as caught:
        face.JSONSerializer(whole, client)
    assert (caught.value.http_status_code, caught.value.error_code) == (404, 40401)


def test_the_same_schema_is_registered_once(
    face: Face, client: Settled, other: Settled, name: str, dialect: tuple[str, str]
) -> None:
    text = user(dialect[0], title=name)
    messages = {
        face.JSONSerializer(text, each)({"name": "x"}, in_value(topic))
        for each in (client, other)
        for topic in (name, f"{name}-copy")
    }
    assert len(messages) == 1
    assert client.get_versions(f"{name}-value") == [1]


def test_a_normalized_schema_is_the_same_schema(
    face: Face, client: Settled, other: Settled, name: str, dialect: tuple[str, str]
) -> None:
    plain = json.loads(user(dialect[0], title=name))
    twisted = dict(reversed(list(plain.items())))
    conf = {"normalize.schemas": True}
    messages = {
        face.JSONSerializer(json.dumps(document, indent=2), each, conf=conf)(
            {"name": "x"}, in_value(name)
        )
        for each, document in ((client, plain), (other, twisted))
    }
    assert len(messages) == 1
    assert client.get_versions(f"{name}-value") == [1]


def test_without_auto_register_only_what_is_there_is_used(
    face: Face, client: Settled, other: Settled, name: str
) -> None:
    text = user(DRAFTS["draft-07"][0], title=name)
    conf = {"auto.register.schemas": False}
    serializer = face.JSONSerializer(text, client, conf=conf)
    with pytest.raises(SchemaRegistryError) as caught:
        serializer({"name": "x"}, in_value(name))
    assert (caught.value.http_status_code, caught.value.error_code) == (404, 40401)
    schema_id = other.register_schema(f"{name}-value", as_json(text))
    assert id_of(serializer({"name": "x"}, in_value(name))) == schema_id


def two_versions(client: Settled, subject: str, draft: str) -> list[str]:
    """Register two versions, told apart by their metadata, and return their texts."""
    client.set_compatibility(subject, "none")
    texts = [user(draft), user(draft, age={"type": "integer"})]
    for number, text in enumerate(texts, start=1):
        metadata = Metadata(None, MetadataProperties({"major": str(number)}), None)
        client.register_schema(subject, Schema(text, "JSON", metadata=metadata))
    return texts


@pytest.mark.parametrize(
    ("conf", "version"),
    [({"use.latest.version": True}, 2), ({"use.latest.with.metadata": {"major": "1"}}, 1)],
    ids=["latest", "metadata"],
)
def test_the_version_that_is_asked_for_is_written(
    face: Face, client: Settled, name: str, conf: dict[str, Any], version: int
) -> None:
    texts = two_versions(client, f"{name}-value", DRAFTS["2020-12"][0])
    conf = {"auto.register.schemas": False} | conf
    serializer = face.JSONSerializer(texts[0], client, conf=conf)
    message = serializer({"name": "x"}, in_value(name))
    assert id_of(message) == client.get_version(f"{name}-value", version).schema_id
    if version == 1:
        with pytest.raises(SerializationError, match="Additional properties are not allowed"):
            serializer({"name": "x", "age": 1}, in_value(name))
    else:
        assert serializer({"name": "x", "age": 1}, in_value(name))[:5] == message[:5]


def test_a_schema_is_chosen_by_its_id(
    face: Face, client: Settled, other: Settled, name: str
) -> None:
    subject = f"{name}-value"
    texts = two_versions(client, subject, DRAFTS["draft-07"][0])
    first = client.get_version(subject, 1).schema_id
    conf = {"auto.register.schemas": False, "use.schema.id": first}
    message = face.JSONSerializer(texts[1], other, conf=conf)({"name": "x"}, in_value(name))
    assert id_of(message) == first


@pytest.mark.parametrize(
    ("kind", "subject"),
    [("TOPIC", "{}-value"), ("RECORD", "{}.User"), ("TOPIC_RECORD", "{}-{}.User")],
)
def test_a_strategy_names_the_subject(
    face: Face, client: Settled, name: str, kind: str, subject: str
) -> None:
    text = user(DRAFTS["2020-12"][0], title=f"{name}.User")
    conf = {"subject.name.strategy.type": kind}
    message = face.JSONSerializer(text, client, conf=conf)({"name": "x"}, in_value(name))
    assert client.get_latest_version(subject.replace("{}", name)).schema_id == id_of(message)
    reader = face.JSONDeserializer(None, schema_registry_client=client, conf=conf)
    assert reader(message, in_value(name)) == {"name": "x"}


def test_the_guid_goes_into_a_header(
    face: Face, client: Settled, other: Settled, name: str
) -> None:
    conf = {"schema.id.serializer": header_schema_id_serializer}
    for context, header in ((in_value, "__value_schema_id"), (in_key, "__key_schema_id")):
        sent: dict[str, bytes] = {}
        serializer = face.JSONSerializer(user(DRAFTS["draft-07"][0], title=name), client, conf=conf)
        payload = serializer({"name": "x"}, context(name, sent))
        assert json.loads(payload) == {"name": "x"}
        guid = client.get_latest_version(f"{name}-{header.split('_')[2]}").guid
        assert sent == {header: b"\x01" + uuid.UUID(guid).bytes}
        reader = face.JSONDeserializer(None, schema_registry_client=other)
        assert reader(payload, context(name, sent)) == {"name": "x"}


def test_a_text_comes_back_with_its_digits_and_its_order(client: Settled, name: str) -> None:
    text = (
        f'{{"title":"{name}","maximum":1.50,"multipleOf":1E+2,"$comment":"ü/\\n","type":"number"}}'
    )
    schema_id = client.register_schema(name, as_json(f" {text}\n".replace(",", " , ")))
    assert client.lookup_schema(name, as_json(text)).schema_id == schema_id
    client.clear_caches()
    assert client.get_schema(schema_id).schema_str == text
