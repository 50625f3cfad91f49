"""What Confluent's own tests state about Protobuf schemas; run when ACCORD_PEER_VECTORS is set."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from compat.errors import InvalidSchema
from compat.protobuf import parse
from compat.schema import Resolved

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from compat.protobuf import ProtobufSchema

Row = dict[str, Any]

FOLDER = os.environ.get("ACCORD_PEER_VECTORS")
TARGET = Path(FOLDER) / "target" if FOLDER else None

EXCEPTIONS: Mapping[str, str] = {
    "inv-confluent-protobuf-rest-unknown-reference-subject": "the service refuses the reference",
}


def rows(name: str) -> list[Any]:
    if TARGET is None:
        reason = pytest.mark.skip(reason="ACCORD_PEER_VECTORS names no folder")
        return [pytest.param({}, marks=reason, id="no vectors")]
    lines = (TARGET / f"{name}.jsonl").read_text().splitlines()
    found = [row for row in map(json.loads, lines) if row["format"] == "PROTOBUF"]
    return [pytest.param(row, id=row["id"]) for row in found if row["id"] not in EXCEPTIONS]


def resolved(row: Row, *, side: str | None = None) -> list[Resolved]:
    return [
        Resolved(one["name"], one["subject"], one["version"], one["schema"])
        for one in row["references"]
        if one.get("schema") and one.get("side") in {None, "both", side}
    ]


def read(row: Row) -> ProtobufSchema:
    return parse(row["input"], resolved(row), new=False)


def through_descriptor(row: Row) -> ProtobufSchema:
    return parse(read(row).rendered("serialized"), resolved(row), new=False)


def number(text: str) -> str:
    normal = parse(f"option a = {text};", new=False).normalized().text
    return normal.removeprefix("\noption a = ").removesuffix(";\n")


def ignoring_extensions(row: Row) -> str:
    base = through_descriptor(row) if "descriptor" in row["note"] else read(row)
    return base.normalized().rendered("ignore_extensions")


KINDS: Mapping[str, Callable[[Row], str]] = {
    "canonical": lambda row: read(row).text,
    "canonical_via_descriptor": lambda row: through_descriptor(row).text,
    "normalized": lambda row: read(row).normalized().text,
    "normalized_via_descriptor": lambda row: through_descriptor(row).normalized().text,
    "ignore_extensions": ignoring_extensions,
    "number_format": lambda row: number(row["input"]),
}


@pytest.mark.parametrize("row", rows("normalize-confluent"))
def test_texts_are_printed_as_confluent_prints_them(row: Row) -> None:
    match row["kind"]:
        case "canonical_contains":
            assert [part for part in row["expected"] if part not in read(row).text] == []
        case "canonical_equals_via_descriptor":
            assert through_descriptor(row).normalized().text == read(row).normalized().text
        case "normalized_equal":
            second = read({**row, "input": row["expected"]})
            assert read(row).normalized().matches(second.normalized())
        case kind:
            assert KINDS[kind](row) == row["expected"]


@pytest.mark.parametrize("row", rows("invalid-confluent"))
def test_verdicts_are_confluents(row: Row) -> None:
    try:
        parse(row["schema"], resolved(row))
        valid = True
    except InvalidSchema:
        valid = False
    assert valid is row["valid"]


@pytest.mark.parametrize("row", rows("guid-confluent"))
def test_texts_of_fingerprints_can_be_read(row: Row) -> None:
    """The fingerprints themselves are of the texts as given, not of what is stored for them."""
    schema = parse(row["input"], new=False)
    assert parse(schema.text, new=False).text == schema.text


@pytest.mark.parametrize("row", rows("confluent-protobuf"))
def test_texts_of_compatibility_cases_can_be_read(row: Row) -> None:
    for side, key in (("original", "writer_or_original"), ("update", "reader_or_update")):
        schema = parse(row[key], resolved(row, side=side), new=False)
        assert parse(schema.text, schema.references, new=False).text == schema.text
