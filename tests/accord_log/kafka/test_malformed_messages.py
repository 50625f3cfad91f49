"""Whatever bytes come, there is a message or a ProtocolError, and what is allocated is bounded."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kafka_messages import SPOKEN, full_message, spoken_id

from accord_log.kafka.codec import decode, encode
from accord_log.kafka.errors import ProtocolError
from accord_log.kafka.messages.delete_groups import DeleteGroupsRequest
from accord_log.kafka.messages.find_coordinator import FindCoordinatorRequest
from accord_log.kafka.messages.heartbeat import HeartbeatRequest
from accord_log.kafka.messages.leave_group import LeaveGroupRequest
from accord_log.kafka.messages.list_transactions import ListTransactionsRequest
from accord_log.kafka.messages.offset_commit import OffsetCommitRequest
from accord_log.kafka.messages.produce import ProduceRequest, ProduceResponse
from accord_log.kafka.primitives import MAX_ELEMENTS, varint

if TYPE_CHECKING:
    from accord_log.kafka.fields import Message

every_message = pytest.mark.parametrize(("cls", "version"), SPOKEN, ids=spoken_id)
# Lengths at their limits, and what no text may have.
BYTES = (0x00, 0x01, 0x02, 0x7F, 0x80, 0xC0, 0xFE, 0xFF)
MEGABYTE = 1 << 20


@every_message
def test_a_message_that_tells_everything_is_read_as_it_was_written(
    cls: type[Message], version: int
) -> None:
    message = full_message(cls, version)
    assert decode(cls, encode(message, version), version) == message


@every_message
def test_no_prefix_is_a_message(cls: type[Message], version: int) -> None:
    data = encode(full_message(cls, version), version)
    for size in range(len(data)):
        with pytest.raises(ProtocolError):
            decode(cls, data[:size], version)


@every_message
def test_bytes_may_be_left_over_behind_requests_only(cls: type[Message], version: int) -> None:
    message = full_message(cls, version)
    data = encode(message, version) + b"\0"
    if hasattr(cls, "response"):
        assert decode(cls, data, version) == message
        return
    with pytest.raises(ProtocolError, match="left over"):
        decode(cls, data, version)


@every_message
def test_a_changed_byte_gives_a_message_or_a_protocol_error(
    cls: type[Message], version: int
) -> None:
    """What can be read can be written in the same version."""
    data = encode(full_message(cls, version), version)
    for position in range(len(data)):
        changed = bytearray(data)
        for changed[position] in BYTES:
            try:
                message = decode(cls, changed, version)
            except ProtocolError:
                continue
            encode(message, version)


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(SPOKEN), st.data())
def test_any_bytes_give_a_message_or_a_protocol_error(
    spoken: tuple[type[Message], int], data: st.DataObject
) -> None:
    cls, version = spoken
    whole = encode(full_message(cls, version), version)
    cut = data.draw(st.integers(0, len(whole)))
    try:
        message = decode(cls, whole[:cut] + data.draw(st.binary(max_size=300)), version)
    except ProtocolError:
        return
    encode(message, version)


@pytest.mark.parametrize(
    ("cls", "version", "data"),
    [
        pytest.param(DeleteGroupsRequest, 1, "7f ff ff ff 00 01 67", id="of strings"),
        pytest.param(DeleteGroupsRequest, 2, "ff ff ff ff 0f 02 67 00", id="compact"),
        pytest.param(ListTransactionsRequest, 0, "01 ff ff ff ff 07 00", id="of numbers"),
        pytest.param(ProduceRequest, 3, "ff ff 00 01 00 00 00 00 40 00 00 00", id="of structures"),
    ],
)
def test_nothing_is_allocated_for_elements_that_are_not_there(
    cls: type[Message], version: int, data: str
) -> None:
    frame = bytes.fromhex(data) + bytes(MEGABYTE)
    with pytest.raises(ProtocolError):
        decode(cls, b"", version)  # whatever is compiled is compiled
    tracemalloc.start()
    try:
        with pytest.raises(ProtocolError, match="more elements than can be"):
            decode(cls, frame, version)
        assert tracemalloc.get_traced_memory()[1] < MEGABYTE
    finally:
        tracemalloc.stop()


def test_a_message_has_as_many_elements_as_the_limit() -> None:
    keys = ["k"] * MAX_ELEMENTS
    data = encode(FindCoordinatorRequest(coordinator_keys=keys), 4)
    assert decode(FindCoordinatorRequest, data, 4).coordinator_keys == keys


def test_a_message_has_no_more_elements_than_the_limit() -> None:
    keys = ["k"] * (MAX_ELEMENTS + 1)
    data = encode(FindCoordinatorRequest(coordinator_keys=keys), 4)
    with pytest.raises(ProtocolError, match="more elements than can be"):
        decode(FindCoordinatorRequest, data, 4)


def test_arrays_within_arrays_count_together() -> None:
    topic = b"\x01" + varint(1001) + bytes(18 * 1000) + b"\0"
    topics = MAX_ELEMENTS // 1001 + 1
    head = bytes.fromhex("02 67 00 00 00 01 02 6d 00")
    frame = head + varint(topics + 1) + topic * topics + b"\0"
    with pytest.raises(ProtocolError, match="partitions has more elements than can be"):
        decode(OffsetCommitRequest, frame, 9)


@pytest.mark.parametrize("more", [0, 1])
def test_unknown_tagged_fields_count_too(more: int) -> None:
    frame = bytes.fromhex("02 67 00 00 00 01 02 6d 00") + unknown_tags(MAX_ELEMENTS + more)
    if more:
        with pytest.raises(ProtocolError, match="too many"):
            decode(HeartbeatRequest, frame, 4)
    else:
        assert decode(HeartbeatRequest, frame, 4).group_id == "g"


@pytest.mark.parametrize("last", ["00", "01 05 00"])
def test_tagged_fields_and_elements_count_together(last: str) -> None:
    """Here a member, its tagged fields, and one of the message."""
    member = bytes.fromhex("02 67 02 02 6d 00") + unknown_tags(MAX_ELEMENTS - 1)
    if last == "00":
        decode(LeaveGroupRequest, member + bytes.fromhex(last), 4)
    else:
        with pytest.raises(ProtocolError, match="too many"):
            decode(LeaveGroupRequest, member + bytes.fromhex(last), 4)


def test_tagged_fields_count_where_some_are_known() -> None:
    answer = bytes.fromhex("02 02 74 02") + bytes(4 + 2 + 8 + 8 + 8) + b"\x01\x00"
    end = b"\x00" + bytes(4)
    full = answer + unknown_tags(MAX_ELEMENTS - 2) + end
    assert decode(ProduceResponse, full + b"\0", 10).responses[0].name == "t"
    with pytest.raises(ProtocolError, match="too many"):
        decode(ProduceResponse, full + bytes.fromhex("01 05 00"), 10)


def unknown_tags(count: int) -> bytes:
    return varint(count) + b"\x09\x00" * count
