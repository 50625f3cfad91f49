from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kafka_messages import SPOKEN, full_message, spoken_id

from accord_log.kafka.codec import encode
from accord_log.kafka.errors import ProtocolError
from accord_log.kafka.frame import (
    RequestHeader,
    UnsupportedVersion,
    read_request,
    read_response,
    write_request,
    write_response,
)
from accord_log.kafka.messages import REQUESTS
from accord_log.kafka.messages.api_versions import (
    ApiVersion,
    ApiVersionsRequest,
    ApiVersionsResponse,
)
from accord_log.kafka.messages.heartbeat import HeartbeatRequest, HeartbeatResponse
from accord_log.kafka.messages.list_groups import ListGroupsRequest
from accord_log.kafka.messages.sasl_handshake import SaslHandshakeRequest

if TYPE_CHECKING:
    from accord_log.kafka.fields import Message

SPOKEN_REQUESTS = [(cls, version) for cls, version in SPOKEN if REQUESTS[cls.api_key] is cls]
every_request = pytest.mark.parametrize(("cls", "version"), SPOKEN_REQUESTS, ids=spoken_id)

HEADER = "00000007 0002 6d65"
# A header, its request, and the frame.
REQUEST_FRAMES: list[tuple[RequestHeader, Message, str]] = [
    (RequestHeader(16, 0, 7, "me"), ListGroupsRequest(), f"0000000c 0010 0000 {HEADER}"),
    (RequestHeader(16, 3, 7, "me"), ListGroupsRequest(), f"0000000e 0010 0003 {HEADER} 00 00"),
    (RequestHeader(16, 0, -1), ListGroupsRequest(), "0000000a 0010 0000 ffffffff ffff"),
    (RequestHeader(16, 0, 0, ""), ListGroupsRequest(), "0000000a 0010 0000 00000000 0000"),
    (
        RequestHeader(17, 1, 7, "é"),
        SaslHandshakeRequest("PLAIN"),
        "00000013 0011 0001 00000007 0002 c3a9 0005 504c41494e",
    ),
]
# A header, the response, and its frame.
RESPONSE_FRAMES: list[tuple[RequestHeader, Message, str]] = [
    (RequestHeader(12, 3, 7), HeartbeatResponse(0, 25), "0000000a 00000007 00000000 0019"),
    (RequestHeader(12, 4, 7), HeartbeatResponse(0, 25), "0000000c 00000007 00 00000000 0019 00"),
    (
        RequestHeader(18, 0, 7),
        ApiVersionsResponse(35, [ApiVersion(18, 0, 4)]),
        "00000010 00000007 0023 00000001 0012 0000 0004",
    ),
    (
        RequestHeader(18, 3, 7),
        ApiVersionsResponse(),
        "0000000c 00000007 0000 01 00000000 00",
    ),
]


def of(text: str) -> bytes:
    return bytes.fromhex(text)


@pytest.mark.parametrize(("header", "request_", "frame"), REQUEST_FRAMES)
def test_a_request_is_framed(header: RequestHeader, request_: Message, frame: str) -> None:
    assert write_request(header, request_) == of(frame)
    assert read_request(of(frame)[4:]) == (header, request_)


@pytest.mark.parametrize(("header", "response", "frame"), RESPONSE_FRAMES)
def test_a_response_is_framed(header: RequestHeader, response: Message, frame: str) -> None:
    """ApiVersions' has no tag buffer in its header."""
    assert write_response(header, response) == of(frame)
    request = REQUESTS[header.api_key]
    assert read_response(request, header.api_version, of(frame)[4:]) == (7, response)


@every_request
def test_requests_and_responses_survive_the_round_trip(cls: type[Message], version: int) -> None:
    header = RequestHeader(cls.api_key, version, 2**31 - 1, "né")
    request, response = full_message(cls, version), full_message(cls.response, version)
    assert read_request(memoryview(write_request(header, request))[4:]) == (header, request)
    frame = memoryview(write_response(header, response))[4:]
    assert read_response(cls, version, frame) == (2**31 - 1, response)


def test_tagged_fields_of_headers_are_skipped() -> None:
    tags = "02 00 01 ff 85 01 00"
    assert read_request(of(f"0010 0003 {HEADER} {tags} 00")) == (
        RequestHeader(16, 3, 7, "me"),
        ListGroupsRequest(),
    )
    assert read_response(HeartbeatRequest, 4, of(f"00000007 {tags} 00000000 0019 00")) == (
        7,
        HeartbeatResponse(0, 25),
    )


