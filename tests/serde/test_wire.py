from __future__ import annotations

import json
import os
import uuid
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord_serde import wire

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "vectors" / "wire.json").read_text()
)
PEER_FOLDER = os.environ.get("ACCORD_PEER_VECTORS")
PEER_FILE = Path(PEER_FOLDER or ".") / "target" / "wire.jsonl"
PEER_ROWS: list[dict[str, Any]] = (
    [json.loads(line) for line in PEER_FILE.read_text().splitlines()] if PEER_FOLDER else []
)

PATHS = st.lists(st.integers(0, wire.MAX_INDEX), min_size=1, max_size=wire.MAX_DEPTH).map(tuple)


def written(row: dict[str, Any]) -> bytes:
    """Write the header a row of vectors describes."""
    if "guid" in row:
        return wire.encode_guid(uuid.UUID(row["guid"]), row.get("message_indexes"))
    return wire.encode_id(row["schema_id"], row.get("message_indexes"))


def assert_read(row: dict[str, Any], data: bytes, payload: bytes) -> None:
    indexes = row.get("message_indexes")
    header = wire.decode(data, indexed=indexes is not None)
    assert header.schema_id == row.get("schema_id")
    assert header.guid == (uuid.UUID(row["guid"]) if "guid" in row else None)
    assert header.message_indexes == (None if indexes is None else tuple(indexes))
    assert data[header.size :] == payload


@pytest.mark.parametrize("row", VECTORS, ids=lambda row: row["description"])
def test_a_header_is_read_and_written_as_the_vector_has_it(row: dict[str, Any]) -> None:
    data, payload = bytes.fromhex(row["hex"]), bytes.fromhex(row.get("payload", ""))
    assert written(row) + payload == data
    assert_read(row, data, payload)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_buffer_can_be_read(kind: type[bytes]) -> None:
    assert wire.decode(kind(b"\x00\x00\x00\x00\x07\x02\x02"), indexed=True) == (7, None, (1,), 7)


@given(st.integers(0, wire.MAX_SCHEMA_ID), PATHS, st.binary())
def test_ids_and_paths_survive_the_round_trip(
    schema_id: int, path: tuple[int, ...], payload: bytes
) -> None:
    data = wire.encode_id(schema_id, path) + payload
    header = wire.decode(data, indexed=True)
    assert header[:3] == (schema_id, None, path)
    assert data[header.size :] == payload


@given(st.uuids(), PATHS, st.binary())
def test_guids_and_paths_survive_the_round_trip(
    guid: uuid.UUID, path: tuple[int, ...], payload: bytes
) -> None:
    data = wire.encode_guid(guid, path) + payload
    header = wire.decode(data, indexed=True)
    assert header[:3] == (None, guid, path)
    assert data[header.size :] == payload


@given(PATHS)
def test_paths_survive_the_round_trip_of_the_deprecated_encoding(path: tuple[int, ...]) -> None:
    data = wire.encode_indexes(path, zigzag=False)
    assert wire.decode_indexes(data, zigzag=False) == (path, len(data))


GARBAGE = st.binary(max_size=40) | st.builds(
    lambda start, rest: start + rest,
    st.sampled_from([b"\x00\x00\x00\x00\x01", b"\x01" + bytes(16)]),
    st.binary(max_size=40),
)


@given(GARBAGE, st.booleans())
def test_garbage_gives_a_header_or_a_wire_error(data: bytes, indexed: bool) -> None:
    try:
        read = str(wire.decode(data, indexed=indexed).size)
    except wire.WireError as error:
        read = str(error)
    assert read


@given(st.integers(0, wire.MAX_SCHEMA_ID), PATHS)
def test_every_cut_through_a_header_is_a_short_header(
    schema_id: int, path: tuple[int, ...]
) -> None:
    data = wire.encode_id(schema_id, path)
    for size in range(len(data)):
        with pytest.raises(wire.ShortHeaderError) as caught:
            wire.decode(data[:size], indexed=True)
        assert caught.value.available == size < caught.value.needed


def test_an_id_above_the_signed_range_is_read() -> None:
    assert wire.decode(b"\x00\xff\xff\xff\xff").schema_id == 2**32 - 1


@pytest.mark.parametrize("schema_id", [-1, 2**31, 2**32 - 1, 2**32])
def test_an_id_that_others_read_as_negative_is_not_written(schema_id: int) -> None:
    with pytest.raises(wire.SchemaIdError) as caught:
        wire.encode_id(schema_id)
    assert caught.value.schema_id == schema_id
    assert str(caught.value) == f"schema id {schema_id} is not in 0..2147483647"


