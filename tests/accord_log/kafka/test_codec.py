"""The notation's every form, in a message of the test's own."""
# ruff: noqa: RUF009 - `wire` declares a field

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from accord_log.kafka.codec import decode, encode, encoder
from accord_log.kafka.errors import ProtocolError
from accord_log.kafka.fields import (
    BOOL,
    BYTES,
    INT8,
    INT16,
    INT32,
    RECORDS,
    STRING,
    UUID,
    Buffer,
    Message,
    array,
    message,
    wire,
)
from accord_log.kafka.messages.fetch import (
    FetchableTopicResponse,
    FetchResponse,
    LeaderIdAndEpoch,
    PartitionData,
)
from accord_log.kafka.messages.heartbeat import HeartbeatRequest
from accord_log.kafka.messages.leave_group import LeaveGroupRequest
from accord_log.kafka.messages.produce import (
    PartitionProduceData,
    ProduceRequest,
    TopicProduceData,
)
from accord_log.kafka.primitives import VARINTS


@dataclass(slots=True)
class Point:
    x: int = wire(INT8)
    y: int = wire(INT8)
    name: str | None = wire(STRING, since=1, until=2, null=2, default="origin", tag=3)


@message(key=999, versions=(0, 2), flexible=1)
@dataclass(slots=True)
class Sample(Message):
    ids: list[bytes] = wire(array(UUID))
    flags: list[bool] = wire(array(BOOL))
    payloads: list[Buffer] = wire(array(BYTES))
    middle: Point = wire(Point)
    texts: list[str] | None = wire(array(STRING), until=1, null=1)
    numbers: list[int] | None = wire(array(INT16), since=1, null=1, tag=1, default=None)
    corner: Point | None = wire(Point, since=1, tag=0)


ID = bytes(range(16))
SAMPLE = Sample(
    ids=[ID],
    flags=[True, False],
    payloads=[b"\x07", b""],
    middle=Point(1, 2),
    texts=["a"],
    numbers=[3],
    corner=Point(4, 5, "c"),
)
TAGS = "02 00 07 0405 01 03 02 0263 01 03 02 0003"
# A version, what SAMPLE is in it, and what is read from that.
FORMS: list[tuple[int, str, Sample]] = [
    (
        0,
        f"00000001 {ID.hex()} 00000002 0100 00000002 00000001 07 00000000 0102 00000001 0001 61",
        Sample([ID], [True, False], [b"\x07", b""], Point(1, 2), ["a"]),
    ),
    (
        1,
        f"02 {ID.hex()} 03 0100 03 0207 01 0102 00 02 0261 {TAGS}",
        SAMPLE,
    ),
    (
        2,
        f"02 {ID.hex()} 03 0100 03 0207 01 0102 00 {TAGS}",
        Sample([ID], [True, False], [b"\x07", b""], Point(1, 2), [], [3], Point(4, 5, "c")),
    ),
]
HEARTBEAT = HeartbeatRequest(group_id="g", generation_id=1, member_id="m")
HEARTBEAT_4 = "02 67 00 00 00 01 02 6d 00"


@pytest.mark.parametrize(("version", "data", "_read"), FORMS)
def test_fields_that_a_version_lacks_are_left_out(version: int, data: str, _read: Sample) -> None:
    assert encode(SAMPLE, version) == bytes.fromhex(data)


@pytest.mark.parametrize(("version", "data", "read"), FORMS)
def test_fields_that_a_version_lacks_have_their_defaults(
    version: int, data: str, read: Sample
) -> None:
    assert decode(Sample, bytes.fromhex(data), version) == read


def test_lists_are_not_shared() -> None:
    data = encode(Sample(middle=Point()), 2)
    first, second = decode(Sample, data, 2), decode(Sample, data, 2)
    first.texts.append("mine")
    assert second.texts == []


@pytest.mark.parametrize("version", [-1, 3])
def test_no_other_versions_are_read_or_written(version: int) -> None:
    with pytest.raises(ValueError, match=f"Sample has no version {version}"):
        encode(SAMPLE, version)
    with pytest.raises(ValueError, match=f"Sample has no version {version}"):
        decode(Sample, b"", version)


def sample(**changed: Any) -> Sample:
    return Sample(**{"middle": Point(), **changed})


