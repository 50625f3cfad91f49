"""Three messages, each as Avro, JSON Schema and Protobuf.

tiny     a reading of a sensor: 3 fields
medium   an order: 15 fields, of logical types, enums, records, an array, a map, unions
large    a row of a wide table: 100 plain fields
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

NULLABLE = ["null", "string"]


@dataclass(frozen=True, slots=True)
class Shape:
    """One message: its schemas as text, and what each format's library takes for it."""

    avro: str
    avro_datum: dict[str, Any]
    json: str
    json_datum: dict[str, Any]
    proto: list[str]  # the lines of the message
    proto_datum: dict[str, Any]


def _record(name: str, fields: list[tuple[str, Any]]) -> dict[str, Any]:
    members = [{"name": field, "type": kind} for field, kind in fields]
    return {"type": "record", "name": name, "namespace": "bench", "fields": members}


def _object(title: str, properties: dict[str, Any]) -> dict[str, Any]:
    draft = "http://json-schema.org/draft-07/schema#"
    return {
        "$schema": draft,
        "title": title,
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }


def tiny() -> Shape:
    datum = {"id": 123456789, "name": "sensor-7", "value": 21.5}
    return Shape(
        avro=json.dumps(_record("Tiny", [("id", "long"), ("name", "string"), ("value", "double")])),
        avro_datum=datum,
        json=json.dumps(
            _object(
                "Tiny",
                {
                    "id": {"type": "integer"},
                    "name": {"type": "string"},
                    "value": {"type": "number"},
                },
            )
        ),
        json_datum=datum,
        proto=["message Tiny { int64 id = 1; string name = 2; double value = 3; }"],
        proto_datum=datum,
    )


STATES = ["NEW", "PAID", "SENT", "CLOSED"]
CHANNELS = ["WEB", "SHOP", "PHONE"]


def medium() -> Shape:
    return Shape(
        avro=json.dumps(_medium_avro()),
        avro_datum=_medium_datum(
            id=UUID("2f1c3f5e-7d6b-4a3c-9d2e-1a2b3c4d5e6f"),
            created=datetime(2026, 3, 14, 15, 9, 26, 535000, UTC),
            due=date(2026, 4, 1),
            total=Decimal("1234.56"),
        ),
        json=json.dumps(_medium_json()),
        json_datum=_medium_datum(
            id="2f1c3f5e-7d6b-4a3c-9d2e-1a2b3c4d5e6f",
            created="2026-03-14T15:09:26.535Z",
            due="2026-04-01",
            total="1234.56",
        ),
        proto=_medium_proto(),
        proto_datum=_medium_datum(
            id="2f1c3f5e-7d6b-4a3c-9d2e-1a2b3c4d5e6f",
            created=1773500966535,
            due=20544,
            total="1234.56",
        ),
    )


def _medium_datum(**special: object) -> dict[str, Any]:
    item = {"sku": "A-100", "count": 2, "price": 19.99}
    return {
        **special,
        "number": 4711,
        "state": "PAID",
        "channel": "WEB",
        "customer": {"id": 77, "name": "Ada Lovelace", "city": "London"},
        "items": [item, {**item, "sku": "B-200"}, {**item, "sku": "C-300", "count": 1}],
        "labels": {"source": "campaign", "tier": "gold"},
        "note": "leave at the door",
        "coupon": None,
        "weight": 1.75,
        "gift": False,
        "attempts": 1,
    }


def _medium_avro() -> dict[str, Any]:
    customer = _record("Customer", [("id", "long"), ("name", "string"), ("city", "string")])
    item = _record("Item", [("sku", "string"), ("count", "int"), ("price", "double")])
    money = {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2}
    return _record(
        "Order",
        [
            ("id", {"type": "string", "logicalType": "uuid"}),
            ("created", {"type": "long", "logicalType": "timestamp-millis"}),
            ("due", {"type": "int", "logicalType": "date"}),
            ("total", money),
            ("number", "long"),
            ("state", {"type": "enum", "name": "State", "symbols": STATES}),
            ("channel", {"type": "enum", "name": "Channel", "symbols": CHANNELS}),
            ("customer", customer),
            ("items", {"type": "array", "items": item}),
            ("labels", {"type": "map", "values": "string"}),
            ("note", NULLABLE),
            ("coupon", NULLABLE),
            ("weight", "double"),
            ("gift", "boolean"),
            ("attempts", "int"),
        ],
    )


