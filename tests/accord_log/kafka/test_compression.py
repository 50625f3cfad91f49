"""The codecs, beside other clients' and the standard library's."""

from __future__ import annotations

import gzip
import struct
import tracemalloc
from typing import TYPE_CHECKING

import cramjam
import pytest
from aiokafka import codec as aiokafka_codec
from hypothesis import given
from hypothesis import strategies as st
from record_batches import untimed

from accord_log.kafka.compression import (
    LIKELY_RATIO,
    SMALLEST_OUTPUT,
    XERIAL_HEADER,
    Codec,
    compress,
    decompress,
    overflow_text,
)
from accord_log.kafka.errors import ErrorCode, KafkaError

if TYPE_CHECKING:
    from collections.abc import Callable


def streamed_zstd(data: bytes) -> bytes:
    compressor = cramjam.zstd.Compressor()
    compressor.compress(data)
    return bytes(compressor.finish())


def refusal_of(codec: Codec, data: bytes) -> ErrorCode | None:
    try:
        decompress(codec, data, limit=1 << 20)
    except KafkaError as error:
        return error.code
    return None


WRITTEN_BY_OTHERS: dict[str, tuple[Codec, Callable[[bytes], bytes]]] = {
    "gzip, standard library": (Codec.GZIP, gzip.compress),
    "gzip, two members": (
        Codec.GZIP,
        lambda data: gzip.compress(data[:9]) + gzip.compress(data[9:]),
    ),
    "gzip, aiokafka": (Codec.GZIP, aiokafka_codec.gzip_encode),
    "snappy, aiokafka's xerial": (Codec.SNAPPY, aiokafka_codec.snappy_encode),
    "snappy, raw": (Codec.SNAPPY, lambda data: bytes(cramjam.snappy.compress_raw(data))),
    "lz4, aiokafka": (Codec.LZ4, aiokafka_codec.lz4_encode),
    "lz4, linked blocks": (Codec.LZ4, lambda data: bytes(cramjam.lz4.compress(data))),
    "zstd, aiokafka": (Codec.ZSTD, aiokafka_codec.zstd_encode),
    "zstd, without its size": (Codec.ZSTD, streamed_zstd),
}
READ_BY_OTHERS = {
    Codec.GZIP: (gzip.decompress, aiokafka_codec.gzip_decode),
    Codec.SNAPPY: (aiokafka_codec.snappy_decode,),
    Codec.LZ4: (aiokafka_codec.lz4_decode,),
    Codec.ZSTD: (aiokafka_codec.zstd_decode,),
}
COMPRESSING = tuple(codec for codec in Codec if codec is not Codec.NONE)
SAMPLES = (b"", b"a", bytes(range(256)) * 300, bytes(1_000_000), b'{"id": 1, "name": "x"}' * 9000)


@pytest.mark.parametrize("codec", Codec)
@untimed
@given(st.binary(max_size=2000), st.integers(1, 60))
def test_data_come_back(codec: Codec, data: bytes, times: int) -> None:
    assert decompress(codec, compress(codec, data * times)) == data * times


@pytest.mark.parametrize("name", WRITTEN_BY_OTHERS)
@pytest.mark.parametrize("data", SAMPLES, ids=len)
def test_what_others_write_is_read(name: str, data: bytes) -> None:
    codec, write = WRITTEN_BY_OTHERS[name]
    assert decompress(codec, memoryview(write(data))) == data


@pytest.mark.parametrize("codec", COMPRESSING)
@pytest.mark.parametrize("data", SAMPLES, ids=len)
def test_others_read_what_is_written(codec: Codec, data: bytes) -> None:
    for read in READ_BY_OTHERS[codec]:
        assert read(compress(codec, bytearray(data))) == data


def test_snappy_is_framed_as_java_frames_it() -> None:
    written = compress(Codec.SNAPPY, bytes(40_000))
    assert written[:16].hex() == "82534e415050590000000001" + "00000001"
    (length,) = struct.unpack_from(">i", written, 16)
    assert len(cramjam.snappy.decompress_raw(written[20 : 20 + length])) == 32 * 1024


