"""Whatever the pieces in which bytes arrive, the frames are the same."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord_log.kafka.errors import ProtocolError
from accord_log.server.frames import FIRST_BYTES, Frames
from accord_log.server.memory import SCRATCH_BYTES, RequestMemory, Scratch

MAX_BYTES = 4 * FIRST_BYTES


def frames(
    *, limit: int = 1 << 30, scratch: Scratch | None = None, memory: RequestMemory | None = None
) -> Frames:
    return Frames(
        scratch or Scratch(),
        memory or RequestMemory(limit),
        max_bytes=MAX_BYTES,
        on_memory=lambda: None,
    )


def framed(*bodies: bytes) -> bytes:
    return b"".join(struct.pack(">i", len(body)) + body for body in bodies)


def feed(cut: Frames, data: bytes, most: int = 1 << 30) -> list[bytes]:
    """Receive the data in pieces of at most so many bytes; return the frames."""
    found = []
    while data:
        buffer = cut.buffer()
        size = min(len(buffer), len(data), most)
        buffer[:size], data = data[:size], data[size:]
        cut.received(size)
        while (frame := cut.next()) is not None:
            found.append(bytes(frame))
        cut.set_aside()
    return found


@settings(deadline=None)
@given(st.lists(st.binary(max_size=40)), st.integers(1, 50))
def test_small_frames_do_not_depend_on_how_they_are_cut(bodies: list[bytes], most: int) -> None:
    assert feed(frames(), framed(*bodies), most) == bodies


@pytest.mark.parametrize("most", [SCRATCH_BYTES - 1, SCRATCH_BYTES, 1 << 30])
def test_large_frames_do_not_depend_on_how_they_are_cut(most: int) -> None:
    sizes = [SCRATCH_BYTES - 4, SCRATCH_BYTES - 3, SCRATCH_BYTES, 3, FIRST_BYTES + 1, 0, MAX_BYTES]
    bodies = [bytes([index]) * size for index, size in enumerate(sizes)]
    assert feed(frames(), framed(*bodies), most) == bodies


@pytest.mark.parametrize("size", [-1, -(2**31), MAX_BYTES + 1, 2**31 - 1])
def test_a_size_beyond_the_bound_is_refused_as_soon_as_it_is_read(size: int) -> None:
    with pytest.raises(ProtocolError, match=f"a frame of {size} bytes"):
        feed(frames(), struct.pack(">i", size))


@pytest.mark.parametrize(
    ("first", "hint"), [(b"GET / HTTP/1.1", "HTTP"), (b"\x16\x03\x01\x02\x00", "TLS")]
)
def test_strangers_are_named(first: bytes, hint: str) -> None:
    with pytest.raises(ProtocolError, match=hint):
        feed(frames(), first)


def test_a_size_that_is_only_announced_is_not_allocated() -> None:
    cut = frames()
    assert feed(cut, framed(bytes(MAX_BYTES))[:5]) == []
    assert len(cut.buffer()) < FIRST_BYTES


def test_who_keeps_a_view_keeps_its_bytes() -> None:
    cut = frames()
    buffer = cut.buffer()
    buffer[:9] = framed(b"first")
    cut.received(9)
    kept = cut.next()
    cut.set_aside()
    assert feed(cut, framed(b"other")) == [b"other"]
    assert kept == b"first"


def test_the_same_buffer_serves_again_when_nobody_keeps_a_view() -> None:
    scratch = Scratch()
    one, other = frames(scratch=scratch), frames(scratch=scratch)
    kept = scratch.view.obj
    assert feed(one, framed(b"one")) + feed(other, framed(b"other")) == [b"one", b"other"]
    assert scratch.view.obj is kept


def test_a_frame_that_was_put_back_comes_again_before_the_others() -> None:
    cut = frames()
    cut.buffer()[:14] = framed(b"one", b"two")
    cut.received(14)
    frame = cut.next()
    assert frame is not None
    cut.put_back(frame)
    cut.set_aside()
    assert [bytes(found) for found in (cut.next(), cut.next()) if found] == [b"one", b"two"]
    assert cut.next() is None


def test_large_frames_wait_for_memory_and_get_it_in_turn() -> None:
    memory = RequestMemory(200_000)
    cuts = [frames(memory=memory) for _ in range(3)]
    body = framed(bytes(150_000))
    for cut in cuts:
        assert feed(cut, body[:100]) == []
    assert [cut.is_waiting for cut in cuts] == [False, True, True]
    assert feed(cuts[0], body[100:]) == [bytes(150_000)]
    assert [cut.is_waiting for cut in cuts] == [False, False, True]
    cuts[1].close()
    assert not cuts[2].is_waiting
    cuts[2].close()
    assert memory.held == 0


def test_who_is_gone_waits_for_no_memory() -> None:
    memory = RequestMemory(200_000)
    cuts = [frames(memory=memory) for _ in range(3)]
    for cut in cuts:
        feed(cut, framed(bytes(150_000))[:100])
    cuts[1].close()
    cuts[0].close()
    assert not cuts[2].is_waiting


def test_a_frame_above_the_bound_of_all_is_received_alone() -> None:
    assert feed(frames(limit=10), framed(bytes(100_000), bytes(100_000))) == [bytes(100_000)] * 2