@pytest.mark.parametrize(
    "path", [(), (-1,), (0, -1), (wire.MAX_INDEX + 1,), (0,) * (wire.MAX_DEPTH + 1)]
)
def test_a_path_out_of_range_is_not_written(path: tuple[int, ...]) -> None:
    with pytest.raises(wire.MessageIndexError):
        wire.encode_indexes(path)


def test_a_wrong_magic_byte_is_named() -> None:
    with pytest.raises(wire.WrongMagicByteError, match=r"^magic byte is 0x7b, not") as caught:
        wire.decode(b'{"json": true}')
    assert caught.value.magic == 0x7B


@pytest.mark.parametrize(
    ("indexes", "what"),
    [
        pytest.param("01", "count", id="negative count"),
        pytest.param("ca01", "count", id="count above the cap"),
        pytest.param("ffffffffffffffffff01", "count", id="count far above the cap"),
        pytest.param("0201", "element", id="negative index"),
        pytest.param("0280808080808080808002", "element", id="index of 65 bits"),
        pytest.param("ffffffffffffffffffff00", "varint", id="endless varint"),
    ],
)
def test_bad_indexes_are_refused_and_the_id_is_still_known(indexes: str, what: str) -> None:
    with pytest.raises(wire.MessageIndexError) as caught:
        wire.decode(bytes.fromhex("000000002a" + indexes), indexed=True)
    assert caught.value.what == what
    assert caught.value.schema_id == 42
    assert str(caught.value) == f"{what} of message indexes is {caught.value.number}"


def test_the_guid_is_known_when_its_indexes_are_cut_off() -> None:
    guid = uuid.UUID(int=7)
    with pytest.raises(wire.ShortHeaderError, match="at least 18 bytes, there are 17") as caught:
        wire.decode(wire.encode_guid(guid), indexed=True)
    assert caught.value.guid == guid


def test_the_caller_may_allow_fewer_indexes() -> None:
    data = wire.encode_indexes((1, 2, 3))
    assert wire.decode_indexes(data, max_count=3) == ((1, 2, 3), 4)
    with pytest.raises(wire.MessageIndexError):
        wire.decode_indexes(data, max_count=2)


def peers(*kinds: str) -> Any:
    """Parametrise over the rows of these kinds, none where the folder is not given."""
    rows = [row for row in PEER_ROWS if row["kind"] in kinds]
    return pytest.mark.parametrize("row", rows, ids=lambda row: row["id"])


@pytest.mark.skipif(not PEER_FOLDER, reason="ACCORD_PEER_VECTORS names no folder")
def test_every_kind_of_peer_row_is_read_by_a_test() -> None:
    assert {row["kind"] for row in PEER_ROWS} <= {
        "header",
        "message",
        "guid_header",
        "message_indexes",
        "invalid_header",
        "invalid_message",
        "invalid_message_indexes",
        "avro_single_object",
    }


@peers("header", "guid_header", "message")
def test_peer_headers_are_read_and_written(row: dict[str, Any]) -> None:
    data = bytes.fromhex(row["hex"])
    payload = bytes.fromhex(row.get("value_hex", "")) or row.get("payload_utf8", "").encode()
    assert written(row) + payload == data
    assert_read(row, data, payload)


@peers("message_indexes")
def test_peer_indexes_are_read_and_written(row: dict[str, Any]) -> None:
    data, path = bytes.fromhex(row["hex"]), tuple(row["message_indexes"])
    assert wire.encode_indexes(path, zigzag=row["zigzag"]) == data
    assert wire.decode_indexes(data, zigzag=row["zigzag"]) == (path, len(data))


@peers("invalid_header", "invalid_message", "avro_single_object")
def test_what_peers_refuse_as_a_header_is_refused(row: dict[str, Any]) -> None:
    data = bytes.fromhex(row["hex"])
    if row.get("error") == "ErrNotRegistered":  # a good header; its id means nothing to the reader
        assert wire.decode(data).schema_id == 99
        return
    with pytest.raises(wire.WireError):
        wire.decode(data, indexed=row["kind"] == "invalid_message")


@peers("invalid_message_indexes")
def test_what_peers_refuse_as_indexes_is_refused(row: dict[str, Any]) -> None:
    with pytest.raises(wire.WireError):
        wire.decode_indexes(bytes.fromhex(row["hex"]), max_count=row["max_length"])