def test_lz4_frames_have_blocks_that_java_can_read() -> None:
    written = compress(Codec.LZ4, bytes(400_000))
    assert written[:4].hex() == "04224d18"
    assert written[4] & 0b0010_0000  # independent blocks


@pytest.mark.parametrize("codec", COMPRESSING)
@pytest.mark.parametrize("data", SAMPLES[2:], ids=len)
def test_the_bound_is_exact(codec: Codec, data: bytes) -> None:
    written = compress(codec, data)
    assert decompress(codec, written, limit=len(data)) == data
    with pytest.raises(KafkaError) as caught:
        decompress(codec, written, limit=len(data) - 1)
    assert caught.value.code == ErrorCode.MESSAGE_TOO_LARGE


@pytest.mark.parametrize("codec", COMPRESSING)
def test_a_bomb_stops_at_the_bound(codec: Codec) -> None:
    bomb = compress(codec, bytes(50_000_000))
    tracemalloc.start()
    with pytest.raises(KafkaError) as caught:
        decompress(codec, bomb, limit=1_000_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert caught.value.code == ErrorCode.MESSAGE_TOO_LARGE
    assert peak < 3_000_000


def test_a_full_output_is_told_from_damage_by_the_librarys_own_words() -> None:
    with pytest.raises(ValueError, match="no bytes"):
        overflow_text(lambda *_: 0, b"")


def test_what_grows_more_than_expected_is_still_read() -> None:
    data = bytes(SMALLEST_OUTPUT * LIKELY_RATIO**2 + 1)
    for codec in COMPRESSING:
        assert decompress(codec, compress(codec, data)) == data


@pytest.mark.parametrize("codec", COMPRESSING)
def test_every_truncation_is_refused(codec: Codec) -> None:
    written = compress(codec, b'{"id": 1, "name": "x"}' * 20)
    whole = {len(XERIAL_HEADER)} if codec is Codec.SNAPPY else set()
    for size in range(1, len(written)):
        if size in whole:
            continue
        with pytest.raises(KafkaError) as caught:
            decompress(codec, written[:size])
        assert caught.value.code == ErrorCode.INVALID_RECORD


@pytest.mark.parametrize("codec", COMPRESSING)
@untimed
@given(st.binary(max_size=100), st.booleans())
def test_noise_is_data_or_refused(codec: Codec, noise: bytes, framed: bool) -> None:
    refusal = refusal_of(codec, (XERIAL_HEADER if framed else b"") + noise)
    assert refusal in {None, ErrorCode.INVALID_RECORD, ErrorCode.MESSAGE_TOO_LARGE}


@pytest.mark.parametrize("codec", COMPRESSING)
@untimed
@given(st.data())
def test_damaged_data_are_data_or_refused(codec: Codec, data: st.DataObject) -> None:
    written = bytearray(compress(codec, bytes(range(256)) * 20))
    for _ in range(data.draw(st.integers(1, 4))):
        written[data.draw(st.integers(0, len(written) - 1))] = data.draw(st.integers(0, 255))
    refusal = refusal_of(codec, bytes(written))
    assert refusal in {None, ErrorCode.INVALID_RECORD, ErrorCode.MESSAGE_TOO_LARGE}


def test_a_snappy_block_that_claims_gigabytes_is_refused_before_there_is_room_for_them() -> None:
    claim = b"\xff\xff\xff\xff\x0f"
    framed = XERIAL_HEADER + struct.pack(">i", len(claim)) + claim
    for data in (claim, framed):
        with pytest.raises(KafkaError) as caught:
            decompress(Codec.SNAPPY, data)
        assert caught.value.code == ErrorCode.MESSAGE_TOO_LARGE


@pytest.mark.parametrize("length", [-1, 5, (1 << 31) - 1])
def test_a_snappy_frame_whose_blocks_do_not_fit_is_refused(length: int) -> None:
    with pytest.raises(KafkaError) as caught:
        decompress(Codec.SNAPPY, XERIAL_HEADER + struct.pack(">i", length) + b"abcd")
    assert caught.value.code == ErrorCode.INVALID_RECORD
