"""JoinGroup: who comes, comes back, or has changed."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, NamedTuple

from accord_log.broker.groups_answers import join_error, joined, joined_again
from accord_log.broker.groups_deadline import Deadline
from accord_log.broker.groups_group import GroupState
from accord_log.broker.groups_member import Member
from accord_log.kafka.errors import ErrorCode

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord_log.broker.context import Context
    from accord_log.broker.groups_group import Group
    from accord_log.broker.groups_rebalance import Rebalances
    from accord_log.broker.promise import Promise
    from accord_log.broker.services import Services
    from accord_log.kafka.messages.join_group import JoinGroupRequest, JoinGroupResponse

# A new member has no id by which it could give a sign of life, so one that has waited for so long
# is taken for gone; a client that is still there joins again.
NEW_MEMBER_TIMEOUT_MS = 5 * 60 * 1000
FIRST_VERSION_WITH_GIVEN_IDS = 4
FIRST_VERSION_WITH_SKIPPING = 9
# A client knows a handful of assignors, and describes itself to each in some hundred bytes.
MAX_PROTOCOLS = 64
MAX_METADATA_BYTES = 1 << 20
MAX_GROUP_METADATA_BYTES = 64 << 20  # the leader is sent all of it at once


class Joining(NamedTuple):
    """A request to join, and the answer that waits."""

    request: JoinGroupRequest
    context: Context
    protocols: dict[str, bytes]
    promise: Promise[JoinGroupResponse]

    def answer(self, response: JoinGroupResponse) -> None:
        self.promise.resolve(response)

    def refuse(self, code: ErrorCode, member_id: str = "") -> None:
        self.promise.resolve(join_error(code, member_id))

    @property
    def metadata_bytes(self) -> int:
        return sum(len(metadata) for metadata in self.protocols.values())

    @property
    def rebalance_timeout_ms(self) -> int:
        """Return the time to rejoin; version 0 has one time-out for all."""
        request = self.request
        return (
            request.session_timeout_ms
            if self.context.version == 0
            else request.rebalance_timeout_ms
        )


class Joins:
    """Takes members into groups. Everything is done under the broker's lock."""

    def __init__(
        self, services: Services, rebalances: Rebalances, discard: Callable[[Group], None]
    ) -> None:
        self._services = services
        self._rebalances = rebalances
        self._discard = discard  # called where a group may have become needless
        self._max_size = services.settings.group_max_size

    def check(self, request: JoinGroupRequest) -> ErrorCode | None:
        """Return why a request is refused, whatever the group."""
        settings = self._services.settings
        shortest = settings.group_min_session_timeout_ms
        longest = settings.group_max_session_timeout_ms
        if not request.group_id:
            return ErrorCode.INVALID_GROUP_ID
        if not shortest <= request.session_timeout_ms <= longest:
            return ErrorCode.INVALID_SESSION_TIMEOUT
        if len(request.protocols) > MAX_PROTOCOLS:
            return ErrorCode.INVALID_REQUEST
        if sum(len(protocol.metadata) for protocol in request.protocols) > MAX_METADATA_BYTES:
            return ErrorCode.INVALID_REQUEST
        return None

    def join(self, group: Group, joining: Joining) -> None:
        """Have a member join; its answer may have to wait for the others."""
        request = joining.request
        if not self._has_room(group, joining):
            joining.refuse(ErrorCode.GROUP_MAX_SIZE_REACHED)
        elif not group.supports(request.protocol_type, joining.protocols):
            joining.refuse(ErrorCode.INCONSISTENT_GROUP_PROTOCOL, request.member_id)
        elif request.member_id:
            self._join_known(group, joining)
        else:
            self._join_unknown(group, joining)

    def _has_room(self, group: Group, joining: Joining) -> bool:
        """Tell whether a member may come in; who is in already, or was given an id, may."""
        member_id = joining.request.member_id
        current = group.members.get(member_id)
        if current is None:
            current = group.static_member(joining.request.group_instance_id)
        others = group.metadata_bytes - (0 if current is None else current.metadata_bytes)
        if others + joining.metadata_bytes > MAX_GROUP_METADATA_BYTES:
            return False
        if current is not None or member_id in group.pending:
            return True
        return len(group.members) + len(group.pending) < self._max_size

    # members without an id

    def _join_unknown(self, group: Group, joining: Joining) -> None:
        instance_id = joining.request.group_instance_id
        member_id = f"{instance_id or joining.context.client_id}-{uuid.uuid4()}"
        if instance_id is not None:
            old = group.static_member(instance_id)
            if old is None:
                self._add(group, joining, member_id)
            else:
                self._replace(group, joining, old, member_id)
        elif joining.context.version >= FIRST_VERSION_WITH_GIVEN_IDS:
            self._give_id(group, joining, member_id)
        else:
            self._add(group, joining, member_id)

    def _give_id(self, group: Group, joining: Joining, member_id: str) -> None:
        """Have the member come back with an id: one whose answer is lost is then not in twice."""

        def forget() -> None:
            if group.pending.pop(member_id, None) is not None:
                self._rebalances.go_on(group)
                self._discard(group)

        deadline = Deadline(self._services, forget)
        deadline.set_in(joining.request.session_timeout_ms)
        group.pending[member_id] = deadline
        joining.refuse(ErrorCode.MEMBER_ID_REQUIRED, member_id)

    def _add(self, group: Group, joining: Joining, member_id: str) -> None:
        member = self._new_member(group, joining, member_id)
        if member_id in group.pending:
            group.pending[member_id].clear()
        group.add(member, joining.request.protocol_type)
        group.has_newcomers = True
        group.await_join(member, joining.promise)
        member.session.set_in(NEW_MEMBER_TIMEOUT_MS)
        joining.context.on_close(lambda: self._forget_unheard(group, member))
        self._rebalances.go_on(group)

    def _new_member(self, group: Group, joining: Joining, member_id: str) -> Member:
        def expire() -> None:
            self._rebalances.expire(group, member)

        member = Member(
            member_id,
            joining.request.group_instance_id,
            joining.context.client_id,
            joining.context.host,
            joining.request.session_timeout_ms,
            joining.rebalance_timeout_ms,
            joining.protocols,
            Deadline(self._services, expire),
        )
        return member

    def _forget_unheard(self, group: Group, member: Member) -> None:
        """Remove a new member whose connection is lost before it has been answered.

        Nobody would read what it is assigned, until its session is over.
        """
        with self._services.lock:
            is_waiting = member.is_new and member.join is not None and not member.is_static
            if is_waiting and group.members.get(member.id) is member:
                self._rebalances.remove(group, member)
                self._rebalances.go_on(group)

    def _replace(self, group: Group, joining: Joining, old: Member, member_id: str) -> None:
        """Give a static member that has restarted its place back; what it was before is fenced."""
        old_leader = group.leader or ""
        member = self._new_member(group, joining, member_id)
        member.assignment, member.is_new = old.assignment, False
        self._rebalances.release(group, old, ErrorCode.FENCED_INSTANCE_ID)
        group.replace(old, member)
        member.stay()
        if group.state is GroupState.STABLE and group.select_protocol() == group.protocol:
            may_skip = joining.context.version >= FIRST_VERSION_WITH_SKIPPING
            joining.answer(joined_again(group, member, may_skip=may_skip, old_leader=old_leader))
            return
        # The leader may be assigning to the id that is fenced now.
        group.await_join(member, joining.promise)
        self._rebalances.go_on(group)

    # members with an id

    def _join_known(self, group: Group, joining: Joining) -> None:
        member_id = joining.request.member_id
        if member_id in group.pending:
            self._join_pending(group, joining)
            return
        code = membership(group, member_id, joining.request.group_instance_id)
        if code is not ErrorCode.NONE:
            joining.refuse(code, member_id)
            return
        member = group.members[member_id]
        if self._needs_rebalance(group, member, joining.protocols):
            member.session_timeout_ms = joining.request.session_timeout_ms
            member.rebalance_timeout_ms = joining.rebalance_timeout_ms
            group.update(member, joining.protocols)
            group.await_join(member, joining.promise)
            self._rebalances.go_on(group)
        else:
            member.stay()
            joining.answer(joined(group, member))

    def _join_pending(self, group: Group, joining: Joining) -> None:
        if joining.request.group_instance_id is not None:
            joining.refuse(ErrorCode.UNKNOWN_MEMBER_ID, joining.request.member_id)
        else:
            self._add(group, joining, joining.request.member_id)

    def _needs_rebalance(self, group: Group, member: Member, protocols: dict[str, bytes]) -> bool:
        """Tell whether a member's coming changes anything for the others.

        A leader comes back to assign anew, as when its topics have more partitions. Who only did
        not hear the answer is told again.
        """
        if group.state is GroupState.PREPARING:
            return True
        if list(member.protocols.items()) != list(protocols.items()):
            return True
        return group.state is GroupState.STABLE and member.id == group.leader


def membership(group: Group, member_id: str, instance_id: str | None) -> ErrorCode:
    """Return NONE for a member; if it names an instance id, it must be the latest to have it."""
    if instance_id is not None:
        current = group.static_ids.get(instance_id)
        if current is None:
            return ErrorCode.UNKNOWN_MEMBER_ID
        if current != member_id:
            return ErrorCode.FENCED_INSTANCE_ID
    return ErrorCode.NONE if member_id in group.members else ErrorCode.UNKNOWN_MEMBER_ID
