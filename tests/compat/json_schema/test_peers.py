"""What others' tests state about JSON Schemas, where a folder of such statements is at hand."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from compat.errors import InvalidSchema
from compat.json_schema import parse
from compat.schema import Resolved

FOLDER = os.environ.get("ACCORD_PEER_VECTORS", "")

# Other verdicts than the row's, each with its reason.
DIFFERENT_VERDICT = {
    "inv-confluent-json-restricted-fields-strict": "names in $$ are refused by the service",
    "inv-redpanda-json-03": "Confluent reads an unknown $schema as draft 7",
    "inv-redpanda-json-10": "Confluent ignores the $schema of a part it does not know",
}
# Texts in rows about compatibility which are no schemas of the draft they (do not) declare.
INVALID_AS_NEW = {
    ("redpanda-json-011-pair", "reader_or_update"): "draft 4's exclusiveMaximum in draft 7",
    ("redpanda-json-059-pair", "reader_or_update"): "draft 4's exclusiveMaximum in draft 7",
}


def rows(pattern: str) -> list[Any]:
    """Return the JSON rows of the files of a pattern, or a skipped one where there is no folder."""
    if not FOLDER:
        reason = "ACCORD_PEER_VECTORS names no folder"
        return [pytest.param(None, marks=pytest.mark.skip(reason=reason))]
    lines = [
        json.loads(line)
        for path in sorted(Path(FOLDER).glob(pattern))
        for line in path.read_text("utf-8").splitlines()
    ]
    return [pytest.param(row, id=row["id"]) for row in lines if row.get("format") == "JSON"]


def references(row: dict[str, Any]) -> list[Resolved]:
    return [
        Resolved(given["name"], given["subject"] or "", given["version"] or 0, given["schema"])
        for given in row.get("references", [])
        if given.get("schema")
    ]


@pytest.mark.parametrize("row", rows("*/invalid-*.jsonl"))
def test_a_schema_is_valid_where_others_say_so(row: dict[str, Any]) -> None:
    try:
        schema = parse(row["schema"], references(row))
    except InvalidSchema:
        verdict = False
    else:
        verdict = True
        if row.get("mode") == "strict":
            assert row["valid"] == (
                not any(name.startswith("$$") for name in schema.top_level_fields())
            )
    assert verdict == (row["valid"] or row["id"] in DIFFERENT_VERDICT)


@pytest.mark.parametrize("row", rows("*/normalize-*.jsonl"))
def test_normal_forms_are_those_of_others(row: dict[str, Any]) -> None:
    normal = parse(row["input"], references(row), new=False).normalized()
    match row["kind"]:
        case "normalized":
            assert normal.text == row["expected"]
        case "normalized_equal":
            assert normal.matches(parse(row["expected"], references(row)).normalized())
        case "refs_absolute_json_equal":
            # No form of ours; the references must still lead to the same places.
            assert targets(row["input"]) == targets(row["expected"])
        case kind:
            pytest.fail(f"nothing compares rows of kind {kind}")


def targets(text: str) -> dict[str, str | None]:
    """Return the pointers the references in a text lead to, by where they stand."""
    return {
        link.source.location.pointer: link.target and link.target.location.pointer
        for link in parse(text, new=False).library().links()
    }


@pytest.mark.parametrize("row", rows("target/guid-*.jsonl"))
def test_guids_hash_a_text_that_parses(row: dict[str, Any]) -> None:
    digest = hashlib.md5(row["input"].encode(), usedforsecurity=False)
    for given in row["references"]:
        digest.update(given["name"].encode() + given["subject"].encode())
        digest.update(given["version"].to_bytes(4))
    if not row.get("metadata") and not row.get("ruleSet"):
        # The rows hash what they were given; metadata and rules are the service's to hash.
        assert digest.hexdigest() == row["expected"].replace("-", "")
    schema = parse(row["input"], references(row))
    assert schema.record_name == row["subject"]
    assert parse(schema.text) == parse(row["input"])


@pytest.mark.parametrize("side", ["writer_or_original", "reader_or_update"])
@pytest.mark.parametrize("row", rows("*/*-json.jsonl"))
def test_schemas_compared_elsewhere_are_schemas_here(row: dict[str, Any], side: str) -> None:
    assert json.loads(parse(row[side], new=False).text) == json.loads(row[side])
    if (row["id"], side) in INVALID_AS_NEW:
        with pytest.raises(InvalidSchema):
            parse(row[side], references(row))
    else:
        assert parse(row[side], references(row))
