"""The commands for topics, groups and records, against a log and a registry of the test's own."""

from __future__ import annotations

import json
import socket
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from service import ACCORD, PATIENCE_SECONDS
from typer.testing import CliRunner

from registry.cli.main import app

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result

    from registry.embedded import EmbeddedLog, EmbeddedRegistry

USER = {
    "type": "record",
    "name": "User",
    "fields": [
        {"name": "name", "type": "string"},
        {"name": "tag", "type": ["null", "bytes"], "default": None},
    ],
}
FILE = """
syntax = "proto3";
package shop;
import "google/protobuf/timestamp.proto";
message Order { string item = 1; google.protobuf.Timestamp at = 2; message Line { int32 n = 1; } }
"""


@pytest.fixture
def run(accord_kafka: EmbeddedLog) -> Callable[..., Result]:
    """Run a command on the log; the input is bytes."""

    def one(*arguments: str, text: str = "", code: int = 0) -> Result:
        bootstrap = ["--bootstrap-server", accord_kafka.bootstrap_servers]
        result = CliRunner().invoke(app, [*arguments, *bootstrap], input=text)
        assert result.exit_code == code, (result.stdout, result.stderr, result.exception)
        return result

    return one


@pytest.fixture
def consumed(
    run: Callable[..., Result], accord_registry_url: str
) -> Callable[..., list[dict[str, Any]]]:
    """Read what a topic holds, without what differs from run to run."""

    def one(topic: str, *options: str) -> list[dict[str, Any]]:
        shown = run(
            *("consume", topic, "--from-beginning", "--until-end"),
            *("--registry", accord_registry_url, *options),
        )
        lines = [json.loads(line) for line in shown.stdout.splitlines()]
        for line in lines:
            assert line.pop("topic") == topic
            assert isinstance(line.pop("timestamp"), int)
        return lines

    return one


def register(registry: EmbeddedRegistry, subject: str, text: str, kind: str = "AVRO") -> int:
    from accord_serde import Schema  # noqa: PLC0415 - with its warnings, only where it is needed

    return registry.client().register_schema(subject, Schema(text, kind))


def told(result: Result) -> str:
    """Return the one line in which a command says why it failed."""
    (line,) = result.stderr.splitlines()
    assert line.startswith("accord: ")
    return line.removeprefix("accord: ")


def rows(result: Result) -> list[list[str]]:
    return [line.split() for line in result.stdout.splitlines()]


# topics


