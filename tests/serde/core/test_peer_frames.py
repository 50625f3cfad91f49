"""What other projects hold for the wire format, row by row, with the identities of serializers.

ACCORD_PEER_VECTORS names the folder of the rows; tests/serde/test_wire.py has the bare codec.
"""

from __future__ import annotations

import io
import json
import os
import uuid
from pathlib import Path
from typing import Any

import pytest
from serde_kits import ACCORD, Kit, Store

from accord_serde import wire
from accord_serde.avro import AvroDeserializer, AvroSerializer
from accord_serde.serde import SchemaId
from accord_serde.serialization import SerializationContext, SerializationError, WireFormatError

FOLDER = os.environ.get("ACCORD_PEER_VECTORS")
FILE = Path(FOLDER or ".") / "target" / "wire.jsonl"
ROWS: list[dict[str, Any]] = (
    [json.loads(line) for line in FILE.read_text().splitlines()] if FOLDER else []
)
# Rows that say nothing about a serializer, each with the reason.
ELSEWHERE = {
    "wire-franz-bad-index-1": "how many indexes are too many is the caller's choice there",
    "wire-ckp-index-5": "the encoding before zigzag, which use.deprecated.format asked for",
    "wire-ckp-index-7": "likewise",
    "wire-ckp-index-9": "likewise",
}


def rows(*kinds: str) -> Any:
    """Parametrise over the rows of these kinds that concern serializers."""
    chosen = [row for row in ROWS if row["kind"] in kinds and row["id"] not in ELSEWHERE]
    return pytest.mark.parametrize("row", chosen, ids=lambda row: row["id"])


FRAMES = ("header", "guid_header", "message")
INDEXES = ("message_indexes",)
BAD = ("invalid_header", "invalid_message", "avro_single_object")
BAD_INDEXES = ("invalid_message_indexes",)


@pytest.mark.skipif(not FOLDER, reason="ACCORD_PEER_VECTORS names no folder")
def test_every_row_is_asserted_or_has_a_reason() -> None:
    assert {row["kind"] for row in ROWS} == {*FRAMES, *INDEXES, *BAD, *BAD_INDEXES}
    assert set(ELSEWHERE) <= {row["id"] for row in ROWS}
    old = {row["id"] for row in ROWS if row.get("zigzag") is False}
    assert old == set(ELSEWHERE) - {"wire-franz-bad-index-1"}


def identity(row: dict[str, Any]) -> SchemaId:
    indexes = row.get("message_indexes")
    kind = "AVRO" if indexes is None else "PROTOBUF"
    return SchemaId(kind, row.get("schema_id"), row.get("guid"), indexes)


@rows(*FRAMES)
def test_a_frame_is_written_and_read(row: dict[str, Any]) -> None:
    data = bytes.fromhex(row["hex"])
    payload = bytes.fromhex(row.get("value_hex", "")) or row.get("payload_utf8", "").encode()
    expected = identity(row)
    written = expected.id_to_bytes() if "schema_id" in row else expected.guid_to_bytes()
    assert written + payload == data
    found = SchemaId(expected.schema_type)
    assert found.from_bytes(io.BytesIO(data)).read() == payload
    assert repr(found) == repr(expected)


@rows(*INDEXES)
def test_indexes_are_written_and_read_behind_an_id(row: dict[str, Any]) -> None:
    framed = b"\x00\x00\x00\x00\x07" + bytes.fromhex(row["hex"])
    assert SchemaId("PROTOBUF", 7, None, row["message_indexes"]).id_to_bytes() == framed
    found = SchemaId("PROTOBUF")
    assert found.from_bytes(io.BytesIO(framed)).read() == b""
    assert found.message_indexes == row["message_indexes"]


@rows(*BAD_INDEXES)
def test_bad_indexes_are_refused(row: dict[str, Any]) -> None:
    framed = b"\x00\x00\x00\x00\x07" + bytes.fromhex(row["hex"])
    with pytest.raises(WireFormatError) as caught:
        SchemaId("PROTOBUF").from_bytes(io.BytesIO(framed))
    assert caught.value.schema_id == 7


@rows(*BAD)
def test_a_bad_message_is_refused_by_a_deserializer(row: dict[str, Any]) -> None:
    """The registry of this test has no schema at all, so that a good frame has an unknown id."""
    data = bytes.fromhex(row["hex"])
    if row.get("error") == "io.EOF":  # its indexes are missing, which Avro has not
        with pytest.raises(WireFormatError):
            SchemaId("PROTOBUF").from_bytes(io.BytesIO(data))
        return
    if row.get("error") == "ErrNotRegistered":
        assert wire.decode(data).schema_id == 99
        return
    client = Store().client(Kit(ACCORD, None))
    with pytest.raises(SerializationError, match=r"^Invalid magic byte|^Message is too short"):
        AvroDeserializer(client)(data, SerializationContext("topic", "value"))


@rows("message")
def test_an_avro_message_is_written_and_read_whole(row: dict[str, Any]) -> None:
    if "schema" not in row:
        assert "payload_utf8" in row  # JSON, which is the payload of any format there
        return
    client, ctx = Store().client(Kit(ACCORD, None)), SerializationContext("topic", "value")
    data, value = bytes.fromhex(row["hex"]), bytes.fromhex(row["value_hex"])
    assert AvroSerializer(client, row["schema"])(value, ctx) == data
    assert AvroDeserializer(client)(data, ctx) == value


def test_an_identity_says_what_it_lacks() -> None:
    guid = uuid.UUID(int=7)
    with pytest.raises(SerializationError, match="Schema ID is not set"):
        SchemaId("AVRO", guid=str(guid)).id_to_bytes()
    with pytest.raises(SerializationError, match="Schema GUID is not set"):
        SchemaId("AVRO", 7).guid_to_bytes()
    assert SchemaId("AVRO", 7, str(guid)).guid_to_bytes() == b"\x01" + guid.bytes
