"""Schemas that cases are about, in canonical text, and requests that many of them begin with."""

from __future__ import annotations

from typing import Any

from contract.case import Ask, Gives, Like, avro, delete, put, refused, register

STRING = '"string"'
STRING_GUID = "095d71cf-1255-6b9d-5e33-0ad575b3df5d"
INT = '"int"'

# Each may follow the one before it at level BACKWARD; STRICT may not follow any of them.
ONE = avro("a")
TWO = avro("a", "b=")
THREE = avro("a", "b=", "c=")
STRICT = avro("a", "z")

AS_JSON = {"schemaType": "JSON"}
AS_PROTO = {"schemaType": "PROTOBUF"}
JSON = '{"type":"object","properties":{"a":{"type":"string"}}}'
PROTO = 'syntax = "proto3";\n\nmessage M {\n  string a = 1;\n}\n'
# PROTO as a FileDescriptorProto named "default", in base64.
# A name in it leads nowhere.
LOST = 'syntax = "proto3";\n\nmessage M {\n  X a = 1;\n}\n'
PROTO_BYTES = "CgdkZWZhdWx0Ig4KAU0SCQoBYRgBIAEoCWIGcHJvdG8z"

TAKES_ALL = {"Confluent-Accept-Unknown-Properties": "true"}

# Two spellings of one Avro schema, which canonical text leaves as they are.
X_Y = '{"type":"record","name":"R","fields":[{"name":"a","type":"string"}],"x":1,"y":2}'
Y_X = '{"type":"record","name":"R","fields":[{"name":"a","type":"string"}],"y":2,"x":1}'
LOOSE_JSON = '{"type":"object","title":"T"}'
NORMAL_JSON = '{"title":"T","type":"object"}'

# One schema that refers to another.
INNER = avro("x", name="Inner")
OUTER = '{"type":"record","name":"Outer","fields":[{"name":"inner","type":"Inner"}]}'
OUTER_INLINED = '{"type":"record","name":"Outer","fields":[{"name":"inner","type":' + INNER + "}]}"


def reference(subject: str, number: int | None = 1, name: str | None = "Inner") -> dict[str, Any]:
    return {"name": name, "subject": subject, "version": number}


INNER_1 = reference("inner")


def register_outer(subject: str = "outer", **more: Any) -> Ask:
    return register(subject, OUTER, **{"references": [INNER_1], **more})


NESTED = (register("inner", INNER), register_outer())


def soft(subject: str, number: int | str | None = None) -> Ask:
    """Soft-delete a subject or a version."""
    return delete(_place(subject, number))


def hard(subject: str, number: int | str | None = None) -> Ask:
    """Delete a subject or a version for good."""
    return delete(f"{_place(subject, number)}?permanent=true")


def _place(subject: str, number: int | str | None) -> str:
    tail = "" if number is None else f"/versions/{number}"
    return f"/subjects/{subject}{tail}"


def level(text: str, subject: str = "") -> Ask:
    return put(f"/config/{subject}" if subject else "/config", {"compatibility": text})


def config(subject: str = "", **settings: Any) -> Ask:
    return put(f"/config/{subject}" if subject else "/config", settings)


def mode(text: str, subject: str = "") -> Ask:
    return put(f"/mode/{subject}?force=true" if subject else "/mode?force=true", {"mode": text})


def body(schema: str | None, **more: Any) -> dict[str, Any]:
    return {"schema": schema, **more}


def unreadable(kind: str, *parts: str) -> Gives:
    """A text that is no schema of its type."""
    start = f"Invalid schema of type {kind}, details: Invalid schema "
    return refused(422, 42201, Like(start, *parts))


STRING_FROM_OBJECT = refused(
    400,
    400,
    "Cannot deserialize value of type `String` from Object value (token `JsonToken.START_OBJECT`)",
)
FROM_ARRAY = refused(
    400,
    400,
    "Cannot deserialize value of type `RegisterSchemaRequest` from Array value "
    "(token `JsonToken.START_ARRAY`)",
)
NOT_JSON = refused(
    400,
    400,
    "Unexpected character ('b' (code 98)): was expecting double-quote to start field name",
)
