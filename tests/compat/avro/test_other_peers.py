"""What other registries and other Avro libraries state, and why Accord says something else.

ACCORD_PEER_VECTORS names the folder. Where Accord differs it is on a list with the reason; what
differs and is not on the list fails, and so does what is on the list and agrees.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from compat.avro import BREAKING, differences, parse
from compat.check import check
from compat.errors import InvalidSchema
from compat.level import Level, Policy
from compat.schema import Resolved

if TYPE_CHECKING:
    from compat.avro import AvroSchema

FOLDER = os.environ.get("ACCORD_PEER_VECTORS")
WRITER = "writer_or_original"
FILES = ("karapace-avro", "redpanda-avro", "apicurio-avro", "avro-python", "avro-ruby")

OPINIONS = json.loads((Path(__file__).parent / "vectors" / "opinions.json").read_text("utf-8"))


def listed(about: str) -> dict[str, str]:
    """Return the reason of each row on which we differ in a verdict, or in a place."""
    return {
        row: group["reason"]
        for group in OPINIONS
        for row in group["rows"]
        if group["about"] == about
    }


VERDICTS, PLACES = listed("verdict"), listed("place")


def rows() -> list[dict[str, Any]]:
    if not FOLDER:
        return []
    files = [Path(FOLDER) / "other" / f"{name}.jsonl" for name in FILES]
    return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]


def params(*, stating_findings: bool = False) -> list[Any]:
    """Return the rows, or one skipped row without the folder."""
    if not FOLDER:
        skipped = pytest.mark.skip(reason="ACCORD_PEER_VECTORS names no folder")
        return [pytest.param({}, marks=skipped)]
    wanted = [row for row in rows() if not stating_findings or states_findings(row)]
    return [pytest.param(row, id=row["id"]) for row in wanted]


def states_findings(row: dict[str, Any]) -> bool:
    return row["relation"] == "backward" and bool(row["differences"])


def parsed(text: str, row: dict[str, Any], side: str) -> AvroSchema:
    """Parse with the references of a side, in whatever order they need each other."""
    given = [each for each in row["references"] if each["side"] == side]
    known: list[Resolved] = []
    while given:
        ready = [each for each in given if is_schema(each["schema"], known)]
        assert ready, "the references need something that is not there"
        known += [Resolved(each["name"], each["subject"], 1, each["schema"]) for each in ready]
        given = [each for each in given if each not in ready]
    return parse(text, known, new=False)


def is_schema(text: str, known: list[Resolved]) -> bool:
    try:
        parse(text, known, new=False)
    except InvalidSchema:
        return False
    return True


def verdict(row: dict[str, Any]) -> bool:
    oldest_first = row.get("previous") or [row["writer_or_original"]]
    sides = [f"previous[{n}]" for n in range(len(oldest_first))]
    previous = [parsed(text, row, side) for text, side in zip(oldest_first, sides, strict=True)]
    new = parsed(row["reader_or_update"], row, "update")
    level = Level.BACKWARD if row["relation"] == "backward" else Level(row["relation"])
    return not check(level, new=new, previous=previous[::-1])


@pytest.mark.parametrize("row", params())
def test_the_verdict_is_theirs_or_has_a_reason(row: dict[str, Any]) -> None:
    differs = verdict(row) is not row["compatible"]
    assert differs == (row["id"] in VERDICTS), VERDICTS.get(row["id"], "differs without a reason")


@pytest.mark.parametrize("row", params(stating_findings=True))
def test_kinds_and_places_are_theirs_or_have_a_reason(row: dict[str, Any]) -> None:
    """As sets: the Python port keeps kinds and places apart, and in no order."""
    reader, writer = (parse(row[side], new=False) for side in ("reader_or_update", WRITER))
    found = differences(reader=reader, writer=writer)
    breaking = [each for each in found if each.kind in BREAKING[Policy.STRICT]]
    stated = row["differences"]
    places = row.get("locations") or [each["path"] for each in stated]
    ours = {each.kind.lower() for each in breaking}, {each.path for each in breaking}
    differs = ours != ({each["type"].lower() for each in stated}, set(places))
    assert differs == (row["id"] in PLACES), PLACES.get(row["id"], "differs without a reason")


@pytest.mark.skipif(not FOLDER, reason="ACCORD_PEER_VECTORS names no folder")
def test_the_lists_name_rows_that_exist() -> None:
    assert VERDICTS.keys() | PLACES.keys() <= {row["id"] for row in rows()}
