"""`accord produce`: send each line of the standard input as a record."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from registry.cli.log.arguments import BOOTSTRAP, URL, Bootstrap, Properties, Url
from registry.cli.log.client import Complaints, configuration, pairs_of, reached, text_of, told
from registry.cli.options import complain, fail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from confluent_kafka import KafkaError, Message, Producer

    Encode = Callable[[bytes], bytes]

app = typer.Typer(add_completion=False)

DEFAULTS = {"enable.idempotence": True, "linger.ms": 5}
PAUSE_SECONDS = 0.1
FLUSH_SECONDS = 30.0
MAX_COMPLAINTS = 10


@app.command()
def produce(  # noqa: PLR0913 - as many as there are ways to send
    topic: Annotated[str, typer.Argument(metavar="TOPIC", show_default=False)],
    *,
    key_separator: Annotated[
        str | None,
        typer.Option("--key-separator", "-k", help="What stands between key and value."),
    ] = None,
    schema: Annotated[
        bool,
        typer.Option("--schema", "-s", help="Values are JSON: encode them by a registered schema."),
    ] = False,
    key_schema: Annotated[
        bool, typer.Option("--key-schema", help="Keys are JSON: encode them likewise.")
    ] = False,
    subject: Annotated[
        str | None,
        typer.Option(help="Subject of the values' schema; unset: the topic's name and -value."),
    ] = None,
    key_subject: Annotated[
        str | None,
        typer.Option(help="Subject of the keys' schema; unset: the topic's name and -key."),
    ] = None,
    null: Annotated[
        str | None, typer.Option(metavar="TEXT", help="A value that stands for none at all.")
    ] = None,
    header: Annotated[
        list[str] | None,
        typer.Option("--header", "-H", metavar="KEY=VALUE", help="Header of every record."),
    ] = None,
    partition: Annotated[
        int | None,
        typer.Option("--partition", "-p", min=0, help="Where to send; unset: by the key."),
    ] = None,
    registry: Url = URL,
    bootstrap: Bootstrap = BOOTSTRAP,
    properties: Properties = None,
) -> None:
    """Send each line of the standard input as a record."""
    if key_schema and key_separator is None:
        fail("--key-schema needs --key-separator: without it there are no keys")
    from confluent_kafka import Producer  # noqa: PLC0415 - see client.py

    headers: list[Any] = list(pairs_of(header, "--header").items())
    value_encoder = _encoder(registry, subject or f"{topic}-value") if schema else _as_it_is
    key_encoder = _encoder(registry, key_subject or f"{topic}-key") if key_schema else _as_it_is
    complaints = Complaints()
    with told():
        producer = Producer(configuration(bootstrap, properties, complaints, DEFAULTS))
    reached(producer, complaints, bootstrap)
    lines = Input(key_separator, null, key_encoder, value_encoder)
    sender = Sender(producer, topic, headers, -1 if partition is None else partition)
    try:
        for key, value in lines.records():
            sender.send(key, value)
    except KeyboardInterrupt:
        complain("interrupted: what was read is sent")
    finally:
        sender.finish()


def _as_it_is(text: bytes) -> bytes:
    return text


def _encoder(registry: str, subject: str) -> Encode:
    """Return what encodes JSON by the latest schema of a subject; or end the program."""
    from registry.cli.log.payloads import Mismatch, format_of  # noqa: PLC0415 - see client.py
    from registry.cli.log.registered import (  # noqa: PLC0415 - likewise
        Registry,
        Unanswered,
        Unregistered,
    )

    try:
        found = Registry(registry).latest(subject)
        form = format_of(found.parsed)
    except Unregistered:
        fail(f"no schema is registered under {subject}")
    except (Unanswered, Mismatch) as error:
        fail(str(error))
    prefix = b"\0" + found.id.to_bytes(4, "big")
    return lambda text: prefix + form.encoded(text)


class Input:
    """The lines of the standard input as keys and values."""

    def __init__(self, separator: str | None, null: str | None, key: Encode, value: Encode) -> None:
        self._separator = None if separator is None else separator.encode()
        self._null = None if null is None else null.encode()
        self._key = key
        self._value = value

    def records(self) -> Iterator[tuple[bytes | None, bytes | None]]:
        """Yield them; ends the program where a line is not what it should be."""
        from registry.cli.log.payloads import Mismatch  # noqa: PLC0415 - see client.py

        for number, line in enumerate(sys.stdin.buffer, 1):
            try:
                yield self._record(line.rstrip(b"\r\n"))
            except Mismatch as error:
                fail(f"line {number}: {error}")

    def _record(self, line: bytes) -> tuple[bytes | None, bytes | None]:
        from registry.cli.log.payloads import Mismatch  # noqa: PLC0415 - see client.py

        key = None
        if self._separator is not None:
            first, found, line = line.partition(self._separator)
            if not found:
                raise Mismatch("there is no key separator")
            key = self._key(first)
        return key, None if line == self._null else self._value(line)


class Sender:
    """Sends records, and tells those that were refused."""

    def __init__(
        self,
        producer: Producer,
        topic: str,
        headers: list[tuple[str, str | bytes | None]],
        partition: int,
    ) -> None:
        self._producer = producer
        self._topic = topic
        self._headers = headers
        self._partition = partition
        self._refused = 0

    def send(self, key: bytes | None, value: bytes | None) -> None:
        """Send a record, waiting while too many are on their way."""
        while True:
            try:
                self._producer.produce(
                    self._topic,
                    key=key,
                    value=value,
                    headers=self._headers,
                    partition=self._partition,
                    on_delivery=self._note,
                )
            except BufferError:
                self._producer.poll(PAUSE_SECONDS)
            else:
                self._producer.poll(0)
                return

    def _note(self, error: KafkaError | None, _message: Message) -> None:
        if error is None:
            return
        self._refused += 1
        if self._refused <= MAX_COMPLAINTS:
            complain(f"a record was refused: {text_of(Exception(error))}")

    def finish(self) -> None:
        """Wait for the answers; end the program with code 1 when not every record was taken."""
        left = self._producer.flush(FLUSH_SECONDS)
        if left:
            fail(f"{left} records were not acknowledged")
        if self._refused:
            fail(f"{self._refused} records were refused")
