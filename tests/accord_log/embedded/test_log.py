"""Batches in and out of a log, without a client."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import accord_log
from accord_log import DirectoryInUse, KafkaError, KafkaException, Log, Record

if TYPE_CHECKING:
    from pathlib import Path


def code_of(caught: pytest.ExceptionInfo[KafkaException]) -> int:
    return caught.value.args[0].code()


def test_what_is_appended_is_read(log: Log) -> None:
    assert log.append("t", [b"a", None, b""]) == 0
    assert log.append("t", [b"b"], keys=[b"k"], timestamp_ms=log.broker.services.clock()) == 3
    assert list(log.values("t")) == [b"a", None, b"", b"b"]
    assert [record.offset for record in log.read("t", offset=1)] == [1, 2, 3]
    assert next(log.read("t", offset=3)).key == b"k"
    assert (log.start_offset("t"), log.end_offset("t")) == (0, 4)
    assert list(log.values("t", offset=4)) == []


def test_a_time_is_kept(log: Log) -> None:
    now = log.broker.services.clock() - 1000
    log.append("t", [b"v"], timestamp_ms=now)
    assert list(log.read("t")) == [Record(0, now, None, b"v")]


def test_partitions_are_apart(log: Log) -> None:
    log.create_topic("t", 3, {"retention.ms": "1000000"})
    assert log.topics() == {"t": 3}
    assert [log.append("t", [b"%d" % index], partition=index) for index in range(3)] == [0] * 3
    assert [list(log.values("t", index)) for index in range(3)] == [[b"0"], [b"1"], [b"2"]]
    log.delete_topic("t")
    assert log.topics() == {}


@settings(max_examples=15, deadline=None)
@given(sizes=st.lists(st.integers(0, 700), min_size=1, max_size=400), most=st.integers(900, 4000))
def test_batches_are_cut_at_what_the_topic_takes(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], most: int
) -> None:
    values = [b"x" * size for size in sizes]
    with Log(tmp_path_factory.mktemp("log"), durability="none") as log:
        log.create_topic("t", configs={"max.message.bytes": str(most)})
        assert log.append("t", values) == 0
        assert list(log.values("t")) == values
        assert list(log.values("t", offset=len(values) // 2)) == values[len(values) // 2 :]


def test_a_record_that_is_too_large_is_refused_and_those_before_it_stay(log: Log) -> None:
    log.create_topic("t", configs={"max.message.bytes": "1000"})
    with pytest.raises(KafkaException) as caught:
        log.append("t", [b"small", b"x" * 2000])
    assert code_of(caught) == KafkaError.MSG_SIZE_TOO_LARGE
    assert list(log.values("t")) == [b"small"]


@pytest.mark.parametrize("offset", [-1, 5])
def test_an_offset_that_is_not_there_is_refused(log: Log, offset: int) -> None:
    log.append("t", [b"v"])
    for read in (log.read, log.values):
        with pytest.raises(KafkaException) as caught:
            list(read("t", 0, offset))
        assert code_of(caught) == KafkaError.OFFSET_OUT_OF_RANGE


def test_what_is_not_there_is_refused(log: Log) -> None:
    log.create_topic("t")
    with pytest.raises(KafkaException) as unknown:
        log.values("other")
    with pytest.raises(KafkaException) as beyond:
        log.append("t", [b"v"], partition=1)
    with pytest.raises(KafkaException) as again:
        log.create_topic("t")
    assert code_of(unknown) == KafkaError.UNKNOWN_TOPIC_OR_PART
    assert code_of(beyond) == KafkaError._UNKNOWN_PARTITION  # noqa: SLF001 - the name it has
    assert code_of(again) == KafkaError.TOPIC_ALREADY_EXISTS


def test_policies_of_the_topic_hold(log: Log) -> None:
    log.create_topic("t", configs={"cleanup.policy": "compact"})
    with pytest.raises(KafkaException) as caught:
        log.append("t", [b"v"])
    assert code_of(caught) == KafkaError.INVALID_RECORD
    log.append("t", [b"v"], keys=[b"k"])


@pytest.mark.parametrize(("values", "keys"), [([], None), ([b"v"], []), ([b"v"], [b"k", b"l"])])
def test_values_and_keys_are_as_many(
    log: Log, values: list[bytes], keys: list[bytes] | None
) -> None:
    with pytest.raises(ValueError, match="values"):
        log.append("t", values, keys=keys)


def test_a_setting_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="default_partition; there are: auto_create_topics, "):
        Log(tmp_path, default_partition=3)
    with pytest.raises(ValueError, match="sometimes"):
        Log(tmp_path, durability="sometimes")
    with Log(tmp_path, default_partitions=3) as log:
        log.append("t", [b"v"])
        assert log.topics() == {"t": 3}


def test_a_directory_is_opened_once(tmp_path: Path) -> None:
    with Log(tmp_path) as log:
        with pytest.raises(DirectoryInUse, match="is in use by process"):
            Log(tmp_path)
        program = f"import accord_log; accord_log.Log({str(tmp_path)!r})"
        other = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=False
        )
        assert "DirectoryInUse" in other.stderr
        log.append("t", [b"v"])
    with Log(tmp_path) as log:
        assert list(log.values("t")) == [b"v"]


def test_closing_twice_is_closing(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.append("t", [b"v"], wait=False)
    log.close()
    log.close()
    with pytest.raises(KafkaException):
        log.append("t", [b"v"])


@pytest.mark.parametrize("durability", ["none", "interval", "commit"])
def test_every_durability_acknowledges(tmp_path: Path, durability: str) -> None:
    with Log(tmp_path, durability=durability, flush_interval_ms=10) as log:
        assert [log.append("t", [b"v"]) for _ in range(5)] == list(range(5))
        assert log.end_offset("t") == 5


def test_the_package_offers_what_it_says() -> None:
    assert all(hasattr(accord_log, name) for name in accord_log.__all__)
    assert accord_log.__all__ == [
        "OFFSET_BEGINNING",
        "OFFSET_END",
        "OFFSET_INVALID",
        "OFFSET_STORED",
        "TIMESTAMP_CREATE_TIME",
        "TIMESTAMP_LOG_APPEND_TIME",
        "TIMESTAMP_NOT_AVAILABLE",
        "Consumer",
        "ConsumerGroupMetadata",
        "DirectoryInUse",
        "Durability",
        "KafkaError",
        "KafkaException",
        "Log",
        "Message",
        "Producer",
        "Record",
        "TopicPartition",
    ]
    with pytest.raises(AttributeError, match="Nothing"):
        accord_log.Nothing  # noqa: B018 - it is the access that fails
