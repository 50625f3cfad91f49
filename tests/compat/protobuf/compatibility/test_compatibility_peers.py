"""What Confluent and other registries state about Protobuf, where their vectors are at hand.

ACCORD_PEER_VECTORS names the folder. Confluent's answers are the target; the others' are opinions,
and those we do not share are listed, each with the reason.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from compat.level import Level, Policy, reader_and_writer
from compat.protobuf import BREAKING, Kind, ProtobufSchema, differences, parse
from compat.schema import Resolved

FOLDER = os.environ.get("ACCORD_PEER_VECTORS", "")

CONFLUENTS = frozenset(list(Kind)[: list(Kind).index(Kind.RESERVED_NUMBER_REMOVED)])


def rows(pattern: str, *, stating: str = "id") -> list[Any]:
    """Return the Protobuf rows of some files that have a key, or one skipped row without any."""
    found = [
        json.loads(line)
        for path in (sorted(Path(FOLDER).glob(pattern)) if FOLDER else ())
        for line in path.read_text("utf-8").splitlines()
    ]
    params = [pytest.param(row, id=row["id"]) for row in found if row.get(stating)]
    if params:
        return params
    return [pytest.param({}, marks=pytest.mark.skip(reason="ACCORD_PEER_VECTORS names no folder"))]


def references(row: dict[str, Any], side: str) -> list[Resolved]:
    return [
        Resolved(each["name"], each["subject"] or "", each["version"] or 0, each["schema"])
        for each in row.get("references") or []
        if each["side"] in (side, "both") and not each["schema"].startswith("(well-known")
    ]


def update(row: dict[str, Any]) -> ProtobufSchema:
    return parse(row["reader_or_update"], references(row, "update"), new=False)


def previous(row: dict[str, Any]) -> list[ProtobufSchema]:
    """Return the earlier schemas, newest first."""
    texts = row.get("previous") or [row["writer_or_original"]]
    sides = [f"previous[{index}]" for index in range(len(texts))] if row.get("previous") else []
    return [
        parse(text, references(row, side), new=False)
        for text, side in zip(reversed(texts), reversed(sides or ["original"]), strict=True)
    ]


def breaks(
    level: Level,
    new: ProtobufSchema,
    olds: list[ProtobufSchema],
    policy: Policy = Policy.STRICT,
) -> bool:
    refused = BREAKING[policy]
    return any(
        finding.kind in refused
        for old in (olds if level.is_transitive else olds[:1])
        for direction in level.directions
        for reader, writer in [reader_and_writer(direction, new=new, old=old)]
        for finding in differences(reader=reader, writer=writer)
    )


def level_of(row: dict[str, Any]) -> Level:
    return Level.BACKWARD if row["relation"] == "backward" else Level(row["relation"])


@pytest.mark.parametrize("row", rows("target/confluent-protobuf.jsonl"))
def test_the_verdict_is_confluents(row: dict[str, Any]) -> None:
    assert breaks(level_of(row), update(row), previous(row)) is not row["compatible"]


@pytest.mark.parametrize("row", rows("target/confluent-protobuf.jsonl", stating="differences"))
def test_the_findings_are_confluents(row: dict[str, Any]) -> None:
    """Kind and path of each, in its order, our own kinds aside."""
    found = [
        (str(finding.kind), finding.path)
        for finding in differences(reader=update(row), writer=previous(row)[0])
        if finding.kind in CONFLUENTS
    ]
    stated = [(each["type"], each["path"]) for each in row["differences"]]
    if row["differences_kind"] == "contains":
        assert set(stated) <= set(found)
    else:
        assert found == stated


# Rows on which we differ from another registry: why, which policy of ours agrees with it.
OPINIONS = json.loads((Path(__file__).parent / "vectors" / "opinions.json").read_text("utf-8"))
EXPLAINED = {row_id: group for group in OPINIONS for row_id in group["rows"]}


@pytest.mark.parametrize("row", rows("other/*-protobuf.jsonl"))
def test_where_we_differ_from_another_registry_is_listed(row: dict[str, Any]) -> None:
    agrees = breaks(level_of(row), update(row), previous(row)) is not row["compatible"]
    assert agrees is (row["id"] not in EXPLAINED)


@pytest.mark.parametrize(
    "row", [each for each in rows("other/*-protobuf.jsonl") if each.id in (None, *EXPLAINED)]
)
def test_a_stricter_policy_agrees_where_confluents_does_not(row: dict[str, Any]) -> None:
    policy = EXPLAINED[row["id"]].get("policy")
    if policy is None:
        assert row["compatible"]
    else:
        assert breaks(level_of(row), update(row), previous(row), Policy(policy))


@pytest.mark.skipif(not FOLDER, reason="ACCORD_PEER_VECTORS names no folder")
def test_every_listed_row_is_there() -> None:
    assert EXPLAINED.keys() <= {each.id for each in rows("other/*-protobuf.jsonl")}
