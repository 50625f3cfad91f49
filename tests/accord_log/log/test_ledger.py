"""What was put into a ledger is there again, whatever happened to its file in between."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import pytest
from failing_disk import Crash, FaultyFiles
from hand_flusher import HandFlusher
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accord_log.kafka.errors import ErrorCode, KafkaError
from accord_log.log.files import DiskFiles
from accord_log.log.flush import Durability, Flusher
from accord_log.log.ledger import FRAME_BYTES, LEAST_WASTE, Ledger
from accord_log.log.ledger_frames import NewerLedger, read_frames

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import TypeAlias

    Changes: TypeAlias = Mapping[bytes, bytes | None]

BIG = bytes(FRAME_BYTES // 2)
CHANGES: list[Changes] = [
    {b"a": b"1"},
    {b"b": b"", b"": b"empty key"},
    {b"a": None, b"c": b"3" * 20},
    {b"nobody": None},
    {b"b": b"22"},
]


def states(changes: list[Changes]) -> list[dict[bytes, bytes]]:
    """Return what a dictionary holds after none, one, two ... of the changes."""
    found: list[dict[bytes, bytes]] = [{}]
    for change in changes:
        merged = {**found[-1], **change}
        found.append({key: value for key, value in merged.items() if value is not None})
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "things.ledger"


@pytest.fixture
def flusher() -> Iterator[Flusher]:
    flusher = Flusher(Durability.COMMIT)
    yield flusher
    flusher.close()


def opened(path: Path, files: FaultyFiles | None = None) -> Ledger:
    """Open a ledger that settles at once."""
    return Ledger(path, Flusher(Durability.NONE), files or DiskFiles())


def contents(path: Path) -> dict[bytes, bytes]:
    ledger = opened(path)
    ledger.close()
    return dict(ledger.items())


def written(path: Path, changes: list[Changes]) -> bytes:
    ledger = opened(path)
    for change in changes:
        ledger.put_many(change)
    ledger.close()
    return path.read_bytes()


# as a dictionary


def test_a_new_ledger_is_empty(path: Path) -> None:
    ledger = opened(path)
    assert (len(ledger), ledger.items(), ledger.get(b"a"), b"a" in ledger) == (0, [], None, False)


def test_what_was_put_can_be_read_at_once_and_after_reopening(path: Path) -> None:
    ledger = opened(path)
    for change, expected in zip(CHANGES, states(CHANGES)[1:], strict=True):
        ledger.put_many(change)
        assert dict(ledger.items()) == expected
        assert contents(path) == expected
    assert (ledger.get(b"b"), b"b" in ledger, b"a" in ledger, len(ledger)) == (
        b"22",
        True,
        False,
        3,
    )


def test_nothing_to_change_is_settled_all_the_same(path: Path) -> None:
    seen: list[Exception | None] = []
    opened(path).put_many({}, seen.append)
    assert seen == [None]
    assert path.read_bytes() == b""


def test_one_call_is_one_frame(path: Path) -> None:
    frames = [entries for _, entries in read_frames(written(path, CHANGES))]
    assert [dict(entries) for entries in frames] == CHANGES


def test_a_closed_ledger_is_never_written_again(path: Path) -> None:
    """Another process may have it open by then."""
    ledger = opened(path)
    ledger.put_many({b"a": b"1"})
    ledger.close()
    for _ in range(2):
        with pytest.raises(KafkaError):
            ledger.put_many({b"a": b"2"})
    assert (ledger.get(b"a"), contents(path)) == (b"1", {b"a": b"1"})


# damage


def test_a_file_cut_anywhere_gives_what_was_put_before(path: Path) -> None:
    whole = written(path, CHANGES)
    ends = [0, *(end for end, _ in read_frames(whole))]
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        count = sum(end <= length for end in ends) - 1
        ledger = opened(path)
        assert dict(ledger.items()) == states(CHANGES)[count]
        assert ledger.cut_bytes == length - ends[count]
        ledger.put_many({b"new": b"value"})
        ledger.close()
        assert contents(path) == {**states(CHANGES)[count], b"new": b"value"}


def test_a_file_with_any_bit_wrong_gives_what_was_put_before(path: Path) -> None:
    whole = written(path, CHANGES)
    ends = [0, *(end for end, _ in read_frames(whole))]
    for position in range(len(whole) * 8):
        damaged = bytearray(whole)
        damaged[position // 8] ^= 1 << position % 8
        path.write_bytes(damaged)
        count = sum(end <= position // 8 for end in ends) - 1
        assert contents(path) == states(CHANGES)[count]


@pytest.mark.parametrize(
    "tail", [b"\0", bytes(8), bytes(4096), b"\xff" * 64, struct.pack(">II", 1 << 31, 0)]
)
def test_what_a_power_cut_leaves_behind_the_frames_is_cut_off(path: Path, tail: bytes) -> None:
    whole = written(path, CHANGES)
    path.write_bytes(whole + tail)
    assert contents(path) == states(CHANGES)[-1]
    assert path.read_bytes() == whole


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_at_all_are_a_reason_to_fail(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("any") / "ledger"
    path.write_bytes(data)
    assert contents(path) == {}


def test_a_file_of_a_newer_program_is_left_alone(path: Path) -> None:
    whole = written(path, CHANGES)
    payload = b"\2what the future knows"
    whole += struct.pack(">II", len(payload), zlib.crc32(payload)) + payload
    path.write_bytes(whole)
    with pytest.raises(NewerLedger, match="version 2"):
        opened(path)
    assert path.read_bytes() == whole


# room


def test_a_full_disk_changes_nothing_and_room_is_used_again(path: Path) -> None:
    files = FaultyFiles()
    ledger = opened(path, files)
    ledger.put_many({b"a": b"1"})
    before = path.read_bytes()
    files.faults.room = 10
    with pytest.raises(KafkaError) as caught:
        ledger.put_many({b"a": b"2", b"b": b"3"})
    assert caught.value.code == ErrorCode.KAFKA_STORAGE_ERROR
    assert (dict(ledger.items()), path.read_bytes()) == ({b"a": b"1"}, before)
    files.faults.room = 1000
    ledger.put_many({b"a": b"2"})
    assert contents(path) == {b"a": b"2"}


def test_what_cannot_be_taken_back_is_written_over_anew(path: Path) -> None:
    files = FaultyFiles()
    ledger = opened(path, files)
    ledger.put_many({b"a": b"1"})
    files.faults.room = 20
    files.faults.refused = {"truncate"}
    with pytest.raises(KafkaError):
        ledger.put_many({b"b": bytes(100)})
    with pytest.raises(KafkaError):
        ledger.put_many({b"b": bytes(100)})
    assert contents(path) == {b"a": b"1"}
    files.faults.room = 1000
    ledger.put_many({b"c": b"3"})
    assert contents(path) == {b"a": b"1", b"c": b"3"}


# durability


class Watched(FaultyFiles):
    """Tells what would be left after a power cut now."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.opened: list[object] = []

    def left(self) -> dict[bytes, bytes]:
        found: dict[bytes, bytes | None] = {}
        for _, entries in read_frames(self.path.read_bytes()[: self.opened[-1].synced]):
            found |= dict(entries)
        return {key: value for key, value in found.items() if value is not None}

    def open(self, path: Path) -> object:
        self.opened.append(super().open(path))
        return self.opened[-1]


