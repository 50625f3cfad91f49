"""What becomes of messages and ids when the service restarts and when schemas are deleted."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from confluent_kafka.schema_registry import SchemaRegistryError
from service import await_ready, begin, end
from stock_face import Face, id_of, in_value

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import SimpleNamespace

    from stock_face import Settled

FACES = ("blocking", "asyncio")


@dataclass(frozen=True)
class Format:
    """One of the three formats: a type of messages that is called like the topic, and a value."""

    name: str
    shop: SimpleNamespace

    def writer(self, face: Face, client: Settled, topic: str, **conf: Any) -> Settled:
        settings = {key.replace("_", "."): value for key, value in conf.items()}
        match self.name:
            case "AVRO":
                return face.AvroSerializer(client, self.text(topic), conf=settings)
            case "JSON":
                return face.JSONSerializer(self.text(topic), client, conf=settings)
            case _:
                return face.ProtobufSerializer(self.shop.order.Line, client, conf=settings)

    def reader(self, face: Face, client: Settled) -> Settled:
        match self.name:
            case "AVRO":
                return face.AvroDeserializer(client)
            case "JSON":
                return face.JSONDeserializer(None, schema_registry_client=client)
            case _:
                return face.ProtobufDeserializer(
                    self.shop.order.Line, schema_registry_client=client
                )

    def text(self, topic: str) -> str:
        fields = [{"name": "article", "type": "string"}]
        documents = {
            "AVRO": {"type": "record", "name": topic, "fields": fields},
            "JSON": {"type": "object", "title": topic},
        }
        return json.dumps(documents[self.name])

    @property
    def value(self) -> Any:
        is_message = self.name == "PROTOBUF"
        return self.shop.order.Line(article="pen") if is_message else {"article": "pen"}


@pytest.fixture(params=["AVRO", "JSON", "PROTOBUF"])
def form(request: pytest.FixtureRequest, shop: SimpleNamespace) -> Format:
    return Format(request.param, shop)


@dataclass(frozen=True)
class Written:
    """What was written before the restart, and with what, by face and format."""

    url: str
    messages: dict[tuple[str, str], bytes]
    writers: dict[tuple[str, str], Settled]


def write_all(face: Face, kind: str, shop: SimpleNamespace, written: Written) -> None:
    """Write a message of each format, in a context of the face's own."""
    client = face.client(f"{written.url}/contexts/{kind}")
    for form in (Format("AVRO", shop), Format("JSON", shop), Format("PROTOBUF", shop)):
        key = kind, form.name
        written.writers[key] = form.writer(face, client, form.name)
        written.messages[key] = written.writers[key](form.value, in_value(form.name))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, shop: SimpleNamespace) -> Iterator[Written]:
    """Messages of a service that was stopped and started again at the same address since."""
    folder = tmp_path_factory.mktemp("restarted")
    service = await_ready(begin(folder))
    written = Written(service.url, {}, {})
    with asyncio.Runner() as runner:
        faces = {"blocking": Face(None), "asyncio": Face(runner)}
        for kind, face in faces.items():
            write_all(face, kind, shop, written)
        assert service.stop() == 0
        port = service.url.rpartition(":")[2]
        service = await_ready(begin(folder, "--port", port))
        yield written
        for face in faces.values():
            face.close()
    service.stop()
    end(service)


@pytest.mark.parametrize("kind", FACES)
def test_a_restart_changes_nothing(
    face: Face, written: Written, kind: str, form: Format, name: str
) -> None:
    message = written.messages[kind, form.name]
    client = face.client(f"{written.url}/contexts/{kind}")
    assert form.reader(face, client)(message, in_value(form.name)) == form.value
    lookup = form.writer(face, client, form.name, auto_register_schemas=False)
    assert lookup(form.value, in_value(form.name)) == message
    again = form.writer(face, face.client(f"{written.url}/contexts/{kind}"), form.name)
    assert again(form.value, in_value(form.name)) == message
    assert client.get_versions(f"{form.name}-value") == [1]
    if form.name == "AVRO":
        other = form.writer(face, client, name)
        highest = max(id_of(each) for (of, _), each in written.messages.items() if of == kind)
        assert id_of(other(form.value, in_value(name))) > highest


@pytest.mark.parametrize("kind", FACES)
def test_a_client_of_before_goes_on_after_a_restart(
    written: Written, kind: str, form: Format
) -> None:
    write = written.writers[kind, form.name]
    assert write(form.value, in_value(f"other-{form.name}")) == written.messages[kind, form.name]


def test_a_message_can_be_read_until_its_schema_is_deleted_for_good(
    face: Face, own_context: str, form: Format
) -> None:
    def fresh() -> Settled:
        return face.client(own_context)

    writer, topic = fresh(), "topic"
    message = form.writer(face, writer, topic)(form.value, in_value(topic))
    subject = f"{topic}-value"
    assert writer.delete_subject(subject) == [1]
    assert form.reader(face, fresh())(message, in_value(topic)) == form.value
    revived = form.writer(face, fresh(), topic)(form.value, in_value(topic))
    assert revived == message
    assert fresh().get_versions(subject) == [2]
    assert writer.delete_subject(subject) == [2]
    assert writer.delete_subject(subject, permanent=True) == [2]
    with pytest.raises(SchemaRegistryError) as caught:
        form.reader(face, fresh())(message, in_value(topic))
    assert (caught.value.http_status_code, caught.value.error_code) == (404, 40403)
    # A schema that was deleted for good comes back with another id, at version 1.
    reborn = form.writer(face, fresh(), topic)(form.value, in_value(topic))
    assert id_of(reborn) > id_of(message)
    assert reborn[5:] == message[5:]
    assert fresh().get_versions(subject) == [1]
    assert form.reader(face, fresh())(reborn, in_value(topic)) == form.value


def test_a_schema_that_another_subject_has_survives_a_permanent_delete(
    face: Face, own_context: str, form: Format
) -> None:
    client = face.client(own_context)
    messages = {form.writer(face, client, "one")(form.value, in_value(t)) for t in ("one", "two")}
    (message,) = messages
    client.delete_subject("one-value")
    client.delete_subject("one-value", permanent=True)
    fresh = face.client(own_context)
    assert form.reader(face, fresh)(message, in_value("two")) == form.value
    assert form.writer(face, fresh, "one")(form.value, in_value("one")) == message
