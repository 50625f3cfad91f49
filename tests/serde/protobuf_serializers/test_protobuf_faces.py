"""The asyncio classes, the builders, and the package without Confluent's."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from protoc import run_protoc

from accord_serde import AsyncSchemaRegistryClient, SchemaRegistryClient, protobuf
from accord_serde.serialization import PayloadError, SerializationContext, WireFormatError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from pathlib import Path

CLASSES = [
    f"{face}Protobuf{kind}{suffix}"
    for face in ("", "Async")
    for kind in ("Serializer", "Deserializer")
    for suffix in ("", "Builder")
]


@pytest.mark.parametrize("name", CLASSES)
def test_signatures_are_the_stock_ones(name: str, confluent: Any) -> None:
    """Names, order and defaults of the arguments are Confluent's."""
    ours, stock = (inspect.signature(getattr(each, name)) for each in (protobuf, confluent))
    if name.startswith("Async") and not name.endswith("Builder"):
        stock = inspect.signature(inspect.unwrap(getattr(confluent, name).__init__))
        given = list(stock.parameters.values())[1:]
    else:
        given = list(stock.parameters.values())
    assert [(each.name, each.default) for each in ours.parameters.values()] == [
        (each.name, each.default) for each in given
    ]


@pytest.mark.parametrize("kind", ["Serializer", "Deserializer"])
def test_builders_have_the_stock_setters(kind: str, confluent: Any) -> None:
    """Every setter there is in Confluent's is here."""
    for face in ("", "Async"):
        name = f"{face}Protobuf{kind}Builder"
        stock = {each for each in dir(getattr(confluent, name)) if not each.startswith("_")}
        assert stock <= set(dir(getattr(protobuf, name)))


async def _written(url: str, kind: Any, message: Any, ctx: Any) -> tuple[Any, Any]:
    client = AsyncSchemaRegistryClient({"url": url})
    serializer = await protobuf.AsyncProtobufSerializer(kind, client)
    deserializer = await protobuf.AsyncProtobufDeserializer(kind, {}, client)
    serializer_output = [await serializer(message, ctx) for _ in range(3)]
    read = [await deserializer(each, ctx) for each in serializer_output]
    with pytest.raises(ValueError, match="message must be of type"):
        await serializer("text", ctx)
    with pytest.raises(PayloadError):
        await deserializer(serializer_output[0][:-1], ctx)
    assert await deserializer.deserialize_many(serializer_output, ctx) == read
    await serializer.aclose()
    await deserializer.aclose()
    await client.aclose()
    return serializer_output, read


@pytest.mark.parametrize("name", ["shop.v1.Order", "shop.v1.Order.Locker", "annotated.Person"])
def test_the_awaited_face_is_the_blocking_one(
    name: str, classes: Any, registry_url: str, topic: str, runner: asyncio.Runner
) -> None:
    """Both faces write and read the same."""
    kind = classes[name]
    message, ctx = kind(), SerializationContext(topic, "value")
    message.MergeFromString(b"\x9a\x06\x01x")  # a field of no type, so that cutting it breaks it
    written, read = runner.run(_written(registry_url, kind, message, ctx))
    with SchemaRegistryClient({"url": registry_url}) as client:
        assert set(written) == {protobuf.ProtobufSerializer(kind, client)(message, ctx)}
    assert read == [message] * 3


def test_builders_make_what_they_are_told(classes: Any, registry_url: str, topic: str) -> None:
    """A builder makes a client that is closed with the serializer, and leaves the rest alone."""
    kind = classes["shop.v1.Refund"]
    made: list[Any] = []
    serializer, left = (
        protobuf.ProtobufSerializerBuilder()
        .set_schema_registry_config({"url": registry_url})
        .set_message_type(kind)
        .set_serializer_config({"skip.known.types": False})
        .set_serializer_init(made.append)
        .build({"bootstrap.servers": "b"}, is_key=False)
    )
    assert (made, left) == ([serializer], {"bootstrap.servers": "b"})
    ctx = SerializationContext(topic, "value")
    data = serializer(kind(cents=5), ctx)
    with SchemaRegistryClient({"url": registry_url}) as client:
        builder = protobuf.ProtobufDeserializerBuilder(None, client, kind)
        deserializer, _ = builder.build({}, is_key=False)
        assert deserializer(data, ctx).cents == 5
        deserializer.close()
        assert client.get_subjects()
    serializer.close()


