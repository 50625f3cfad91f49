"""Laws of assignors, for any group."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord_log.embedded.assignors import ASSIGNORS, by_cooperation, by_stickiness, claims_of
from accord_log.embedded.consumer_protocol import Subscription

if TYPE_CHECKING:
    from accord_log.embedded.assignors import Assignment

TOPICS = ("a", "b", "c")
COUNTS = st.fixed_dictionaries({topic: st.integers(0, 9) for topic in TOPICS})
PLACES = st.frozensets(st.tuples(st.sampled_from(TOPICS), st.integers(0, 11)), max_size=12)
NAMES = st.lists(st.sampled_from([f"m{n}" for n in range(8)]), min_size=1, unique=True)


@st.composite
def groups(draw: st.DrawFn, *, alike: bool = False) -> dict[str, Subscription]:
    """Members with any wishes, some of which say they have what is not theirs or not there."""
    wishes = st.frozensets(st.sampled_from(TOPICS))
    same = draw(wishes)
    return {
        name: Subscription(same if alike else draw(wishes), draw(PLACES)) for name in draw(NAMES)
    }


def wanted(members: dict[str, Subscription], counts: dict[str, int]) -> set[tuple[str, int]]:
    topics = set(chain.from_iterable(member.topics for member in members.values()))
    return {(topic, index) for topic in topics for index in range(counts[topic])}


def after(members: dict[str, Subscription], assignment: Assignment) -> dict[str, Subscription]:
    """Return the members of the next generation, who have what they were assigned."""
    return {
        name: Subscription(member.topics, frozenset(assignment[name]))
        for name, member in members.items()
    }


@pytest.mark.parametrize("name", ["range", "roundrobin", "sticky"])
@given(members=groups(), counts=COUNTS)
def test_every_partition_goes_to_one_member_that_wants_it(
    name: str, members: dict[str, Subscription], counts: dict[str, int]
) -> None:
    assignment = ASSIGNORS[name](members, counts)
    given_out = sorted(chain.from_iterable(assignment.values()))
    assert given_out == sorted(wanted(members, counts))
    assert assignment.keys() == members.keys()
    for member, places in assignment.items():
        assert {topic for topic, _ in places} <= members[member].topics


@given(members=groups(), counts=COUNTS)
def test_range_gives_runs_that_differ_by_one(
    members: dict[str, Subscription], counts: dict[str, int]
) -> None:
    assignment = ASSIGNORS["range"](members, counts)
    for topic in TOPICS:
        runs = [
            sorted(index for name, index in assignment[member] if name == topic)
            for member in sorted(members)
            if topic in members[member].topics
        ]
        assert list(chain.from_iterable(runs)) == list(range(counts[topic] if runs else 0))
        assert max(map(len, runs), default=0) - min(map(len, runs), default=0) <= 1


@pytest.mark.parametrize("name", ["roundrobin", "sticky"])
@given(members=groups(alike=True), counts=COUNTS)
def test_members_that_want_the_same_have_as_many(
    name: str, members: dict[str, Subscription], counts: dict[str, int]
) -> None:
    sizes = [len(places) for places in ASSIGNORS[name](members, counts).values()]
    assert max(sizes) - min(sizes) <= 1


@given(members=groups(), counts=COUNTS)
def test_stickiness_leaves_nothing_that_one_move_would_even_out(
    members: dict[str, Subscription], counts: dict[str, int]
) -> None:
    assignment = by_stickiness(members, counts)
    for member, places in assignment.items():
        for topic, _ in places:
            takers = [other for other in members if topic in members[other].topics]
            least = min(len(assignment[other]) for other in takers)
            assert len(places) - least <= 1, (member, topic)


@given(members=groups(), counts=COUNTS)
def test_what_is_even_stays_as_it_is(
    members: dict[str, Subscription], counts: dict[str, int]
) -> None:
    first = by_stickiness(members, counts)
    assert by_stickiness(after(members, first), counts) == first


@given(members=groups(alike=True), counts=COUNTS, leaver=st.integers(0, 7))
def test_who_stays_keeps_everything_when_another_leaves(
    members: dict[str, Subscription], counts: dict[str, int], leaver: int
) -> None:
    first = by_stickiness(members, counts)
    left = after(members, first)
    if len(left) > 1:
        left.pop(sorted(left)[leaver % len(left)])
    second = by_stickiness(left, counts)
    assert all(first[member] <= second[member] for member in left)


@given(members=groups(alike=True), counts=COUNTS)
def test_a_newcomer_takes_no_more_than_its_share(
    members: dict[str, Subscription], counts: dict[str, int]
) -> None:
    first = by_stickiness(members, counts)
    topics = next(iter(members.values())).topics
    grown = {**after(members, first), "newcomer": Subscription(topics)}
    second = by_stickiness(grown, counts)
    moved = {place for member in members for place in first[member] - second[member]}
    assert moved == second["newcomer"]


@given(members=groups(), counts=COUNTS)
def test_cooperation_gives_nobody_what_another_has(
    members: dict[str, Subscription], counts: dict[str, int]
) -> None:
    claims = claims_of(members)
    given_out = list(chain.from_iterable(by_cooperation(members, counts).values()))
    assert len(given_out) == len(set(given_out))
    for member, places in by_cooperation(members, counts).items():
        assert all(claims.get(place, {member}) == {member} for place in places)


@given(members=groups(), counts=COUNTS)
def test_cooperation_comes_to_the_sticky_assignment(
    members: dict[str, Subscription], counts: dict[str, int]
) -> None:
    """Members give up what was not confirmed, join again, and are at rest soon."""
    generation = members
    for _ in range(3):
        assignment = by_cooperation(generation, counts)
        generation = after(generation, assignment)
    assert sorted(chain.from_iterable(assignment.values())) == sorted(wanted(members, counts))
    assert by_cooperation(generation, counts) == assignment


def test_nobody_is_left_out_for_the_names() -> None:
    """Round-robin goes on from topic to topic, so that later members get something too."""
    members = {name: Subscription(frozenset({"a", "b", "c"})) for name in ("x", "y", "z")}
    assignment = ASSIGNORS["roundrobin"](members, {"a": 1, "b": 1, "c": 1})
    assert [sorted(assignment[name]) for name in "xyz"] == [[("a", 0)], [("b", 0)], [("c", 0)]]
