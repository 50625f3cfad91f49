"""What others state about pairs of JSON Schemas, where a folder of such statements is at hand.

ACCORD_PEER_VECTORS names the folder. Confluent's answers are the target. Where another registry
has another opinion, the row stands in other_registries.json with the reason.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from compat.check import check
from compat.json_schema import BREAKING, differences, parse
from compat.json_schema.kinds import contract_name
from compat.level import Level, Policy
from compat.messages import messages
from compat.schema import Resolved

FOLDER = os.environ.get("ACCORD_PEER_VECTORS")
GROUPS = json.loads((Path(__file__).parent / "other_registries.json").read_text("utf-8"))
DIFFERENT = {row: group["group"] for group in GROUPS for row in group["rows"]}


def rows(*names: str, stating: str = "id") -> list[Any]:
    """Return the rows of some files that have a key, or one skipped row without the folder."""
    if not FOLDER:
        skipped = pytest.mark.skip(reason="ACCORD_PEER_VECTORS names no folder")
        return [pytest.param({}, marks=skipped)]
    files = [Path(FOLDER) / f"{name}.jsonl" for name in names]
    read = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]
    return [
        pytest.param(row, id=row["id"])
        for row in read
        if stating in row and not row.get("asserted", "").startswith("no ")
    ]


def accepts(row: dict[str, Any], policy: Policy) -> bool:
    given = [
        Resolved(each["name"], each["subject"] or "", each["version"] or 0, each["schema"])
        for each in row["references"]
        if each.get("schema")
    ]
    oldest_first = row.get("previous") or [row["writer_or_original"]]
    previous = [parse(text, given, new=False) for text in reversed(oldest_first)]
    new = parse(row["reader_or_update"], given, new=False)
    level = Level.BACKWARD if row["relation"] == "backward" else Level(row["relation"])
    return not check(level, new=new, previous=previous, policy=policy)


@pytest.mark.parametrize("row", rows("target/confluent-json"))
def test_the_verdict_is_confluents(row: dict[str, Any]) -> None:
    assert accepts(row, Policy.STRICT) is row["compatible"]


@pytest.mark.parametrize("row", rows("target/confluent-json", stating="compatible_lenient"))
def test_the_lenient_verdict_is_confluents(row: dict[str, Any]) -> None:
    assert accepts(row, Policy.LENIENT) is row["compatible_lenient"]


@pytest.mark.parametrize("row", rows("target/confluent-json", stating="differences_kind"))
def test_the_differences_are_those_confluent_states(row: dict[str, Any]) -> None:
    """Kinds and paths in their order; some rows state what the messages contain."""
    reader = parse(row["reader_or_update"], new=False)
    writer = parse(row["writer_or_original"], new=False)
    found = differences(reader=reader, writer=writer)
    match row["differences_kind"]:
        case "all_changes":
            pass
        case "incompatibilities":
            found = tuple(each for each in found if each.kind in BREAKING[Policy.STRICT])
        case "messages":
            level = Level(row["relation"])
            conflicts = check(level, new=reader, previous=[writer])
            told = messages(conflicts, level=level, versions=[1])
            for difference in row["differences"]:
                assert difference["message_contains"] in told[difference["message_index"]]
            return
        case kind:
            pytest.fail(f"nothing compares differences of kind {kind}")
    assert [(contract_name(each.kind), each.path) for each in found] == [
        (difference["type"], difference["path"]) for difference in row["differences"]
    ]


@pytest.mark.parametrize(
    "row", rows("other/karapace-json", "other/redpanda-json", "other/apicurio-json")
)
def test_other_registries_agree_except_where_that_is_explained(row: dict[str, Any]) -> None:
    agrees = accepts(row, Policy.STRICT) is row["compatible"]
    assert agrees is (row["id"] not in DIFFERENT)


def test_each_difference_has_one_reason() -> None:
    assert len(DIFFERENT) == sum(len(group["rows"]) for group in GROUPS)
    assert all(group["reason"] and group["kind"] for group in GROUPS)
