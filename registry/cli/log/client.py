"""librdkafka as the commands use it: what it is given, and what its failures are called.

The library is imported when a command runs, for `accord --help` must not wait for it.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from registry.cli.options import fail

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from concurrent.futures import Future

    from confluent_kafka import KafkaError
    from confluent_kafka.admin import AdminClient, ClusterMetadata

PATIENCE_SECONDS = 5.0
PAUSE_SECONDS = 0.1
# A group's coordinator, or a deletion, may take longer than a connection.
ANSWER_SECONDS = 30.0


class Complaints:
    """What a client says of its connections."""

    def __init__(self) -> None:
        self.last = ""
        self.is_final = False

    def note(self, error: KafkaError) -> None:
        """Take an error; librdkafka calls this."""
        hopeless = {"_AUTHENTICATION", "_SSL", "_FATAL"}
        if error.name() != "_ALL_BROKERS_DOWN":
            self.last = error.str().partition(" (after ")[0]
        self.is_final = self.is_final or error.name() in hopeless


def pairs_of(texts: Iterable[str] | None, option: str) -> dict[str, str]:
    """Read `key=value` several times; ends the program with a line for what is no such thing."""
    pairs: dict[str, str] = {}
    for text in texts or ():
        key, equals, value = text.partition("=")
        if not key or not equals:
            fail(f"{option} takes KEY=VALUE, not {text!r}")
        pairs[key] = value
    return pairs


def configuration(
    bootstrap: str,
    properties: Iterable[str] | None,
    complaints: Complaints,
    defaults: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the configuration of a client; what the caller's user says wins."""
    return {
        "bootstrap.servers": bootstrap,
        "client.id": "accord",
        "log_level": 0,  # it writes to the terminal what `complaints` gets as well
        "error_cb": complaints.note,
        **(defaults or {}),
        **pairs_of(properties, "-X"),
    }


@contextmanager
def told() -> Iterator[None]:
    """End the program with one line for an error of the library."""
    from confluent_kafka import KafkaException  # noqa: PLC0415 - see above

    try:
        yield
    except KafkaException as error:
        fail(text_of(error))


def text_of(error: Exception) -> str:
    """Return what went wrong, in a sentence's middle."""
    cause = error.args[0] if error.args else error
    text = cause.str() if hasattr(cause, "str") else str(error)
    return f"{text[:1].lower()}{text[1:]}" if text[1:2].islower() else str(text)


def connect(
    bootstrap: str, properties: Iterable[str] | None
) -> tuple[AdminClient, ClusterMetadata]:
    """Return a client that has reached the log, and what it was told; or end the program."""
    from confluent_kafka.admin import AdminClient  # noqa: PLC0415

    complaints = Complaints()
    with told():
        client = AdminClient(configuration(bootstrap, properties, complaints))
    return client, reached(client, complaints, bootstrap)


def reached(client: Any, complaints: Complaints, bootstrap: str) -> ClusterMetadata:  # noqa: ANN401 - clients have no type in common
    """Return the metadata of the cluster, or end the program with the reason why there is none."""
    from confluent_kafka import KafkaException  # noqa: PLC0415

    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            metadata: ClusterMetadata = client.list_topics(timeout=1.0)
        except KafkaException as error:
            client.poll(0)
            if complaints.is_final or time.monotonic() > deadline:
                fail(f"cannot reach {bootstrap}: {complaints.last or text_of(error)}")
            time.sleep(PAUSE_SECONDS)
        else:
            return metadata


def settle(futures: Mapping[Any, Future[Any]], done: str) -> None:
    """Wait for what was asked, one line each; end the program with code 1 when one was refused."""
    from confluent_kafka import KafkaException  # noqa: PLC0415

    refused = []
    for thing, future in futures.items():
        try:
            future.result(ANSWER_SECONDS)
        except KafkaException as error:
            refused.append(f"{thing}: {text_of(error)}")
        else:
            typer.echo(f"{done} {thing}")
    if refused:
        fail("; ".join(refused))


def outcome(future: Future[Any]) -> Any:  # noqa: ANN401 - of the call's own type
    """Return what a call gave, or end the program with a line."""
    with told():
        return future.result(ANSWER_SECONDS)


def unknown_topic(name: str) -> NoReturn:
    fail(f"there is no topic {name}")
