from __future__ import annotations

import uuid

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from hypothesis import given
from hypothesis import strategies as st

from accord_log.kafka.records import Record
from registry.pairing.frames import claim_of, claims_of, guid_of, message_name, split_path

GUID = uuid.UUID("095d71cf-1255-6b9d-5e33-0ad575b3df5d")


def record(value: bytes | None, *headers: tuple[str, bytes | None]) -> Record:
    return Record(0, 0, None, value, headers)


def test_a_payload_names_an_id() -> None:
    (claim,) = claims_of(record(b"\0\0\0\1\2rest"), "value")
    assert (claim.identity, claim.rest) == (b"\0\0\0\1\2", b"rest")
    assert claim.is_whole
    assert str(claim) == "schema 258"


def test_a_payload_may_name_a_guid() -> None:
    (claim,) = claims_of(record(b"\1" + GUID.bytes + b"rest"), "value")
    assert guid_of(claim.identity) == str(GUID)
    assert str(claim) == f"schema {GUID}"
    assert claim.rest == b"rest"


def test_headers_win_over_the_payload() -> None:
    named = (("other", b"x"), ("__value_schema_id", b"\1" + GUID.bytes))
    (claim,) = claims_of(record(b"\0\0\0\1\2", *named), "value")
    assert claim.identity == b"\1" + GUID.bytes


def test_the_header_of_the_key_is_another() -> None:
    whole = Record(0, 0, b"\0\0\0\0\7", b"", (("__value_schema_id", b"\1" + GUID.bytes),))
    (claim,) = claims_of(whole, "key")
    assert str(claim) == "schema 7"


def test_all_headers_of_the_name_count() -> None:
    named = [("__value_schema_id", b"\0\0\0\0\1"), ("__value_schema_id", None)]
    first, second = claims_of(record(b"", *named), "value")
    assert first.is_whole
    assert not second.is_whole


@pytest.mark.parametrize(
    "payload", [b"", b"\0", b"\0\0\0\1", b"\1" + GUID.bytes[:15], b"\2abcd", b"{}"]
)
def test_what_is_cut_short_or_begins_otherwise_names_nothing(payload: bytes) -> None:
    assert not claim_of(payload).is_whole


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("00", (0,)),
        ("0202", (1,)),
        ("0204", (2,)),
        ("040000", (0, 0)),
        ("040200", (1, 0)),
        ("028002", (128,)),
    ],
)
def test_a_path_to_a_message(written: str, path: tuple[int, ...]) -> None:
    assert split_path(bytes.fromhex(written) + b"rest") == (path, b"rest")


@pytest.mark.parametrize(
    "written", ["", "02", "01", "0201", "82", "8080808080", "8202" + "00" * 200]
)
def test_no_path(written: str) -> None:
    """Cut short, negative, without an end, deeper than anything."""
    assert split_path(bytes.fromhex(written)) is None


@given(st.binary(max_size=40))
def test_any_bytes_are_a_claim_and_a_path_or_none(payload: bytes) -> None:
    claim = claim_of(payload)
    assert claim.identity + claim.rest == payload or not claim.is_whole
    found = split_path(payload)
    assert found is None or payload.endswith(found[1])


def test_names_follow_the_path() -> None:
    file = FileDescriptorProto(package="p")
    file.message_type.add(name="A")
    outer = file.message_type.add(name="B")
    outer.nested_type.add(name="C")
    assert message_name(file, (0,)) == "p.A"
    assert message_name(file, (1, 0)) == "p.B.C"
    assert message_name(file, (2,)) is None
    assert message_name(file, (1, 1)) is None
