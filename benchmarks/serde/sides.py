"""What is compared: Accord's serializers, Confluent's, and the libraries under them alone."""

from __future__ import annotations

import io
import json
import sys
import warnings
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import fastavro
import jsonschema_rs
import orjson
from grpc_tools import protoc

from accord_serde import SchemaRegistryClient
from accord_serde.avro import AvroDeserializer, AvroSerializer
from accord_serde.json_schema import JSONDeserializer, JSONSerializer
from accord_serde.protobuf import ProtobufDeserializer, ProtobufSerializer
from accord_serde.serialization import SerializationContext
from benchmarks.serde.shapes import SHAPES, proto_file

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of a dependency of its dependency
    from confluent_kafka import schema_registry as confluent
    from confluent_kafka.schema_registry import avro as confluent_avro
    from confluent_kafka.schema_registry import json_schema as confluent_json
    from confluent_kafka.schema_registry import protobuf as confluent_protobuf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from benchmarks.serde.shapes import Shape

HEADER = b"\0\0\0\0\1"
OLD_FORMAT = {"use.deprecated.format": False}


@dataclass(frozen=True, slots=True)
class Case:
    """One message of one format: the two directions, by side."""

    format: str
    shape: str
    write: dict[str, Callable[[], object]]
    read: dict[str, Callable[[], object]]


def cases(url: str, directory: Path) -> Iterator[Case]:
    """Yield everything that is measured; messages are the same bytes on all sides but JSON's."""
    classes = _message_classes(directory)
    for (name, shape), kind in zip(SHAPES.items(), classes, strict=True):
        yield from (
            _case("Avro", name, *_avro(url, shape), shape.avro_datum),
            _case("JSON", name, *_json(url, shape), shape.json_datum),
            _case("Protobuf", name, *_protobuf(url, kind, shape)),
        )


def _case(kind: str, shape: str, *parts: Any) -> Case:  # noqa: ANN401 - as made below
    ours, stock, raw, datum = parts
    context = SerializationContext(f"{kind}-{shape}".lower(), "value")
    data = ours[0](datum, context)
    stock_data = stock[0](datum, context)
    assert _normal(ours[1](stock_data, context)) == _normal(stock[1](data, context))
    return Case(
        kind,
        shape,
        {
            "accord": lambda: ours[0](datum, context),
            "confluent": lambda: stock[0](datum, context),
            "raw": lambda: raw[0](datum),
        },
        {
            "accord": lambda: ours[1](data, context),
            "confluent": lambda: stock[1](data, context),
            "raw": lambda: raw[1](data),
        },
    )


def _normal(message: Any) -> Any:  # noqa: ANN401 - a dict or a Protobuf message
    return message.SerializeToString() if hasattr(message, "SerializeToString") else message


def _avro(url: str, shape: Shape) -> tuple[Any, Any, Any]:
    ours, stock = _clients(url)
    parsed = fastavro.parse_schema(json.loads(shape.avro))

    def write(datum: object) -> bytes:
        out = io.BytesIO()
        out.write(HEADER)
        fastavro.schemaless_writer(out, parsed, datum)
        return out.getvalue()

    def read(data: bytes) -> object:
        source = io.BytesIO(data)
        source.seek(len(HEADER))
        return fastavro.schemaless_reader(source, parsed, None)

    return (
        (AvroSerializer(ours, shape.avro), AvroDeserializer(ours)),
        (
            confluent_avro.AvroSerializer(stock, shape.avro),
            confluent_avro.AvroDeserializer(stock),
        ),
        (write, read),
    )


def _json(url: str, shape: Shape) -> tuple[Any, Any, Any]:
    ours, stock = _clients(url)
    validator = jsonschema_rs.validator_for(json.loads(shape.json))

    def write(datum: object) -> bytes:
        validator.validate(datum)
        return HEADER + orjson.dumps(datum)

    def read(data: bytes) -> object:
        datum = orjson.loads(data[len(HEADER) :])
        validator.validate(datum)
        return datum

    return (
        (
            JSONSerializer(shape.json, ours),
            JSONDeserializer(shape.json, schema_registry_client=ours),
        ),
        (
            confluent_json.JSONSerializer(shape.json, stock),
            confluent_json.JSONDeserializer(shape.json, schema_registry_client=stock),
        ),
        (write, read),
    )


def _protobuf(url: str, kind: Any, shape: Shape) -> tuple[Any, Any, Any, Any]:  # noqa: ANN401 - a generated class
    ours, stock = _clients(url)
    message = kind(**shape.proto_datum)
    index = list(kind.DESCRIPTOR.file.message_types_by_name).index(kind.DESCRIPTOR.name)
    header = HEADER + (bytes([2, 2 * index]) if index else b"\0")
    return (
        (
            ProtobufSerializer(kind, ours, OLD_FORMAT),
            ProtobufDeserializer(kind, OLD_FORMAT, ours),
        ),
        (
            confluent_protobuf.ProtobufSerializer(kind, stock, OLD_FORMAT),
            confluent_protobuf.ProtobufDeserializer(kind, OLD_FORMAT, stock),
        ),
        (
            lambda each: header + each.SerializeToString(),
            lambda data: kind.FromString(data[len(header) :]),
        ),
        message,
    )


def _message_classes(directory: Path) -> list[Any]:
    source = directory / "bench.proto"
    source.write_text(proto_file(), encoding="utf-8")
    command = ["protoc", f"-I{directory}", f"--python_out={directory}", str(source)]
    assert protoc.main(command) == 0
    sys.path.insert(0, str(directory))
    module = import_module("bench_pb2")
    return [getattr(module, name) for name in module.DESCRIPTOR.message_types_by_name]


def _clients(url: str) -> tuple[Any, Any]:
    return SchemaRegistryClient({"url": url}), confluent.SchemaRegistryClient({"url": url})
