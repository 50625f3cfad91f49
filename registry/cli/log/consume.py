"""`accord consume`: read a topic, and write each record as one line of JSON."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from registry.cli.log.arguments import BOOTSTRAP, URL, Bootstrap, Properties, Url
from registry.cli.log.client import Complaints, configuration, reached, told, unknown_topic
from registry.cli.options import fail

if TYPE_CHECKING:
    from registry.cli.log.source import Source

app = typer.Typer(add_completion=False)

# Without the first one librdkafka pauses for a second whenever it is ahead of who reads.
DEFAULTS = {"fetch.queue.backoff.ms": 10, "enable.partition.eof": True}


@app.command()
def consume(  # noqa: PLR0913 - as many as there are ways to read
    topic: Annotated[str, typer.Argument(metavar="TOPIC", show_default=False)],
    *,
    from_beginning: Annotated[
        bool, typer.Option("--from-beginning", help="Begin with the first record there is.")
    ] = False,
    partition: Annotated[
        int | None, typer.Option("--partition", "-p", min=0, help="Read one partition only.")
    ] = None,
    offset: Annotated[
        int | None,
        typer.Option("--offset", "-o", help="Where to begin; -10 is ten before the end."),
    ] = None,
    group: Annotated[
        str | None,
        typer.Option("--group", "-g", help="Share the topic with the others of a group."),
    ] = None,
    max_messages: Annotated[
        int | None, typer.Option("--max-messages", "-n", min=1, help="Stop after so many.")
    ] = None,
    until_end: Annotated[
        bool, typer.Option("--until-end", "-e", help="Stop at the end that there is now.")
    ] = False,
    raw: Annotated[
        bool, typer.Option("--raw", help="Write the values alone, as they are.")
    ] = False,
    registry: Url = URL,
    bootstrap: Bootstrap = BOOTSTRAP,
    properties: Properties = None,
) -> None:
    """Write the records of a topic as lines of JSON, decoded by their schemas."""
    is_choosing = partition is not None or offset is not None or until_end
    if group is not None and is_choosing:
        fail("--group chooses the places: leave out --partition, --offset and --until-end")
    if offset is not None and from_beginning:
        fail("--offset and --from-beginning are two places to begin: give one")
    from confluent_kafka import OFFSET_BEGINNING, OFFSET_END, Consumer  # noqa: PLC0415 - as client.py says

    from registry.cli.log.source import Source, group_start  # noqa: PLC0415 - likewise

    complaints = Complaints()
    start = OFFSET_BEGINNING if from_beginning else OFFSET_END
    defaults = {**DEFAULTS, **group_start(group, start)}
    with told():
        consumer = Consumer(configuration(bootstrap, properties, complaints, defaults))
    known = reached(consumer, complaints, bootstrap).topics
    if topic not in known:
        unknown_topic(topic)
    source = Source(consumer, topic, max_messages)
    with told():
        if group is not None:
            consumer.subscribe([topic])
        else:
            chosen = sorted(known[topic].partitions) if partition is None else [partition]
            source.assign(chosen, start, offset, until_end=until_end)
        _write(source, registry, raw=raw)


def _write(source: Source, registry: str, *, raw: bool) -> None:
    from registry.cli.log.lines import JsonLines, raw_line  # noqa: PLC0415 - as above
    from registry.cli.log.registered import Unanswered  # noqa: PLC0415 - likewise

    line = raw_line if raw else JsonLines(registry).line
    out: Any = sys.stdout.buffer
    try:
        for batch in source.batches():
            out.writelines(map(line, batch))
            out.flush()
    except Unanswered as error:
        fail(str(error))
    except KeyboardInterrupt:
        pass
    except BrokenPipeError:  # who reads has seen enough; what is buffered goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    finally:
        with suppress(KeyboardInterrupt):
            source.close()
