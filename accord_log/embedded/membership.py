"""A consumer's membership in its group.

A thread of its own speaks with the coordinator, in the same messages as members on the network, so
that the group goes on while the program works on what it has read. What the program has to do
itself, to take up partitions and to give them up, becomes an event for the next poll; `revoked`
says that it is done.

    IDLE       not in the group
    JOINING    waits until all members have joined
    SYNCING    waits for the leader's assignment
    STABLE     has it
    REVOKING   waits until the program has given up what it must, and joins then
    FAILED     cannot come back

Lock: `_cond`, under which neither the broker nor the consumer is called.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from accord_log.embedded.consumer_protocol import Malformed, Subscription, read_assignment
from accord_log.embedded.error import KafkaError, Local, error_of
from accord_log.embedded.group_events import Failed, Gained, Lost, Revoked
from accord_log.embedded.group_metadata import NO_GENERATION, ConsumerGroupMetadata
from accord_log.embedded.leadership import assign, metadata_for, watched_counts
from accord_log.kafka.errors import ErrorCode
from accord_log.kafka.messages.heartbeat import HeartbeatRequest, HeartbeatResponse
from accord_log.kafka.messages.join_group import (
    JoinGroupRequest,
    JoinGroupRequestProtocol,
    JoinGroupResponse,
)
from accord_log.kafka.messages.leave_group import (
    LeaveGroupRequest,
    LeaveGroupResponse,
    MemberIdentity,
)
from accord_log.kafka.messages.sync_group import (
    SyncGroupRequest,
    SyncGroupResponse,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord_log.embedded.caller import Caller
    from accord_log.embedded.consumer_protocol import Place
    from accord_log.embedded.group_events import GroupEvent
    from accord_log.embedded.group_settings import GroupSettings
    from accord_log.embedded.subscription import Wanted

PROTOCOL_TYPE = "consumer"
FOREVER = float("inf")
RETRY_SECONDS = 0.1
# After these a member comes back as a new one; what it had may be another's.
FORGOTTEN = frozenset({ErrorCode.UNKNOWN_MEMBER_ID, ErrorCode.ILLEGAL_GENERATION})
AGAIN = frozenset({ErrorCode.REBALANCE_IN_PROGRESS, ErrorCode.COORDINATOR_NOT_AVAILABLE})
HOPELESS = frozenset({ErrorCode.FENCED_INSTANCE_ID})


class Phase(Enum):
    """Where a member is between two assignments."""

    IDLE = auto()
    JOINING = auto()
    SYNCING = auto()
    STABLE = auto()
    REVOKING = auto()
    FAILED = auto()


class Membership:
    """One member, from `join` to `leave`."""

    def __init__(
        self,
        caller: Caller,
        settings: GroupSettings,
        wanted: Wanted,
        tell: Callable[[GroupEvent], object],
    ) -> None:
        self._caller = caller
        self._settings = settings
        self._wanted = wanted
        self._tell = tell
        self._cond = threading.Condition()
        self._answers: deque[tuple[int, Any]] = deque()
        self._attempt = 0
        self._phase = Phase.IDLE
        self._member_id = ""
        self._generation = NO_GENERATION
        self._protocol = ""
        self._is_leader = False
        self._owned: frozenset[Place] = frozenset()
        self._subscribed: frozenset[str] = frozenset()
        self._group_topics: frozenset[str] = frozenset()
        self._counts: dict[str, int] = {}
        self._needs_join = True
        self._must_give_up = False
        self._has_given_up = False
        self._retry_at = 0.0
        self._beat_at = FOREVER
        # When the program polled last, or for ever while it does.
        self.polled_at = FOREVER
        self._is_over = False
        self._thread = threading.Thread(target=self._run, name="accord-log-member", daemon=True)
        self._thread.start()

    # for the consumer

    @property
    def metadata(self) -> ConsumerGroupMetadata:
        """Return who the member is now."""
        settings = self._settings
        return ConsumerGroupMetadata(
            settings.group_id, self._generation, self._member_id, settings.instance_id
        )

    def revoked(self) -> None:
        """Go on: the program has given up what it had to."""
        with self._cond:
            self._has_given_up = True
            self._cond.notify()

    def leave(self) -> None:
        """Leave the group, at once; a static member's place is kept until its session ends."""
        with self._cond:
            self._is_over = True
            self._attempt += 1
            self._cond.notify()
        self._thread.join()
        self._leave_group()

    def _leave_group(self) -> None:
        if not self._member_id or self._settings.instance_id is not None:
            return
        member = MemberIdentity(self._member_id, None, "the consumer is being closed")
        request = LeaveGroupRequest(self._settings.group_id, members=[member])
        self._caller.ask(request, LeaveGroupResponse)
        self._member_id, self._generation = "", NO_GENERATION

    # the thread

    def _run(self) -> None:
        while not self._is_over:
            with self._cond:
                if not self._is_due():
                    self._cond.wait(self._patience())
                if self._is_over:
                    return
            self._step()

    def _is_due(self) -> bool:
        return bool(self._answers) or self._has_given_up or self._is_over or not self._patience()

    def _patience(self) -> float:
        """Return the seconds until something is due by itself."""
        due = self._beat_at
        if self._phase in {Phase.IDLE, Phase.STABLE} and self._needs_join:
            due = min(due, self._retry_at)
        return min(max(0.0, due - time.monotonic()), threading.TIMEOUT_MAX)

    def _step(self) -> None:
        while self._answers:
            attempt, answer = self._answers.popleft()
            if attempt == self._attempt:
                self._take(answer)
        if self._has_given_up:
            self._has_given_up = False
            self._go_on()
        now = time.monotonic()
        if now >= self._beat_at:
            self._beat_at = now + self._settings.heartbeat_seconds
            self._beat(now)
        is_ready = self._phase in {Phase.IDLE, Phase.STABLE}
        if is_ready and self._needs_join and now >= self._retry_at:
            self._begin_rebalance()

    def _take(self, answer: object) -> None:
        if isinstance(answer, JoinGroupResponse):
            self._joined(answer)
        elif isinstance(answer, SyncGroupResponse):
            self._synced(answer)

    # joining

    def _begin_rebalance(self) -> None:
        if self._owned and not self._settings.is_cooperative:
            self._give_up(Revoked(self._owned))
        else:
            self._join()

    def _give_up(self, event: Revoked | Lost) -> None:
        self._phase = Phase.REVOKING
        self._owned -= event.places
        self._must_give_up = True
        self._tell(event)

    def _go_on(self) -> None:
        if self._phase is Phase.REVOKING and self._must_give_up:
            self._must_give_up = False
            self._join()

    def _join(self) -> None:
        self._phase, self._needs_join = Phase.JOINING, False
        self._subscribed = self._wanted.topics(self._caller.broker.topics)
        subscription = Subscription(self._subscribed, self._owned)
        settings = self._settings
        protocols = [
            JoinGroupRequestProtocol(name, metadata_for(name, subscription, self._generation))
            for name in settings.strategies
        ]
        request = JoinGroupRequest(
            settings.group_id,
            settings.session_timeout_ms,
            settings.max_poll_interval_ms,
            self._member_id,
            settings.instance_id,
            PROTOCOL_TYPE,
            protocols,
        )
        self._send(request, JoinGroupResponse)

    def _send(self, request: Any, response: type[Any]) -> None:
        self._attempt += 1
        attempt = self._attempt

        def take(answer: object) -> None:
            with self._cond:
                self._answers.append((attempt, answer))
                self._cond.notify()

        self._caller.begin(request, response).then(take)

    def _joined(self, answer: JoinGroupResponse) -> None:
        if answer.error_code == ErrorCode.MEMBER_ID_REQUIRED:
            self._member_id = answer.member_id
            self._join()
            return
        if answer.error_code != ErrorCode.NONE:
            self._refused(answer.error_code)
            return
        self._member_id, self._generation = answer.member_id, answer.generation_id
        self._protocol = answer.protocol_name or ""
        self._is_leader = answer.leader == answer.member_id
        self._beat_at = time.monotonic() + self._settings.heartbeat_seconds
        self._sync(answer)

    def _sync(self, answer: JoinGroupResponse) -> None:
        settings = self._settings
        request = SyncGroupRequest(
            settings.group_id,
            self._generation,
            self._member_id,
            settings.instance_id,
            PROTOCOL_TYPE,
            self._protocol,
        )
        topics = self._caller.broker.topics
        if self._is_leader:
            self._group_topics, assignments = assign(self._protocol, answer.members, topics)
            if not answer.skip_assignment:
                request.assignments = assignments
        else:
            self._group_topics = frozenset()
        self._counts = watched_counts(self._group_topics, topics)
        self._phase = Phase.SYNCING
        self._send(request, SyncGroupResponse)

    def _synced(self, answer: SyncGroupResponse) -> None:
        if answer.error_code != ErrorCode.NONE:
            self._refused(answer.error_code)
            return
        try:
            assigned = read_assignment(answer.assignment)
        except Malformed as error:
            self._fail(KafkaError(KafkaError.INCONSISTENT_GROUP_PROTOCOL, str(error)))
            return
        before, self._owned = self._owned, assigned
        gained, revoked = assigned - before, before - assigned
        self._phase = Phase.STABLE
        if revoked:
            self._give_up(Revoked(revoked))
        if gained or not (self._settings.is_cooperative and before):
            self._tell(Gained(gained))

    # what can go wrong

    def _refused(self, code: int) -> None:
        """Try again, as a new member where the group does not know this one."""
        if code in HOPELESS:
            self._fail(error_of(code, fatal=True))
        elif code in FORGOTTEN:
            self._lose()
        elif code in AGAIN:
            self._phase, self._needs_join = Phase.IDLE, True
            self._begin_rebalance()
        else:
            self._phase, self._needs_join = Phase.IDLE, True
            self._retry_at = time.monotonic() + RETRY_SECONDS * 10
            self._tell(Failed(error_of(code)))

    def _lose(self) -> None:
        """Come back as a new member, once the program knows that it has nothing any more."""
        self._attempt += 1
        self._member_id, self._generation = "", NO_GENERATION
        self._needs_join = True
        if self._owned:
            self._give_up(Lost(self._owned))
        else:
            self._join()

    def _fail(self, error: KafkaError) -> None:
        owned, self._owned = self._owned, frozenset()
        self._attempt += 1
        self._phase, self._beat_at = Phase.FAILED, FOREVER
        if owned:
            self._tell(Lost(owned))
        self._tell(Failed(error))

    # staying

    def _beat(self, now: float) -> None:
        """Give a sign of life, unless the program has given none for too long."""
        if now - self.polled_at > self._settings.max_poll_interval_ms / 1000:
            self._lapse()
            return
        is_in = self._generation != NO_GENERATION
        if not is_in or self._phase not in {Phase.STABLE, Phase.REVOKING}:
            return
        settings = self._settings
        request = HeartbeatRequest(
            settings.group_id, self._generation, self._member_id, settings.instance_id
        )
        code = self._caller.ask(request, HeartbeatResponse).error_code
        if code == ErrorCode.REBALANCE_IN_PROGRESS:
            self._needs_join = True
        elif code in FORGOTTEN:
            if self._phase is Phase.STABLE:
                self._lose()
            else:
                self._member_id, self._generation = "", NO_GENERATION
        elif code in HOPELESS:
            self._fail(error_of(code, fatal=True))
        elif code == ErrorCode.NONE and self._phase is Phase.STABLE:
            self._look_at_topics()

    def _look_at_topics(self) -> None:
        """Join anew when there are topics or partitions that were not there."""
        topics = self._caller.broker.topics
        has_changed = self._wanted.topics(topics) != self._subscribed
        if self._is_leader:
            has_changed |= watched_counts(self._group_topics, topics) != self._counts
        self._needs_join |= has_changed

    def _lapse(self) -> None:
        """Leave, since the program does not poll; its next poll joins again."""
        self._leave_group()
        self._attempt += 1
        self._beat_at = FOREVER
        self.polled_at = FOREVER
        places, self._owned = self._owned, frozenset()
        text = "Application maximum poll interval exceeded: the consumer has left the group"
        self._tell(Failed(KafkaError(Local.MAX_POLL_EXCEEDED, text)))
        self._phase, self._must_give_up, self._needs_join = Phase.REVOKING, True, True
        self._tell(Lost(places))
