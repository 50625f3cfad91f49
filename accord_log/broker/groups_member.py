"""One member of a group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

    from accord_log.broker.groups_deadline import Deadline
    from accord_log.broker.promise import Promise
    from accord_log.kafka.messages.join_group import JoinGroupResponse
    from accord_log.kafka.messages.sync_group import SyncGroupResponse


@dataclass(slots=True, eq=False)
class Member:
    """Who reads with others.

    `protocols` are the ways of assignment that it can follow, the preferred one first, each with
    what its assignor has to know. `join` and `sync` are the answers that it waits for.
    A member that has an `instance_id` is static: its place is kept while it restarts.
    """

    id: str
    instance_id: str | None
    client_id: str
    host: str
    session_timeout_ms: int
    rebalance_timeout_ms: int
    protocols: dict[str, bytes]
    session: Deadline
    assignment: bytes = b""
    join: Promise[JoinGroupResponse] | None = None
    sync: Promise[SyncGroupResponse] | None = None
    is_new: bool = True  # has not yet been given a generation

    @property
    def is_static(self) -> bool:
        return self.instance_id is not None

    @property
    def metadata_bytes(self) -> int:
        return sum(len(metadata) for metadata in self.protocols.values())

    def vote(self, candidates: Container[str]) -> str:
        """Return the candidate it likes best; it knows each of them."""
        return next(name for name in self.protocols if name in candidates)

    def stay(self) -> None:
        """Begin its session anew."""
        self.session.set_in(self.session_timeout_ms)