def test_awaited_builders_are_awaited(
    classes: Any, registry_url: str, topic: str, runner: asyncio.Runner
) -> None:
    """The builders for asyncio make serializers for asyncio."""
    kind = classes["shop.v1.Refund"]

    async def run() -> Any:
        conf = {"url": registry_url}
        writer, _ = await protobuf.AsyncProtobufSerializerBuilder(conf, None, kind).build({}, False)  # noqa: FBT003 - as the Kafka client calls it
        reader, _ = await protobuf.AsyncProtobufDeserializerBuilder(conf, None, kind).build(
            {},
            False,  # noqa: FBT003 - likewise
        )
        ctx = SerializationContext(topic, "value")
        read = await reader(await writer(kind(cents=5), ctx), ctx)
        await writer.aclose()
        await reader.aclose()
        return read

    assert runner.run(run()) == kind(cents=5)


@pytest.mark.parametrize(
    "builder", [protobuf.ProtobufSerializerBuilder, protobuf.ProtobufDeserializerBuilder]
)
def test_builders_need_a_message_type(builder: Any, registry_url: str) -> None:
    """Without a message type nothing is built, nor with two ways to the registry."""
    with pytest.raises(ValueError, match="message type"):
        builder({"url": registry_url}).build({}, is_key=False)
    with (
        SchemaRegistryClient({"url": registry_url}) as client,
        pytest.raises(ValueError, match="both"),
    ):
        builder({"url": registry_url}, client).build({}, is_key=False)


@pytest.fixture
def reader(classes: Any, registry_url: str, topic: str) -> Callable[[bytes], Callable[[], Any]]:
    """Return a function that reads, first with all steps and then without."""
    kind = classes["shop.v1.Order"]
    ctx = SerializationContext(topic, "value", partition=3, offset=4)
    with SchemaRegistryClient({"url": registry_url}) as client:
        data = protobuf.ProtobufSerializer(kind, client)(kind(id="1"), ctx)
        made = protobuf.ProtobufDeserializer(kind, {}, client)
        yield lambda rest: [lambda: made(data[:5] + rest, ctx), lambda: made(data, ctx)]


@pytest.mark.parametrize(
    ("rest", "kind", "told"),
    [
        (b"\x00\x0a\x05ab", PayloadError, "not a shop.v1.Order"),
        (b"\x02\x08", WireFormatError, r"\[4\] with 4 types in shop.v1"),
        (b"\x04\x00\x20", WireFormatError, r"\[0, 16\] with 4 types in shop.v1.Order"),
        (b"\x06\x00", WireFormatError, "short"),
        (b"", WireFormatError, "short"),
        (b"\x02\x01", WireFormatError, "indexes"),
    ],
)
def test_errors_tell_the_message_and_what_is_wrong(
    rest: bytes, kind: type[Exception], told: str, reader: Any
) -> None:
    """An error names the place of the message, its schema, and what was met."""
    broken, whole = reader(rest)
    for _ in range(2):
        with pytest.raises(kind, match=told) as caught:
            broken()
        error: Any = caught.value
        assert (error.field, error.partition, error.offset) == ("value", 3, 4)
        assert error.schema_id is not None
        assert whole().id == "1"


def test_paths_may_be_spelt_in_full(reader: Any) -> None:
    """The first type is read behind a path that names it, as other clients may write it."""
    for _ in range(3):
        assert reader(b"\x02\x00\x0a\x011")[0]().id == "1"
        assert reader(b"\x82\x00\x00\x0a\x011")[0]().id == "1"


PROGRAM = """
import sys
from accord_serde import SchemaRegistryClient
from accord_serde.protobuf import ProtobufDeserializer, ProtobufSerializer
from accord_serde.serialization import MessageField, SerializationContext

import annotated_pb2

client = SchemaRegistryClient({"url": sys.argv[1]})
conf = {"auto.register.schemas": False, "use.latest.version": True}
ctx = SerializationContext("generated", MessageField.VALUE)
message = annotated_pb2.Person(name="ann")
ProtobufSerializer(annotated_pb2.Person, client)(message, ctx)
serializer = ProtobufSerializer(annotated_pb2.Person, client, conf)
deserializer = ProtobufDeserializer(annotated_pb2.Person, {}, client)
assert deserializer(serializer(message, ctx), ctx) == message
codec = serializer._writer._pinned["generated-value"].codec
assert codec.fields.inline_tags["annotated.Person.name"] == {"PII", "NAME"}
assert not [name for name in sys.modules if name.startswith(("confluent_kafka", "google.type"))]
"""


def test_generated_code_needs_no_other_library(
    registry_url: str, tmp_path: Path, protos: Path
) -> None:
    """Tags are read from generated classes without Confluent's package, or google/type."""
    names = ("annotated.proto", "confluent/meta.proto", "confluent/type/decimal.proto")
    run_protoc(f"-I{protos}", f"--python_out={tmp_path}", *names)
    (tmp_path / "program.py").write_text(PROGRAM)
    subprocess.run(
        [sys.executable, "-W", "error", tmp_path / "program.py", registry_url],
        check=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
