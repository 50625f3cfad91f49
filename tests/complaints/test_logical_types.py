"""'Nobody told us that the unit of our time stamps had changed.'"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Team


def event(kind: object, **field: object) -> dict[str, Any]:
    fields = [{"name": "at", "type": kind, **field}]
    return {"type": "record", "name": "Event", "fields": fields}


def long(logical_type: str) -> dict[str, str]:
    return {"type": "long", "logicalType": logical_type}


def decimal(precision: int, scale: int) -> dict[str, object]:
    return {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale}


MILLIS, MICROS = event(long("timestamp-millis")), event(long("timestamp-micros"))
CHANGES = {
    "another unit": (MILLIS, MICROS, "LOGICAL_TYPE_CHANGED"),
    "a meaning added": (event("long"), MILLIS, "LOGICAL_TYPE_ADDED"),
    "a meaning taken away": (MILLIS, event("long"), "LOGICAL_TYPE_REMOVED"),
    "fewer digits after the point": (
        event(decimal(9, 4)),
        event(decimal(9, 2)),
        "DECIMAL_SCALE_CHANGED",
    ),
    "fewer digits": (event(decimal(9, 2)), event(decimal(5, 2)), "DECIMAL_PRECISION_DECREASED"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_it_is_told_and_refused_where_it_is_asked_for(team: Team, what: str) -> None:
    """Under STRICT it passes, as it does with Confluent; LOGICAL refuses it."""
    old, new, kind = CHANGES[what]
    team.register(old)
    told = team.explain(new)
    (finding,) = [f for f in told["comparisons"][0]["findings"] if f["direction"] == "BACKWARD"]
    assert (finding["kind"], finding["refusedBy"]) == (kind, ["LOGICAL"])
    assert told["isCompatible"]
    assert told["acceptingPolicies"] == ["STRICT", "LENIENT"]
    team.config(compatibilityPolicy="LOGICAL")
    assert team.register(new).status_code == 409
    team.config(compatibilityPolicy="STRICT")
    assert team.register(new).json()["id"] != team.register(old).json()["id"]


@pytest.mark.parametrize("what", ["another unit", "fewer digits after the point"])
def test_a_message_shows_that_it_is_read_as_something_else(team: Team, what: str) -> None:
    old, new, _ = CHANGES[what]
    team.register(old)
    (finding,) = team.refusals(new)
    written, _, read = finding["witness"]["failure"].partition(" and read as ")
    assert written.removeprefix("`at` is written as ") != read


def test_a_meaning_on_the_field_instead_of_its_type_is_none(team: Team) -> None:
    """The specification reads it on the type only, so moving it there is a change."""
    team.register(event("long", logicalType="timestamp-millis"))
    assert [finding["kind"] for finding in team.refusals(MILLIS)] == ["LOGICAL_TYPE_ADDED"]


def test_another_precision_is_another_version(team: Team) -> None:
    team.register(event(decimal(5, 2)))
    assert team.register(event(decimal(9, 2))).status_code == 200
    (finding,) = [
        f
        for f in team.explain(event(decimal(5, 2)))["comparisons"][0]["findings"]
        if f["direction"] == "BACKWARD"
    ]
    assert finding["kind"] == "DECIMAL_PRECISION_DECREASED"
