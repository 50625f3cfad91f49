"""When offsets that nobody needs are forgotten, and the groups with them.

    group                                    an offset goes when so much time has passed since
    ---------------------------------------  -------------------------------------------------
    has never had members                    it was committed
    is empty                                 the group became empty
    consumers, stable, topic not subscribed  it was committed
    any other                                it stays

A time that the client gave with its commit takes the place of the broker's. What a transaction
has staged, and what stands where it has staged something, stays. An empty group without offsets
goes too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_log.broker.groups_group import CONSUMER, GroupState
from accord_log.broker.offsets_record import NO_TIME

if TYPE_CHECKING:
    from accord_log.broker.groups import Groups
    from accord_log.broker.groups_group import Group
    from accord_log.broker.offsets import Offsets
    from accord_log.broker.offsets_record import CommittedOffset
    from accord_log.broker.services import Services


class GroupExpiry:
    """Forgets what is over, each time it is asked to."""

    def __init__(self, services: Services, groups: Groups, offsets: Offsets) -> None:
        self._services = services
        self._groups = groups
        self._offsets = offsets

    def check(self) -> None:
        """Forget everything whose time is over."""
        for name in self._groups.names():
            with self._services.lock:
                group = self._groups.find(name)
                if group is not None:
                    self._check(group)

    def _check(self, group: Group) -> None:
        unstable = self._offsets.unstable(group.name)
        committed = self._offsets.of(group.name)
        over = [
            where
            for where, offset in committed.items()
            if where not in unstable and self._is_over(group, where[0], offset)
        ]
        is_needless = len(over) == len(committed) and not self._offsets.has_transactions(group.name)
        if group.state is GroupState.EMPTY and is_needless and not group.pending:
            self._groups.delete(group.name)
        elif over:
            self._offsets.forget(group.name, over, lambda _: None)

    def _is_over(self, group: Group, topic: str, offset: CommittedOffset) -> bool:
        since = _unneeded_since(group, topic, offset)
        if since is None:
            return False
        now = self._services.clock()
        if offset.expire_timestamp_ms != NO_TIME:
            return now >= offset.expire_timestamp_ms
        return now - since >= self._services.settings.offsets_retention_ms


def _unneeded_since(group: Group, topic: str, offset: CommittedOffset) -> int | None:
    if not group.protocol_type:
        return offset.commit_timestamp_ms
    if group.is_subscribed_to(topic):
        return None
    if group.state is GroupState.EMPTY:
        return group.empty_since_ms
    if group.protocol_type == CONSUMER and group.state is GroupState.STABLE:
        return offset.commit_timestamp_ms
    return None