def test_the_callback_comes_when_the_change_is_durable(path: Path, flusher: Flusher) -> None:
    files = Watched(path)
    ledger = Ledger(path, flusher, files)
    left: list[dict[bytes, bytes]] = []
    for change in CHANGES:
        ledger.put_many(change, lambda _: left.append(files.left()))
    flusher.close()
    expected = states(CHANGES)[1:]
    assert len(left) == len(expected)
    assert all(found in expected[index:] for index, found in enumerate(left)), (
        "an earlier state was told to be durable"
    )


def test_what_the_disk_lost_is_written_again(path: Path) -> None:
    flusher = Flusher(Durability.COMMIT)
    files = FaultyFiles()
    ledger = Ledger(path, flusher, files)
    errors: list[Exception | None] = []
    ledger.put_many({b"a": b"1"}, errors.append)
    flusher.close()
    flusher = ledger._flusher = Flusher(Durability.COMMIT)  # noqa: SLF001 - a flusher is closed to wait for it
    files.faults.refused = {"sync"}
    ledger.put_many({b"b": b"2"}, errors.append)
    flusher.close()
    flusher = ledger._flusher = Flusher(Durability.COMMIT)  # noqa: SLF001 - as above
    assert contents(path) == {b"a": b"1"}
    files.faults.refused = set()
    ledger.put_many({b"c": b"3"}, errors.append)
    flusher.close()
    assert [error is None for error in errors] == [True, False, True]
    assert contents(path) == {b"a": b"1", b"b": b"2", b"c": b"3"}


def test_nothing_is_durable_behind_what_the_disk_lost(path: Path) -> None:
    flusher = HandFlusher()
    files = FaultyFiles()
    ledger = Ledger(path, flusher, files)
    errors: list[Exception | None] = []
    for key in (b"a", b"b", b"c"):
        ledger.put_many({key: b"1"}, errors.append)
    files.faults.refused = {"sync"}
    flusher.round(1)
    files.faults.refused = set()
    flusher.round(1)
    assert contents(path) == {}
    ledger.put_many({b"d": b"2"}, errors.append)
    flusher.round()
    assert [error is None for error in errors] == [False, False, True, True]
    assert contents(path) == {b"a": b"1", b"b": b"1", b"c": b"1", b"d": b"2"}


