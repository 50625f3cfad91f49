"""What a member says of itself when it joins, and what the leader makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.embedded.assignors import ASSIGNORS, STICKY
from accord_log.embedded.consumer_protocol import (
    NO_GENERATION,
    Malformed,
    Subscription,
    read_previous,
    read_subscription,
    write_assignment,
    write_previous,
    write_subscription,
)
from accord_log.kafka.messages.sync_group import SyncGroupRequestAssignment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from accord_log.broker.topics import Topics
    from accord_log.kafka.messages.join_group import JoinGroupResponseMember


def metadata_for(strategy: str, subscription: Subscription, generation: int) -> bytes:
    """Return what a member tells the leader, for one assignor."""
    data = write_previous(subscription.owned, generation) if strategy == STICKY else None
    return write_subscription(subscription, data)


def watched_counts(names: Iterable[str], topics: Topics) -> dict[str, int]:
    """Return the numbers of partitions, of topics that are there."""
    found = {name: topics.get(name) for name in names}
    return {name: len(topic.partitions) for name, topic in found.items() if topic is not None}


def assign(
    strategy: str, members: Sequence[JoinGroupResponseMember], topics: Topics
) -> tuple[frozenset[str], list[SyncGroupRequestAssignment]]:
    """Return the topics of the whole group, and what each member gets.

    A member that cannot be understood gets nothing; the others do not suffer for it.
    """
    told = _subscriptions(strategy, members)
    names: frozenset[str] = frozenset().union(*(each.topics for each in told.values()))
    # Static members keep what is theirs: they are sorted by the name that stays the same.
    aliases = {
        member.member_id: f"{member.group_instance_id or ''}\0{member.member_id}"
        for member in members
    }
    renamed = {aliases[member]: each for member, each in told.items()}
    assignment = ASSIGNORS[strategy](renamed, watched_counts(names, topics))
    return names, [
        SyncGroupRequestAssignment(member, write_assignment(assignment[alias]))
        for member, alias in aliases.items()
    ]


def _subscriptions(
    strategy: str, members: Sequence[JoinGroupResponseMember]
) -> dict[str, Subscription]:
    told: dict[str, Subscription] = {}
    generations: dict[str, int] = {}
    for member in members:
        try:
            subscription, data = read_subscription(member.metadata)
            if strategy == STICKY and data is not None:
                subscription.owned, generations[member.member_id] = read_previous(data)
        except Malformed:
            subscription = Subscription(frozenset())
        told[member.member_id] = subscription
    # Who tells of an older generation has missed what was given away since.
    latest = max(generations.values(), default=NO_GENERATION)
    for member_id, generation in generations.items():
        if generation < latest:
            told[member_id].owned = frozenset()
    return told
