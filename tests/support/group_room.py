"""Groups and offsets without a broker around them: real parts, over a clock that a test moves."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from accord_log.broker.context import Context
from accord_log.broker.groups import Groups
from accord_log.broker.handlers import (
    h08_offset_commit,
    h09_offset_fetch,
    h11_join_group,
    h12_heartbeat,
    h13_leave_group,
    h14_sync_group,
    h15_describe_groups,
    h16_list_groups,
    h42_delete_groups,
    h47_offset_delete,
)
from accord_log.broker.offsets import CommittedOffset, Offsets
from accord_log.broker.promise import Promise, resolved
from accord_log.broker.services import Services
from accord_log.broker.settings import BrokerSettings
from accord_log.broker.timers import Timers
from accord_log.kafka.codec import decode, encode
from accord_log.kafka.messages.heartbeat import HeartbeatRequest
from accord_log.kafka.messages.join_group import JoinGroupRequest, JoinGroupRequestProtocol
from accord_log.kafka.messages.leave_group import LeaveGroupRequest, MemberIdentity
from accord_log.kafka.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
)
from accord_log.kafka.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchRequestTopics,
)
from accord_log.kafka.messages.sync_group import SyncGroupRequest, SyncGroupRequestAssignment
from accord_log.log.files import DiskFiles
from accord_log.log.flush import Durability, Flusher
from accord_log.log.ledger import Ledger

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

    from accord_log.kafka.fields import Message
    from accord_log.log.files import Files

HANDLERS: dict[int, Any] = {
    8: h08_offset_commit,
    9: h09_offset_fetch,
    11: h11_join_group,
    12: h12_heartbeat,
    13: h13_leave_group,
    14: h14_sync_group,
    15: h15_describe_groups,
    16: h16_list_groups,
    42: h42_delete_groups,
    47: h47_offset_delete,
}
SESSION_MS = 10_000
REBALANCE_MS = 60_000
NOON = 1_800_000_000_000


class Clock:
    """The time of day, which moves when it is told to."""

    def __init__(self, now: int = NOON) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


def subscription(*topics: str) -> bytes:
    """Write what a consumer tells its leader, as the first version of it."""
    names = b"".join(len(name).to_bytes(2) + name.encode() for name in topics)
    return bytes(2) + len(topics).to_bytes(4) + names + (-1 & 0xFFFFFFFF).to_bytes(4)


@dataclass
class Pending:
    """An answer that may come."""

    request: Any
    version: int
    promise: Promise[Any]

    @property
    def is_done(self) -> bool:
        return self.promise.is_done

    @property
    def value(self) -> Any:
        """Return the answer as it comes out of the wire."""
        assert self.promise.is_done, f"{self.request} is not answered"
        sent = encode(self.promise.wait(0), self.version)
        return decode(self.request.response, sent, self.version)


class Room:
    """What a broker has of groups, in a directory; `topics` are the names of those that exist."""

    def __init__(self, directory: Path, *, files: Files | None = None, **settings: Any) -> None:
        self.directory = directory
        self.files = files or DiskFiles()
        self.settings = BrokerSettings(**settings)
        self.clock = Clock()
        self.partitions: dict[str, int] = {"t": 3, "u": 3}
        self.topics = SimpleNamespace(partition=self._partition)
        self.open()

    def _partition(self, name: str, index: int) -> object | None:
        return (name, index) if 0 <= index < self.partitions.get(name, 0) else None

    def open(self) -> None:
        self.timers = Timers(self.clock)
        self.flusher = Flusher(Durability.NONE)
        self.services = Services(
            settings=self.settings,
            clock=self.clock,
            timers=self.timers,
            files=self.files,
            flusher=self.flusher,
        )
        self.ledger = Ledger(self.directory / "offsets.ledger", self.flusher, self.files)
        self.offsets = Offsets(self.services, self.ledger)
        self.groups = Groups(self.services, self.offsets)

    def reopen(self) -> None:
        """Begin again with what is on disk, as after a kill."""
        self.close()
        self.open()

    def close(self) -> None:
        self.ledger.close()
        self.flusher.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def pass_time(self, milliseconds: int) -> None:
        """Let time pass, step by step, so that everything happens when it is due."""
        end = self.clock.now + milliseconds
        while self.clock.now < end:
            self.clock.now = min(self.clock.now + 100, end)
            self.timers.run_due()

    def send(self, request: Message, version: int | None = None, **context: Any) -> Pending:
        """Send a request in a version, by default the latest."""
        spoken = request.versions[-1] if version is None else version
        asked = decode(type(request), encode(request, spoken), spoken)
        given: Context = Context(spoken, **{"client_id": "c", **context})
        answer = HANDLERS[request.api_key].handle(self, asked, given)
        promise = answer if isinstance(answer, Promise) else resolved(answer)
        return Pending(request, spoken, promise)

    def ask(self, request: Message, version: int | None = None, **context: Any) -> Any:
        """Send a request that is answered at once."""
        return self.send(request, version, **context).value

    # requests

    def join(  # noqa: PLR0913 - as many as the request has
        self,
        member_id: str = "",
        *,
        group: str = "g",
        instance: str | None = None,
        protocols: dict[str, bytes] | None = None,
        version: int | None = None,
        session: int = SESSION_MS,
        rebalance: int = REBALANCE_MS,
        kind: str = "consumer",
        **context: Any,
    ) -> Pending:
        chosen = {"range": subscription("t")} if protocols is None else protocols
        listed = [JoinGroupRequestProtocol(name, data) for name, data in chosen.items()]
        request = JoinGroupRequest(group, session, rebalance, member_id, instance, kind, listed)
        return self.send(request, version, **context)

    def enter(self, **options: Any) -> Pending:
        """Join as a client does that is new: take the id that is offered, and join with it."""
        if options.get("instance") is not None:
            return self.join(**options)
        offered = self.join(**options).value
        assert offered.error_code == 79
        return self.join(offered.member_id, **options)

    def sync(  # noqa: PLR0913 - as many as the request has
        self,
        member_id: str,
        generation: int,
        assignments: dict[str, bytes] | None = None,
        *,
        group: str = "g",
        instance: str | None = None,
        kind: str | None = "consumer",
        protocol: str | None = "range",
        version: int | None = None,
    ) -> Pending:
        listed = [
            SyncGroupRequestAssignment(name, data) for name, data in (assignments or {}).items()
        ]
        request = SyncGroupRequest(group, generation, member_id, instance, kind, protocol, listed)
        return self.send(request, version)

    def beat(
        self, member_id: str, generation: int, *, group: str = "g", instance: str | None = None
    ) -> int:
        return self.ask(HeartbeatRequest(group, generation, member_id, instance)).error_code

    def leave(self, *members: str | tuple[str, str], group: str = "g") -> list[int]:
        """Leave as members, or as (member id, instance id); return the error of each."""
        pairs = [(each, None) if isinstance(each, str) else each for each in members]
        identities = [MemberIdentity(*pair) for pair in pairs]
        answer = self.ask(LeaveGroupRequest(group, members=identities))
        assert answer.error_code == 0
        return [member.error_code for member in answer.members]

    def settle(self, *joins: Pending) -> list[Any]:
        """Have the members of a finished rebalance synced; each is assigned its own id."""
        answers = [pending.value for pending in joins]
        assert [answer.error_code for answer in answers] == [0] * len(answers)
        leader = next(answer for answer in answers if answer.member_id == answer.leader)
        work = {member.member_id: member.member_id.encode() for member in leader.members}
        syncs = [
            self.sync(
                answer.member_id,
                answer.generation_id,
                work if answer is leader else None,
                protocol=answer.protocol_name,
                kind=answer.protocol_type,
                version=None if answer.protocol_type else 4,
                group=pending.request.group_id,
            )
            for answer, pending in zip(answers, joins, strict=True)
        ]
        assert [sync.value.error_code for sync in syncs] == [0] * len(syncs)
        return answers

    def commit(  # noqa: PLR0913 - as many as the request has
        self,
        offsets: dict[tuple[str, int], int],
        *,
        group: str = "g",
        member: str = "",
        generation: int = -1,
        instance: str | None = None,
        metadata: str | None = "",
        retention: int = -1,
        version: int | None = None,
    ) -> Pending:
        topics = [
            OffsetCommitRequestTopic(
                topic, [OffsetCommitRequestPartition(index, offset, 0, metadata)]
            )
            for (topic, index), offset in offsets.items()
        ]
        request = OffsetCommitRequest(group, generation, member, instance, retention, topics)
        return self.send(request, version)

    def stage(
        self, producer_id: int, offsets: dict[tuple[str, int], int], group: str = "g"
    ) -> Exception | None:
        """Stage offsets in a transaction; return what the callback was told."""
        done: Promise[Exception | None] = Promise()
        staged = {where: CommittedOffset(offset) for where, offset in offsets.items()}
        self.offsets.stage(producer_id, group, staged, done.resolve)
        return done.wait(0)

    def finish(self, producer_id: int, *groups: str, commit: bool) -> Exception | None:
        """End a transaction, of «g» unless it is said; return what the callback was told."""
        done: Promise[Exception | None] = Promise()
        names = groups or ("g",)
        self.offsets.finish(producer_id, names, commit=commit, callback=done.resolve)
        return done.wait(0)

    def committed(self, group: str = "g", *, stable: bool = False) -> dict[tuple[str, int], int]:
        """Return all that a group has committed; a partition with an error has that, negated."""
        asked = OffsetFetchRequest(
            groups=[OffsetFetchRequestGroup(group, topics=None)], require_stable=stable
        )
        (answer,) = self.ask(asked).groups
        return {
            (topic.name, part.partition_index): -part.error_code or part.committed_offset
            for topic in answer.topics
            for part in topic.partitions
        }

    def fetch(self, where: tuple[str, int], group: str = "g", *, stable: bool = False) -> Any:
        """Return the answer for one partition."""
        topics = [OffsetFetchRequestTopics(where[0], [where[1]])]
        asked = OffsetFetchRequest(
            groups=[OffsetFetchRequestGroup(group, topics=topics)], require_stable=stable
        )
        return self.ask(asked).groups[0].topics[0].partitions[0]


def errors(response: Any) -> list[int]:
    """Return the errors of a commit's parts, in order."""
    return [part.error_code for topic in response.topics for part in topic.partitions]