def test_to_change_nothing_is_enough_to_write_again_what_was_lost(path: Path) -> None:
    flusher = HandFlusher()
    files = FaultyFiles()
    ledger = Ledger(path, flusher, files)
    errors: list[Exception | None] = []
    ledger.put_many({b"a": b"1"}, errors.append)
    files.faults.refused = {"sync"}
    flusher.round()
    with pytest.raises(KafkaError):
        ledger.put_many({}, errors.append)
    files.faults.refused = set()
    ledger.put_many({}, errors.append)
    flusher.round()
    assert [error is None for error in errors] == [False, True]
    assert contents(path) == {b"a": b"1"}


# writing it anew


def wasteful(ledger: Ledger) -> None:
    """Fill the file with removals, so that the next change rewrites it."""
    while ledger._file.size <= LEAST_WASTE:  # noqa: SLF001 - when it is due is nobody else's business
        ledger.put_many({BIG: None})


def test_a_file_of_what_is_gone_is_written_anew(path: Path) -> None:
    ledger = opened(path)
    ledger.put_many({b"a": b"1"})
    wasteful(ledger)
    ledger.put_many({b"b": b"2"})
    assert path.stat().st_size < 100
    assert contents(path) == {b"a": b"1", b"b": b"2"}
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_values_that_are_alive_stay_where_they_are(path: Path) -> None:
    ledger = opened(path)
    for number in range(2 * LEAST_WASTE // len(BIG)):
        ledger.put_many({b"%d" % number: BIG})
    assert ledger._file.size > 2 * LEAST_WASTE  # noqa: SLF001 - as above


def test_many_values_are_written_anew_in_several_frames(path: Path) -> None:
    ledger = opened(path)
    living = {b"%d" % number: bytes([number]) * 100_000 for number in range(6)}
    for _ in range(5):
        ledger.put_many(living)
    ledger.put_many({b"last": b"1"})
    assert len(list(read_frames(path.read_bytes()))) == 3
    assert contents(path) == {**living, b"last": b"1"}


def test_without_room_for_both_files_the_old_one_goes_on(path: Path) -> None:
    files = FaultyFiles()
    ledger = opened(path, files)
    ledger.put_many({b"a": b"1" * 500})
    wasteful(ledger)
    files.faults.room = 400
    ledger.put_many({b"b": b"2"})
    files.faults.room = 1 << 40
    assert contents(path) == {b"a": b"1" * 500, b"b": b"2"}
    assert path.stat().st_size > LEAST_WASTE
    ledger.put_many({b"c": b"3"})
    assert path.stat().st_size < 1000


@pytest.mark.parametrize("refused", ["open", "append", "sync", "rename", "sync_directory"])
def test_a_failure_while_it_is_written_anew_loses_nothing(path: Path, refused: str) -> None:
    files = FaultyFiles()
    ledger = opened(path, files)
    ledger.put_many({b"a": b"1"})
    wasteful(ledger)
    files.faults.refused = {refused}
    acknowledged = {b"a": b"1"}
    for key in (b"b", b"c"):
        try:
            ledger.put_many({key: b"2"})
        except KafkaError:
            continue
        acknowledged[key] = b"2"
    assert dict(ledger.items()) == contents(path) == acknowledged
    files.faults.refused = set()
    ledger.put_many({b"d": b"4"})
    assert contents(path) == {**acknowledged, b"d": b"4"}
    assert path.stat().st_size < LEAST_WASTE


def test_a_process_that_ends_while_it_is_written_anew_loses_nothing(tmp_path: Path) -> None:
    steps = 0
    while True:
        path = tmp_path / f"{steps}.ledger"
        files = FaultyFiles()
        ledger = opened(path, files)
        ledger.put_many({b"a": b"1"})
        wasteful(ledger)
        files.faults.steps = steps
        try:
            ledger.put_many({b"b": b"2"})
        except Crash:
            assert contents(path) in ({b"a": b"1"}, {b"a": b"1", b"b": b"2"})
            assert not path.with_name(path.name + ".next").exists()
        else:
            break
        steps += 1
    assert files.faults.log[-6:] == ["open", "append", "sync", "rename", "sync_directory", "append"]
    assert contents(path) == {b"a": b"1", b"b": b"2"}


KEYS = st.binary(max_size=2)
VALUES = st.none() | st.binary(max_size=5) | st.just(BIG)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.large_base_example])
@given(st.lists(st.dictionaries(KEYS, VALUES, max_size=3) | st.none(), max_size=30))
def test_it_is_a_dictionary(
    tmp_path_factory: pytest.TempPathFactory, changes: list[Changes | None]
) -> None:
    """None stands for closing and opening it."""
    path = tmp_path_factory.mktemp("dictionary") / "ledger"
    ledger = opened(path)
    expected: dict[bytes, bytes | None] = {}
    for change in changes:
        if change is None:
            ledger.close()
            ledger = opened(path)
        else:
            ledger.put_many(change)
            expected |= change
        living = {key: value for key, value in expected.items() if value is not None}
        assert dict(ledger.items()) == living
    ledger.close()
    assert contents(path) == dict(ledger.items())
