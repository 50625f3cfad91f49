"""`accord groups`: list, describe, rewind and delete groups of consumers."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

import typer

from registry.cli.log.arguments import BOOTSTRAP, Bootstrap, Properties
from registry.cli.log.client import connect, outcome, settle, unknown_topic
from registry.cli.log.table import show
from registry.cli.options import fail

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from confluent_kafka import TopicPartition
    from confluent_kafka.admin import AdminClient, ClusterMetadata

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="List, rewind and delete groups of consumers."
)

Group = Annotated[str, typer.Argument(metavar="GROUP", show_default=False)]
Groups = Annotated[list[str], typer.Argument(metavar="GROUP...", show_default=False)]
UNKNOWN_STATE = "DEAD"


@app.command("list")
def list_groups(bootstrap: Bootstrap = BOOTSTRAP, properties: Properties = None) -> None:
    """List the groups with their states."""
    client, _ = connect(bootstrap, properties)
    found = outcome(client.list_consumer_groups())
    for error in found.errors:
        fail(str(error))
    rows = sorted((group.group_id, group.state.name.lower()) for group in found.valid)
    show(("GROUP", "STATE"), rows)


@app.command()
def describe(
    groups: Groups, bootstrap: Bootstrap = BOOTSTRAP, properties: Properties = None
) -> None:
    """Show the members of groups, and how far they are behind."""
    client, metadata = connect(bootstrap, properties)
    for number, group in enumerate(groups):
        if number:
            typer.echo()
        _describe(client, metadata, group)


def _describe(client: AdminClient, metadata: ClusterMetadata, group: str) -> None:
    (future,) = client.describe_consumer_groups([group]).values()
    found = outcome(future)
    committed = _committed(client, group)
    if found.state.name == UNKNOWN_STATE and not committed:
        fail(f"there is no group {group}")
    typer.echo(f"{group}  {found.state.name.lower()}, {len(found.members)} members")
    owners = {
        (place.topic, place.partition): member
        for member in found.members
        for place in member.assignment.topic_partitions
    }
    places = sorted(committed.keys() | owners.keys())
    ends = _ends(client, [place for place in places if place[0] in metadata.topics])
    rows = []
    for place in places:
        position, end, member = committed.get(place), ends.get(place), owners.get(place)
        behind = None if position is None or end is None else end - position
        who = (None, None) if member is None else (member.client_id, member.host)
        rows.append((*place, position, end, behind, *who))
    show(("TOPIC", "PARTITION", "COMMITTED", "NEXT", "BEHIND", "CLIENT", "HOST"), rows)


def _committed(client: AdminClient, group: str) -> dict[tuple[str, int], int]:
    from confluent_kafka import ConsumerGroupTopicPartitions  # noqa: PLC0415 - see client.py

    (future,) = client.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)]).values()
    places = outcome(future).topic_partitions
    return {(one.topic, one.partition): one.offset for one in places if one.offset >= 0}


def _ends(client: AdminClient, places: Iterable[tuple[str, int]]) -> dict[tuple[str, int], int]:
    from confluent_kafka.admin import OffsetSpec  # noqa: PLC0415

    return _offsets(client, dict.fromkeys(places, OffsetSpec.latest()))  # type: ignore[no-untyped-call]  # the library's own lack


def _offsets(
    client: AdminClient, specs: Mapping[tuple[str, int], Any]
) -> dict[tuple[str, int], int]:
    from confluent_kafka import TopicPartition  # noqa: PLC0415

    if not specs:
        return {}
    wanted = {TopicPartition(*place): spec for place, spec in specs.items()}
    found: Mapping[TopicPartition, Any] = client.list_offsets(wanted)
    return {
        (str(place.topic), place.partition): outcome(future).offset
        for place, future in found.items()
    }


@app.command()
def delete(groups: Groups, bootstrap: Bootstrap = BOOTSTRAP, properties: Properties = None) -> None:
    """Delete groups without members, and the offsets that they have committed."""
    client, _ = connect(bootstrap, properties)
    settle(client.delete_consumer_groups(groups), "deleted")


@app.command("reset-offsets")
def reset_offsets(  # noqa: PLR0913 - one for each way to name a place
    group: Group,
    topics: Annotated[
        list[str],
        typer.Option(
            "--topic",
            "-t",
            metavar="TOPIC[:PARTITION]",
            help="Where; may be given again.",
            show_default=False,
        ),
    ],
    *,
    to_earliest: Annotated[bool, typer.Option(help="To the first record there is.")] = False,
    to_latest: Annotated[bool, typer.Option(help="Behind the last one.")] = False,
    to_offset: Annotated[int | None, typer.Option(min=0, help="To an offset.")] = None,
    to_datetime: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help="To the first record of that time, as in 2026-07-01T12:00:00Z."
        ),
    ] = None,
    shift_by: Annotated[
        int | None, typer.Option(help="So many records on, or back when it is negative.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing.")] = False,
    bootstrap: Bootstrap = BOOTSTRAP,
    properties: Properties = None,
) -> None:
    """Move what a group without members has committed."""
    ways = [to_earliest, to_latest, to_offset is not None, to_datetime is not None]
    if sum([*ways, shift_by is not None]) != 1:
        fail("give one of --to-earliest, --to-latest, --to-offset, --to-datetime, --shift-by")
    time_ms = None if to_datetime is None else _milliseconds(to_datetime)
    client, metadata = connect(bootstrap, properties)
    places = _places(metadata, topics)
    reach = Reach(client, places)
    if to_earliest:
        wanted = reach.first
    elif to_latest:
        wanted = reach.after
    elif time_ms is not None:
        wanted = reach.at(time_ms)
    elif shift_by is not None:
        before = _committed(client, group)
        wanted = {place: before.get(place, reach.first[place]) + shift_by for place in places}
    else:
        wanted = dict.fromkeys(places, to_offset or 0)
    _move(client, group, reach.within(wanted), is_trial=dry_run)


class Reach:
    """The offsets that there are."""

    def __init__(self, client: AdminClient, places: list[tuple[str, int]]) -> None:
        from confluent_kafka.admin import OffsetSpec  # noqa: PLC0415

        self._client = client
        self._places = places
        self.first = _offsets(client, dict.fromkeys(places, OffsetSpec.earliest()))  # type: ignore[no-untyped-call]  # as above
        self.after = _ends(client, places)

    def at(self, time_ms: int) -> dict[tuple[str, int], int]:
        """Return the offsets of the first records of a time or later; behind the last if none."""
        from confluent_kafka.admin import OffsetSpec  # noqa: PLC0415

        spec = OffsetSpec.for_timestamp(time_ms)
        found = _offsets(self._client, dict.fromkeys(self._places, spec))
        return {place: self.after[place] if at < 0 else at for place, at in found.items()}

    def within(self, wanted: Mapping[tuple[str, int], int]) -> dict[tuple[str, int], int]:
        """Return the offsets, those out of range set to the nearest one inside."""
        return {
            place: min(max(offset, self.first[place]), self.after[place])
            for place, offset in wanted.items()
        }


def _milliseconds(text: str) -> int:
    try:
        time = dt.datetime.fromisoformat(text)
    except ValueError:
        fail(f"--to-datetime takes a time as in 2026-07-01T12:00:00Z, not {text!r}")
    return int(time.timestamp() * 1000)


def _places(metadata: ClusterMetadata, topics: Iterable[str]) -> list[tuple[str, int]]:
    places: list[tuple[str, int]] = []
    for text in topics:
        name, _, number = text.partition(":")
        if name not in metadata.topics:
            unknown_topic(name)
        known = metadata.topics[name].partitions
        if number and not (number.isdecimal() and int(number) in known):
            fail(f"topic {name} has no partition {number}")
        places += [(name, int(number))] if number else [(name, one) for one in sorted(known)]
    return places


def _move(
    client: AdminClient, group: str, offsets: Mapping[tuple[str, int], int], *, is_trial: bool
) -> None:
    from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition  # noqa: PLC0415

    if not is_trial:
        places = [TopicPartition(*place, offset) for place, offset in offsets.items()]
        request = ConsumerGroupTopicPartitions(group, places)
        (future,) = client.alter_consumer_group_offsets([request]).values()
        for place in outcome(future).topic_partitions:
            if place.error is not None:
                fail(f"{place.topic} [{place.partition}]: {place.error.str()}")
    rows = [(*place, offset) for place, offset in offsets.items()]
    show(("TOPIC", "PARTITION", "OFFSET"), rows)
