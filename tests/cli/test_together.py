"""Registry and log as `accord serve` starts them: together, watched, stopped together."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from service import PATIENCE_SECONDS, eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from service import Service

    Serve = Callable[..., Service]
    Accord = Callable[..., subprocess.CompletedProcess[str]]

QUIET = {"log_level": 0}
MISSING = "/no/such/file.pem"


@pytest.fixture
def both(serve: Serve) -> Callable[..., Service]:
    """Start both parts, and wait until they are ready."""
    return lambda *options, **variables: serve(*options, ACCORD_ONLY="", **variables)


def send(address: str, topic: str, *values: bytes) -> list[KafkaError | None]:
    """Produce values one after the other; return what became of each."""
    outcomes: list[KafkaError | None] = []
    producer = Producer({"bootstrap.servers": address, "enable.idempotence": True, **QUIET})
    for value in values:
        producer.produce(topic, value, on_delivery=lambda error, _: outcomes.append(error))
    assert producer.flush(PATIENCE_SECONDS) == 0
    return outcomes


def read(address: str, topic: str, count: int) -> list[Any]:
    """Return the first messages of a topic's first partition."""
    consumer = Consumer({"bootstrap.servers": address, "group.id": "test", **QUIET})
    consumer.assign([TopicPartition(topic, 0, 0)])
    found: list[Any] = []
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(found) < count and time.monotonic() < deadline:
        found += [one for one in consumer.consume(count - len(found), 1.0) if one.error() is None]
    consumer.close()
    assert len(found) == count
    return found


def register(url: str, subject: str, schema: object) -> int:
    answer = httpx.post(
        f"{url}/subjects/{subject}/versions", json={"schema": json.dumps(schema)}, timeout=60
    )
    assert answer.status_code == 200, answer.text
    return int(answer.json()["id"])


def pid_of(service: Service, kind: str) -> int:
    """Return the newest process of a kind."""
    return int(service.logged(f"{kind} started")[-1]["pid"])


def test_both_answer_when_ready_is_said(both: Serve, tmp_path: Path) -> None:
    service = both()
    assert send(service.kafka, "t", b"v") == [None]
    assert register(service.url, "s", "string") == 1
    assert [one.value() for one in read(service.kafka, "t", 1)] == [b"v"]
    assert (tmp_path / "data" / "log" / "topics").is_dir()
    assert service.out.read_text().count("accord is ready") == 1


def test_what_was_produced_is_there_after_a_restart(both: Serve) -> None:
    first = both()
    assert send(first.kafka, "t", b"kept") == [None]
    assert first.stop() == 0
    second = both()
    assert [one.value() for one in read(second.kafka, "t", 1)] == [b"kept"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["TERM", "INT"])
def test_one_signal_stops_both_in_good_order(both: Serve, number: int, tmp_path: Path) -> None:
    service = both()
    assert send(service.kafka, "t", b"v") == [None]
    assert service.stop(number) == 0
    assert service.refuses()
    assert (tmp_path / "data" / "log" / "clean").exists()
    assert "Traceback" not in service.err.read_text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["TERM", "INT"])
def test_a_signal_to_the_whole_group_does_too(both: Serve, number: int, tmp_path: Path) -> None:
    service = both()
    for pid in [pid_of(service, "worker"), pid_of(service, "log"), service.process.pid]:
        os.kill(pid, number)
    assert service.process.wait(PATIENCE_SECONDS) == 0
    assert (tmp_path / "data" / "log" / "clean").exists()
    assert "Traceback" not in service.err.read_text()


def test_a_client_that_waits_for_records_does_not_keep_the_log(both: Serve) -> None:
    service = both()
    assert send(service.kafka, "t", b"v") == [None]
    consumer = Consumer({"bootstrap.servers": service.kafka, "group.id": "g", **QUIET})
    consumer.assign([TopicPartition("t", 0, 1)])
    assert consumer.poll(0.5) is None
    assert service.stop() == 0
    consumer.close()


def test_a_log_that_dies_is_replaced_with_all_it_had(both: Serve) -> None:
    service = both()
    assert send(service.kafka, "t", b"1", b"2") == [None, None]
    os.kill(pid_of(service, "log"), signal.SIGKILL)
    assert send(service.kafka, "t", b"3") == [None]
    assert [one.value() for one in read(service.kafka, "t", 3)] == [b"1", b"2", b"3"]
    (death,) = service.logged("log died")
    assert death["exit_code"] == -signal.SIGKILL
    assert len(service.logged("worker started")) == 1
    assert service.stop() == 0