def _medium_json() -> dict[str, Any]:
    text, whole, number = {"type": "string"}, {"type": "integer"}, {"type": "number"}
    customer = _object("Customer", {"id": whole, "name": text, "city": text})
    item = _object("Item", {"sku": text, "count": whole, "price": number})
    optional = {"oneOf": [{"type": "null"}, text]}
    return _object(
        "Order",
        {
            "id": {"type": "string", "minLength": 36, "maxLength": 36},
            "created": {"type": "string", "format": "date-time"},
            "due": {"type": "string", "format": "date"},
            "total": {"type": "string", "pattern": "^[0-9]+\\.[0-9]{2}$"},
            "number": whole,
            "state": {"enum": STATES},
            "channel": {"enum": CHANNELS},
            "customer": customer,
            "items": {"type": "array", "items": item, "minItems": 1},
            "labels": {"type": "object", "additionalProperties": text},
            "note": optional,
            "coupon": optional,
            "weight": number,
            "gift": {"type": "boolean"},
            "attempts": {"type": "integer", "minimum": 0},
        },
    )


def _medium_proto() -> list[str]:
    return [
        "message Order {",
        f"  enum State {{ {' '.join(f'{name} = {n};' for n, name in enumerate(STATES))} }}",
        f"  enum Channel {{ {' '.join(f'{name} = {n};' for n, name in enumerate(CHANNELS))} }}",
        "  message Customer { int64 id = 1; string name = 2; string city = 3; }",
        "  message Item { string sku = 1; int32 count = 2; double price = 3; }",
        "  string id = 1; int64 created = 2; int32 due = 3; string total = 4; int64 number = 5;",
        "  State state = 6; Channel channel = 7; Customer customer = 8; repeated Item items = 9;",
        "  map<string, string> labels = 10; optional string note = 11;",
        "  optional string coupon = 12; double weight = 13; bool gift = 14; int32 attempts = 15;",
        "}",
    ]


KINDS = [
    *("string" for _ in range(25)),
    *("long" for _ in range(25)),
    *("double" for _ in range(25)),
    *("nullable" for _ in range(15)),
    *("boolean" for _ in range(10)),
]
VALUES = {
    "string": "value of a field",
    "long": 1234567890123,
    "double": 3.14159,
    "nullable": "present",
    "boolean": True,
}
JSON_KINDS: dict[str, Any] = {
    "string": {"type": "string"},
    "long": {"type": "integer"},
    "double": {"type": "number"},
    "nullable": {"oneOf": [{"type": "null"}, {"type": "string"}]},
    "boolean": {"type": "boolean"},
}
PROTO_KINDS = {
    "string": "string",
    "long": "int64",
    "double": "double",
    "nullable": "optional string",
    "boolean": "bool",
}


def large() -> Shape:
    names = [f"field_{number}" for number in range(len(KINDS))]
    pairs = list(zip(names, KINDS, strict=True))
    datum = {name: VALUES[kind] for name, kind in pairs}
    avro = [(name, NULLABLE if kind == "nullable" else kind) for name, kind in pairs]
    fields = [f"{PROTO_KINDS[kind]} {name} = {n};" for n, (name, kind) in enumerate(pairs, 1)]
    return Shape(
        avro=json.dumps(_record("Row", avro)),
        avro_datum=datum,
        json=json.dumps(_object("Row", {name: JSON_KINDS[kind] for name, kind in pairs})),
        json_datum=datum,
        proto=["message Row {", *fields, "}"],
        proto_datum=datum,
    )


def proto_file() -> str:
    """Return the text of the file that has all messages."""
    lines = [line for shape in SHAPES.values() for line in shape.proto]
    return "\n".join(['syntax = "proto3";', "package bench;", *lines])


SHAPES = {"tiny": tiny(), "medium": medium(), "large": large()}
