"""`accord topics`: list, create, describe, alter and delete topics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from registry.cli.log.arguments import BOOTSTRAP, Bootstrap, Properties
from registry.cli.log.client import connect, outcome, pairs_of, settle, told, unknown_topic
from registry.cli.log.table import show
from registry.cli.options import fail

if TYPE_CHECKING:
    from collections.abc import Mapping

    from confluent_kafka.admin import AdminClient, ConfigEntry, TopicMetadata

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="List, create, change and delete topics."
)

Names = Annotated[list[str], typer.Argument(metavar="TOPIC...", show_default=False)]
Name = Annotated[str, typer.Argument(metavar="TOPIC", show_default=False)]
Config = Annotated[
    list[str] | None,
    typer.Option("--config", "-c", metavar="KEY=VALUE", help="Config of the topic."),
]
# Where a value of a config comes from, as DescribeConfigs numbers it.
OF_TOPIC: Any = 1


@app.command("list")
def list_topics(bootstrap: Bootstrap = BOOTSTRAP, properties: Properties = None) -> None:
    """List the topics with the number of their partitions."""
    _, metadata = connect(bootstrap, properties)
    rows = [(name, len(metadata.topics[name].partitions)) for name in sorted(metadata.topics)]
    show(("TOPIC", "PARTITIONS"), rows)


@app.command()
def create(
    names: Names,
    partitions: Annotated[
        int | None,
        typer.Option(
            "--partitions", "-p", min=1, help="Partitions of each; unset: as many as the log makes."
        ),
    ] = None,
    config: Config = None,
    bootstrap: Bootstrap = BOOTSTRAP,
    properties: Properties = None,
) -> None:
    """Create topics."""
    from confluent_kafka.admin import NewTopic  # noqa: PLC0415 - see client.py

    client, _ = connect(bootstrap, properties)
    given = pairs_of(config, "--config")
    topics = [NewTopic(name, num_partitions=partitions or -1, config=given) for name in names]
    with told():
        futures = client.create_topics(topics)
    settle(futures, "created")


@app.command()
def describe(names: Names, bootstrap: Bootstrap = BOOTSTRAP, properties: Properties = None) -> None:
    """Show the partitions of topics with their first and next offsets, and their configs."""
    client, metadata = connect(bootstrap, properties)
    for name in names:
        if name not in metadata.topics:
            unknown_topic(name)
    for number, name in enumerate(names):
        if number:
            typer.echo()
        _describe(client, metadata.topics[name])


def _describe(client: AdminClient, topic: TopicMetadata) -> None:
    configs = _configs(client, str(topic.topic))
    own = [entry for entry in configs.values() if entry.source == OF_TOPIC]
    typer.echo(f"{topic.topic}")
    for entry in sorted(own, key=lambda entry: str(entry.name)):
        typer.echo(f"  {entry.name}={entry.value}")
    first, after = (_offsets(client, topic, end=end) for end in (False, True))
    rows = [(number, first[number], after[number]) for number in sorted(topic.partitions)]
    show(("PARTITION", "FIRST", "NEXT"), rows)


def _configs(client: AdminClient, name: str) -> Mapping[str, ConfigEntry]:
    from confluent_kafka.admin import ConfigResource, ResourceType  # noqa: PLC0415

    (future,) = client.describe_configs([ConfigResource(ResourceType.TOPIC, name)]).values()
    configs: Mapping[str, ConfigEntry] = outcome(future)
    return configs


def _offsets(client: AdminClient, topic: TopicMetadata, *, end: bool) -> dict[int, int]:
    from confluent_kafka import TopicPartition  # noqa: PLC0415
    from confluent_kafka.admin import OffsetSpec  # noqa: PLC0415

    spec = OffsetSpec.latest() if end else OffsetSpec.earliest()  # type: ignore[no-untyped-call]  # the library's own lack
    wanted = {TopicPartition(str(topic.topic), number): spec for number in topic.partitions}
    found: dict[Any, Any] = client.list_offsets(wanted)
    return {place.partition: outcome(future).offset for place, future in found.items()}


@app.command()
def alter(
    name: Name,
    partitions: Annotated[
        int | None,
        typer.Option("--partitions", "-p", min=1, help="Partitions it shall have, more than now."),
    ] = None,
    config: Config = None,
    delete_config: Annotated[
        list[str] | None,
        typer.Option("--delete-config", metavar="KEY", help="Config to set back to its default."),
    ] = None,
    bootstrap: Bootstrap = BOOTSTRAP,
    properties: Properties = None,
) -> None:
    """Give a topic more partitions, or change its configs."""
    given = pairs_of(config, "--config")
    if partitions is None and not given and not delete_config:
        fail("nothing to change: give --partitions, --config or --delete-config")
    client, metadata = connect(bootstrap, properties)
    if name not in metadata.topics:
        unknown_topic(name)
    if partitions is not None:
        _grow(client, name, partitions)
    if given or delete_config:
        _configure(client, name, {**given, **dict.fromkeys(delete_config or ())})


def _grow(client: AdminClient, name: str, partitions: int) -> None:
    from confluent_kafka.admin import NewPartitions  # noqa: PLC0415

    settle(client.create_partitions([NewPartitions(name, partitions)]), "grown")


def _configure(client: AdminClient, name: str, changes: Mapping[str, str | None]) -> None:
    from confluent_kafka.admin import (  # noqa: PLC0415
        AlterConfigOpType,
        ConfigEntry,
        ConfigResource,
        ResourceType,
    )

    entries = [
        ConfigEntry(
            key,
            value,
            incremental_operation=(
                AlterConfigOpType.DELETE if value is None else AlterConfigOpType.SET
            ),
        )
        for key, value in changes.items()
    ]
    resource = ConfigResource(ResourceType.TOPIC, name, incremental_configs=entries)
    (future,) = client.incremental_alter_configs([resource]).values()
    settle({name: future}, "configured")


@app.command()
def delete(names: Names, bootstrap: Bootstrap = BOOTSTRAP, properties: Properties = None) -> None:
    """Delete topics with all their records."""
    client, _ = connect(bootstrap, properties)
    with told():
        futures = client.delete_topics(names)
    settle(futures, "deleted")