@pytest.mark.parametrize(
    ("version", "wrong", "text"),
    [
        (0, sample(ids=None), "Sample 0: ids may not be null"),
        (1, sample(ids=None), "Sample 1: ids may not be null"),
        (0, sample(texts=None), "texts may not be null"),
        (1, sample(texts=[None]), "an element may not be null"),
        (1, sample(middle=Point(name=None)), "name may not be null"),
        (0, sample(middle=Point(x=None)), "Sample 0: required argument is not an integer"),  # type: ignore[arg-type]  # wrong on purpose
        (0, sample(middle=Point(x=128)), "Sample 0: byte format requires -128 <= number <= 127"),
        (0, sample(texts=["x" * 0x8000]), "Sample 0: 'h' format requires"),
        (1, sample(texts=["\ud800"]), "surrogates not allowed"),
    ],
)
def test_what_a_version_cannot_say_is_a_value_error(version: int, wrong: Sample, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        encode(wrong, version)


def test_null_is_written_where_it_may_be() -> None:
    data = encode(sample(texts=None, numbers=None), 1)
    assert data == bytes.fromhex("01 01 01 0000 00 00 00")
    assert decode(Sample, data, 1).texts is None


@pytest.mark.parametrize(
    ("cls", "version", "data", "text"),
    [
        (HeartbeatRequest, 4, "00", "group_id may not be null"),
        (HeartbeatRequest, 0, "ff ff", "group_id may not be null"),
        (HeartbeatRequest, 0, "80 00", "group_id may not be null"),
        (HeartbeatRequest, 0, "00 02 67", "group_id goes beyond the end"),
        (HeartbeatRequest, 4, "04 67 67", "group_id goes beyond the end"),
        (HeartbeatRequest, 4, "02 ff 00", "can't decode byte 0xff"),
        (HeartbeatRequest, 4, "04 ed a0 80 00", "can't decode byte 0xed"),
        (HeartbeatRequest, 3, "00 00 00 00 00 00 00 00 ff fe", "group_instance_id is negative"),
        (HeartbeatRequest, 4, "ff ff ff ff ff 01", "a varint has more than five bytes"),
        (HeartbeatRequest, 4, HEARTBEAT_4 + "01 63", "index out of range"),
        (HeartbeatRequest, 4, HEARTBEAT_4 + "01 63 02 00", "tagged field 99 of 2 bytes"),
        (LeaveGroupRequest, 3, "00 01 67 00 00 00 03" + "00" * 11, "members has more elements"),
        (LeaveGroupRequest, 4, "02 67 04" + "01" * 8, "members has more elements"),
        (Sample, 0, "00 00 00 00 ff ff ff ff", "flags may not be null"),
        (Sample, 1, "01 01 01 0000 01 03 03 02 61 62", "name does not fill its size"),
        (Sample, 1, "01 01 01 0000 01 03 01 02 61", "name does not fill its size"),
        (Sample, 1, "01 01 01 0000 01 03 01 00", "name may not be null"),
        (Sample, 1, "01 01 01 0000 ff ff ff ff 07", "too many tagged fields"),
    ],
)
def test_malformed_bytes_are_a_protocol_error(
    cls: type[Message], version: int, data: str, text: str
) -> None:
    with pytest.raises(ProtocolError, match=text):
        decode(cls, bytes.fromhex(data), version)


@pytest.mark.parametrize(
    "tags",
    [
        pytest.param("01 63 00", id="empty"),
        pytest.param("02 00 02 ff ff 63 01 00", id="two"),
        pytest.param("01 ff ff ff ff 0f 01 00", id="the largest tag"),
        pytest.param("80 01" + "05 00" * 128, id="more than 127"),
        pytest.param("01 05 80 01" + "00" * 128, id="a long one"),
        pytest.param("80 00", id="none, in a varint of two bytes"),
    ],
)
def test_unknown_tagged_fields_are_skipped(tags: str) -> None:
    assert decode(HeartbeatRequest, bytes.fromhex(HEARTBEAT_4 + tags), 4) == HEARTBEAT


@pytest.mark.parametrize(
    ("tags", "name"),
    [
        pytest.param("00", "origin", id="absent"),
        pytest.param("02 01 01 ff 03 02 02 61", "a", id="behind an unknown one"),
        pytest.param("02 03 02 02 61 03 02 02 62", "b", id="twice, where the last one stands"),
        pytest.param("80 01" + "05 00" * 127 + "03 02 02 61", "a", id="behind more than 127"),
        pytest.param("01 03 01 00", None, id="null"),
    ],
)
def test_known_tagged_fields_are_read_wherever_they_stand(tags: str, name: str | None) -> None:
    data = bytes.fromhex(f"01 01 01 0000 {tags} 00")
    assert decode(Sample, data, 2).middle.name == name


def test_a_tagged_structure_is_not_written_when_it_says_nothing() -> None:
    """Apache Kafka leaves out what is as it is when it is absent."""
    told, untold = (
        FetchResponse(
            responses=[
                FetchableTopicResponse("t", partitions=[PartitionData(current_leader=leader)])
            ]
        )
        for leader in (LeaderIdAndEpoch(), None)
    )
    assert encode(told, 12) == encode(untold, 12)


def produce(records: Buffer) -> ProduceRequest:
    return ProduceRequest(topic_data=[TopicProduceData("t", [PartitionProduceData(0, records)])])


@pytest.mark.parametrize("version", [3, 9])
def test_records_are_not_copied_when_they_are_read(version: int) -> None:
    frame = bytearray(encode(produce(b"records"), version))
    records = decode(ProduceRequest, frame, version).topic_data[0].partition_data[0].records
    assert isinstance(records, memoryview)
    assert records.obj is frame
    assert records == b"records"


@pytest.mark.parametrize("version", [3, 9])
def test_records_are_handed_over_as_they_are(version: int) -> None:
    """Only the joining of the parts copies them."""
    records = memoryview(bytearray(b"records"))
    parts: list[Buffer] = []
    encoder(ProduceRequest, version)(produce(records), parts.append)
    assert [part for part in parts if part is records] == [records]


@pytest.mark.parametrize(
    "length", [0, 126, 127, 128, len(VARINTS) - 2, len(VARINTS) - 1, 1 << 14, (1 << 21) - 1]
)
def test_lengths_have_as_many_bytes_as_they_need(length: int) -> None:
    request = produce(bytes(length))
    data = encode(request, 9)
    size = max(1, -(-(length + 1).bit_length() // 7))
    assert len(data) == len(encode(produce(b""), 9)) - 1 + size + length
    assert decode(ProduceRequest, data, 9) == request


def test_numbers_use_all_their_bits() -> None:
    @message(key=998, versions=(0, 0))
    @dataclass(slots=True)
    class Numbers(Message):
        small: int = wire(INT8)
        large: int = wire(INT32)
        many: list[int] = wire(array(INT32))
        records: Buffer | None = wire(RECORDS, null=0)

    numbers = Numbers(-128, 2**31 - 1, [-(2**31), -1])
    data = encode(numbers, 0)
    assert data.hex() == "807fffffff0000000280000000ffffffffffffffff"
    assert decode(Numbers, data, 0) == numbers