@pytest.mark.parametrize(
    ("frame", "text"),
    [
        ("", "a request ends within its header"),
        ("0010 0000 000000", "a request ends within its header"),
        ("0010 0000 00000007", "client id"),
        ("0010 0000 00000007 00", "client id"),
        ("0010 0000 00000007 0001", "a client id of 1 bytes"),
        ("0010 0000 00000007 fffe", "a client id of -2 bytes"),
        ("0010 0000 00000007 0001 ff", "client id: .* can't decode"),
        ("0010 0003 00000007 ffff", "a message ends within its header"),
        ("0010 0003 00000007 ffff 01", "a message ends within its header"),
        ("0010 0003 00000007 ffff 01 05 01", "goes beyond the end"),
        ("0010 0003 00000007 ffff ffffffff07", "too many"),
        ("0010 0003 00000007 ffff ffffffffffff", "more than five bytes"),
    ],
)
def test_a_malformed_request_is_a_protocol_error(frame: str, text: str) -> None:
    with pytest.raises(ProtocolError, match=text) as caught:
        read_request(of(frame))
    assert not isinstance(caught.value, UnsupportedVersion)


@pytest.mark.parametrize("frame", ["", "000000", "00000007", "00000007 01", "00000007 00 00"])
def test_a_malformed_response_is_a_protocol_error(frame: str) -> None:
    with pytest.raises(ProtocolError):
        read_response(HeartbeatRequest, 4, of(frame))


@pytest.mark.parametrize(
    ("frame", "header"),
    [
        pytest.param("0012 0005", RequestHeader(18, 5, 7, "me"), id="too new"),
        pytest.param("0012 ffff", RequestHeader(18, -1, 7, "me"), id="below zero"),
        pytest.param("0000 0002", RequestHeader(0, 2, 7, "me"), id="too old"),
        pytest.param("7fff 0000", RequestHeader(0x7FFF, 0, 7, "me"), id="an unknown API"),
    ],
)
def test_what_is_not_spoken_is_told_with_its_header(frame: str, header: RequestHeader) -> None:
    with pytest.raises(UnsupportedVersion) as caught:
        read_request(of(f"{frame} {HEADER} 00 01 02"))
    assert caught.value.header == header
    assert str(caught.value) == f"version {header.api_version} of API key {header.api_key}"


@pytest.mark.parametrize("client_id", ["", "00", "0005 6d65", "0001 ff", "ffff"])
def test_what_is_not_spoken_may_have_no_client_id(client_id: str) -> None:
    with pytest.raises(UnsupportedVersion) as caught:
        read_request(of(f"0012 0063 00000007 {client_id}"))
    assert caught.value.header == RequestHeader(18, 99, 7, None)


def test_who_asks_for_api_versions_too_new_is_answered_in_version_0() -> None:
    with pytest.raises(UnsupportedVersion) as caught:
        read_request(of(f"0012 0005 {HEADER} 00 0261 0261 00"))
    header = caught.value.header
    header.api_version = 0
    answer = ApiVersionsResponse(35, [ApiVersion(18, 0, 4)])
    assert write_response(header, answer) == of("00000010 00000007 0023 00000001 0012 0000 0004")
    assert read_response(ApiVersionsRequest, 0, write_response(header, answer)[4:]) == (7, answer)


@every_request
def test_no_prefix_of_a_request_is_one(cls: type[Message], version: int) -> None:
    header = RequestHeader(cls.api_key, version, 7, "me")
    frame = write_request(header, full_message(cls, version))[4:]
    for size in range(len(frame)):
        with pytest.raises(ProtocolError):
            read_request(frame[:size])


@settings(max_examples=1000, deadline=None)
@given(
    st.sampled_from(SPOKEN_REQUESTS),
    st.lists(st.tuples(st.integers(0, 2**16), st.binary(min_size=1, max_size=4)), max_size=6),
    st.booleans(),
)
def test_a_mutated_request_is_one_or_a_protocol_error(
    spoken: tuple[type[Message], int], changes: list[tuple[int, bytes]], inserted: bool
) -> None:
    cls, version = spoken
    header = RequestHeader(cls.api_key, version, 7, "me")
    frame = bytearray(write_request(header, full_message(cls, version))[4:])
    for place, content in changes:
        start = place % len(frame)
        frame[start : start + (0 if inserted else len(content))] = content
    try:
        header, request = read_request(frame)
    except ProtocolError:
        return
    assert type(request) is REQUESTS[header.api_key]
    encode(request, header.api_version)


@settings(max_examples=1000, deadline=None)
@given(st.binary(max_size=100))
def test_any_bytes_are_a_request_or_a_protocol_error(frame: bytes) -> None:
    try:
        header, request = read_request(frame)
    except ProtocolError:
        return
    assert type(request) is REQUESTS[header.api_key]


def test_a_header_that_cannot_be_written_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="ListGroupsRequest has no version 9"):
        write_request(RequestHeader(16, 9, 7), ListGroupsRequest())
    with pytest.raises(ValueError, match="ApiVersionsResponse has no version 99"):
        write_response(RequestHeader(18, 99, 7), ApiVersionsResponse())