def test_a_worker_that_dies_is_replaced_beside_the_log(both: Serve) -> None:
    service = both()
    os.kill(pid_of(service, "worker"), signal.SIGKILL)
    eventually(lambda: len(service.logged("worker started")) == 2)
    eventually(lambda: httpx.get(f"{service.url}/health/ready").status_code == 200)
    assert register(service.url, "s", "string") == 1
    assert len(service.logged("log started")) == 1
    assert service.stop() == 0


def test_both_stop_when_their_supervisor_is_killed(both: Serve) -> None:
    service = both()
    log = pid_of(service, "log")
    service.process.kill()
    service.process.wait()
    eventually(service.refuses)
    eventually(lambda: not is_running(log))


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_log_runs_alone(start: Serve, tmp_path: Path) -> None:
    service = start(ACCORD_ONLY="log")
    line = eventually(service.out.read_text)
    address = line.split()[4]
    assert line == f"accord is ready at {address} ({tmp_path}/data/log)\n"
    assert send(address, "t", b"v") == [None]
    assert service.stop() == 0
    assert (tmp_path / "data" / "log" / "clean").exists()


def test_a_second_log_over_the_directory_is_refused(
    both: Serve, accord: Accord, tmp_path: Path
) -> None:
    service = both()
    data = str(tmp_path / "data")
    alone = accord("serve", "--data", data, ACCORD_ONLY="log")
    told = f"accord: {data}/log is in use by process {pid_of(service, 'log')}"
    assert alone.returncode == 1
    assert alone.stderr.startswith(told)
    assert len(alone.stderr.splitlines()) == 1
    beside = accord("serve", "--port", "0", "--data", data, ACCORD_ONLY="")
    assert beside.returncode == 1
    assert beside.stderr.splitlines()[-1].startswith(told)
    assert send(service.kafka, "t", b"v") == [None]


def test_a_taken_port_is_told(accord: Accord, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        ended = accord(
            *("serve", "--port", "0", "--kafka-port", port, "--data", tmp_path), ACCORD_ONLY=""
        )
    assert (ended.returncode, ended.stderr) == (
        1,
        f"accord: cannot listen on 127.0.0.1:{port}: address already in use\n",
    )


@pytest.mark.parametrize(
    ("variables", "line"),
    [
        ({"ACCORD_KAFKA_TLS_CERTIFICATE": MISSING}, "cannot use the certificate for TLS: no such"),
        ({"ACCORD_DATABASE_URL": "sqlite:////no/such/folder/a.db"}, "cannot use sqlite:///"),
    ],
)
def test_what_keeps_a_part_from_starting_is_told(
    accord: Accord, tmp_path: Path, variables: Mapping[str, str], line: str
) -> None:
    ended = accord(
        "serve", "--port", "0", "--data", tmp_path / "data", **{"ACCORD_ONLY": "", **variables}
    )
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith(f"accord: {line}")
    assert "Traceback" not in ended.stderr


def test_clients_are_told_the_advertised_address(both: Serve, free_tcp_port: int) -> None:
    service = both("--kafka-port", str(free_tcp_port), "--advertised-listener", "localhost:1")
    assert service.kafka == "localhost:1"
    admin = AdminClient({"bootstrap.servers": f"localhost:{free_tcp_port}", **QUIET})
    brokers = admin.list_topics(timeout=PATIENCE_SECONDS).brokers.values()
    assert [(one.host, one.port) for one in brokers] == [("localhost", 1)]


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


def test_the_cluster_has_one_id(both: Serve) -> None:
    service = both("--kafka-cluster-id", "here")
    metadata = AdminClient({"bootstrap.servers": service.kafka, **QUIET}).list_topics(timeout=60)
    assert metadata.cluster_id == "here"
    scope = httpx.get(f"{service.url}/v1/metadata/id").json()["scope"]
    assert scope["clusters"]["kafka-cluster"] == "here"


def test_a_probe_tells_whether_both_answer(both: Serve) -> None:
    service = both()
    assert probe(service) == 0
    os.kill(pid_of(service, "log"), signal.SIGSTOP)
    assert probe(service) == 1
    os.kill(pid_of(service, "log"), signal.SIGCONT)
    assert probe(service) == 0
    assert service.stop() == 0
    assert probe(service) == 1


def probe(service: Service) -> int:
    ports = {
        "ACCORD_PORT": str(port_of(service.url)),
        "ACCORD_KAFKA_PORT": str(port_of(service.kafka)),
    }
    return subprocess.run(
        [sys.executable, "-m", "registry.process.probe"],
        check=False,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **ports},
    ).returncode


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> dict[str, str]:
    """The settings of each kind of database."""
    if request.param == "sqlite":
        return {}
    return {"ACCORD_DATABASE_URL": request.getfixturevalue("postgres_url")}


