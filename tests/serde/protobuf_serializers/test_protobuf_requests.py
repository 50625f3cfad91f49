"""What the registry is asked, by both libraries the same."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto

if TYPE_CHECKING:
    from collections.abc import Callable

TYPES = ("shop.v1.Order", "shop.v1.Order.Line", "shop.v1.Empty", "common.Party", "Bare")
TYPES += ("modern.Modern", "annotated.Person", "annotated.Person.Pet")

Asked = list[tuple[str, str, dict[str, str], Any]]


def asked(recorder: Any) -> Asked:
    """Return what was asked since the last time, with flags in small letters."""
    found = []
    for seen in recorder.requests:
        url = urlsplit(seen.target)
        query = {key: value.lower() for key, value in parse_qsl(url.query)}
        found.append((seen.method, url.path, query, seen.body))
    recorder.requests.clear()
    return found


@pytest.fixture
def compare(proxied: Any, confluent: Any, accord: Any) -> Callable[[Callable[..., Any]], Asked]:
    """Run something with each library, and return what both asked."""

    def run(use: Callable[..., Any]) -> Asked:
        outcomes = []
        for library in (confluent, accord):
            with library.client(proxied.url) as client:
                result = use(library, client)
            outcomes.append((result, asked(proxied)))
        assert outcomes[1] == outcomes[0]
        return outcomes[1][1]

    return run


def written(library: Any, client: Any, message: Any, topic: str, **conf: Any) -> bytes:
    keys = {name.replace("_", "."): value for name, value in conf.items()}
    serializer = library.ProtobufSerializer(type(message), client, keys)
    once, again = (serializer(message, library.value(topic)) for _ in range(2))
    assert once == again
    return bytes(once)


@pytest.mark.parametrize("skip_known_types", [True, False])
@pytest.mark.parametrize("name", TYPES)
def test_files_are_registered_with_those_they_import(
    name: str, skip_known_types: bool, classes: Any, compare: Any, topic: str
) -> None:
    """Imports are registered first, depth first, then looked up for their version."""
    message = classes[name]()
    for field in message.DESCRIPTOR.fields:
        if field.is_required:
            setattr(message, field.name, field.default_value)
    seen = compare(
        lambda library, client: written(
            library, client, message, topic, skip_known_types=skip_known_types
        )
    )
    registered = [path.split("/")[2] for _, path, _, _ in seen if path.endswith("/versions")]
    assert registered[-1] == f"{topic}-value"
    assert ("confluent%2Fmeta.proto" in registered) == (
        not skip_known_types and name.startswith("annotated")
    )


def test_text_is_the_file_in_base64(classes: Any, compare: Any, topic: str) -> None:
    """The registry is given FileDescriptorProto, with a reference per import."""
    order = classes["shop.v1.Order"]
    seen = compare(lambda library, client: written(library, client, order(), topic))
    _, path, query, body = seen[-1]
    assert (path, query) == (f"/subjects/{topic}-value/versions", {"normalize": "false"})
    assert body["schemaType"] == "PROTOBUF"
    assert [each["name"] for each in body["references"]] == [
        "common/money.proto",
        "common/party.proto",
    ]
    file = FileDescriptorProto.FromString(base64.b64decode(body["schema"]))
    assert file.name == "shop.proto"


@pytest.mark.parametrize(
    "conf",
    [
        {"normalize_schemas": True},
        {"reference_subject_name_strategy": lambda ctx, file: f"{ctx.topic}:{file.name}"},
        {"subject_name_strategy_type": "RECORD"},
        {"subject_name_strategy": lambda ctx, name: f"{ctx.field}-{name}"},
    ],
    ids=["normalize", "references", "record", "function"],
)
def test_settings_change_what_is_asked(
    conf: dict[str, Any], classes: Any, compare: Any, topic: str
) -> None:
    """Settings about subjects and registering have the same effect in both."""
    order = classes["shop.v1.Order"]
    assert compare(lambda library, client: written(library, client, order(), topic, **conf))


def test_without_registering_schemas_are_looked_up(
    classes: Any, compare: Any, accord: Any, registry_url: str, topic: str
) -> None:
    """Nothing is registered where that is turned off."""
    order = classes["shop.v1.Order"]
    with accord.client(registry_url) as client:
        written(accord, client, order(), topic)
    seen = compare(
        lambda library, client: written(
            library, client, order(), topic, auto_register_schemas=False
        )
    )
    assert not [path for _, path, _, _ in seen if path.endswith("/versions")]


@pytest.mark.parametrize(
    "conf",
    [
        {"auto_register_schemas": False, "use_latest_version": True},
        {"auto_register_schemas": False, "use_latest_with_metadata": {"stage": "one"}},
    ],
    ids=["latest", "metadata"],
)
def test_versions_are_fetched_in_the_serialized_format(
    conf: dict[str, Any], classes: Any, compare: Any, accord: Any, registry_url: str, topic: str
) -> None:
    """The version that settings name, and its references, are asked for as descriptors."""
    order = classes["shop.v1.Order"]
    register(accord, registry_url, order, topic, metadata={"stage": "one"})
    seen = compare(lambda library, client: written(library, client, order(), topic, **conf))
    assert {query["format"] for method, path, query, _ in seen if "versions" in path} == {
        "serialized"
    }


def register(accord: Any, url: str, kind: Any, topic: str, metadata: dict[str, str]) -> int:
    """Register a class's schema with metadata; return its id."""
    with accord.client(url) as client:
        written(accord, client, kind(), f"{topic}-plain")
        plain = client.get_latest_version(f"{topic}-plain-value", "serialized").schema
        properties = accord.MetadataProperties(metadata)
        schema = accord.Schema(
            plain.schema_str,
            "PROTOBUF",
            plain.references,
            metadata=accord.Metadata(None, properties, None),
        )
        return int(client.register_schema(f"{topic}-value", schema))


def test_readers_fetch_the_schema_and_its_references(
    classes: Any, compare: Any, accord: Any, registry_url: str, topic: str
) -> None:
    """A reader asks for descriptors, once."""
    order = classes["shop.v1.Order"]
    with accord.client(registry_url) as client:
        data = written(accord, client, order(id="1"), topic)

    def read(library: Any, client: Any) -> Any:
        reader = library.ProtobufDeserializer(order, {}, client)
        return [reader(data, library.value(topic)) for _ in range(3)]

    seen = compare(read)
    (by_id,) = [each for each in seen if each[1].startswith("/schemas/ids/")]
    assert by_id[2] == {"format": "serialized", "subject": f"{topic}-value"}
    references = [path for _, path, _, _ in seen if "proto" in path and "versions" in path]
    assert len(references) == len(set(references)) == 3


def test_schemas_in_headers_are_fetched_by_guid(classes: Any, compare: Any, topic: str) -> None:
    """With the id in a header, the record is the bare message, and the header is the same."""
    locker = classes["shop.v1.Order.Locker"]
    headers: list[tuple[str, bytes]] = []

    def write(library: Any, client: Any) -> Any:
        headers.clear()
        conf = {"schema.id.serializer": library.header_schema_id_serializer}
        serializer = library.ProtobufSerializer(locker, client, conf)
        return serializer(locker(number=3), library.value(topic, headers)), list(headers)

    def read(library: Any, client: Any) -> Any:
        reader = library.ProtobufDeserializer(locker, {}, client)
        return [reader(b"\x08\x03", library.value(topic, headers)) for _ in range(2)]

    compare(write)
    seen = compare(read)
    assert [path for _, path, _, _ in seen if path.startswith("/schemas/guids/")]