def test_topics_are_created_listed_described_changed_and_deleted(
    run: Callable[..., Result], accord_kafka: EmbeddedLog
) -> None:
    config = ("--config", "retention.ms=1000", "-c", "cleanup.policy=compact")
    made = run("topics", "create", "orders", "sales", "--partitions", "3", *config)
    assert sorted(made.stdout.splitlines()) == ["created orders", "created sales"]
    assert rows(run("topics", "list")) == [["TOPIC", "PARTITIONS"], ["orders", "3"], ["sales", "3"]]
    producer = Producer({"bootstrap.servers": accord_kafka.bootstrap_servers, "log_level": 0})
    producer.produce("orders", key=b"k", value=b"v", partition=1)
    assert producer.flush(PATIENCE_SECONDS) == 0
    assert run("topics", "describe", "orders").stdout.splitlines() == [
        "orders",
        "  cleanup.policy=compact",
        "  retention.ms=1000",
        "PARTITION  FIRST  NEXT",
        "0          0      0",
        "1          0      1",
        "2          0      0",
    ]
    changes = ("--partitions", "4", "-c", "retention.ms=2000", "--delete-config", "cleanup.policy")
    run("topics", "alter", "orders", *changes)
    described = run("topics", "describe", "orders").stdout
    assert "retention.ms=2000" in described
    assert "cleanup.policy" not in described
    assert rows(run("topics", "list"))[1] == ["orders", "4"]
    assert run("topics", "delete", "orders", "sales").stdout.splitlines()[0].startswith("deleted ")
    assert rows(run("topics", "list")) == [["TOPIC", "PARTITIONS"]]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["topics", "describe", "nowhere"], "there is no topic nowhere"),
        (["topics", "alter", "nowhere", "-p", "2"], "there is no topic nowhere"),
        (["topics", "delete", "nowhere"], "nowhere: broker: Unknown topic or partition"),
        (["topics", "create", "no/name"], "no/name: "),
        (["topics", "create", "t", "-c", "wrong"], "--config takes KEY=VALUE, not 'wrong'"),
        (["topics", "create", "t", "-c", "retention.ms=never"], "t: "),
        (["topics", "alter", "t"], "nothing to change"),
        (["topics", "list", "-X", "nonsense=1"], 'no such configuration property: "nonsense"'),
        (["consume", "nowhere"], "there is no topic nowhere"),
        (["consume", "t", "-g", "g", "-p", "0"], "--group chooses the places"),
        (["consume", "t", "-o", "0", "--from-beginning"], "--offset and --from-beginning"),
        (["groups", "describe", "nobody"], "there is no group nobody"),
        (["groups", "reset-offsets", "g", "-t", "t"], "give one of --to-earliest"),
        (["groups", "reset-offsets", "g", "-t", "nowhere", "--to-latest"], "there is no topic"),
        (
            ["groups", "reset-offsets", "g", "-t", "t", "--to-datetime", "noon"],
            "--to-datetime takes a time",
        ),
        (["produce", "t", "--key-schema"], "--key-schema needs --key-separator"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(
    run: Callable[..., Result], arguments: list[str], line: str
) -> None:
    assert line in told(run(*arguments, code=1))


def test_a_log_that_is_not_there_is_told() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        result = CliRunner().invoke(app, ["topics", "list", "-b", address])
    assert result.exit_code == 1
    assert told(result).startswith(f"cannot reach {address}: ")
    assert "refused" in told(result)


# records


def test_lines_become_records_and_lines_again(
    run: Callable[..., Result], consumed: Callable[..., list[dict[str, Any]]]
) -> None:
    run(
        *("produce", "t", "-k", "=", "-H", "source=test", "--null", "NONE"),
        text='a=1\nb={"x": 2}\na=NONE\n',
    )
    headers = [["source", "test"]]
    assert consumed("t") == [
        {"partition": 0, "offset": 0, "key": "a", "value": "1", "headers": headers},
        {"partition": 0, "offset": 1, "key": "b", "value": '{"x": 2}', "headers": headers},
        {"partition": 0, "offset": 2, "key": "a", "value": None, "headers": headers},
    ]
    assert [line["offset"] for line in consumed("t", "-n", "2")] == [0, 1]


def test_bytes_that_are_no_text_are_told_as_such(
    accord_kafka: EmbeddedLog, consumed: Callable[..., list[dict[str, Any]]]
) -> None:
    producer = Producer({"bootstrap.servers": accord_kafka.bootstrap_servers, "log_level": 0})
    producer.produce("t", b"\xff\xfe")
    producer.produce("t", b"\0\0\0\0\x63rest")
    assert producer.flush(PATIENCE_SECONDS) == 0
    first, second = consumed("t")
    assert first["value"] == {"base64": "//4="}
    assert second["value"] == "\0\0\0\0crest"
    assert second["valueError"] == "schema 99 is not registered"


def test_values_are_written_raw(run: Callable[..., Result]) -> None:
    run("produce", "t", text="one\ntwo\n")
    shown = run("consume", "t", "--from-beginning", "-e", "--raw")
    assert shown.stdout_bytes == b"one\ntwo\n"


def test_reading_begins_where_it_is_told(run: Callable[..., Result]) -> None:
    run("topics", "create", "t", "-p", "2")
    run("produce", "t", "-p", "1", text="".join(f"{number}\n" for number in range(10)))
    read = ("consume", "t", "-p", "1", "-e", "--raw")
    assert run(*read, "-o", "7").stdout.split() == ["7", "8", "9"]
    assert run(*read, "-o", "-2").stdout.split() == ["8", "9"]
    assert run(*read, "-o", "-20", "-n", "1").stdout.split() == ["0"]
    assert run(*read).stdout == ""
    assert run("consume", "t", "-p", "0", "-e", "--from-beginning").stdout == ""


def test_avro_goes_in_as_json_and_comes_out_as_json(
    run: Callable[..., Result],
    consumed: Callable[..., list[dict[str, Any]]],
    accord_registry: EmbeddedRegistry,
    accord_registry_url: str,
) -> None:
    schema_id = register(accord_registry, "users-value", json.dumps(USER))
    key_id = register(accord_registry, "users-key", '"long"')
    run(
        *("produce", "users", "--schema", "--key-schema", "-k", " ", "-r", accord_registry_url),
        text='1 {"name": "Kim"}\n2 {"name": "Lee", "tag": {"bytes": "\\u00ff"}}\n',
    )
    schemas = {"keySchema": key_id, "valueSchema": schema_id}
    assert consumed("users") == [
        {"partition": 0, "offset": 0, "key": 1, "value": {"name": "Kim", "tag": None}, **schemas},
        {"partition": 0, "offset": 1, "key": 2, "value": {"name": "Lee", "tag": "ÿ"}, **schemas},
    ]


def test_the_other_formats_do_as_well(
    run: Callable[..., Result],
    consumed: Callable[..., list[dict[str, Any]]],
    accord_registry: EmbeddedRegistry,
    accord_registry_url: str,
) -> None:
    register(accord_registry, "p-value", FILE, "PROTOBUF")
    register(accord_registry, "j-value", '{"type": "object", "required": ["a"]}', "JSON")
    order = {"item": "tea", "at": "2026-07-01T12:00:00Z"}
    send = ("--schema", "-r", accord_registry_url)
    run("produce", "p", *send, text=json.dumps(order))
    run("produce", "j", *send, text='{"a": [1]}')
    assert [line["value"] for line in consumed("p")] == [order]
    assert [line["value"] for line in consumed("j")] == [{"a": [1]}]
    assert "line 1: no message of the schema" in told(run("produce", "j", *send, text="{}", code=1))
    assert "no message of the schema" in told(run("produce", "p", *send, text='{"x":1}', code=1))
    assert told(run("produce", "q", *send, text="1", code=1)) == (
        "no schema is registered under q-value"
    )


def test_references_are_followed(
    run: Callable[..., Result],
    consumed: Callable[..., list[dict[str, Any]]],
    accord_registry: EmbeddedRegistry,
    accord_registry_url: str,
) -> None:
    from accord_serde import Schema, SchemaReference  # noqa: PLC0415 - as above

    client = accord_registry.client()
    register(accord_registry, "money", '{"type":"fixed","name":"shop.Money","size":2}')
    register(
        accord_registry,
        "item.proto",
        'syntax = "proto3"; message Item { string s = 1; }',
        "PROTOBUF",
    )
    avro = '{"type":"record","name":"R","fields":[{"name":"price","type":"shop.Money"}]}'
    client.register_schema(
        "a-value", Schema(avro, "AVRO", [SchemaReference("shop.Money", "money", 1)])
    )
    file = 'syntax = "proto3"; import "item.proto"; message Box { repeated Item items = 1; }'
    client.register_schema(
        "p-value", Schema(file, "PROTOBUF", [SchemaReference("item.proto", "item.proto", 1)])
    )
    send = ("--schema", "-r", accord_registry_url)
    run("produce", "a", *send, text='{"price": "\\u0001\\u0002"}')
    run("produce", "p", *send, text='{"items": [{"s": "x"}]}')
    assert consumed("a")[0]["value"] == {"price": "\x01\x02"}
    assert consumed("p")[0]["value"] == {"items": [{"s": "x"}]}


def test_guids_in_headers_are_read(
    accord_kafka: EmbeddedLog,
    accord_registry: EmbeddedRegistry,
    consumed: Callable[..., list[dict[str, Any]]],
) -> None:
    register(accord_registry, "t-value", '"string"')
    guid = accord_registry.client().get_latest_version("t-value").guid
    assert guid is not None
    producer = Producer({"bootstrap.servers": accord_kafka.bootstrap_servers, "log_level": 0})
    header = ("__value_schema_id", b"\1" + bytes.fromhex(guid.replace("-", "")))
    producer.produce("t", b"\x06abc", headers=[header])
    assert producer.flush(PATIENCE_SECONDS) == 0
    (line,) = consumed("t")
    assert (line["value"], line["valueSchema"]) == ("abc", guid)


def test_a_registry_that_is_needed_and_not_there_is_told(
    run: Callable[..., Result], accord_kafka: EmbeddedLog
) -> None:
    producer = Producer({"bootstrap.servers": accord_kafka.bootstrap_servers, "log_level": 0})
    producer.produce("t", b"\0\0\0\0\1x")
    assert producer.flush(PATIENCE_SECONDS) == 0
    read = ("consume", "t", "--from-beginning", "-e", "-r", "http://127.0.0.1:1")
    assert told(run(*read, code=1)).startswith("cannot ask http://127.0.0.1:1: ")


def test_a_refused_record_is_told(run: Callable[..., Result], accord_registry_url: str) -> None:
    assert accord_registry_url  # which makes registry and log a pair
    run("topics", "create", "t", "-c", "accord.value.schema.validation=true")
    refused = run("produce", "t", text="plain\n", code=1).stderr.splitlines()
    assert len(refused) == 2
    assert refused[0].startswith("accord: a record was refused: ")
    assert refused[1] == "accord: 1 records were refused"


def test_who_has_seen_enough_is_not_bothered(accord_kafka: EmbeddedLog) -> None:
    """As `accord consume … | head -1` has."""
    producer = Producer({"bootstrap.servers": accord_kafka.bootstrap_servers, "log_level": 0})
    for number in range(5000):
        producer.produce("t", str(number).encode() * 20)
    assert producer.flush(PATIENCE_SECONDS) == 0
    read = [ACCORD, "consume", "t", "--from-beginning", "-b", accord_kafka.bootstrap_servers]
    with subprocess.Popen(read, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["offset"] == 0
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(PATIENCE_SECONDS) == 0


# groups


def committed(log: EmbeddedLog, group: str) -> int:
    consumer = Consumer(
        {"bootstrap.servers": log.bootstrap_servers, "group.id": group, "log_level": 0}
    )
    (place,) = consumer.committed([TopicPartition("t", 0)], timeout=PATIENCE_SECONDS)
    consumer.close()
    return int(place.offset)


def test_a_group_shares_a_topic_and_goes_on_where_it_was(
    run: Callable[..., Result], accord_kafka: EmbeddedLog
) -> None:
    run("produce", "t", text="".join(f"{number}\n" for number in range(5)))
    read = ("consume", "t", "--group", "g", "--from-beginning", "--raw")
    assert run(*read, "-n", "3").stdout.split() == ["0", "1", "2"]
    assert run(*read, "-n", "2").stdout.split() == ["3", "4"]
    assert committed(accord_kafka, "g") == 5
    assert rows(run("groups", "list")) == [["GROUP", "STATE"], ["g", "empty"]]
    head, titles, row = rows(run("groups", "describe", "g"))
    assert head[:2] == ["g", "empty,"]
    assert dict(zip(titles, row, strict=True)) == {
        "TOPIC": "t",
        "PARTITION": "0",
        "COMMITTED": "5",
        "NEXT": "5",
        "BEHIND": "0",
        "CLIENT": "-",
        "HOST": "-",
    }


def test_offsets_are_moved(run: Callable[..., Result], accord_kafka: EmbeddedLog) -> None:
    producer = Producer({"bootstrap.servers": accord_kafka.bootstrap_servers, "log_level": 0})
    for number in range(10):
        producer.produce("t", b"v", timestamp=1_000_000 + number * 1000)
    assert producer.flush(PATIENCE_SECONDS) == 0
    move = ("groups", "reset-offsets", "g", "--topic", "t")
    for way, offset in [
        (["--to-latest"], 10),
        (["--to-earliest"], 0),
        (["--to-offset", "4"], 4),
        (["--shift-by", "3"], 7),
        (["--shift-by", "-2"], 5),
        (["--to-offset", "99"], 10),
        (["--to-datetime", "1970-01-01T00:16:43Z"], 3),
        (["--to-datetime", "2026-01-01T00:00:00Z"], 10),
    ]:
        shown = run(*move, *way)
        assert rows(shown)[1] == ["t", "0", str(offset)], way
        assert committed(accord_kafka, "g") == offset
    run(*move[:-1], "t:0", "--to-earliest", "--dry-run")
    assert committed(accord_kafka, "g") == 10
    assert run("groups", "delete", "g").stdout == "deleted g\n"
    assert rows(run("groups", "list")) == [["GROUP", "STATE"]]


def test_a_group_with_members_is_left_alone(
    run: Callable[..., Result], accord_kafka: EmbeddedLog
) -> None:
    run("produce", "t", text="v\n")
    consumer = Consumer(
        {
            "bootstrap.servers": accord_kafka.bootstrap_servers,
            "group.id": "g",
            "auto.offset.reset": "earliest",
            "client.id": "me",
        }
    )
    consumer.subscribe(["t"])
    assert consumer.poll(PATIENCE_SECONDS) is not None
    consumer.commit(asynchronous=False)
    described = run("groups", "describe", "g").stdout
    assert "g  stable, 1 members" in described
    assert rows(run("groups", "describe", "g"))[2][5] == "me"
    assert "t [0]" in told(run("groups", "reset-offsets", "g", "-t", "t", "--to-latest", code=1))
    assert told(run("groups", "delete", "g", code=1)).startswith("g: ")
    consumer.close()