def test_records_are_checked_against_what_was_registered_just_now(
    both: Serve, database: Mapping[str, str]
) -> None:
    service = both(**database)
    admin = AdminClient({"bootstrap.servers": service.kafka, **QUIET})
    config = {"accord.value.schema.validation": "true"}
    (created,) = admin.create_topics([NewTopic("t", 1, 1, config=config)]).values()
    created.result(PATIENCE_SECONDS)
    refused = KafkaError.INVALID_RECORD
    for number in range(1, 4):
        framed = b"\0" + number.to_bytes(4, "big") + b"x"
        (error,) = send(service.kafka, "t", framed)
        assert error is not None
        assert error.code() == refused
        register(service.url, "t-value", {"type": "enum", "name": f"E{number}", "symbols": ["A"]})
        httpx.put(f"{service.url}/config", json={"compatibility": "NONE"}).raise_for_status()
        assert send(service.kafka, "t", framed) == [None]
    httpx.delete(f"{service.url}/subjects/t-value/versions/2").raise_for_status()
    (error,) = send(service.kafka, "t", b"\0\0\0\0\2x")
    assert error is not None
    assert error.code() == refused


def test_the_topic_of_schemas_gives_back_what_rest_answers(
    both: Serve, database: Mapping[str, str]
) -> None:
    """Whatever was killed while it was written."""
    service = both(**database)
    for number in range(12):
        subject = f"s{number % 5}"
        register(service.url, subject, {"type": "fixed", "name": "F", "size": number + 1})
        httpx.put(f"{service.url}/config/{subject}", json={"compatibility": "NONE"})
        if number % 4 == 1:
            os.kill(pid_of(service, "log"), signal.SIGKILL)
            eventually(lambda count=number // 4 + 2: len(service.logged("log started")) == count)
        if number % 5 == 4:
            httpx.delete(f"{service.url}/subjects/s1/versions/1")
    httpx.delete(f"{service.url}/subjects/s2").raise_for_status()
    httpx.delete(f"{service.url}/subjects/s2?permanent=true").raise_for_status()
    httpx.delete(f"{service.url}/config/s3").raise_for_status()
    last = register(service.url, "last", "string")
    messages = eventually(lambda: published(service.kafka, last))
    numbers = [int(dict(one.headers())["accord.sequence"]) for one in messages]
    assert numbers == list(range(1, len(numbers) + 1))
    state = {one.key(): one.value() for one in messages}
    assert told_versions(state) == stored_versions(service.url)
    assert told_configs(state) == stored_configs(service.url)


def published(address: str, last: int) -> list[Any]:
    """Return the whole topic, nothing as long as the last id is not in it."""
    with closing(Consumer({"bootstrap.servers": address, "group.id": "t", **QUIET})) as consumer:
        place = TopicPartition("_schemas", 0)
        _, end = consumer.get_watermark_offsets(place, timeout=PATIENCE_SECONDS)
    found = read(address, "_schemas", end)
    return found if json.loads(found[-1].value() or b"{}").get("id") == last else []


def told_versions(state: Mapping[bytes, bytes | None]) -> dict[str, dict[int, tuple[int, str]]]:
    """Return the live versions by subject, as a reader of the topic makes them out."""
    subjects: dict[str, dict[int, tuple[int, str]]] = {}
    for key, value in state.items():
        if json.loads(key)["keytype"] == "SCHEMA" and value is not None:
            told = json.loads(value)
            if not told["deleted"]:
                versions = subjects.setdefault(told["subject"], {})
                versions[told["version"]] = (told["id"], told["schema"])
    return subjects


def told_configs(state: Mapping[bytes, bytes | None]) -> dict[str, str]:
    return {
        json.loads(key)["subject"]: json.loads(value)["compatibilityLevel"]
        for key, value in state.items()
        if json.loads(key)["keytype"] == "CONFIG" and value is not None
    }


def stored_versions(url: str) -> dict[str, dict[int, tuple[int, str]]]:
    """Return the same as REST tells it."""
    subjects: dict[str, dict[int, tuple[int, str]]] = {}
    for told in httpx.get(f"{url}/schemas").json():
        subjects.setdefault(told["subject"], {})[told["version"]] = (told["id"], told["schema"])
    return subjects


def stored_configs(url: str) -> dict[str, str]:
    asked = {f"s{number}": httpx.get(f"{url}/config/s{number}") for number in range(5)}
    return {
        subject: answer.json()["compatibilityLevel"]
        for subject, answer in asked.items()
        if answer.status_code == httpx.codes.OK
    }
